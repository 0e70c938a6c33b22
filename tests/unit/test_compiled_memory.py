"""Places in the arena: no two tensors that are needed at once share one."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from site_builder.compiled.fusion import fuse
from site_builder.compiled.kernel import Kernel
from site_builder.compiled.lowering import lower
from site_builder.compiled.memory import Plan, plan
from site_builder.compiled.values import Value
from site_builder.tfjs import compile_model
from site_builder.tfjs.graph import Graph, Tensor
from tests.ops import program_graphs
from tests.ops.program_graphs import Sample

from .compiled_graphs import dense, lowered

_SAMPLES = st.integers(0, 2**32 - 1).map(lambda seed: program_graphs.sample(Random(seed)))


@settings(
    max_examples=60,
    phases=[Phase.generate],  # a sample is told by its seed: there is nothing to shrink
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(_SAMPLES)
def test_no_two_live_tensors_share_a_place(sample: Sample) -> None:
    """Whatever is read was written last by the tensor that is read."""
    made = lower(compile_model(sample.model), sample.dims)
    kernels = fuse(made, {*sample.varying, *sample.feedback.values()})
    memory = plan(made, kernels, sample.feedback)
    for value, last in _last_read(kernels).items():
        begun = _first_write(kernels, value)
        for other in memory.slots[memory.place[value]]:
            if other is value or memory.carried.get(other) is value:
                continue
            written = [at for at, kernel in enumerate(kernels) if other in kernel.values]
            assert not any(begun <= at <= last for at in written), (value.name, other.name)


def _last_read(kernels: list[Kernel]) -> Mapping[Value, int]:
    return {value: at for at, kernel in enumerate(kernels) for value in kernel.loads()}


def _first_write(kernels: list[Kernel], value: Value) -> int:
    return next((at for at, kernel in enumerate(kernels) if value in kernel.values), -1)


def _planned(feedback: Mapping[str, str], graph: Graph, /, **outputs: Tensor) -> Plan:
    made = lowered(graph, **outputs)
    return plan(made, fuse(made, set(made.inputs)), feedback)


def test_layers_in_turn_share_a_place() -> None:
    """Of four hidden layers of one width only two are there at once."""
    g = Graph()
    h = g.placeholder("x", "float32", (None, 4))
    for _ in range(5):
        h = dense(g, h, 4, 4)
    memory = _planned({}, g, y=h)
    hidden = [
        slot for slot in memory.slots if not any(v.source or v.array is not None for v in slot)
    ]
    assert sorted(len(slot) for slot in hidden) == [1, 2, 2]


def test_state_is_updated_in_its_place() -> None:
    """A step that reads each number where it writes it needs no second copy."""
    g = Graph()
    x = g.placeholder("x", "float32", (3, 4))
    memory = _planned({"y": "x"}, g, y=g.add("Mul", x, g.const(0.5)))
    assert [
        (out.name.removeprefix("graph/"), before.name) for out, before in memory.carried.items()
    ] == [("Mul", "x")]


def test_state_that_is_read_out_of_order_is_copied() -> None:
    """A matrix is not written over while its transpose is still to be read."""
    g = Graph()
    x = g.placeholder("x", "float32", (3, 3))
    memory = _planned({"y": "x"}, g, y=g.add("Transpose", x, g.const([1, 0])))
    assert not memory.carried


def test_state_that_is_read_later_is_copied() -> None:
    """Neither is one that a later kernel reads."""
    g = Graph()
    x = g.placeholder("x", "float32", (3, 3))
    total = g.add("Sum", x, g.const([1]), keep_dims=False)
    memory = _planned({"y": "x"}, g, y=g.add("Neg", x), z=total)
    assert not memory.carried


def test_state_that_nothing_computes_anew_is_copied() -> None:
    """An output that no varying input reaches is written once, so it has a place of its own."""
    g = Graph()
    x = g.placeholder("x", "float32", (3,))
    still = g.placeholder("still", "float32", (3,))
    made = lowered(g, z=g.add("Relu", x), y=g.add("Neg", still))
    assert not plan(made, fuse(made, {"x"}), {"y": "x"}).carried
