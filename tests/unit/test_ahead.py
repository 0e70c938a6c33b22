"""Explorables that go a number of steps at once, whenever an input changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor

from site_builder import Explorable, Output, Rows, Slider
from site_builder.errors import SiteBuilderError
from site_builder.parity import decode
from site_builder.tracing import trace
from tests.projects import Sample

State = dict[str, Tensor]


class Roll(Explorable):
    """A ball rolls down a parabola; where it was is written down."""

    rate = Slider(0.0, 0.9, 0.5)
    begin = Slider(-1.0, 1.0, 1.0)
    height = Slider(1.0, 2.0, 1.0)

    ahead = 12

    def start(self, begin: Tensor) -> State:
        return {"at": begin, "count": torch.zeros((), dtype=torch.int64), "track": torch.zeros(13)}

    def step(self, state: State, rate: Tensor) -> State:
        count, at = state["count"] + 1, state["at"] * (1 - rate)
        track = state["track"].index_put((count.reshape(1),), at[None])
        return {"at": at, "count": count, "track": track}

    def forward(self, state: State, height: Tensor) -> dict[str, Output]:
        steps = torch.arange(13)
        return {"track": Rows(step=steps, at=state["track"]), "end": height * state["at"]}


def test_every_point_that_is_compared_is_so_many_steps_from_the_start(tmp_path: Path) -> None:
    fixtures = trace(Roll().eval(), tmp_path).fixtures
    assert {fixture.steps for fixture in fixtures} == {12}
    assert fixtures[0].outputs["end"] == pytest.approx(0.5**12)
    assert fixtures[0].outputs["track.at"][3] == pytest.approx(0.5**3)


def test_what_a_page_shows_before_scripts_run_is_the_end_of_the_course(tmp_path: Path) -> None:
    traced = trace(Roll().eval(), tmp_path)
    (compiled,) = traced.variants.values()
    assert compiled.fixture["end"] == pytest.approx(0.5**12)


@pytest.fixture(scope="module")
def rolled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sample, dict[str, Any]]:
    """A project with such an explorable, made; and what pages know of it."""
    root = tmp_path_factory.mktemp("roll")
    folder = root / "explainers" / "roll"
    folder.mkdir(parents=True)
    for package in (folder, folder.parent):
        (package / "__init__.py").write_text('"""A ball."""\n')
    source = Path(__file__).read_text()
    body = source[source.index("State = ") : source.index("def test_every_point")]
    (folder / "explorable.py").write_text(
        "import torch\nfrom torch import Tensor\n"
        f"from site_builder import Explorable, Output, Rows, Slider\n{body}"
    )
    (root / "mkdocs.yml").write_text(
        "site_name: Roll\nplugins: [site_builder]\nnav: [index.md]\ndocs_dir: content\n"
    )
    (root / "content").mkdir()
    (root / "content" / "index.md").write_text("# Roll\n\nIt ends at [0.000](live:roll.end).\n")
    sample = Sample(root)
    sample.run("train")
    manifest = json.loads((root / ".explorables" / "manifest.json").read_text())
    return sample, manifest["explorables"]["roll"]


def test_a_change_of_anything_that_start_or_step_takes_starts_over(
    rolled: tuple[Sample, dict[str, Any]],
) -> None:
    time = rolled[1]["time"]
    assert time["ahead"] == 12
    assert time["strides"] == []
    assert time["restart"] == ["begin", "rate"]


def test_what_runs_it_is_chosen_by_the_cost_of_all_the_steps(
    rolled: tuple[Sample, dict[str, Any]],
) -> None:
    nodes = int(rolled[1]["backend"]["why"].split()[0])
    assert nodes > 12


def declare(**members: Any) -> Callable[[], object]:
    return lambda: type("Bad", (Explorable,), members)


def _start(self: Explorable, rate: Tensor) -> State:
    return {"at": rate}


def _step(self: Explorable, state: State) -> State:
    return state


def _edit(self: Explorable, state: State, row: Tensor, value: Tensor) -> State:
    return state


def _shown(self: Explorable, state: State) -> dict[str, Output]:
    return {"y": state["at"]}


def _timeless(self: Explorable, rate: Tensor) -> dict[str, Output]:
    return {"y": rate}


@pytest.mark.parametrize(
    ("members", "said"),
    [
        pytest.param(
            {"ahead": 2.5, "start": _start, "step": _step, "forward": _shown},
            "Bad.ahead must be a number of steps, such as 300, not 2.5.",
            id="half a step",
        ),
        pytest.param(
            {"ahead": -1, "start": _start, "step": _step, "forward": _shown},
            "Bad.ahead must be a number of steps, such as 300, not -1.",
            id="backwards",
        ),
        pytest.param(
            {"ahead": 3, "forward": _timeless},
            "Bad.ahead goes steps, so that it needs start(...) and step(state, ...).",
            id="no time",
        ),
        pytest.param(
            {"ahead": 3, "start": _start, "step": _step, "edit": _edit, "forward": _shown},
            "Bad.ahead leaves no time to the reader, so that there can be no edit.",
            id="an edit",
        ),
    ],
)
def test_a_wrong_number_of_steps_is_told_in_a_sentence(members: dict[str, Any], said: str) -> None:
    with pytest.raises(SiteBuilderError) as raised:
        declare(rate=Slider(0.0, 1.0, 0.5), **members)()
    assert said in str(raised.value)


class Delicate(Roll):
    """Doubles every difference: the last digit of the start decides where it ends."""

    ahead: ClassVar = 60

    def step(self, state: State, rate: Tensor) -> State:
        at = (state["at"] * (3.7 + 0.1 * rate) * (1 - state["at"])).clamp(0, 1)
        return {**state, "at": at}

    def start(self, begin: Tensor) -> State:
        return super().start(0.3 + 0.1 * begin)


def test_defaults_whose_end_hangs_on_the_last_digit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SiteBuilderError, match="hangs on the last digit of float32"):
        trace(Delicate().eval(), tmp_path)


def test_a_course_that_leaves_the_finite_numbers_is_refused(tmp_path: Path) -> None:
    class Away(Roll):
        def step(self, state: State, rate: Tensor) -> State:
            return {**state, "at": state["at"] * (1 + 1e8 * rate)}

    with pytest.raises(SiteBuilderError, match="the output 'end' is not finite"):
        trace(Away().eval(), tmp_path)


def test_nobody_can_set_play_and_pause_beside_it(
    rolled: tuple[Sample, dict[str, Any]], tmp_path: Path
) -> None:
    sample, _ = rolled
    page = sample.root / "content" / "index.md"
    before = page.read_text()
    explorable = sample.root / "explainers" / "roll" / "explorable.py"
    code = explorable.read_text()
    explorable.write_text(
        code.replace("import torch\n", "import altair as alt\nimport torch\n", 1).replace(
            "Rows, Slider", "Rows, Slider, figure, live"
        )
        + '\n\n    @figure(alt="The course of a ball.")\n    def course(self):\n'
        '        return alt.Chart(live("track")).mark_line().encode(x="step:Q", y="at:Q")\n'
    )
    try:
        page.write_text("# Roll\n\n/// explore | roll.course\n    time: here\n\nIt rolls.\n///\n")
        said = sample.run("build", fails=True)
        assert "has no time to play: it goes 12 steps ahead whenever an input changes" in said
        page.write_text("# Roll\n\n/// explore | roll.course\nIt rolls.\n///\n")
        sample.run("build")
        assert "<explorable-time" not in (sample.root / "site" / "index.html").read_text()
    finally:
        page.write_text(before)
        explorable.write_text(code)


def test_the_fixtures_of_a_made_explorable_hold_the_whole_course(
    rolled: tuple[Sample, dict[str, Any]],
) -> None:
    sample, record = rolled
    files = list((sample.root / ".explorables" / "store").rglob(f"*{record['fixtures'][:20]}*"))
    fixtures = json.loads(files[0].read_bytes())
    assert decode(fixtures[0]["outputs"]["track.at"])[-1] == pytest.approx(0.5**12)
