"""What is done to each channel alike: scales and shifts, which belong into the weights before them.

A batch normalisation is three such steps. After a convolution or a product of matrices they are
but another kernel and another bias (https://arxiv.org/abs/1502.03167, section 3.2); elsewhere TF
does them in one operation.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .graph import Graph, Node, Tensor
from .rewriting import Rewriter

Array = NDArray[Any]

#: Operations whose weights can take up a scale of their channels: the filter's operand and the
#: axes of it that count the channels of the result, from behind.
WEIGHTED: dict[str, tuple[int, tuple[int, ...]]] = {
    "Conv2D": (1, (-1,)),
    "Conv3D": (1, (-1,)),
    "DepthwiseConv2dNative": (1, (-2, -1)),
    "Conv2DBackpropInput": (1, (-2,)),
    "MatMul": (1, (-1,)),
    "BatchMatMulV2": (1, (-1,)),
}
_STEPS = ("AddV2", "Mul", "RealDiv", "Sub")
_TINY = float(np.finfo(np.float32).tiny)


def fold_scales(graph: Graph) -> Graph:
    """The same graph with scales and shifts of channels in the weights ahead of them."""
    return _Affine(graph).run()


@dataclasses.dataclass
class _Chain:
    """A run of steps that are each read by the next one only: x * scale + shift."""

    start: str
    scale: Array
    shift: Array
    steps: list[Node]

    @property
    def end(self) -> str:
        return self.steps[-1].name if self.steps else self.start


class _Affine(Rewriter):
    def __init__(self, old: Graph) -> None:
        super().__init__(old)
        self._planned: dict[str, tuple[Node, list[Node], _Chain]] = {}
        self._chains: dict[str, tuple[str, list[tuple[str, Array]]]] = {}
        self._skipped: set[str] = set()

    def visit(self, node: Node) -> None:
        if node.name in self._planned:
            self._write(node, *self._planned[node.name])
            return
        if node.name in self._chains:
            self._normalise(node, *self._chains[node.name])
            return
        if node.name in self._skipped:
            return
        if (node.op in WEIGHTED and self._plan(node)) or self._plan_normalisation(node):
            return
        super().visit(node)

    # -- into the weights

    def _plan(self, node: Node) -> bool:
        place, axes = WEIGHTED[node.op]
        if node.attrs.get("adj_y") or node.attrs.get("transpose_b"):
            axes = (-2,)
        weight = self.known(node.inputs[place])
        if weight.value is None or weight.dtype != "float32":
            return False
        channels = math.prod(weight.value.shape[axis] for axis in axes)
        between, name = [], node.name
        while node.op == "Conv2DBackpropInput" and (reader := self.reader(name)):
            if reader[0].op != "Slice" or reader[1] != 0:
                break
            between.append(reader[0])
            name = reader[0].name
        chain = self._chain(name, channels)
        if not chain.steps or (np.all(chain.scale == 1) and self._is_bias(chain, channels)):
            return False
        if np.any(chain.scale != 1):
            # Another reader of the weights needs them as they are, and two copies are larger.
            if len(self.readers[weight.name]) > 1:
                return False
            if not _scales_exactly(weight.value, chain.scale, axes):
                return False
        self._planned[chain.end] = node, between, chain
        self._skipped.update(n.name for n in (node, *between, *chain.steps))
        return True

    def _is_bias(self, chain: _Chain, channels: int) -> bool:
        """Whether a chain is what it would be written as."""
        operands = [self.known(name) for step in chain.steps for name in step.inputs]
        return len(chain.steps) == 1 and any(bias_of(x, channels) for x in operands)

    def _chain(self, start: str, channels: int) -> _Chain:
        chain = _Chain(start, np.ones(channels), np.zeros(channels), [])
        while (found := self._step(chain.end, channels)) is not None:
            step, op, value = found
            if op == "AddV2":
                chain.shift = chain.shift + value
            elif op == "Mul":
                chain.scale, chain.shift = chain.scale * value, chain.shift * value
            else:
                chain.scale, chain.shift = -chain.scale, value - chain.shift
            chain.steps.append(step)
        return chain

    def _step(self, name: str, channels: int) -> tuple[Node, str, Array] | None:
        """The next step as `AddV2`, `Mul` or `from` (a constant minus), and its constant."""
        reader = self.reader(name)
        if reader is None or reader[0].op not in _STEPS:
            return None
        node, place = reader
        other, own = self.known(node.inputs[1 - place]), self.known(name)
        if other.value is None or other.dtype != "float32" or own.rank is None:
            return None
        shape = other.value.shape
        if len(shape) > own.rank or other.value.size not in (1, channels):
            return None
        if other.value.size > 1 and shape[-1] != channels:
            return None
        value = other.value.astype(np.float64).reshape(-1)
        if not np.all(np.isfinite(value)):
            return None
        if node.op in ("AddV2", "Mul"):
            return node, node.op, value
        if node.op == "Sub":
            return (node, "AddV2", -value) if place == 0 else (node, "from", value)
        if place == 1 or np.any(value == 0):
            return None
        return node, "Mul", 1 / value

    def _write(self, end: Node, node: Node, between: list[Node], chain: _Chain) -> None:
        """The weighted operation with its new weights, and one shift after it."""
        place, axes = WEIGHTED[node.op]
        if node.attrs.get("adj_y") or node.attrs.get("transpose_b"):
            axes = (-2,)
        inputs = [self.tensor(n) for i, n in enumerate(node.inputs) if i != place]
        weight = self.known(node.inputs[place])
        if np.any(chain.scale != 1):
            assert weight.value is not None
            scaled = _scaled(weight.value, chain.scale, axes).astype(np.float32)
            self.spend(weight.name)
            with self.new.scope(weight.name.rpartition("/")[0] or weight.name):
                inputs.insert(place, self.new.const(scaled))
        else:
            inputs.insert(place, self.tensor(weight.name))
        made = self.copy(node, inputs)[0]
        for step in between:
            made = self.copy(step, [made, *(self.tensor(n) for n in step.inputs[1:])])[0]
        if np.any(chain.shift != 0) or np.all(chain.scale == 1):
            shift = self.new.const(chain.shift.astype(np.float32))
            made = self.new.add("AddV2", made, shift, shape=self.known(end.name).shape)
        self.give(end.name, made)

    # -- elsewhere

    def _plan_normalisation(self, node: Node) -> bool:
        """Whether `node` begins a (x - mean) * scale + offset of channels, which then is one node.

        TF's FusedBatchNormV3 does it with a variance of one. Nothing is computed in advance, so
        that no digits are lost where the mean is large.
        """
        if node.op not in _STEPS or node.attrs.get("T") != "float32":
            return False
        for place in (0, 1):
            source = self.known(node.inputs[place])
            shape = source.shape
            if source.value is not None or shape is None or not 2 <= len(shape) <= 4:
                continue
            channels = shape[-1]
            if channels is None or channels < 2:
                continue
            parts: list[tuple[str, Array]] = []
            name, nodes, wide = source.name, [], False
            first: Node | None = node
            while first is not None:
                step = self._given_step(first, name, channels)
                if step is None or not _fits(parts, step[0]):
                    break
                parts.append(step)
                nodes.append(first)
                wide = wide or step[1].size == channels
                name = first.name
                reader = self.reader(name)
                first = None if reader is None else reader[0]
            if len(nodes) > 1 and wide and any(op == "Mul" for op, _ in parts):
                self._chains[name] = source.name, parts
                self._skipped.update(n.name for n in nodes)
                return True
        return False

    def _given_step(self, node: Node, name: str, channels: int) -> tuple[str, Array] | None:
        """One node as a step of a normalisation: `AddV2` or `Mul`, and its constant."""
        if node.op not in ("AddV2", "Mul", "Sub") or name not in node.inputs:
            return None
        place = node.inputs.index(name)
        other, own = self.known(node.inputs[1 - place]), self.known(name)
        if other.value is None or own.rank is None or (node.op == "Sub" and place == 1):
            return None
        shape = other.value.shape
        wide = other.value.size == channels and len(shape) > 0 and shape[-1] == channels
        if len(shape) > own.rank or not (wide or other.value.size == 1):
            return None
        if not np.all(np.isfinite(other.value)):
            return None
        value = other.value.reshape(-1)
        return ("AddV2", -value) if node.op == "Sub" else (node.op, value)

    def _normalise(self, end: Node, source: str, parts: list[tuple[str, Array]]) -> None:
        x = self.tensor(source)
        assert x.shape is not None
        channels = x.shape[-1]
        assert channels is not None
        at = [op for op, _ in parts].index("Mul")
        mean = -parts[0][1] if at else np.zeros(1)
        offset = parts[at + 1][1] if len(parts) > at + 1 else np.zeros(1)
        vectors = [
            self.new.const(np.broadcast_to(v, (channels,)).astype(np.float32))
            for v in (parts[at][1], offset, mean, np.ones(1))
        ]
        made = self.new.add(
            "FusedBatchNormV3", x, *vectors, epsilon=0.0, is_training=False, data_format="NHWC"
        )
        self.give(end.name, made)


def _fits(parts: list[tuple[str, Array]], op: str) -> bool:
    """Whether another step still is part of (x - mean) * scale + offset."""
    return [*(p for p, _ in parts), op] in (
        ["AddV2"],
        ["Mul"],
        ["AddV2", "Mul"],
        ["Mul", "AddV2"],
        ["AddV2", "Mul", "AddV2"],
    )


def _scaled(weight: Array, scale: Array, axes: tuple[int, ...]) -> Array:
    """The weights with each channel of their results times its scale, in float64."""
    sizes = [1] * weight.ndim
    for axis in axes:
        sizes[axis] = weight.shape[axis]
    result: Array = weight * scale.reshape(sizes)
    return result


def _scales_exactly(weight: Array, scale: Array, axes: tuple[int, ...]) -> bool:
    """Whether the scaled weights are as exact as float32 is: none too large, none too small."""
    size = np.abs(_scaled(weight, scale, axes))
    largest = float(np.finfo(np.float32).max)
    return bool(np.all((size == 0) | ((size >= _TINY) & (size <= largest))))


def bias_of(x: Tensor, channels: int) -> bool:
    """Whether a tensor can be the bias of a result with so many channels."""
    return x.dtype == "float32" and x.static == (channels,)
