"""From an `Explorable` to ONNX, with eager PyTorch's answers beside it.

The errors of `torch.export` and of the ONNX exporter are long and speak of their own files; here
each becomes a sentence with the author's line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from site_builder.errors import SiteBuilderError, author_place, place_in_text
from site_builder.explorable import Explorable, check_name, place_of
from site_builder.exporting import failed_node, plainly, to_onnx
from site_builder.inputs import points
from site_builder.outputs import Labels, Rows

if TYPE_CHECKING:
    import onnx

Arrays = dict[str, NDArray[Any]]
"""Output tensors by their name in the graph: ``caught``, ``logins.hour``."""

RANDOM_POINTS = 8
"""How many random points are compared beside the defaults and each input's extremes."""


@dataclass(frozen=True)
class Fixture:
    """One point at which the browser must agree with PyTorch.

    Attributes:
        inputs: The value of each input: a number, a bool or a float32 array.
        outputs: What eager PyTorch returned.
    """

    inputs: Mapping[str, Any]
    outputs: Arrays


@dataclass(frozen=True)
class Trace:
    """An explorable as it leaves PyTorch.

    Attributes:
        model: The ONNX model; its inputs and outputs bear the explorable's names.
        outputs: What each output is, JSON all through, in `forward`'s order.
        fixtures: The points to be compared; the first is the defaults.
    """

    model: onnx.ModelProto
    outputs: list[dict[str, Any]]
    fixtures: list[Fixture]


def trace(explorable: Explorable, root: Path) -> Trace:
    """Compiles an explorable's `forward` to ONNX and runs it eagerly at the points to compare.

    Args:
        explorable: An instance, in evaluation mode.
        root: The project's folder, for naming the author's lines.

    Raises:
        SiteBuilderError: If `forward` fails, returns what is no output or not finite, or can't be
            compiled.
    """
    cls = type(explorable)
    random = np.random.default_rng(0)
    fixtures = []
    specs: list[dict[str, Any]] | None = None
    for values in points(cls.inputs, count=RANDOM_POINTS, random=random):
        outputs = _call(explorable, _tensors(explorable, values), root)
        if specs is None:
            specs = _specs(outputs, cls)
        arrays = {name: _array(tensor) for name, tensor in flatten(outputs).items()}
        _check_finite(arrays, values, cls)
        fixtures.append(Fixture(values, arrays))
    assert specs is not None  # `points` always yields the defaults
    return Trace(_export(explorable, list(fixtures[0].outputs), root), specs, fixtures)


def flatten(outputs: Mapping[str, Any]) -> dict[str, Tensor]:
    """Every tensor in a dict of outputs, by its name in the graph."""
    tensors: dict[str, Tensor] = {}
    for name, value in outputs.items():
        if isinstance(value, Rows):
            for column, item in value.columns.items():
                tensors[f"{name}.{column}"] = item.index if isinstance(item, Labels) else item
        else:
            tensors[name] = value.index if isinstance(value, Labels) else value
    return tensors


def _tensors(explorable: Explorable, values: Mapping[str, Any]) -> dict[str, Tensor]:
    return {
        name: torch.as_tensor(values[name], dtype=getattr(torch, spec.dtype))
        for name, spec in type(explorable).inputs.items()
    }


def _call(explorable: Explorable, tensors: Mapping[str, Tensor], root: Path) -> dict[str, Any]:
    cls = type(explorable)
    place = place_of(cls.forward)
    try:
        with torch.no_grad():
            outputs = explorable(**tensors)
    except Exception as error:
        raise SiteBuilderError(
            f"{cls.__name__}.forward failed: {type(error).__name__}: {error}",
            place=author_place(error, root) or place,
        ) from error
    if not isinstance(outputs, dict) or not outputs:
        raise SiteBuilderError(
            f"{cls.__name__}.forward must return a dict of named outputs, not "
            f"{type(outputs).__name__ if not isinstance(outputs, dict) else 'an empty one'}.",
            place=place,
        )
    for name, value in outputs.items():
        check_name(str(name), "output", cls)
        if name in cls.inputs:
            raise SiteBuilderError(
                f"{cls.__name__}: '{name}' names both an input and an output; they share one "
                "namespace, so rename the output.",
                place=place,
            )
        _check_value(name, value, cls, place)
    return outputs


def _check_value(name: str, value: Any, cls: type, place: str | None) -> None:
    if isinstance(value, Rows):
        return
    tensor = value.index if isinstance(value, Labels) else value
    if not isinstance(tensor, Tensor) or tensor.shape != ():
        what = (
            f"a tensor of shape {tuple(tensor.shape)}"
            if isinstance(tensor, Tensor)
            else (type(tensor).__name__)
        )
        raise SiteBuilderError(
            f"{cls.__name__}: the output '{name}' is {what}; it must be a scalar tensor, Labels of "
            "one, or Rows(column=tensor, ...) for many values.",
            place=place,
        )


def _specs(outputs: Mapping[str, Any], cls: type) -> list[dict[str, Any]]:
    specs: list[dict[str, Any]] = []
    for name, value in outputs.items():
        if isinstance(value, Rows):
            for column in value.columns:
                check_name(column, "column", cls, reserved=frozenset())
            columns = [
                {
                    "name": column,
                    "tensor": f"{name}.{column}",
                    "words": list(item.words) if isinstance(item, Labels) else None,
                }
                for column, item in value.columns.items()
            ]
            specs.append({"kind": "rows", "name": name, "columns": columns})
        elif isinstance(value, Labels):
            specs.append(
                {"kind": "labels", "name": name, "tensor": name, "words": list(value.words)}
            )
        else:
            specs.append({"kind": "scalar", "name": name, "tensor": name})
    return specs


def _array(tensor: Tensor) -> NDArray[Any]:
    """As the browser will hold it: float32, int32 or bool."""
    array = tensor.detach().cpu().numpy()
    if array.dtype == np.bool_:
        return array
    if array.dtype.kind in "iu":
        return array.astype(np.int32)
    return array.astype(np.float32)


def _check_finite(arrays: Arrays, values: Mapping[str, Any], cls: type[Explorable]) -> None:
    for name, array in arrays.items():
        if array.dtype == np.float32 and not np.isfinite(array).all():
            at = ", ".join(
                f"{key}={value if np.ndim(value) == 0 else 'a drawing'}"
                for key, value in values.items()
            )
            bad = array[~np.isfinite(array)].flat[0]
            raise SiteBuilderError(
                f"{cls.__name__}: the output '{name}' is not finite ({bad}) at {at}. Guard the "
                "division, logarithm or root it comes from, for instance with torch.where or "
                ".clamp(min=...).",
                place=place_of(cls.forward),
            )


class _Flat(nn.Module):
    """An explorable with inputs and outputs as plain tuples, which ONNX names in order."""

    def __init__(self, explorable: Explorable) -> None:
        super().__init__()
        self.explorable = explorable

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        names = type(self.explorable).inputs
        outputs = self.explorable(**dict(zip(names, tensors, strict=True)))
        # A clone is no alias: an output that is an input or a buffer keeps a name of its own.
        return tuple(tensor.clone() for tensor in flatten(outputs).values())


def _export(explorable: Explorable, names: list[str], root: Path) -> onnx.ModelProto:
    cls = type(explorable)
    place = place_of(cls.forward)
    defaults = {name: spec.default for name, spec in cls.inputs.items()}
    arguments = tuple(_tensors(explorable, defaults).values())
    try:
        with plainly(), torch.no_grad():
            program = torch.export.export(_Flat(explorable).eval(), arguments, strict=False)
    except Exception as error:
        found = author_place(error, root) or place
        raise SiteBuilderError(_export_failed(cls, error), place=found) from error
    try:
        return to_onnx(program, list(cls.inputs), names)
    except Exception as error:
        node, stack = failed_node(error)
        raise SiteBuilderError(
            f"{cls.__name__}: the operation {node} can't be compiled: ONNX has no function for "
            "it. Write it with other operations.",
            place=place_in_text(stack, root) or place,
        ) from error


def _export_failed(cls: type, error: Exception) -> str:
    text = str(error)
    if "data-dependent" in text or "GuardOnDataDependent" in type(error).__name__:
        return (
            f"{cls.__name__}.forward decides in Python on the value of a tensor: an if, a while, "
            "bool(), int(), float() or .item(). The reader will change that value, so the "
            "decision must be in the graph: use torch.where, masks or .clamp."
        )
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return f"{cls.__name__}.forward can't be compiled: {type(error).__name__}: {first}"
