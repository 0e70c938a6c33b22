"""ONNX files, and what can be wrong with them."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx.external_data_helper import load_external_data_for_model

from .errors import ConversionError


def read(path: Path) -> onnx.ModelProto:
    """Read an ONNX file, with the weights that lie in files beside it.

    Raises:
        ConversionError: it is no ONNX file, or is cut short, or lacks its weights.
    """
    model = onnx.ModelProto()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConversionError(f"{path.name} cannot be read: {error.strerror}") from None
    try:
        model.ParseFromString(data)
    except Exception:  # protobuf's DecodeError, which is of another class in each of its backends
        raise ConversionError(f"{path.name} is not an ONNX file, or is cut short") from None
    if not model.HasField("graph") or not model.opset_import:
        raise ConversionError(f"{path.name} is not an ONNX file: it has no graph")
    try:
        load_external_data_for_model(model, str(path.parent))
    except (OSError, ValueError, RuntimeError, onnx.checker.ValidationError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ConversionError(
            f"{path.name} keeps its weights in other files, which cannot be read: {reason}"
        ) from None
    return model
