"""A TF.js graph as tensors that are each computed element by element."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from ..tfjs.graph import Node
from ..tfjs.model import GraphModel
from ..tfjs.shapes import Attrs
from .errors import Declined
from .extents import Extent, broadcast, extent
from .given import input_shapes
from .values import Element, Shape, Value, symbolic

#: Integers of at most so many elements may be sizes.
_FEW = 64


@dataclass(frozen=True)
class Operation:
    """One node and what it takes."""

    node: Node
    inputs: tuple[Value, ...]

    @property
    def attrs(self) -> Attrs:
        """The node's attributes."""
        return self.node.attrs

    def __getitem__(self, at: int) -> Value:
        return self.inputs[at]

    def make(
        self,
        dtype: str,
        shape: Sequence[Extent | int],
        element: Element,
        *sources: Value,
        cost: int = 0,
        stored: bool = False,
        output: int = 0,
    ) -> Value:
        """The tensor that the node gives."""
        name = f"{self.node.name}:{output}" if output else self.node.name
        return Value(
            name, dtype, tuple(map(extent, shape)), sources, element, cost=cost, stored=stored
        )

    def sizes(self, at: int) -> list[Extent]:
        """An operand's integers, which have to be known when the program starts."""
        symbols = self.inputs[at].symbols
        if symbols is None:
            raise self.declined(f"operand {at} is only known while it runs")
        return list(symbols.ravel())

    def numbers(self, at: int) -> list[int]:
        """An operand's integers, which have to be known now."""
        found = [size.number for size in self.sizes(at)]
        known = [number for number in found if number is not None]
        if len(known) < len(found):
            raise self.declined(f"operand {at} depends on the sizes of inputs")
        return known

    def ints(self, name: str) -> list[int]:
        """An attribute that is a list of integers."""
        value = self.attrs.get(name)
        if not isinstance(value, list | tuple):
            raise self.declined(f"has no {name}")
        return [int(str(number)) for number in value]

    def declined(self, why: str) -> Declined:
        """The refusal to compile this node."""
        return Declined(f"{self.node.op} '{self.node.name}': {why}")


Lowering = Callable[[Operation], Value | Sequence[Value]]
_LOWERINGS: dict[str, Lowering] = {}


def lowers(*names: str) -> Callable[[Lowering], Lowering]:
    """Marks what lowers operations of those names."""

    def enter(function: Lowering) -> Lowering:
        for name in names:
            if name in _LOWERINGS:
                raise ValueError(f"{name} is lowered twice")
            _LOWERINGS[name] = function
        return function

    return enter


@cache
def lowerings() -> Mapping[str, Lowering]:
    """What is lowered, by TensorFlow's name of the operation."""
    package = import_module("site_builder.compiled.ops")
    for module in pkgutil.iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return _LOWERINGS


@dataclass(frozen=True)
class Lowered:
    """A graph, as tensors.

    Attributes:
        inputs: By name; a size of each that is not a number bears a name of its own.
        outputs: By name.
        values: Every tensor, each after its sources.
    """

    inputs: dict[str, Value]
    outputs: dict[str, Value]
    values: list[Value]


Dims = Mapping[str, Sequence[int | str]]
"""Sizes of inputs by axis: a number, a name, or a sum of products of names such as ``2*n + 1``."""


def lower(model: GraphModel, dims: Dims | None = None) -> Lowered:
    """Take a graph apart.

    Args:
        model: The graph.
        dims: What more is known of inputs' sizes.

    Raises:
        Declined: The graph holds something that is not compiled.
    """
    tensors: dict[str, Value] = {}
    values: list[Value] = []
    inputs: dict[str, Value] = {}
    ports = {entry["name"].removesuffix(":0"): key for key, entry in _ends(model, "inputs")}
    shapes = input_shapes(model, dims or {})
    for node in model.nodes:
        if node.op == "Placeholder":
            key = ports[node.name]
            made = [Value(node.name, str(node.attrs["dtype"]), shapes[key], source=key)]
            inputs[key] = made[0]
        elif node.op == "Const":
            made = [_constant(model, node)]
        else:
            made = _lowered(node, [tensors[name] for name in node.inputs])
        for output, value in enumerate(made):
            tensors[f"{node.name}:{output}" if output else node.name] = value
        values += made
    outputs = {key: tensors[e["name"].removesuffix(":0")] for key, e in _ends(model, "outputs")}
    return Lowered(inputs, outputs, values)


def _ends(model: GraphModel, side: str) -> list[tuple[str, dict[str, str]]]:
    return list(model.signature[side].items())


def _constant(model: GraphModel, node: Node) -> Value:
    array = model.constants[node.name]
    shape = tuple(map(extent, array.shape))
    value = Value(node.name, str(node.attrs["dtype"]), shape, array=array)
    if value.dtype != "float32" and array.size <= _FEW:
        value.symbols = symbolic(array)
    return value


def _lowered(node: Node, inputs: Sequence[Value]) -> list[Value]:
    function = lowerings().get(node.op)
    if function is None:
        raise Declined(f"{node.op} '{node.name}' is not compiled")
    try:
        made = function(Operation(node, tuple(inputs)))
    except (ValueError, IndexError, TypeError) as error:
        raise Declined(f"{node.op} '{node.name}': {error}") from error
    return [made] if isinstance(made, Value) else list(made)


def broadcast_shapes(*shapes: Shape) -> Shape:
    """The shape that tensors are broadcast to.

    Raises:
        ValueError: They do not fit.
    """
    rank = max(map(len, shapes))
    dims: list[Extent] = [extent(1)] * rank
    for shape in shapes:
        for axis, size in enumerate(shape, rank - len(shape)):
            dims[axis] = broadcast(dims[axis], size)
    return tuple(dims)
