"""Operators whose result is as long as the data say: NonZero, Compress, Unique and the like.

TF.js's own of this kind cannot run in one go. Here the elements kept are counted by a running
sum, which says where each goes; all go into a tensor as long as the input, of which the front is
cut off at run time.
"""

from __future__ import annotations

import numpy as np

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import concat, expand, reduce

# Loops over boxes and pairs of elements beyond this would be graphs too large to be loaded.
_BOXES = 512
_PAIRS = 2048


def where_true(g: Graph, flags: Tensor) -> Tensor:
    """The places at which a vector of truth values is true, in order: int32, of unknown length."""
    count = g.dim(flags, 0)
    number = g.const(count) if isinstance(count, int) else count
    chosen = g.cast(flags, "int32")
    rank = g.add("Cumsum", chosen, g.const(0), exclusive=True, reverse=False)
    # Elements that are not kept all go to one place behind the others.
    place = g.add("SelectV2", flags, rank, number)
    places = g.add("Range", g.const(0), number, g.const(1))
    kept = g.add("Mul", places, chosen)
    size = expand(g, g.add("AddV2", number, g.const(1)), 0)
    ordered = g.add("ScatterNd", expand(g, place, 1), kept, size)
    total = g.add("Sum", chosen, g.const([0]), keep_dims=True)
    return g.add("Slice", ordered, g.const([0]), total)


@converter("NonZero", since=9)
def non_zero(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX NonZero -> TF NotEqual, Cumsum, ScatterNd, Slice, then FloorDiv and FloorMod."""
    x = node[0]
    flags = g.reshape(g.cast(x, "bool"), [-1])
    places, rows = where_true(g, flags), []
    dims = g.dims(x)
    for i in range(len(dims)):
        stride, size = g.product(dims[i + 1 :]), dims[i]
        step, count = (g.const(v) if isinstance(v, int) else v for v in (stride, size))
        along = places if stride == 1 else g.add("FloorDiv", places, step)
        rows.append(along if i == 0 else g.add("FloorMod", along, count))
    return g.add("Pack", *rows, axis=0, N=len(rows))


@converter("Compress", since=9)
def compress(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Compress -> TF Cumsum, ScatterNd, Slice, GatherV2."""
    x, places = node[0], where_true(g, node[1])
    if not node.has("axis"):
        return g.add("GatherV2", g.reshape(x, [-1]), places, g.const(0), batch_dims=0)
    axis = node.axis(node.integer("axis"))
    return g.add("GatherV2", x, places, g.const(axis), batch_dims=0)


@converter("Unique", since=11)
def unique(g: Graph, node: OnnxNode) -> list[Tensor]:
    """ONNX Unique -> every element compared with every other: TF Equal, All, Min, Sum, Cumsum."""
    x = node[0]
    if node.has("axis"):
        axis = node.axis(node.integer("axis"))
        x = g.transpose(x, [axis, *(i for i in range(node.rank()) if i != axis)])
    else:
        axis, x = 0, g.reshape(x, [-1])
    if x.static is None or not 0 < x.static[0] <= _PAIRS:
        raise node.refuse(f"needs the number of elements at build time, at most {_PAIRS} of them")
    count = x.static[0]
    width = int(np.prod(x.static[1:]))
    rows = g.reshape(x, [count, width])
    if rows.dtype == "bool":
        rows = g.cast(rows, "int32")
    before, same = _order(g, rows, count, width)
    places = g.const(np.arange(count), "int32")
    # The first that is the same as each; and those that are the first of their kind.
    first = reduce(g, "Min", g.add("SelectV2", same, places, g.const(count)), [1], keep=False)
    is_first = g.add("Equal", first, places)
    firsts = g.cast(is_first, "int32")
    if node.flag("sorted", True):
        # How many kinds come before that of each.
        rank = g.add("Mul", g.cast(before, "int32"), firsts)
        rank = g.add("Sum", rank, g.const([1]), keep_dims=False)
    else:
        order = g.add("Cumsum", firsts, g.const(0), exclusive=True, reverse=False)
        rank = g.add("GatherV2", order, first, g.const(0), batch_dims=0)
    kept = where_true(g, is_first)
    ranks = g.add("GatherV2", rank, kept, g.const(0), batch_dims=0)
    total = g.add("Sum", firsts, g.const([0]), keep_dims=True)
    indices = g.add("ScatterNd", expand(g, ranks, 1), kept, total)
    counts = g.add("Sum", g.cast(same, "int32"), g.const([1]), keep_dims=False)
    y = g.add("GatherV2", x, indices, g.const(0), batch_dims=0)
    if x.rank is not None and x.rank > 1:
        y = g.transpose(y, [*range(1, axis + 1), 0, *range(axis + 1, x.rank)])
    each = g.add("GatherV2", counts, indices, g.const(0), batch_dims=0)
    return [y, indices, rank, each]


def _order(g: Graph, rows: Tensor, count: int, width: int) -> tuple[Tensor, Tensor]:
    """Which row comes before which, element by element, and which are the same.

    Returns:
        Two tables of truth values, [count, count]: row j comes before row i; they are the same.
    """
    left, right = g.reshape(rows, [count, 1, width]), g.reshape(rows, [1, count, width])
    equal = g.add("Equal", left, right)
    same = reduce(g, "All", equal, [2], keep=False)
    less = g.cast(g.add("Less", right, left), "int32")
    if width == 1:
        return g.reshape(g.cast(less, "bool"), [count, count]), same
    # The first element that differs decides: all those ahead of it are equal.
    ahead = g.add("Cumprod", g.cast(equal, "int32"), g.const(2), exclusive=True, reverse=False)
    decided = g.add("Sum", g.add("Mul", less, ahead), g.const([2]), keep_dims=False)
    return g.cast(decided, "bool"), same


@converter("NonMaxSuppression", since=10)
def non_max_suppression(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX NonMaxSuppression -> one box after the other: TF TopKV2, Less, LogicalAnd, ScatterNd."""
    boxes, scores = node[0], node[1]
    batches, classes, count = node.static(1)
    if count > _BOXES:
        raise node.refuse(f"of {count} boxes, of which {_BOXES} can be written out")
    if node.get(2) is None:
        raise node.refuse(
            "is 0 where it is left out, so that nothing is selected", "max_output_boxes_per_class"
        )
    limit = g.reshape(node[2], [])
    overlap = _overlaps(g, boxes, node.flag("center_point_box"))
    bound = node.get(3)
    threshold = g.scalar(0.0, "float32") if bound is None else g.reshape(bound, [])
    clashes = g.cast(g.add("Greater", overlap, threshold), "float32")
    kept = _kept(g, node, clashes, limit)
    # Ordered by batch, then class, then score.
    _, order = g.add_many("TopKV2", scores, g.const(count), sorted=True)
    grid = np.stack(np.meshgrid(*map(np.arange, (batches, classes, count)), indexing="ij"), -1)
    triples = concat(
        g,
        [
            g.const(grid[..., :2].reshape(-1, 2), "int32"),
            g.reshape(order, [batches * classes * count, 1]),
        ],
        1,
    )
    chosen = where_true(g, g.reshape(kept, [-1]))
    return g.add("GatherV2", triples, chosen, g.const(0), batch_dims=0)


def _overlaps(g: Graph, boxes: Tensor, centred: bool) -> Tensor:
    """Intersection over union of every two boxes: [batches, boxes, boxes]."""
    a, b, c, d = (g.add("GatherV2", boxes, g.const(i), g.const(2), batch_dims=0) for i in range(4))
    half = g.scalar(0.5, boxes)
    if centred:
        edges = []
        for middle, size in ((a, c), (b, d)):
            reach = g.add("Mul", size, half)
            edges.append((g.add("Sub", middle, reach), g.add("AddV2", middle, reach)))
    else:
        edges = [(g.add("Minimum", p, q), g.add("Maximum", p, q)) for p, q in ((a, c), (b, d))]
    zero = g.scalar(0.0, boxes)
    shared: Tensor | None = None
    area: Tensor | None = None
    for low, high in edges:
        top = g.add("Minimum", expand(g, high, 1), expand(g, high, 2))
        bottom = g.add("Maximum", expand(g, low, 1), expand(g, low, 2))
        length = g.add("Maximum", g.add("Sub", top, bottom), zero)
        shared = length if shared is None else g.add("Mul", shared, length)
        own = g.add("Sub", high, low)
        area = own if area is None else g.add("Mul", area, own)
    assert shared is not None
    assert area is not None
    union = g.add("Sub", g.add("AddV2", expand(g, area, 1), expand(g, area, 2)), shared)
    # Boxes that share nothing, or have no area, never clash.
    valid = g.add("LogicalAnd", g.add("Greater", shared, zero), g.add("Greater", union, zero))
    safe = g.add("SelectV2", valid, union, g.scalar(1.0, boxes))
    return g.add("SelectV2", valid, g.add("RealDiv", shared, safe), g.scalar(-1.0, boxes))


def _kept(g: Graph, node: OnnxNode, clashes: Tensor, limit: Tensor) -> Tensor:
    """Which boxes are selected, in the order of their scores: [batches, classes, boxes]."""
    batches, classes, count = node.static(1)
    values, order = g.add_many("TopKV2", node[1], g.const(count), sorted=True)
    floor = node.get(4)
    alive = g.add("Equal", values, values)
    if floor is not None:
        alive = g.add("Greater", values, g.reshape(floor, []))
    alive_rows = g.cast(alive, "float32")
    # The table of clashes with its rows and columns in the order of the scores.
    rows = g.reshape(clashes, [batches * count * count])
    base = np.arange(batches).reshape(batches, 1, 1, 1) * count * count
    first = g.add("Mul", expand(g, order, 3), g.const(count))
    flat = g.add("AddV2", g.add("AddV2", first, expand(g, order, 2)), g.const(base, "int32"))
    table = g.add("GatherV2", rows, flat, g.const(0), batch_dims=0)
    one, kept = g.scalar(1.0, "float32"), []
    most = g.cast(limit, "float32")
    so_far = g.scalar(0.0, "float32")
    for i in range(count):
        own = g.add("Slice", alive_rows, g.const([0, 0, i]), g.const([-1, -1, 1]))
        free = g.cast(g.add("Less", so_far, most), "float32")
        own = g.add("Mul", own, free)
        so_far = g.add("AddV2", so_far, own)
        kept.append(own)
        row = g.add("Slice", table, g.const([0, 0, i, 0]), g.const([-1, -1, 1, -1]))
        row = g.reshape(row, [batches, classes, count])
        alive_rows = g.add("Mul", alive_rows, g.add("Sub", one, g.add("Mul", row, own)))
    return g.cast(concat(g, kept, 2), "bool")
