"""Images of a graph with their channels last, beside the graph's other tensors."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from .graph import Graph, Node, Tensor
from .rewriting import Rewriter
from .shapes import Shape


def to_last(rank: int) -> tuple[int, ...]:
    """The permutation that takes channels from second to last."""
    return (0, *range(2, rank), 1)


def from_last(rank: int) -> tuple[int, ...]:
    """The permutation that takes channels from last to second."""
    return (0, rank - 1, *range(1, rank - 1))


class Images(Rewriter):
    """A rewriter that knows where a tensor is at home: images with their channels last.

    Attributes:
        last: what stands for a tensor of the old graph whose home is channels last; its channels
            are second in the old one. The other tensors are where they always are.
    """

    def __init__(self, old: Graph) -> None:
        super().__init__(old)
        self.last: dict[str, Tensor] = {}
        self._copies: dict[str, Tensor] = {}

    def tensor(self, name: str) -> Tensor:
        if name in self.last and name not in self._made:
            last = self.last[name]
            assert last.rank is not None
            self._made[name] = self._turned(last, from_last(last.rank))
        return super().tensor(name)

    def settle(self, name: str, last: Tensor) -> None:
        """Let the home of `name` be channels last, with what is known of its shape."""
        shape = self.known(name).shape
        if shape is not None:
            last = dataclasses.replace(last, shape=_merged(last.shape, shape, to_last(len(shape))))
        self.last[name] = self.new.know(last)

    def as_last(self, name: str) -> Tensor:
        """A tensor with its channels last, transposed where that is not its home."""
        if name in self.last:
            return self.last[name]
        if name not in self._copies:
            plain = self.tensor(name)
            assert plain.rank is not None
            self._copies[name] = self._turned(plain, to_last(plain.rank))
        return self._copies[name]

    def _turned(self, x: Tensor, order: Sequence[int]) -> Tensor:
        """A tensor transposed; where only ones move, as for grey images, that is a reshape."""
        shape = x.shape
        if shape is None or 0 in shape or shape.count(None) > 1 or not only_ones_move(shape, order):
            return self.new.transpose(x, order)
        return self.new.reshape(x, [-1 if (d := shape[i]) is None else d for i in order])

    def short(self, x: Tensor) -> Tensor:
        """A constant without the ones in front, which broadcasting adds again."""
        if x.value is None:
            return x
        shape = list(x.value.shape)
        while len(shape) > 1 and shape[0] == 1:
            shape.pop(0)
        return self.new.reshape(x, [*shape])

    def shrunk(self, name: str, made: Tensor, axes: Sequence[int], rank: int) -> None:
        """Settle a result that lacks some axes of an image of channels last."""
        gone = {axis % rank for axis in axes}
        left = [from_last(rank)[axis] for axis in range(rank) if axis not in gone]
        order = tuple(sorted(left).index(axis) for axis in left)
        if len(order) > 3 and order == from_last(len(order)):
            self.settle(name, made)
        else:
            self.give(name, self.new.transpose(made, order))

    def write(self, node: Node, *inputs: Tensor) -> Tensor:
        """The operation of a node on operands of channels last."""
        return self.new.add(node.op, *inputs, shape=None, **node.attrs)


def moved_axes(axes: Sequence[int], rank: int) -> list[int]:
    """Axes of an image of channels second, as those of channels last."""
    return [from_last(rank)[axis % rank] for axis in axes]


def only_ones_move(shape: Sequence[int | None], order: Sequence[int]) -> bool:
    """Whether a transpose leaves the elements in their order, so that it is but a reshape."""
    kept = [axis for axis in order if shape[axis] != 1]
    return kept == sorted(kept)


def _merged(last: Shape, plain: Shape, order: Sequence[int]) -> Shape:
    """What both say of a shape of channels last."""
    if plain is None:
        return last
    moved = tuple(plain[i] for i in order)
    if last is None or len(last) != len(moved):
        return moved
    return tuple(q if p is None else p for p, q in zip(last, moved, strict=True))
