"""The numbers that stand in an ONNX model: its initializers and its Constant nodes."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from .errors import ConversionError
from .onnx_node import NARROWED, OnnxNode
from .preparation import type_name


def array_of(tensor: onnx.TensorProto) -> NDArray[Any]:
    """The numbers of a tensor, not yet narrowed.

    Raises:
        ConversionError: they are elsewhere, damaged, or of a type that no browser holds.
    """
    if tensor.data_location == TensorProto.EXTERNAL:
        raise ConversionError(
            "its data is in another file; load the model with it", attribute=tensor.name
        )
    if tensor.data_type not in NARROWED and tensor.data_type not in (
        TensorProto.UINT32,
        TensorProto.UINT64,
    ):
        reason = f"is a constant of {type_name(tensor.data_type)}, which a browser cannot hold"
        raise ConversionError(reason, attribute=tensor.name)
    try:
        return np.asarray(numpy_helper.to_array(tensor))
    except (ValueError, TypeError) as error:
        raise ConversionError(f"its data is damaged: {error}", attribute=tensor.name) from None


def constant_of(proto: onnx.NodeProto) -> NDArray[Any]:
    """The numbers of a Constant node.

    Raises:
        ConversionError: see `array_of`; or it has none.
    """
    if not proto.attribute:
        raise OnnxNode(proto, ()).refuse("has no value")
    attribute = proto.attribute[0]
    value = onnx.helper.get_attribute_value(attribute)
    if attribute.name == "value":
        return array_of(value)
    if attribute.name in ("value_float", "value_floats"):
        return np.array(value, np.float32)
    if attribute.name in ("value_int", "value_ints"):
        return np.array(value, np.int64)
    raise OnnxNode(proto, ()).refuse("is not a tensor of numbers", attribute.name)
