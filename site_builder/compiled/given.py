"""What is known of inputs' sizes, and how the page finds out the rest."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping, Sequence

import onnx

from ..tfjs.model import GraphModel
from .errors import Declined
from .extents import Atom, Extent, extent, named
from .values import Shape


def dims_of(model: onnx.ModelProto) -> dict[str, list[int | str]]:
    """The sizes of a model's inputs, as numbers and as the exporter has named them."""
    made: dict[str, list[int | str]] = {}
    for value in model.graph.input:
        sizes = value.type.tensor_type.shape.dim
        made[value.name] = [size.dim_param or size.dim_value for size in sizes]
    return made


def input_shapes(model: GraphModel, dims: Mapping[str, Sequence[int | str]]) -> dict[str, Shape]:
    """The shape of each input; sizes that are no numbers are polynomials of named sizes.

    Raises:
        Declined: An input may have any number of dimensions.
    """
    read: dict[str, list[Extent]] = {}
    for port in model.inputs:
        if port.shape is None:
            raise Declined(f"the input '{port.name}' may have any number of dimensions")
        known = dims.get(port.name)
        read[port.name] = [
            extent(size) if size is not None
            else _parsed(known[axis]) if known is not None
            else named(f"{port.name}[{axis}]")
            for axis, size in enumerate(port.shape)
        ]  # fmt: skip
    solved = {atom for size in _all(read) if (atom := unknown_of(size)) is not None}
    return {
        name: tuple(size if set(size.atoms) <= solved else named(str(size), 1) for size in sizes)
        for name, sizes in read.items()
    }


def _all(shapes: Mapping[str, Sequence[Extent]]) -> Iterator[Extent]:
    return (size for sizes in shapes.values() for size in sizes)


def unknown_of(size: Extent) -> Atom | None:
    """The one name that a size tells the value of, being a multiple of it and a number."""
    atoms = set(size.atoms)
    if len(atoms) != 1 or any(len(monomial) > 1 for monomial, _ in size.terms):
        return None
    return atoms.pop()


def solutions(shapes: Mapping[str, Shape]) -> Iterator[tuple[Atom, str]]:
    """JavaScript for each name, from the shapes that are given; the plainest one for each."""
    found: dict[Atom, tuple[int, str]] = {}
    for name, shape in shapes.items():
        for axis, size in enumerate(shape):
            atom = unknown_of(size)
            if atom is None:
                continue
            terms = dict(size.terms)
            offset, factor = terms.get((), 0), terms[(atom,)]
            text = f"given[{json.dumps(name)}][{axis}]"
            if offset:
                text = f"{text} {'-' if offset > 0 else '+'} {abs(offset)}"
            if factor != 1:
                text = f"({text}) / {factor}"
            length = 2 * (factor != 1) + (offset != 0)
            if atom not in found or length < found[atom][0]:
                found[atom] = (length, text)
    return ((atom, text) for atom, (_, text) in found.items())


def _parsed(text: int | str) -> Extent:
    """A size as exporters write it; what is no sum of products is a name as a whole."""
    if isinstance(text, int):
        return extent(text)
    try:
        return _evaluated(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError):
        return named(text, 1)


def _evaluated(node: ast.expr) -> Extent:
    if isinstance(node, ast.Name):
        return named(node.id, 1)
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return extent(node.value)
    if isinstance(node, ast.BinOp):
        left, right = _evaluated(node.left), _evaluated(node.right)
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        if isinstance(node.op, ast.Mult):
            return left * right
    raise ValueError("no sum of products")
