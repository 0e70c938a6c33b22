"""Slices, gathers and scatters."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from ..errors import MisfitError
from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import along_last, concat, expand, fresh, non_negative

# A scatter of more updates, one after the other, would be a graph too large to be loaded.
_UPDATES = 512


@converter("Slice", until=10)
def slice_attributes(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Slice with attributes -> TF Slice or StridedSlice."""
    starts, ends = node.integers("starts"), node.integers("ends")
    axes = node.integers("axes", list(range(len(starts))))
    return _slice(g, node, zip(axes, starts, ends, [1] * len(axes), strict=True))


@converter("Slice", since=10)
def slice_(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Slice -> TF Slice or StridedSlice."""
    length = (node[1].shape or (None,))[0]
    if node.get(3) is not None and node[3].value is None:
        return _slice_along_computed(g, node)
    axes = node.ints_in(3, "axes") if node.get(3) is not None else list(range(length or 0))
    given = [node[1], node[2], node.get(4)]
    if any(x is not None and x.value is None for x in given):
        return _slice_at_run_time(g, node, axes)
    steps = [1] * len(axes) if node.get(4) is None else node.ints_in(4, "steps")
    starts, ends = node.ints_in(1, "starts"), node.ints_in(2, "ends")
    return _slice(g, node, zip(axes, starts, ends, steps, strict=True))


def _slice(g: Graph, node: OnnxNode, cuts: Iterable[tuple[int, int, int, int]]) -> Tensor:
    """Cut out; each cut is an axis, a start, an end and a step, as ONNX counts them."""
    shape = node.shape()
    begin, end, stride = [0] * len(shape), [0] * len(shape), [1] * len(shape)
    begin_mask = end_mask = (1 << len(shape)) - 1
    simple: list[int] | None = [-1 if dim is None else dim for dim in shape]
    for axis, first, end_, stride_ in cuts:
        i, dim = node.axis(axis), shape[node.axis(axis)]
        if stride_ == 0:
            raise node.refuse("is zero", "steps")
        start, stop, step = first, end_, stride_
        if dim is not None:
            start, stop, step = slice(first, end_, stride_).indices(dim)
            if (start, stop, step) == (0, dim, 1):
                continue
        begin[i], stride[i] = start, step
        begin_mask &= ~(1 << i)
        if dim is None or stop >= 0:
            end[i] = stop
            end_mask &= ~(1 << i)
        if simple is not None and dim is not None and step == 1:
            simple[i] = max(0, stop - start)
        else:
            simple = None
    if simple is not None and not any(begin) and simple == [-1 if d is None else d for d in shape]:
        return node[0]
    if simple is not None:
        return g.add("Slice", node[0], g.const(begin), g.const(simple))
    return g.add(
        "StridedSlice",
        node[0],
        g.const(begin),
        g.const(end),
        g.const(stride),
        begin_mask=begin_mask,
        end_mask=end_mask,
        ellipsis_mask=0,
        new_axis_mask=0,
        shrink_axis_mask=0,
    )


def _slice_at_run_time(g: Graph, node: OnnxNode, axes: list[int]) -> Tensor:
    rank, places = node.rank(), {}
    for place, axis in enumerate(axes):
        places[node.axis(axis)] = place
    mask = sum(1 << i for i in range(rank) if i not in places)

    def full(index: int, default: int) -> Tensor:
        given = node.get(index)
        parts: list[int | Tensor] = [default] * rank
        for i, place in places.items() if given is not None else ():
            assert given is not None
            parts[i] = g.add("GatherV2", given, g.const(place), g.const(0))
        return g.vector(parts)

    return g.add(
        "StridedSlice",
        node[0],
        full(1, 0),
        full(2, 0),
        full(4, 1),
        begin_mask=mask,
        end_mask=mask,
        ellipsis_mask=0,
        new_axis_mask=0,
        shrink_axis_mask=0,
    )


def _slice_along_computed(g: Graph, node: OnnxNode) -> Tensor:
    """A slice whose axes the model computes: bounds of every axis, some of them overwritten."""
    rank = node.rank()
    axes = g.reshape(non_negative(g, node[3], rank), [-1, 1])

    def full(given: Tensor | None, default: Tensor) -> Tensor:
        if given is None:
            return default
        return g.add("TensorScatterUpdate", fresh(g, default), axes, given)

    return g.add(
        "StridedSlice",
        node[0],
        full(node[1], g.const([0] * rank, "int32")),
        full(node[2], g.vector(g.dims(node[0]))),
        full(node.get(4), g.const([1] * rank, "int32")),
        begin_mask=0,
        end_mask=0,
        ellipsis_mask=0,
        new_axis_mask=0,
        shrink_axis_mask=0,
    )


@converter("Gather")
def gather(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Gather -> TF GatherV2, with indices counted from the front."""
    axis = node.axis(node.integer("axis", 0))
    indices = non_negative(g, node[1], g.dim(node[0], axis))
    return g.add("GatherV2", node[0], indices, g.const(axis), batch_dims=0)


def _flat_index(g: Graph, node: OnnxNode, axis: int) -> Tensor:
    """Where in the flattened data each element of the indices points; see GatherElements."""
    if node[0].static is None or node[1].static is None:
        return _flat_index_at_run_time(g, node, axis)
    shape, places = node.static(0), node.static(1)
    strides = [int(np.prod(shape[i + 1 :])) for i in range(len(shape))]
    base = np.zeros([1 if i == axis else n for i, n in enumerate(places)], np.int64)
    for i, count in enumerate(places):
        if i != axis:
            line = np.arange(count) * strides[i]
            base = base + line.reshape([-1 if j == i else 1 for j in range(len(shape))])
    indices = non_negative(g, node[1], shape[axis])
    if strides[axis] != 1:
        indices = g.add("Mul", indices, g.const(strides[axis]))
    return g.add("AddV2", indices, g.const(base))


def _flat_index_at_run_time(g: Graph, node: OnnxNode, axis: int) -> Tensor:
    data, rank = g.dims(node[0]), node.rank()
    total: Tensor | None = None
    for i in range(rank):
        size = data[i] if i == axis else g.dim(node[1], i)
        if i == axis:
            step = non_negative(g, node[1], size)
        else:
            count = g.const(size) if isinstance(size, int) else size
            step = g.add("Range", g.const(0), count, g.const(1))
            step = g.reshape(step, [-1 if j == i else 1 for j in range(rank)])
        stride = g.product(data[i + 1 :])
        if stride != 1:
            factor = g.const(stride) if isinstance(stride, int) else stride
            step = g.add("Mul", step, factor)
        total = step if total is None else g.add("AddV2", total, step)
    if total is None:
        raise node.refuse("of a scalar is not defined")
    return total


@converter("GatherElements", since=11)
def gather_elements(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX GatherElements -> TF GatherV2 on the flattened data."""
    index = _flat_index(g, node, node.axis(node.integer("axis", 0)))
    return g.add("GatherV2", g.reshape(node[0], [-1]), index, g.const(0), batch_dims=0)


def _nd_indices(g: Graph, data: Tensor, indices: Tensor, skip: int = 0) -> Tensor:
    """Index tuples counted from the front."""
    if indices.value is not None and indices.value.size and indices.value.min() >= 0:
        return indices
    assert indices.shape is not None
    count = indices.shape[-1]
    if count is None:
        raise MisfitError("the length of an index is not known at build time")
    sizes = g.vector([g.dim(data, skip + i) for i in range(count)])
    return non_negative(g, indices, sizes)


@converter("GatherND", since=11)
def gather_nd(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX GatherND -> TF GatherNd; batch dimensions become part of each index."""
    batch = node.integer("batch_dims", 0)
    indices = _nd_indices(g, node[0], node[1], batch)
    if batch:
        shape = node.static(1)
        grid = np.stack(np.meshgrid(*map(np.arange, shape[:batch]), indexing="ij"), -1)
        grid = grid.reshape(*shape[:batch], *[1] * (len(shape) - batch - 1), batch)
        grid = np.broadcast_to(grid, (*shape[:-1], batch))
        indices = concat(g, [g.const(grid, "int32"), indices], len(shape) - 1)
    return g.add("GatherNd", node[0], indices)


def _scatter(g: Graph, node: OnnxNode, data: Tensor, index: Tensor, updates: Tensor) -> Tensor:
    """Write, or add, `updates` where `index`, a list of index tuples, points."""
    how = node.text("reduction", "none")
    if how == "add":
        return g.add("AddV2", data, g.add("ScatterNd", index, updates, g.shape_of(data)))
    if how != "none":
        return _combined(g, node, data, index, updates)
    dtype = data.dtype
    copy = fresh(g, g.cast(data, "int32") if dtype == "bool" else data)
    updates = g.cast(updates, copy.dtype)
    return g.cast(g.add("TensorScatterUpdate", copy, index, updates), dtype)


def _combined(g: Graph, node: OnnxNode, data: Tensor, index: Tensor, updates: Tensor) -> Tensor:
    """Multiply by updates, or take the larger or smaller: one update after the other.

    TF.js has no such scatter. Where an index comes more than once, all of its updates count.
    """
    op = {"mul": "Mul", "max": "Maximum", "min": "Minimum"}.get(node.text("reduction"))
    if op is None:
        raise node.refuse(f"'{node.text('reduction')}' is not known", "reduction")
    if index.static is None or updates.static is None or data.static is None:
        raise node.refuse("needs whole shapes at build time", "reduction")
    count, depth = math.prod(index.static[:-1]), index.static[-1]
    if count > _UPDATES:
        raise node.refuse(
            f"of {count} updates, of which {_UPDATES} can be written out", "reduction"
        )
    rest = data.static[depth:]
    rows = g.reshape(updates, [count, *rest])
    tuples = g.reshape(index, [count, depth])
    for i in range(count):
        at = g.add("Slice", tuples, g.const([i, 0]), g.const([1, depth]))
        new = g.add("Slice", rows, g.const([i, *[0] * len(rest)]), g.const([1, *rest]))
        old = g.add("GatherNd", data, at)
        data = g.add("TensorScatterUpdate", fresh(g, data), at, g.add(op, old, new))
    return data


@converter("ScatterND", since=11)
def scatter_nd(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ScatterND -> TF TensorScatterUpdate, or ScatterNd and AddV2."""
    return _scatter(g, node, node[0], _nd_indices(g, node[0], node[1]), node[2])


@converter("Scatter", until=11)
@converter("ScatterElements", since=11)
def scatter_elements(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ScatterElements -> TF TensorScatterUpdate on the flattened data."""
    index = _flat_index(g, node, node.axis(node.integer("axis", 0)))
    index = g.reshape(index, [int(np.prod(node.static(1))), 1])
    flat = g.reshape(node[0], [int(np.prod(node.static(0)))])
    updates = g.reshape(node[2], [int(np.prod(node.static(1)))])
    return g.reshape(_scatter(g, node, flat, index, updates), list(node.static(0)))


@converter("OneHot", since=9)
def one_hot(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX OneHot -> TF Range, Equal, SelectV2; TF.js's OneHot takes no depth of 1."""
    indices, depth = g.cast(node[0], "int32"), g.cast(g.reshape(node[1], []), "int32")
    rank = node.rank() + 1
    axis = node.axis(node.integer("axis", -1), rank)
    places = g.add("Range", g.const(0), depth, g.const(1))
    places = g.reshape(places, [-1 if i == axis else 1 for i in range(rank)])
    hot = g.add("Equal", expand(g, non_negative(g, indices, depth), axis), places)
    off, on = (g.add("GatherV2", node[2], g.const(i), g.const(0)) for i in range(2))
    return g.add("SelectV2", hot, on, off)


@converter("TopK")
def top_k(g: Graph, node: OnnxNode) -> tuple[Tensor, Tensor]:
    """ONNX TopK -> TF TopKV2 on the last axis, of the negated numbers for the smallest."""
    x, axis = node[0], node.axis(node.integer("axis", -1))
    k = g.const(node.integer("k")) if node.version < 10 else g.reshape(node[1], [])
    largest = node.flag("largest", True)
    node.ignore("sorted")
    found: list[Tensor] = []

    def pick(part: int, y: Tensor) -> Tensor:
        if not found:
            found.extend(g.add_many("TopKV2", y, k, sorted=True))
        return found[part]

    signed = x if largest else g.add("Neg", x)
    values = along_last(g, signed, axis, lambda y: pick(0, y))
    indices = along_last(g, signed, axis, lambda y: pick(1, y))
    return (values if largest else g.add("Neg", values)), indices
