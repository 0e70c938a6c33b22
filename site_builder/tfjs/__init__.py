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
    from .pinning import Shapes

__all__ = ["ConversionError", "GraphModel", "Port", "compile_model", "convert", "read"]


def compile_model(model: onnx.ModelProto, *, shapes: Shapes | None = None) -> GraphModel:
    """Convert an ONNX model; see `site_builder.tfjs.conversion.compile_model`.

    Raises:
        ConversionError: the model is not valid ONNX, or a node of it cannot be converted exactly.
    """
    from .conversion import compile_model as compile_

    return compile_(model, shapes=shapes)


def convert(
    model: onnx.ModelProto,
    out: Path,
    *,
    shapes: Shapes | None = None,
    weights: str | None = None,
    name: str | None = None,
) -> GraphModel:
    """Convert an ONNX model and write it as a folder, which is replaced whole.

    The folder holds `model.json` and weight files of at most 4 MB for `tf.loadGraphModel`, and
    `payload.js`, a classic script that delivers the same to a page opened from a disk. Inputs
    and outputs keep ONNX's names, in the signature, and ONNX's layout.

    Args:
        model: the model, with its weights in it.
        out: the folder to write.
        shapes: shapes of inputs by name, for those that the model leaves open; what it leaves
            open stays open where TensorFlow.js can carry it.
        weights: `float16`, `uint16` or `uint8` to store the real weights in fewer bytes: the
            numbers that products and convolutions multiply with.
        name: what the script calls the model; by default what the folder is called.

    Raises:
        ConversionError: the model is not valid ONNX, or a node of it cannot be converted exactly.
            Nothing is written then.
    """
    compiled = compile_model(model, shapes=shapes)
    if weights is not None:
        compiled = compiled.with_weights(weights)
    compiled.write(Path(out), name)
    return compiled


def read(path: Path) -> onnx.ModelProto:
    """Read an ONNX file, with the weights that lie in files beside it.

    Raises:
        ConversionError: it is no ONNX file, or is cut short, or lacks its weights.
    """
    from .reading import read as read_

    return read_(Path(path))


def __getattr__(name: str) -> object:
    if name in ("GraphModel", "Port"):
        from . import model

        return getattr(model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
