"""Explorables with time, noise, sizes and static inputs, and the mistakes one can make in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from site_builder import Choice, Explorable, Noise, Output, Rows, Size, Slider, Toggle
from site_builder.errors import SiteBuilderError
from site_builder.programs import Run, feeds, flatten
from site_builder.tracing import MANY_STEPS, Graph, trace

State = dict[str, Tensor]
Arrays = dict[str, NDArray[Any]]


class Walk(Explorable):
    """A drunkard's steps, in as many dimensions as the reader likes."""

    width = Size(1, 6, 3)
    pace = Slider(0.0, 1.0, 0.5)
    back = Toggle(False)
    first = Noise((6,), "uniform")
    push = Noise((6,), every="step")

    strides: ClassVar[Mapping[str, int | str]] = {"step": 1, "day": "hours"}

    def start(self, width: Tensor, first: Tensor) -> State:
        return {"at": first.index_select(0, width), "count": torch.zeros(())}

    def step(self, state: State, width: Tensor, pace: Tensor, back: Tensor, push: Tensor) -> State:
        length = torch.where(back, -pace, pace).exp()
        return {
            "at": state["at"] + length * push.index_select(0, width),
            "count": state["count"] + 1,
        }

    def edit(self, state: State, row: Tensor, value: Tensor) -> State:
        chosen = torch.arange(state["at"].shape[0]) == row
        return {**state, "at": torch.where(chosen, value, state["at"])}

    def forward(self, state: State, width: Tensor) -> dict[str, Output]:
        place = Rows(axis=width, at=state["at"])
        return {"place": place, "count": state["count"], "hours": torch.tensor(24)}


class Bent(Explorable):
    """Bends as many times as there are layers, of one kind or another."""

    layers = Choice("0", "1", "2", default="1", static=True)
    x = Slider(-1.0, 1.0, 0.5)
    soft = Choice("hard", "soft", static=True)

    def forward(self, x: Tensor, layers: int, soft: int) -> dict[str, Output]:
        for _ in range(layers):
            x = torch.tanh(3 * x) if soft else (3 * x).clamp(-1, 1)
        return {"y": x}


def run(model: onnx.ModelProto, known: Arrays) -> Arrays:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    names = [output.name for output in session.get_outputs()]
    taken = {value.name: known[value.name] for value in session.get_inputs()}
    return dict(zip(names, session.run(names, taken), strict=True))


def in_parts(graph: Graph, known: Arrays) -> Arrays:
    fixed = run(graph.prologue, known) if graph.prologue else {}
    return run(graph.rest, {**known, **fixed})


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Graph]:
    return trace(Walk().eval(), tmp_path_factory.mktemp("walk")).variants[""].graphs


@pytest.mark.parametrize("width", [1, 2, 3, 6])
def test_one_graph_takes_the_steps_of_eager_pytorch_at_every_size(
    walk: dict[str, Graph], width: int
) -> None:
    values = {"width": width, "pace": 0.25, "back": True, "seed": 7}
    eager = Run(Walk().eval(), values)
    eager.start()
    arrays = {name: tensor.numpy() for name, tensor in feeds(Walk, values).items()}
    state = in_parts(walk["start"], arrays)
    for step in range(3):
        eager.step()
        arrays = {name: tensor.numpy() for name, tensor in feeds(Walk, values, step).items()}
        made = in_parts(walk["step"], {**arrays, **state})
        state = {name.replace("next.", "state."): array for name, array in made.items()}
    shown = in_parts(walk["forward"], {**arrays, **state})
    for name, truth in flatten(eager.forward()).items():
        np.testing.assert_allclose(shown[name], truth.numpy(), rtol=1e-5)
    assert shown["place.at"].shape == (width,)
    assert shown["count"] == 3


def test_an_edit_puts_a_number_into_the_state(walk: dict[str, Graph]) -> None:
    state: Arrays = {
        "state.at": np.array([1, 2, 3], np.float32),
        "state.count": np.array(4, np.float32),
    }
    made = in_parts(walk["edit"], {**state, "row": np.array(1), "value": np.array(9, np.float32)})
    assert made["next.at"].tolist() == [1, 9, 3]
    assert made["next.count"] == 4


def test_noise_of_every_step_is_new_at_each_and_that_of_the_start_stays() -> None:
    values = {"width": 3, "pace": 0.5, "back": False, "seed": 1}
    first, second = feeds(Walk, values, 0), feeds(Walk, values, 1)
    assert torch.equal(first["first"], second["first"])
    assert not torch.equal(first["push"], second["push"])


def test_what_no_state_reaches_is_computed_once(walk: dict[str, Graph]) -> None:
    step = walk["step"]
    assert step.prologue is not None
    assert "Exp" in {node.op_type for node in step.prologue.graph.node}
    assert "Exp" not in {node.op_type for node in step.rest.graph.node}


def test_noise_of_every_step_is_never_computed_once(walk: dict[str, Graph]) -> None:
    step = walk["step"]
    assert step.prologue is not None
    assert "push" not in [value.name for value in step.prologue.graph.input]
    assert "push" in [value.name for value in step.rest.graph.input]


def test_time_is_compared_at_the_start_and_after_many_steps(tmp_path: Path) -> None:
    fixtures = trace(Walk().eval(), tmp_path).fixtures
    assert [fixture.steps for fixture in fixtures[:2]] == [0, MANY_STEPS]
    assert fixtures[1].outputs["count"] == MANY_STEPS
    assert {fixture.steps for fixture in fixtures[2:]} == {2}


def test_a_seed_is_added_where_there_is_noise() -> None:
    assert list(Walk.inputs) == ["width", "pace", "back", "seed"]


def test_static_inputs_give_one_variant_each_and_the_default_comes_first(tmp_path: Path) -> None:
    traced = trace(Bent().eval(), tmp_path)
    assert list(traced.variants) == ["1-0", "0-0", "0-1", "1-1", "2-0", "2-1"]
    for key, compiled in traced.variants.items():
        layers, soft = map(int, key.split("-"))
        ops = [node.op_type for node in compiled.graphs["forward"].whole.graph.node]
        assert ops.count("Tanh") == layers * soft
        assert [i.name for i in compiled.graphs["forward"].whole.graph.input] == ["x"]
    assert traced.variants["1-1"].fixture["y"] == pytest.approx(np.tanh(1.5))


def timed(
    step: Callable[[State, Tensor], object],
    *,
    start: Callable[[], object] = lambda: {"at": torch.zeros(2), "count": torch.zeros(())},
    words: Mapping[str, int | str] | None = None,
) -> Explorable:
    class Test(Explorable):
        rate = Slider(0.0, 1.0, 0.5)
        strides: ClassVar[Mapping[str, int | str]] = words or {"step": 1}

        def start(self) -> State:
            return start()  # type: ignore[return-value]

        def step(self, state: State, rate: Tensor) -> State:
            return step(state, rate)  # type: ignore[return-value]

        def forward(self, state: State) -> dict[str, Output]:
            return {"y": state["at"].sum(), "batches": torch.tensor(5)}

    return Test().eval()


def still(state: State, rate: Tensor) -> State:
    return {name: tensor * rate for name, tensor in state.items()}


@pytest.mark.parametrize(
    ("explorable", "said"),
    [
        pytest.param(
            timed(lambda state, rate: {"at": state["at"]}),
            "Test.step must return a state like the one it was given: 'count' was () float32 and "
            "is not there.",
            id="a name is lost",
        ),
        pytest.param(
            timed(lambda state, rate: {**state, "more": rate}),
            "'more' was not there and is () float32.",
            id="a name is new",
        ),
        pytest.param(
            timed(lambda state, rate: {**state, "at": torch.cat([state["at"], state["at"]])}),
            "'at' was (2,) float32 and is (4,) float32.",
            id="a shape grows",
        ),
        pytest.param(
            timed(lambda state, rate: {**state, "count": state["count"].long()}),
            "'count' was () float32 and is () int64.",
            id="a dtype changes",
        ),
        pytest.param(
            timed(lambda state, rate: state["at"]),
            "Test.step must return the state: a dict of tensors by name.",
            id="step gives a tensor",
        ),
        pytest.param(
            timed(still, start=dict),
            "Test.start must return the state: a dict of tensors by name.",
            id="start gives nothing",
        ),
        pytest.param(
            timed(still, words={"epoch": "batchs"}),
            "Test.strides: 'epoch' must be a number of steps or name a scalar output; unknown "
            "output 'batchs'; known: batches, y. Did you mean 'batches'?",
            id="a stride's output",
        ),
        pytest.param(
            timed(lambda state, rate: {**state, "at": state["at"] + torch.rand(2)}),
            "Test.step draws random numbers (aten.rand.default), which would not be the same in "
            "the page. Declare them: weights = Noise((4, 2)), and take `weights` as an argument.",
            id="torch.rand",
        ),
        pytest.param(
            timed(lambda state, rate: {**state, "at": state["at"] + torch.linalg.eigvals(
                rate * torch.eye(2)).real}),
            "the operation aten.linalg_eig",
            id="no ONNX function",
        ),
    ],
)  # fmt: skip
def test_a_mistake_in_time_is_told_in_a_sentence(
    explorable: Explorable, said: str, tmp_path: Path
) -> None:
    with pytest.raises(SiteBuilderError) as raised:
        trace(explorable, tmp_path)
    assert said in str(raised.value)


def test_a_step_that_decides_on_a_value_is_told_with_the_authors_line(tmp_path: Path) -> None:
    file = tmp_path / "explainers" / "hasty" / "explorable.py"
    file.parent.mkdir(parents=True)
    file.write_text(
        "import torch\n"
        "from site_builder import Explorable, Slider\n"
        "class Hasty(Explorable):\n"
        "    rate = Slider(0.0, 1.0, 0.5)\n"
        "    def start(self):\n"
        "        return {'at': torch.zeros(())}\n"
        "    def step(self, state, rate):\n"
        "        if state['at'] > rate:\n"
        "            return state\n"
        "        return {'at': state['at'] + rate}\n"
        "    def forward(self, state):\n"
        "        return {'y': state['at']}\n"
    )
    module = ModuleType("hasty")
    module.__file__ = str(file)
    exec(compile(file.read_text(), str(file), "exec"), vars(module))
    with pytest.raises(SiteBuilderError) as raised:
        trace(module.Hasty().eval(), tmp_path)
    assert raised.value.place == "explainers/hasty/explorable.py:8"
    assert "Hasty.step decides in Python on the value of a tensor" in raised.value.message


def declare(**members: Any) -> Callable[[], object]:
    return lambda: type("Bad", (Explorable,), members)


def _start(self: Explorable, rate: Tensor) -> State:
    return {"at": rate}


def _step(self: Explorable, state: State, rate: Tensor) -> State:
    return state


def _step_without_state(self: Explorable, rate: Tensor) -> State:
    return {"at": rate}


def _step_of_nothing(self: Explorable, state: State, rat: Tensor) -> State:
    return state


def _edit(self: Explorable, state: State, value: Tensor) -> State:
    return state


def _shown(self: Explorable, state: State) -> dict[str, Output]:
    return {"y": state["at"]}


def _still(self: Explorable, rate: Tensor) -> dict[str, Output]:
    return {"y": rate}


def _nothing(self: Explorable) -> dict[str, Output]:
    return {"y": torch.ones(())}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(
            lambda rate: declare(rate=rate, step=_step, forward=_shown),
            "Bad has step and no start; an explorable with time needs start(...) and "
            "step(state, ...).",
            id="no start",
        ),
        pytest.param(
            lambda rate: declare(rate=rate, start=_start, forward=_shown),
            "Bad has start and no step;",
            id="no step",
        ),
        pytest.param(
            lambda rate: declare(rate=rate, edit=_edit, forward=_still),
            "Bad has edit and no start and step;",
            id="edit without time",
        ),
        pytest.param(
            lambda rate: declare(rate=rate, start=_start, step=_step_without_state, forward=_shown),
            "Bad.step(rate) must take the state and then inputs by name: step(self, state, ...).",
            id="a step without the state",
        ),
        pytest.param(
            lambda rate: declare(rate=rate, start=_start, step=_step_of_nothing, forward=_shown),
            "unknown input 'rat'; known: rate. Did you mean 'rate'?",
            id="an unknown input",
        ),
        pytest.param(
            lambda rate: declare(rate=rate, start=_start, step=_step, edit=_edit, forward=_shown),
            "Bad.edit(state, value) must take the state and then inputs by name: "
            "edit(self, state, row, value, ...).",
            id="an edit without the row",
        ),
        pytest.param(
            lambda rate: declare(
                rate=rate, speed=Slider(0.0, 1.0, 0.5), start=_start, step=_step, forward=_shown
            ),
            "Bad: none of start, step, forward takes the input speed.",
            id="nobody takes an input",
        ),
        pytest.param(
            lambda rate: declare(rate=rate, other=Noise((2,)), forward=_still),
            "forward lacks the input other",
            id="nobody takes a noise",
        ),
        pytest.param(
            lambda rate: declare(rate=rate, forward=_nothing),
            "Bad.forward() must take exactly the inputs of the class by name: "
            "forward(self, rate). forward lacks the input rate",
            id="forward lacks an input",
        ),
        pytest.param(
            lambda rate: declare(rate=rate, weights=Noise((2,), seed="rate"), forward=_still),
            "Bad.weights: unknown Seed input 'rate'; known: none.",
            id="a seed that is none",
        ),
    ],
)
def test_a_class_with_wrong_methods_is_refused(
    make: Callable[[Slider], Callable[[], object]], said: str
) -> None:
    with pytest.raises(SiteBuilderError) as raised:
        make(Slider(0.0, 1.0, 0.5))()
    assert said in str(raised.value)
