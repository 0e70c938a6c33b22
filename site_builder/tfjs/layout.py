"""The layout pass: images keep their channels last from one image operation to the next.

ONNX's images have their channels second, so that each converter of an image operation transposes
on its way in and out. Here the transpose on the way out is put off: what follows is written for
channels last wherever it can be, and where the next image operation asks for channels last, they
are there. A transpose is written only where something needs channels second.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np

from .graph import Graph, Node, Tensor
from .images import Images, from_last, moved_axes, only_ones_move, to_last


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: One operand, whose elements do not know of one another.
UNARY = _names(
    "Abs Acos Acosh Asin Asinh Atan Atanh Cast Ceil Cos Cosh Elu Erf Exp Expm1 Floor IsFinite "
    "IsInf IsNan LeakyRelu Log Log1p LogicalNot Neg Reciprocal Relu Relu6 Round Rsqrt Selu "
    "Sigmoid Sign Sin Sinh Softplus Sqrt Square Tan Tanh"
)
#: Operands that broadcast.
BROADCAST = _names(
    "AddV2 Equal FloorDiv FloorMod Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr "
    "Maximum Minimum Mul NotEqual Pow Prelu RealDiv SelectV2 SquaredDifference Sub"
)
REDUCTIONS = _names("All Any ArgMax ArgMin Max Mean Min Prod Sum")
# Axis, or axes, in the second operand; the shape stays in rank.
_ALONG = _names("Cumsum Cumprod ReverseV2")
# A vector with one number for each axis in each of the operands after the first.
_PER_AXIS = _names("BroadcastTo Slice StridedSlice Tile")
_MASKS = ("begin_mask", "end_mask")
_NO_MASKS = ("ellipsis_mask", "new_axis_mask", "shrink_axis_mask")


def keep_images_last(graph: Graph) -> Graph:
    """The same graph with the transposes that its boundary and its other operations need."""
    return _Layout(graph).run()


class _Layout(Images):
    def __init__(self, old: Graph) -> None:
        super().__init__(old)
        # Weights whose rows are in another order, because what they multiply is.
        self._reordered: dict[str, tuple[int, ...]] = {}
        # Not bound to this pass: the cycle would keep it, and the old graph, in memory.
        self._rules: dict[str, Callable[[_Layout, Node], bool]] = {
            "ConcatV2": _Layout._concat,
            "ExpandDims": _Layout._expand,
            "GatherV2": _Layout._gather,
            "MirrorPad": _Layout._pad,
            "PadV2": _Layout._pad,
            "Reshape": _Layout._reshape,
            "Shape": _Layout._shape,
            "SplitV": _Layout._split,
            "Squeeze": _Layout._squeeze,
            **dict.fromkeys(UNARY | {"Identity"}, _Layout._unary),
            **dict.fromkeys(BROADCAST, _Layout._broadcast),
            **dict.fromkeys(REDUCTIONS, _Layout._reduce),
            **dict.fromkeys(_ALONG, _Layout._along),
            **dict.fromkeys(_PER_AXIS, _Layout._per_axis),
        }

    def visit(self, node: Node) -> None:
        if node.op == "MatMul" and node.inputs[1] in self._reordered:
            self._reorder(node)
            return
        if node.op == "Transpose" and self._transpose(node):
            return
        rule = self._rules.get(node.op)
        if rule is not None and any(name in self.last for name in node.inputs) and rule(self, node):
            return
        super().visit(node)

    # -- rules: each writes its node for channels last, or says that it cannot

    def _transpose(self, node: Node) -> bool:
        source, order = node.inputs[0], tuple(self.ints(node.inputs[1]) or ())
        rank = len(order)
        if rank < 3:
            return False
        if order == to_last(rank) and source in self.last:
            self.give(node.name, self.last[source])
            return True
        if order == from_last(rank) and source not in self.last and self._is_image(source, rank):
            self.settle(node.name, self.tensor(source))
            return True
        if order == to_last(rank):
            self.give(node.name, self.as_last(source))
            return True
        return False

    def _is_image(self, name: str, rank: int) -> bool:
        """Whether a tensor comes out of an image operation; with rank 3 both ways look the same."""
        return rank > 3 or self.old.nodes[self.known(name).node].op == "Squeeze"

    def _unary(self, node: Node) -> bool:
        x = self.last[node.inputs[0]]
        made = x if node.op == "Identity" else self.write(node, x)
        self.settle(node.name, made)
        return True

    def _broadcast(self, node: Node) -> bool:
        ranks = [self.known(name).rank for name in node.inputs]
        if None in ranks:
            return False
        rank = max(r for r in ranks if r is not None)
        if not any(name in self.last and self.last[name].rank == rank for name in node.inputs):
            return False
        operands = [self._operand(name, rank) for name in node.inputs]
        self.settle(node.name, self.write(node, *operands))
        return True

    def _operand(self, name: str, rank: int) -> Tensor:
        """An operand of a broadcast of a rank, for channels last."""
        known = self.known(name)
        assert known.shape is not None
        if len(known.shape) == rank:
            if known.value is None:
                return self.as_last(name)
            if known.value.size > 1:
                return self.short(self.as_last(name))
        plain = self.tensor(name)
        if len(known.shape) == 0 or known.static == (1,):
            return plain
        if known.value is not None and known.value.size == 1:
            return self.new.reshape(plain, [])
        # Broadcasting adds its axes in front; then channels are where they are in the others.
        dims = [*[1] * (rank - len(known.shape)), *self.new.dims(plain)]
        order = to_last(rank)
        if only_ones_move([d if isinstance(d, int) else None for d in dims], order):
            return self.short(self.new.reshape(plain, [dims[i] for i in order]))
        return self.short(self.new.transpose(self.new.reshape(plain, dims), order))

    def _reduce(self, node: Node) -> bool:
        axes = self.ints(node.inputs[1])
        if axes is None:
            return False
        x = self.last[node.inputs[0]]
        assert x.rank is not None
        moved = moved_axes(axes, x.rank)
        single = self.known(node.inputs[1]).rank == 0
        made = self.write(node, x, self.new.const(moved[0] if single else moved, "int32"))
        if node.attrs.get("keep_dims", False):
            self.settle(node.name, made)
        else:
            self.shrunk(node.name, made, axes, x.rank)
        return True

    def _concat(self, node: Node) -> bool:
        *parts, axis_name = node.inputs
        axis = self.ints(axis_name)
        here = sum(name in self.last for name in parts)
        computed = sum(self.known(name).value is None for name in parts)
        if axis is None or 2 * here < computed:
            return False
        tensors = [self.as_last(name) for name in parts]
        assert tensors[0].rank is not None
        at = moved_axes(axis, tensors[0].rank)[0]
        self.settle(node.name, self.write(node, *tensors, self.new.const(at)))
        return True

    def _pad(self, node: Node) -> bool:
        pads = self.known(node.inputs[1]).value
        if pads is None or node.inputs[0] not in self.last:
            return False
        x = self.last[node.inputs[0]]
        moved = self.new.const(pads[list(to_last(len(pads)))], "int32")
        rest = [self.tensor(name) for name in node.inputs[2:]]
        self.settle(node.name, self.write(node, x, moved, *rest))
        return True

    def _along(self, node: Node) -> bool:
        axes = self.ints(node.inputs[1])
        x = self.last.get(node.inputs[0])
        if axes is None or x is None or x.rank is None:
            return False
        moved = moved_axes(axes, x.rank)
        single = self.known(node.inputs[1]).rank == 0
        made = self.write(node, x, self.new.const(moved[0] if single else moved, "int32"))
        self.settle(node.name, made)
        return True

    def _per_axis(self, node: Node) -> bool:
        x = self.last.get(node.inputs[0])
        numbers = [self.ints(name) for name in node.inputs[1:]]
        if x is None or x.rank is None or any(n is None or len(n) != x.rank for n in numbers):
            return False
        if any(node.attrs.get(name, 0) for name in _NO_MASKS):
            return False
        order = to_last(x.rank)
        moved = [self.new.const([n[i] for i in order], "int32") for n in numbers if n is not None]
        masks = {
            name: sum((int(str(node.attrs[name])) >> axis & 1) << i for i, axis in enumerate(order))
            for name in _MASKS
            if name in node.attrs
        }
        changed = dataclasses.replace(node, attrs={**node.attrs, **masks})
        self.settle(node.name, self.write(changed, x, *moved))
        return True

    def _split(self, node: Node) -> bool:
        axis = self.ints(node.inputs[2])
        x = self.last.get(node.inputs[0])
        if axis is None or x is None or x.rank is None:
            return False
        at = self.new.const(moved_axes(axis, x.rank)[0])
        operands = (x, self.tensor(node.inputs[1]), at)
        parts = self.new.add_many("SplitV", *operands, shapes=(), **node.attrs)
        for i, part in enumerate(parts):
            self.settle(f"{node.name}:{i}" if i else node.name, part)
        return True

    def _gather(self, node: Node) -> bool:
        axis, places = self.ints(node.inputs[2]), self.known(node.inputs[1])
        x = self.last.get(node.inputs[0])
        if axis is None or x is None or x.rank is None or node.attrs.get("batch_dims", 0):
            return False
        if places.rank not in (0, 1):
            return False
        at = self.new.const(moved_axes(axis, x.rank)[0])
        made = self.write(node, x, self.tensor(node.inputs[1]), at)
        if places.rank == 1:
            self.settle(node.name, made)
        else:
            self.shrunk(node.name, made, axis, x.rank)
        return True

    def _squeeze(self, node: Node) -> bool:
        x, axes = self.last[node.inputs[0]], node.attrs["squeeze_dims"]
        assert isinstance(axes, list)
        assert x.rank is not None
        old_axes = [int(axis) for axis in axes]
        moved = sorted(moved_axes(old_axes, x.rank))
        made = self.new.add("Squeeze", x, squeeze_dims=moved)
        self.shrunk(node.name, made, old_axes, x.rank)
        return True

    def _expand(self, node: Node) -> bool:
        x, axis = self.last.get(node.inputs[0]), self.ints(node.inputs[1])
        if x is None or x.rank is None or axis is None:
            return False
        at = axis[0] % (x.rank + 1)
        if at < 2:
            return False
        self.settle(node.name, self.write(node, x, self.new.const(at - 1)))
        return True

    def _reshape(self, node: Node) -> bool:
        x = self.last.get(node.inputs[0])
        shape = self.known(node.inputs[0]).shape
        if x is None or shape is None:
            return False
        if not only_ones_move(shape, to_last(len(shape))) and not self._flattens(node, shape):
            return False
        self.copy(node, [x, self.tensor(node.inputs[1])])
        return True

    def _flattens(self, node: Node, shape: Sequence[int | None]) -> bool:
        """Whether rows of pixels go into a product only, whose weights then change their order."""
        sizes, flat, reader = shape[1:], self.known(node.name).shape, self.reader(node.name)
        if reader is None or reader[0].op != "MatMul" or reader[1] != 0 or None in sizes:
            return False
        weight, attrs = reader[0].inputs[1], reader[0].attrs
        length = math.prod(size for size in sizes if size is not None)
        if flat is None or len(flat) != 2 or flat[1] != length or attrs.get("transpose_a"):
            return False
        if self.known(weight).value is None or len(self.readers[weight]) > 1:
            return False
        self._reordered[weight] = tuple(size for size in sizes if size is not None)
        return True

    def _reorder(self, node: Node) -> None:
        """A product with the rows of its weights in the order of channels last."""
        x, weight, sizes = node.inputs[0], node.inputs[1], self._reordered[node.inputs[1]]
        value, across = self.known(weight).value, bool(node.attrs.get("transpose_b"))
        assert value is not None
        rows = np.arange(len(value) if not across else value.shape[1]).reshape(sizes)
        order = np.moveaxis(rows, 0, -1).ravel()
        moved = np.ascontiguousarray(value[:, order] if across else value[order])
        with self.new.scope(weight.rpartition("/")[0] or weight):
            self.copy(node, [self.tensor(x), self.new.const(moved)])

    def _shape(self, node: Node) -> bool:
        x = self.last[node.inputs[0]]
        assert x.rank is not None
        order = self.new.const(from_last(x.rank))
        self.give(
            node.name, self.new.add("GatherV2", self.new.shape_of(x), order, self.new.const(0))
        )
        return True
