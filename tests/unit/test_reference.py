"""Training once, and showing how it goes."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console
from torch import nn

from site_builder import device, reference_model, track
from site_builder.errors import SiteBuilderError
from site_builder.progress import Step, shown, told_to
from site_builder.reference import Workshop, at_work
from site_builder.sources import Sources
from site_builder.store import Store

MODEL = """
import torch
from torch import nn
from pathlib import Path
from site_builder import reference_model

CALLS = []

@reference_model
def fit(width=2, extra=None):
    CALLS.append(width)
    path = Path(__file__).parent / "data.txt"
    bias = float(path.read_text()) if path.exists() else 0.0
    layer = nn.Linear(width, 1)
    nn.init.constant_(layer.bias, bias)
    return layer

@reference_model
def nothing():
    return 3
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A project's module with reference models, imported, with its store open."""
    folder = tmp_path / "explainers" / "toy"
    folder.mkdir(parents=True)
    for path in (tmp_path / "explainers" / "__init__.py", folder / "__init__.py"):
        path.touch()
    (folder / "models.py").write_text(MODEL)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.split(".")[0] == "explainers"]:
        monkeypatch.delitem(sys.modules, name)
    import importlib

    with at_work(Workshop(tmp_path, Store(tmp_path), Sources(tmp_path))):
        yield importlib.import_module("explainers.toy.models")
    for name in [name for name in sys.modules if name.split(".")[0] == "explainers"]:
        del sys.modules[name]


def test_a_model_is_trained_once_and_comes_from_the_store_after_that(module: Any) -> None:
    first, second = module.fit(), module.fit()
    assert module.CALLS == [2]
    assert torch.equal(first.weight, second.weight)


def test_a_model_comes_back_in_float32_in_evaluation_mode_without_gradients(module: Any) -> None:
    model = module.fit()
    assert model.weight.dtype == torch.float32
    assert not model.training
    assert not model.weight.requires_grad


def test_training_is_in_float64_from_a_fixed_seed_and_leaves_the_defaults_alone(
    module: Any,
) -> None:
    model = module.fit()
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    try:
        expected = nn.Linear(2, 1).weight.float()
    finally:
        torch.set_default_dtype(torch.float32)
    assert torch.equal(model.weight, expected)


def test_other_arguments_are_another_model(module: Any) -> None:
    module.fit(2)
    module.fit(3)
    module.fit(width=3)
    assert module.CALLS == [2, 3]


def test_a_file_that_training_reads_is_part_of_the_key(module: Any) -> None:
    path = Path(module.__file__).parent / "data.txt"
    path.write_text("1.5")
    assert module.fit().bias.item() == 1.5
    path.write_text("2.5")
    assert module.fit().bias.item() == 2.5
    assert module.fit().bias.item() == 2.5
    assert module.CALLS == [2, 2]


def test_an_argument_that_cannot_be_part_of_a_key_is_refused(module: Any) -> None:
    with pytest.raises(SiteBuilderError, match="the argument extra is a list"):
        module.fit(extra=[1])


def test_a_reference_model_must_return_a_module(module: Any) -> None:
    with pytest.raises(SiteBuilderError, match=r"must return a torch\.nn\.Module, not int"):
        module.nothing()


def test_outside_a_build_a_call_trains_and_keeps_nothing() -> None:
    @reference_model(seed=3)
    def fit() -> nn.Linear:
        return nn.Linear(1, 1)

    assert torch.equal(fit().weight, fit().weight)


def test_the_training_device_is_a_device() -> None:
    assert torch.zeros(1).to(device()).device.type == device().type


def test_track_reports_every_step_it_can_and_the_loss_at_the_end() -> None:
    steps: list[Step] = []
    with told_to(steps.append):
        epochs = track(range(5), "toy")
        for n in epochs:
            epochs.loss = torch.tensor(float(n), requires_grad=True)
    assert steps[-1] == Step("toy", 5, 5, 4.0, over=True)


def test_a_terminal_shows_a_bar_with_the_loss() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100)
    with shown(console) as show:
        show(Step("toy", 3, 5, 0.25))
        show(Step("toy", 5, 5, 0.125, over=True))
    assert "toy" in out.getvalue()
    assert "loss 0.125" in out.getvalue()
    assert "5/5" in out.getvalue()


def test_a_log_gets_a_line_at_each_quarter_and_no_more() -> None:
    out = io.StringIO()
    with shown(Console(file=out, width=100)) as show:
        for n in range(1, 101):
            show(Step("toy", n, 100, 1 / n))
        show(Step("toy", 100, 100, 0.01, over=True))
    assert out.getvalue().splitlines() == [
        "  toy: 25 of 100 steps, loss 0.04",
        "  toy: 50 of 100 steps, loss 0.02",
        "  toy: 75 of 100 steps, loss 0.01333",
        "  toy: 100 of 100 steps, loss 0.01",
    ]
