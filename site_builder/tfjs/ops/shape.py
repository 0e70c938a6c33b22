"""Operations that rearrange, and those that speak of shapes."""

from __future__ import annotations

import math

import numpy as np

from ..graph import Graph, Tensor
from ..narrowing import narrow
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import concat, expand, squeeze


@converter("Identity")
def identity(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Identity -> nothing."""
    return node[0]


@converter("Dropout")
def dropout(g: Graph, node: OnnxNode) -> tuple[Tensor, Tensor | None]:
    """ONNX Dropout at inference -> nothing; the mask is all true."""
    if node.version < 7 and not node.flag("is_test") and node.real("ratio", 0.5) != 0.0:
        raise node.refuse("is needed: without it random numbers are drawn", "is_test")
    node.ignore("ratio", "seed", "is_test", "consumed_inputs")
    training = node.get(2)
    ratio = node.get(1)
    trains = training is not None and (training.value is None or bool(training.value))
    if trains and (ratio is None or ratio.value is None or float(ratio.value) != 0.0):
        raise node.refuse("draws random numbers while training", "training_mode")
    mask = None
    if node.wants(1):
        mask = g.add("Equal", node[0], node[0])
        mask = g.add("LogicalOr", mask, g.add("LogicalNot", mask))
    return node[0], mask


@converter("Reshape", since=5)
def reshape(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Reshape -> TF Reshape; a 0 keeps the dimension of that place."""
    x, shape, keep_zero = node[0], node[1], node.flag("allowzero")
    if shape.value is None:
        return _reshape_at_run_time(g, node, keep_zero)
    dims: list[int | Tensor] = []
    for i, dim in enumerate(int(v) for v in shape.value.ravel()):
        dims.append(g.dim(x, i) if dim == 0 and not keep_zero else dim)
    known = math.prod(dim for dim in dims if isinstance(dim, int) and dim != -1)
    if x.static is not None and known:
        dims = [math.prod(x.static) // known if dim == -1 else dim for dim in dims]
    return g.reshape(x, dims)


def _reshape_at_run_time(g: Graph, node: OnnxNode, keep_zero: bool) -> Tensor:
    x, shape = node[0], node[1]
    if keep_zero:
        return g.add("Reshape", x, shape)
    if shape.shape is None or shape.shape[0] is None:
        raise node.refuse("the number of dimensions is not known", "shape")
    rank = node.rank()
    zeros = [0] * max(0, shape.shape[0] - rank)
    kept = concat(g, [g.shape_of(x), g.const(zeros, "int32")], 0) if zeros else g.shape_of(x)
    kept = g.add("Slice", kept, g.const([0]), g.const([shape.shape[0]]))
    dims = g.add("SelectV2", g.add("Equal", shape, g.const(0)), kept, shape)
    return g.add("Reshape", x, dims)


@converter("Flatten")
def flatten(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Flatten to a matrix -> TF Reshape."""
    axis = node.integer("axis", 1)
    axis = axis + node.rank() if axis < 0 else axis
    dims = g.dims(node[0])
    return g.reshape(node[0], [g.product(dims[:axis]), g.product(dims[axis:])])


@converter("Transpose")
def transpose(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Transpose -> TF Transpose."""
    perm = node.integers("perm", list(reversed(range(node.rank()))))
    return g.transpose(node[0], perm)


def _axes(node: OnnxNode, rank: int) -> list[int] | None:
    """Axes from the attribute or, from version 13 on, the input; None where all are meant."""
    if node.version < 13:
        given = node.integers("axes") if node.has("axes") else None
    else:
        given = None if node.get(1) is None else node.ints_in(1, "axes")
    return None if given is None else sorted({node.axis(axis, rank) for axis in given})


@converter("Squeeze")
def squeeze_(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Squeeze -> TF Squeeze."""
    if node.version >= 13 and node.get(1) is not None and node[1].value is None:
        return _as_declared(g, node, "axes")
    axes = _axes(node, node.rank())
    if axes is None:
        axes = [i for i, dim in enumerate(node.static()) if dim == 1]
    return squeeze(g, node[0], axes)


@converter("Unsqueeze")
def unsqueeze(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Unsqueeze -> TF ExpandDims, one axis after the other."""
    if node.version >= 13 and node[1].value is None:
        return _as_declared(g, node, "axes")
    count = len(node.integers("axes") if node.version < 13 else node.ints_in(1, "axes"))
    x = node[0]
    for axis in _axes(node, node.rank() + count) or []:
        x = expand(g, x, axis)
    return x


def _as_declared(g: Graph, node: OnnxNode, what: str) -> Tensor:
    """A reshape to the shape that the model declares, where its own operand is not known."""
    shape = node.declared()
    if shape is None or None in shape:
        raise node.refuse("must be known at build time, but the model computes it", what)
    return g.reshape(node[0], [dim for dim in shape if dim is not None])


@converter("Concat")
def concatenate(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Concat -> TF ConcatV2."""
    parts = [node[i] for i in range(len(node.inputs))]
    return concat(g, parts, node.axis(node.integer("axis", 1 if node.version < 4 else None)))


@converter("Split")
def split(g: Graph, node: OnnxNode) -> list[Tensor]:
    """ONNX Split -> TF SplitV; without sizes the last part may be smaller."""
    axis = node.axis(node.integer("axis", None if node.version < 2 else 0))
    count = len(node.proto.output)
    sizes: list[int] | None = None
    if node.version < 13:
        sizes = node.integers("split") if node.has("split") else None
        if node.version < 2 and node.get(1) is not None:
            sizes = node.ints_in(1, "split")
    elif node.get(1) is not None:
        sizes = _declared_sizes(node, axis) or node.ints_in(1, "split")
    if sizes is None:
        total = node.shape()[axis]
        if total is None:
            raise node.refuse(f"needs the size of axis {axis} at build time", "axis")
        parts = node.integer("num_outputs", count)
        each = -(-total // parts)
        sizes = [max(0, min(each, total - i * each)) for i in range(parts)]
    node.ignore("num_outputs")
    if len(sizes) == 1:
        return [node[0]]
    return g.add_many("SplitV", node[0], g.const(sizes, "int32"), g.const(axis))


def _declared_sizes(node: OnnxNode, axis: int) -> list[int] | None:
    """Sizes of the parts as the model declares them, where it computes its own operand."""
    shapes = [node.declared(i) for i in range(len(node.proto.output))]
    sizes = [None if shape is None else shape[axis] for shape in shapes]
    known = [size for size in sizes if size is not None]
    return known if len(known) == len(sizes) and node[1].value is None else None


@converter("Expand", since=8)
def expand_(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Expand, which broadcasts both ways -> TF BroadcastTo."""
    shape = g.add("BroadcastArgs", g.shape_of(node[0]), node[1])
    if shape.value is not None and 0 in shape.value:
        # TF.js's BroadcastTo hands back its input where the target has no elements.
        return g.const(np.zeros(tuple(int(dim) for dim in shape.value)), node[0].dtype)
    return g.broadcast(node[0], shape)


@converter("Tile", since=6)
def tile(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Tile -> TF Tile."""
    return g.add("Tile", node[0], node[1])


@converter("Shape")
def shape_(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Shape, or a part of it -> a constant, or TF Shape, Slice."""
    rank = node.rank()
    start, stop, _ = slice(
        node.integer("start", 0), node.integer("end") if node.has("end") else None
    ).indices(rank)
    if all(dim is not None for dim in node.shape()[start:stop]):
        return g.const(list(node.shape()[start:stop]), "int32")
    whole = g.shape_of(node[0])
    if (start, stop) == (0, rank):
        return whole
    return g.add("Slice", whole, g.const([start]), g.const([max(0, stop - start)]))


@converter("Size")
def size(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Size -> a constant, or TF Shape, Prod."""
    if node[0].static is not None:
        return g.const(int(np.prod(node[0].static)), "int32")
    return g.add("Prod", g.shape_of(node[0]), g.const([0]), keep_dims=False)


@converter("ConstantOfShape", since=9)
def constant_of_shape(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ConstantOfShape -> TF Fill."""
    value = node.array("value") if node.has("value") else np.zeros(1, np.float32)
    fill = g.const(narrow(value.reshape(-1)[:1]).reshape(()))
    if node[0].shape == (0,):
        return fill
    if node[0].value is not None and 0 in node[0].value:
        return g.const(np.zeros(tuple(int(dim) for dim in node[0].value)), fill.dtype)
    return g.add("Fill", node[0], fill)


@converter("Range", since=11)
def range_(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Range -> TF Range."""
    start, stop, step = (g.reshape(node[i], []) for i in range(3))
    return g.add("Range", start, stop, step)


@converter("EyeLike", since=9)
def eye_like(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX EyeLike -> a constant."""
    from ..onnx_node import NARROWED

    rows, columns = node.static()
    kind = node.integer("dtype", node.elem_type())
    if kind not in NARROWED:
        raise node.refuse("does not exist in a browser", "dtype")
    return g.const(np.eye(rows, columns, node.integer("k", 0)), NARROWED[kind])


@converter("Trilu", since=14)
def trilu(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Trilu, a triangle of a matrix -> TF Range, GreaterEqual, SelectV2."""
    x, k = node[0], node.get(1)
    rows, columns = (_count(g, x, axis) for axis in (-2, -1))
    ahead = g.add("Sub", expand(g, columns, 0), expand(g, rows, 1))
    shift = g.const(0) if k is None else g.reshape(k, [])
    op = "GreaterEqual" if node.flag("upper", True) else "LessEqual"
    return g.add("SelectV2", g.add(op, ahead, shift), x, g.scalar(0, x))


def _count(g: Graph, x: Tensor, axis: int) -> Tensor:
    """The numbers 0, 1, ... along an axis."""
    dim = g.dim(x, axis % (x.rank or 1))
    return g.add("Range", g.const(0), g.const(dim) if isinstance(dim, int) else dim, g.const(1))


@converter("DepthToSpace")
def depth_to_space(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX DepthToSpace -> TF Reshape, Transpose, Reshape."""
    n, c, h, w = g.dims(node[0])
    b = node.integer("blocksize")
    if not isinstance(c, int):
        raise node.refuse("needs the number of channels at build time")
    mode = node.text("mode", "DCR")
    inner: list[int | Tensor] = [b, b, c // b**2] if mode == "DCR" else [c // b**2, b, b]
    perm = (0, 3, 4, 1, 5, 2) if mode == "DCR" else (0, 1, 4, 2, 5, 3)
    x = g.transpose(g.reshape(node[0], [n, *inner, h, w]), perm)
    return g.reshape(x, [n, c // b**2, g.product([h, b]), g.product([w, b])])


@converter("SpaceToDepth")
def space_to_depth(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX SpaceToDepth -> TF Reshape, Transpose, Reshape."""
    c, h, w = node.shape()[1:]
    b = node.integer("blocksize")
    if c is None or h is None or w is None:
        raise node.refuse("needs the size of an image at build time")
    mode = node.text("mode", "DCR")
    n = g.dim(node[0], 0)
    x = g.reshape(node[0], [n, c, h // b, b, w // b, b])
    x = g.transpose(x, (0, 3, 5, 1, 2, 4) if mode == "DCR" else (0, 1, 3, 5, 2, 4))
    return g.reshape(x, [n, c * b * b, h // b, w // b])
