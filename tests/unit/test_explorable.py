"""Explorables, and the mistakes one can make in one."""

from collections.abc import Callable
from pathlib import Path

import altair as alt
import pytest
import torch
from torch import Tensor, nn

from site_builder import Choice, Explorable, Labels, Output, Rows, Slider, figure, live
from site_builder.errors import SiteBuilderError
from site_builder.explorable import snake_case
from site_builder.tracing import trace


class Scale(Explorable):
    """Multiplies."""

    factor = Slider(0.0, 2.0, 1.0)
    sign = Choice("plus", "minus")
    x: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("x", torch.arange(3.0))

    def forward(self, sign: Tensor, factor: Tensor) -> dict[str, Output]:
        y = torch.where(sign == 0, factor, -factor) * self.x
        return {"line": Rows(x=self.x, y=y), "total": y.sum(), "back": factor}

    @figure(alt="A line.")
    def plot(self) -> alt.Chart:
        chart: alt.Chart = alt.Chart(live("line")).mark_line().encode(x="x:Q", y="y:Q")
        return chart


@pytest.mark.parametrize(
    ("name", "snake"),
    [("Anomaly", "anomaly"), ("AnomalyDesk", "anomaly_desk"), ("MLPClassifier", "mlp_classifier")],
)
def test_an_explorable_is_named_by_its_class_in_snake_case(name: str, snake: str) -> None:
    assert snake_case(name) == snake


def test_inputs_and_figures_come_in_the_order_of_the_source() -> None:
    assert list(Scale.inputs) == ["factor", "sign"]
    assert Scale.figures == ("plot",)


def test_a_trace_names_inputs_and_outputs_as_the_author_did(tmp_path: Path) -> None:
    traced = trace(Scale().eval(), tmp_path)
    graph = traced.variants[""].graphs["forward"].whole.graph
    assert [i.name for i in graph.input] == ["sign", "factor"]
    assert [o.name for o in graph.output] == ["line.x", "line.y", "total", "back"]
    assert traced.fixtures[0].outputs["total"] == 3.0
    assert len(traced.fixtures) == 1 + 2 + 2 + 8


class Grid(Explorable):
    """A sum over places that are made from nothing."""

    factor = Slider(0.0, 2.0, 1.0)

    def forward(self, factor: Tensor) -> dict[str, Output]:
        places = torch.linspace(-1, 1, 1000).sin()
        return {"total": (factor * places).abs().sum()}


def test_places_that_are_made_from_nothing_are_computed_once_and_not_written_down(
    tmp_path: Path,
) -> None:
    graph = trace(Grid().eval(), tmp_path).variants[""].graphs["forward"]
    assert graph.prologue is not None
    assert not graph.prologue.graph.input
    assert "Sin" in [node.op_type for node in graph.prologue.graph.node]
    assert "Sin" not in [node.op_type for node in graph.rest.graph.node]
    for part in (graph.whole, graph.prologue, graph.rest):
        assert sum(tensor.ByteSize() for tensor in part.graph.initializer) < 1000


def test_a_small_epsilon_is_kept(tmp_path: Path) -> None:
    """PyTorch's own optimiser of ONNX graphs takes 1e-8 for zero, and 0 / 0 is not a number."""
    traced = trace(explorable(lambda x: {"y": x / (x.abs() + 1e-8)}), tmp_path)
    graph = traced.variants[""].graphs["forward"].whole.graph
    assert "Add" in [node.op_type for node in graph.node]


def make_missing_argument() -> None:
    class Bad(Explorable):
        factor = Slider(0.0, 1.0, 0.5)

        def forward(self, facter: Tensor) -> dict[str, Output]:
            return {"y": facter}


def make_reserved_input() -> None:
    class Bad(Explorable):
        double = Slider(0.0, 1.0, 0.5)  # type: ignore[assignment]

        def forward(self, double: Tensor) -> dict[str, Output]:
            return {"y": double}


def make_no_forward() -> None:
    class Bad(Explorable):
        factor = Slider(0.0, 1.0, 0.5)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (make_missing_argument, "unknown input 'facter'; known: factor. Did you mean 'factor'?"),
        (make_reserved_input, "the input name 'double' is reserved"),
        (make_no_forward, "has inputs and no forward(self, factor)"),
        (lambda: figure(alt=" "), "needs a text alternative"),
        (lambda: Rows(a=torch.zeros(2), b=torch.zeros(3)), "they have: a 2, b 3"),
        (lambda: Rows(a=torch.zeros(())), "the column 'a' must be a tensor (rows,)"),
        (Rows, "they have: none"),
        (lambda: Labels(torch.zeros(()), "ab"), "needs a list of words"),
    ],
)
def test_a_wrong_class_says_what_is_wrong_and_what_would_be_right(
    make: Callable[[], object], said: str
) -> None:
    with pytest.raises(SiteBuilderError) as raised:
        make()
    assert said in str(raised.value)


def test_an_error_in_a_class_names_its_line() -> None:
    with pytest.raises(SiteBuilderError) as raised:
        make_missing_argument()
    assert raised.value.place is not None
    assert "test_explorable.py:" in raised.value.place


def explorable(body: Callable[[Tensor], object]) -> Explorable:
    class Test(Explorable):
        factor = Slider(0.0, 1.0, 0.5)

        def forward(self, factor: Tensor) -> dict[str, Output]:
            return body(factor)  # type: ignore[return-value]

    return Test().eval()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (lambda x: x, "must return a dict of named outputs, not Tensor"),
        (lambda x: {}, "not an empty one"),
        (lambda x: {"y": x[None]}, "the output 'y' is a tensor of shape (1,); it must be a scalar"),
        (lambda x: {"y": 3.0}, "the output 'y' is float"),
        (lambda x: {"factor": x}, "'factor' names both an input and an output"),
        (lambda x: {"train": x}, "the output name 'train' is reserved"),
        (lambda x: {"a.b": x}, "must be made of letters"),
        (lambda x: {"y": 1 / x}, "the output 'y' is not finite (inf) at factor=0.0"),
        (lambda x: {"y": (x - 2).sqrt()}, "the output 'y' is not finite (nan)"),
        (lambda x: {"y": x + "a"}, "forward failed: TypeError"),
        (lambda x: {"y": x if x > 0.3 else -x}, "decides in Python on the value of a tensor"),
        (
            lambda x: {"y": torch.linalg.eigvals(x * torch.eye(2)).real.sum()},
            "the operation aten.linalg_eig",
        ),
    ],
)
def test_a_wrong_forward_is_told_in_a_sentence(
    body: Callable[[Tensor], object], said: str, tmp_path: Path
) -> None:
    with pytest.raises(SiteBuilderError) as raised:
        trace(explorable(body), tmp_path)
    assert said in str(raised.value)


def test_a_private_module_attribute_is_no_input() -> None:
    class Plain(Explorable):
        layer = nn.Linear

        def forward(self) -> dict[str, Output]:
            return {"one": torch.ones(())}

    assert dict(Plain.inputs) == {}
