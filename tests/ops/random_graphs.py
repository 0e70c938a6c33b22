"""Random ONNX graphs of image and elementwise operations, for hypothesis."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import onnx
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Shape = tuple[int, ...]
OPSET = 20


@dataclasses.dataclass(frozen=True, eq=False)
class Sample:
    """A model and what to feed it."""

    model: onnx.ModelProto
    feeds: dict[str, NDArray[Any]]

    def __repr__(self) -> str:
        return onnx.printer.to_text(self.model)


class _Builder:
    """A graph under construction: every value's shape is what ONNX infers."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, NDArray[Any]] = {}
        self.shapes: dict[str, Shape] = {}
        self.used: set[str] = set()

    def const(self, array: Any) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(array)
        return name

    def numbers(self, *shape: int) -> str:
        return self.const(self.rng.normal(size=shape).astype(np.float32))

    def add(self, op: str, *inputs: str, **attrs: Any) -> str:
        name = f"v{len(self.nodes)}"
        node = helper.make_node(op, list(inputs), [name], **attrs)
        ends = [
            helper.make_tensor_value_info(i, TensorProto.FLOAT, list(self.shapes[i]))
            for i in inputs
            if i in self.shapes
        ]
        given = [i for i in inputs if i in self.constants]
        fixed = [numpy_helper.from_array(self.constants[i], i) for i in given]
        result = onnx.ValueInfoProto(name=name)
        graph = helper.make_graph([node], "one", ends, [result], fixed)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        dims = inferred.graph.output[0].type.tensor_type.shape.dim
        self.nodes.append(node)
        self.shapes[name] = tuple(dim.dim_value for dim in dims)
        self.used.update(inputs)
        return name


def _conv(b: _Builder, x: str, draw: Any) -> str:
    channels = b.shapes[x][1]
    size, stride = draw(st.sampled_from([(1, 1), (3, 1), (3, 2)]))
    if draw(st.booleans()):
        filters, group = draw(st.integers(1, 4)), 1
    else:
        filters, group = channels, channels
    weights = [b.numbers(filters, channels // group, size, size)]
    if draw(st.booleans()):
        weights.append(b.numbers(filters))
    return b.add("Conv", x, *weights, group=group, pads=[size // 2] * 4, strides=[stride] * 2)


def _norm(b: _Builder, x: str, draw: Any) -> str:
    channels = b.shapes[x][1]
    scale, bias, mean = (b.numbers(channels) for _ in range(3))
    variance = b.const(b.rng.uniform(0.5, 2, channels).astype(np.float32))
    return b.add("BatchNormalization", x, scale, bias, mean, variance)


def _activation(b: _Builder, x: str, draw: Any) -> str:
    op = draw(st.sampled_from(["Relu", "Sigmoid", "LeakyRelu", "Abs", "Tanh", "Relu6", "Identity"]))
    if op == "Relu6":
        return b.add("Clip", x, b.const(np.float32(0)), b.const(np.float32(6)))
    return b.add(op, x)


def _constant(b: _Builder, x: str, draw: Any) -> str:
    """Arithmetic with a constant that broadcasts."""
    shape = b.shapes[x]
    kept = draw(st.integers(0, len(shape)))
    sizes = [size if draw(st.booleans()) else 1 for size in shape[len(shape) - kept :]]
    pair = [x, b.numbers(*sizes)]
    if draw(st.booleans()):
        pair.reverse()
    return b.add(draw(st.sampled_from(["Add", "Mul", "Sub", "Max"])), *pair)


def _pair(b: _Builder, x: str, draw: Any) -> str:
    """Arithmetic of two values, or a concatenation of them."""
    alike = [name for name, shape in b.shapes.items() if shape == b.shapes[x]]
    other = draw(st.sampled_from(alike))
    op = draw(st.sampled_from(["Add", "Mul", "Sub", "Min", "Concat"]))
    if op == "Concat":
        return b.add(op, x, other, axis=draw(st.integers(0, len(b.shapes[x]) - 1)))
    return b.add(op, x, other)


def _pool(b: _Builder, x: str, draw: Any) -> str:
    op = draw(st.sampled_from(["MaxPool", "AveragePool"]))
    return b.add(op, x, kernel_shape=[2, 2], strides=[1, 1], pads=[1, 0, 0, 1])


def _resize(b: _Builder, x: str, draw: Any) -> str:
    scales = b.const(np.array([1, 1, 2, 2], np.float32))
    return b.add("Resize", x, "", scales, mode="nearest", nearest_mode="floor",
                 coordinate_transformation_mode="asymmetric")  # fmt: skip


def _reduce(b: _Builder, x: str, draw: Any) -> str:
    rank = len(b.shapes[x])
    axes = draw(st.lists(st.integers(1, rank - 1), min_size=1, max_size=2, unique=True))
    op = draw(st.sampled_from(["ReduceMean", "ReduceMax", "ReduceSum"]))
    keep = draw(st.booleans())
    return b.add(op, x, b.const(np.array(sorted(axes), np.int64)), keepdims=int(keep))


def _pad(b: _Builder, x: str, draw: Any) -> str:
    rank = len(b.shapes[x])
    pads = [0] + [draw(st.integers(0, 1)) for _ in range(rank - 1)]
    zero = draw(st.sampled_from([0.0, 0.0, 0.5]))
    return b.add("Pad", x, b.const(np.array([*pads, *pads[::-1]], np.int64)),
                 b.const(np.float32(zero)))  # fmt: skip


def _cut(b: _Builder, x: str, draw: Any) -> str:
    rank = len(b.shapes[x])
    axis = draw(st.integers(1, rank - 1))
    step = draw(st.integers(1, 2))
    values = [np.array([v], np.int64) for v in (0, b.shapes[x][axis], axis, step)]
    return b.add("Slice", x, *(b.const(v) for v in values))


def _gather(b: _Builder, x: str, draw: Any) -> str:
    axis = draw(st.integers(1, len(b.shapes[x]) - 1))
    places: Any = draw(st.sampled_from([np.int64(0), np.array([0, 0], np.int64)]))
    return b.add("Gather", x, b.const(places), axis=axis)


def _move(b: _Builder, x: str, draw: Any) -> str:
    rank = len(b.shapes[x])
    return b.add("Transpose", x, perm=draw(st.permutations(range(rank))))


def _softmax(b: _Builder, x: str, draw: Any) -> str:
    axis = draw(st.integers(1, len(b.shapes[x]) - 1))
    if draw(st.booleans()):
        return b.add("CumSum", x, b.const(np.int64(axis)))
    return b.add("Softmax", x, axis=axis)


def _axis(b: _Builder, x: str, draw: Any) -> str:
    """An axis of one more, or the axes of one gone."""
    rank = len(b.shapes[x])
    ones = [i for i, size in enumerate(b.shapes[x]) if size == 1 and i > 0]
    if ones:
        return b.add("Squeeze", x, b.const(np.array(ones[:1], np.int64)))
    return b.add("Unsqueeze", x, b.const(np.array([draw(st.integers(1, rank))], np.int64)))


def _dense(b: _Builder, x: str, draw: Any) -> str:
    flat = b.add("Flatten", x)
    length = b.shapes[flat][1]
    across = draw(st.booleans())
    weight = b.numbers(3, length) if across else b.numbers(length, 3)
    return b.add("Gemm", flat, weight, b.numbers(3), transB=int(across))


def _line(b: _Builder, x: str, draw: Any) -> str:
    """A convolution along the last axis of a value of rank 3."""
    return b.add("Conv", x, b.numbers(2, b.shapes[x][1], 3), b.numbers(2), pads=[1, 1])


_IMAGES = (_conv, _conv, _norm, _pool, _resize)
_ANY = (_activation, _activation, _constant, _pair, _reduce, _pad, _cut, _gather, _move, _softmax,
        _axis)  # fmt: skip


@st.composite
def samples(draw: Any) -> Sample:
    """A graph of up to a dozen nodes on one image, and an image."""
    b = _Builder(draw(st.integers(0, 2**32 - 1)))
    shape = (2, draw(st.integers(1, 3)), draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    b.shapes["x"] = shape
    for _ in range(draw(st.integers(2, 12))):
        # Late values more often, so that chains grow long.
        x = draw(st.sampled_from(list(b.shapes)[-3:]))
        rank = len(b.shapes[x])
        rules = (*_IMAGES, *_ANY, _dense) if rank == 4 else (*_ANY, _line) if rank == 3 else _ANY
        rule = draw(st.sampled_from(rules))
        if (rank < 3 and rule in (_reduce, _gather)) or rank > 4 or np.prod(b.shapes[x]) > 2000:
            rule = _activation
        if min(b.shapes[x]) > 0 and rank > 1:
            rule(b, x, draw)
    ends = [name for name in b.shapes if name not in b.used and name != "x"]
    ends = ends or [list(b.shapes)[-1]]
    if ends == ["x"]:
        ends = [b.add("Relu", "x")]
    extra = draw(st.sampled_from([name for name in b.shapes if name != "x"]))
    batch = draw(st.sampled_from([shape[0], None]))
    return _sample(b, sorted({*ends, extra}), batch)


def _sample(b: _Builder, ends: list[str], batch: int | None) -> Sample:
    shape = b.shapes["x"]
    entry = helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, *shape[1:]])
    graph = helper.make_graph(
        b.nodes,
        "random",
        [entry],
        [
            helper.make_tensor_value_info(e, TensorProto.FLOAT, [None] * len(b.shapes[e]))
            for e in ends
        ],
        [numpy_helper.from_array(array, name) for name, array in b.constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 10
    feeds = {"x": b.rng.normal(size=shape).astype(np.float32)}
    return Sample(model, feeds)
