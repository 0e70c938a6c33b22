"""An ONNX node as a converter sees it: operands as tensors, attributes by type."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from .errors import ConversionError
from .graph import Tensor
from .shapes import Shape

#: ONNX element types to the dtypes that a browser computes with.
NARROWED: dict[int, str] = {
    TensorProto.FLOAT: "float32",
    TensorProto.FLOAT16: "float32",
    TensorProto.DOUBLE: "float32",
    TensorProto.INT8: "int32",
    TensorProto.INT16: "int32",
    TensorProto.INT32: "int32",
    TensorProto.INT64: "int32",
    TensorProto.UINT8: "int32",
    TensorProto.UINT16: "int32",
    TensorProto.BOOL: "bool",
}

#: Element types whose arithmetic wraps before int32's does: how many values, and the lowest.
WRAPPING: dict[int, tuple[int, int]] = {
    TensorProto.UINT8: (256, 0),
    TensorProto.INT8: (256, -128),
    TensorProto.UINT16: (65536, 0),
    TensorProto.INT16: (65536, -32768),
}

STACK_TRACE = "pkg.torch.onnx.stack_trace"


class OnnxNode:
    """One node, its operands already converted.

    Attributes are read through the typed accessors; those that a converter does not read are
    refused afterwards, so that no attribute is ever ignored by accident.

    Args:
        proto: the node itself.
        inputs: its operands, None where one is left out.
        version: version of the operator set.
        elem_types: ONNX element types of the graph's values.
        used: names of the values that something reads.
        declared: shapes of its outputs, as far as the model says.
        inline: writes out a graph that is an attribute of the node.
    """

    def __init__(
        self,
        proto: onnx.NodeProto,
        inputs: Sequence[Tensor | None],
        *,
        version: int = 1,
        elem_types: Mapping[str, int] | None = None,
        used: frozenset[str] = frozenset(),
        declared: Sequence[Shape] = (),
        inline: Callable[[onnx.GraphProto, Sequence[Tensor]], list[Tensor]] | None = None,
    ) -> None:
        self.proto = proto
        self.inputs = tuple(inputs)
        self.version = version
        self._elem_types = elem_types or {}
        self._used = used
        self._declared = declared
        self._inline = inline
        self._attributes = {attribute.name: attribute for attribute in proto.attribute}
        self._read: set[str] = set()

    # -- who it is

    @property
    def op(self) -> str:
        """ONNX operator."""
        return self.proto.op_type

    @property
    def name(self) -> str:
        """The node's name, or its first output's where it has none."""
        return self.proto.name or next((name for name in self.proto.output if name), self.op)

    @property
    def stack_trace(self) -> str | None:
        """Lines of the author's program that made this node, where the exporter kept them."""
        return next((p.value for p in self.proto.metadata_props if p.key == STACK_TRACE), None)

    def refuse(self, reason: str, attribute: str | None = None) -> ConversionError:
        """The error that says why this node is not converted; to be raised."""
        return ConversionError(
            reason,
            op=self.op,
            node=self.name,
            attribute=attribute,
            stack_trace=self.stack_trace,
        )

    # -- operands and results

    def __getitem__(self, index: int) -> Tensor:
        """An operand that must be there."""
        tensor = self.get(index)
        if tensor is None:
            raise self.refuse(f"input {index} is missing")
        return tensor

    def get(self, index: int) -> Tensor | None:
        """An operand, or None where it is left out."""
        return self.inputs[index] if index < len(self.inputs) else None

    def on(self, *inputs: Tensor | None) -> OnnxNode:
        """The same node on other operands; attributes read of it count as read of this one."""
        made = copy.copy(self)
        made.inputs = inputs
        return made

    def shape(self, index: int = 0) -> tuple[int | None, ...]:
        """Shape of an operand; its rank must be known."""
        shape = self[index].shape
        if shape is None:
            raise self.refuse(f"the rank of input '{self.proto.input[index]}' is not known")
        return shape

    def static(self, index: int = 0) -> tuple[int, ...]:
        """Shape of an operand; every dimension must be known."""
        shape = self[index].static
        if shape is None:
            name = self.proto.input[index]
            raise self.refuse(f"needs the whole shape of input '{name}' at build time")
        return shape

    def rank(self, index: int = 0) -> int:
        """Number of dimensions of an operand, which must be known."""
        return len(self.shape(index))

    def axis(self, value: int, rank: int | None = None) -> int:
        """An axis counted from the front."""
        count = self.rank() if rank is None else rank
        if not -count <= value < max(count, 1):
            raise self.refuse(f"axis {value} is outside of rank {count}", "axis")
        return value % count if count else 0

    def value(self, index: int, name: str) -> NDArray[Any]:
        """An operand that must be known at build time; `name` says which, for the error."""
        value = self[index].value
        if value is None:
            raise self.refuse("must be known at build time, but the model computes it", name)
        return value

    def ints_in(self, index: int, name: str) -> list[int]:
        """An integer vector that must be known at build time."""
        return [int(v) for v in self.value(index, name).ravel()]

    def elem_type(self, index: int = 0) -> int:
        """ONNX element type of an operand, before narrowing."""
        if index >= len(self.proto.input):
            return TensorProto.UNDEFINED
        return self._elem_types.get(self.proto.input[index], TensorProto.UNDEFINED)

    def declared(self, index: int = 0) -> Shape:
        """What the model says of the shape of an output."""
        return self._declared[index] if index < len(self._declared) else None

    def wants(self, index: int) -> bool:
        """Whether anything uses this output."""
        return index < len(self.proto.output) and self.proto.output[index] in self._used

    # -- attributes

    def has(self, name: str) -> bool:
        """Whether the attribute is given."""
        self._read.add(name)
        return name in self._attributes

    def _get(self, name: str, default: Any) -> Any:
        self._read.add(name)
        if name in self._attributes:
            return onnx.helper.get_attribute_value(self._attributes[name])
        if default is None:
            raise self.refuse("is required and missing", name)
        return default

    def integer(self, name: str, default: int | None = None) -> int:
        """An integer attribute; one without a default must be given."""
        return int(self._get(name, default))

    def flag(self, name: str, default: bool = False) -> bool:
        """An integer attribute that is a flag."""
        return bool(self._get(name, default))

    def real(self, name: str, default: float | None = None) -> float:
        """A real attribute."""
        return float(self._get(name, default))

    def text(self, name: str, default: str | None = None) -> str:
        """A text attribute."""
        value = self._get(name, default)
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

    def integers(self, name: str, default: Sequence[int] | None = None) -> list[int]:
        """A list of integers."""
        return [int(v) for v in self._get(name, default)]

    def reals(self, name: str, default: Sequence[float] | None = None) -> list[float]:
        """A list of real numbers."""
        return [float(v) for v in self._get(name, default)]

    def array(self, name: str) -> NDArray[Any]:
        """A tensor attribute."""
        return np.asarray(numpy_helper.to_array(self._get(name, None)))

    def graph(self, name: str) -> onnx.GraphProto:
        """A graph attribute."""
        value = self._get(name, None)
        assert isinstance(value, onnx.GraphProto)
        return value

    def inline(self, body: onnx.GraphProto, args: Sequence[Tensor] = ()) -> list[Tensor]:
        """Write out a graph that is an attribute, such as a branch, here and now.

        Args:
            body: the graph; it sees the values around the node.
            args: what stands for its inputs.

        Returns:
            Its outputs.
        """
        assert self._inline is not None
        return self._inline(body, args)

    def ignore(self, *names: str) -> None:
        """Say that these attributes make no difference to inference."""
        self._read.update(names)

    def unread(self) -> list[str]:
        """The attributes given that no converter has looked at."""
        return sorted(set(self._attributes) - self._read)
