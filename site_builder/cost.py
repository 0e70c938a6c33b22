"""Which backend runs a model, from what a run costs.

A run costs a time a node, whatever the node does, and a time for its arithmetic. Both were measured
on two shared cores by ``python -m tests.bench_backends``, in headless Chromium; ratios matter, not
milliseconds, and readers' machines differ.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnx

COMPILED = "compiled"
BACKENDS = (COMPILED, "cpu", "wasm", "webgl")
WORTH_LOADING = 5.0
"""Milliseconds a run that WebAssembly must save, for its script has 287 kB (gzipped)."""


@dataclass(frozen=True)
class Rate:
    """What one backend takes.

    Attributes:
        start: Milliseconds a run.
        node: Milliseconds a node.
        mflop: Milliseconds a million floating-point operations.
    """

    start: float
    node: float
    mflop: float

    def milliseconds(self, nodes: int, flops: int) -> float:
        return self.start + self.node * nodes + self.mflop * flops / 1e6


WORDS = {COMPILED: "compiled", "cpu": "TensorFlow.js", "wasm": "TensorFlow.js in WebAssembly"}
RATES = {
    COMPILED: Rate(0.0036, 1.1e-05, 0.073),
    "cpu": Rate(0.051, 0.0034, 0.7),
    "wasm": Rate(0.026, 0.0032, 0.064),
}
"""As fitted to chains of up to 300 nodes; of large products (384 x 384) WebAssembly takes half as
long as programs of ours."""


@dataclass(frozen=True)
class Backend:
    """The backend of an explorable.

    Attributes:
        name: One of `BACKENDS`.
        why: A sentence.
    """

    name: str
    why: str


def choose(
    nodes: int,
    flops: int,
    asked: str | None = None,
    declined: str | None = None,
    steps: int = 0,
) -> Backend:
    """Chooses the backend of a model.

    Args:
        nodes: Nodes that a run computes.
        flops: Floating-point operations of a run.
        asked: What the author asks for; it wins.
        declined: Why the model was not compiled ahead of time; None where it was.
        steps: How many steps a run is, where it is a course that goes ahead.

    Raises:
        ValueError: If there is no such backend.
    """
    if asked is not None:
        if asked not in BACKENDS:
            raise ValueError(f"there is no backend '{asked}'; there are {', '.join(BACKENDS)}.")
        if asked == COMPILED and declined is not None:
            raise ValueError(f"the model can't be compiled ahead of time: {declined}.")
        return Backend(asked, "The author asks for it.")
    times = {name: rate.milliseconds(nodes, flops) for name, rate in RATES.items()}
    plain = COMPILED if declined is None else "cpu"
    name = "wasm" if times[plain] - times["wasm"] > WORTH_LOADING else plain
    what = f"{nodes:,} node{'s'[: nodes != 1]}, {flops / 1e6:.1f} MFLOP"
    what += f" in {steps} steps" * (steps > 0)
    found = ", ".join(
        f"{WORDS[each]} {float(f'{times[each]:.2g}'):g} ms"
        for each in RATES
        if each != COMPILED or not declined
    )
    why = f" Not compiled ahead of time: {declined}." if declined else ""
    return Backend(name, f"{what}: {found}.{why}")


def measure(model: onnx.ModelProto) -> tuple[int, int]:
    """Nodes of a model, and floating-point operations of a run; bodies of branches count once.

    A size that is not known counts as 1, so that a model whose shapes a reader sets is taken at
    its smallest: give it with the sizes of the defaults.
    """
    import onnx

    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    shapes: dict[str, tuple[int, ...]] = {}
    return _measure(inferred.graph, shapes)


def _measure(graph: onnx.GraphProto, shapes: dict[str, tuple[int, ...]]) -> tuple[int, int]:
    for value in (*graph.input, *graph.output, *graph.value_info):
        shapes[value.name] = tuple(
            max(1, dim.dim_value) for dim in value.type.tensor_type.shape.dim
        )
    shapes |= {constant.name: tuple(constant.dims) for constant in graph.initializer}
    nodes = flops = 0
    for node in graph.node:
        if node.op_type == "Constant":
            continue
        nodes += 1
        flops += _flops(node, shapes)
        for attribute in node.attribute:
            for body in (attribute.g, *attribute.graphs):
                inner = _measure(body, dict(shapes))
                nodes, flops = nodes + inner[0], flops + inner[1]
    return nodes, flops


_FREE = frozenset(
    {"Cast", "Concat", "ConstantOfShape", "Expand", "Flatten", "Gather", "Identity", "Pad"}
    | {"Range", "Reshape", "Shape", "Slice", "Split", "Squeeze", "Transpose", "Unsqueeze"}
)
"""What moves numbers and computes none."""


def _flops(node: onnx.NodeProto, shapes: dict[str, tuple[int, ...]]) -> int:
    def size(names: Iterable[str]) -> int:
        return sum(math.prod(shapes.get(name, ())) for name in names if name)

    made = size(node.output)
    if node.op_type in ("MatMul", "Gemm"):
        left = shapes.get(node.input[0], (1,))
        transposed = any(a.name == "transA" and a.i for a in node.attribute)
        return 2 * made * (left[-2] if transposed else left[-1])
    if node.op_type == "Conv":  # each output is a sum over one filter
        return 2 * made * math.prod(shapes.get(node.input[1], (1,))[1:])
    if node.op_type == "ConvTranspose":  # each input is spread over one filter
        return 2 * size(node.input[:1]) * math.prod(shapes.get(node.input[1], (1,))[1:])
    if node.op_type in _FREE:
        return 0
    if node.op_type.startswith("Reduce"):
        return size(node.input[:1])
    if node.op_type.endswith("Pool"):
        window = next((a.ints for a in node.attribute if a.name == "kernel_shape"), ())
        return made * math.prod(window)
    return made
