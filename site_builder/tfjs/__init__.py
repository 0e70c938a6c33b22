"""ONNX to TensorFlow.js, in pure Python on NumPy and `onnx`.

A converted model agrees with ONNX, or the conversion refuses and says why.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ConversionError

if TYPE_CHECKING:
    import onnx

    from .model import GraphModel, Port

__all__ = ["ConversionError", "GraphModel", "Port", "compile_model", "convert"]


def compile_model(model: onnx.ModelProto) -> GraphModel:
    """Convert an ONNX model; see `site_builder.tfjs.conversion.compile_model`.

    Raises:
        ConversionError: the model is not valid ONNX, or a node of it cannot be converted exactly.
    """
    from .conversion import compile_model as compile_

    return compile_(model)


def convert(model: onnx.ModelProto, out: Path) -> GraphModel:
    """Convert an ONNX model and write it as the folder `out`: `model.json` and weight files.

    Raises:
        ConversionError: the model is not valid ONNX, or a node of it cannot be converted exactly.
    """
    compiled = compile_model(model)
    compiled.write(Path(out))
    return compiled


def __getattr__(name: str) -> object:
    if name in ("GraphModel", "Port"):
        from . import model

        return getattr(model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
