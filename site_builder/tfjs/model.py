"""The finished graph in the form that TF.js loads."""

from __future__ import annotations

import base64
import dataclasses
import functools
import json
import os
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import weights
from .graph import Graph, Node
from .lean import lean
from .quantization import Quantized, quantize
from .shapes import Attr, Shape

_TYPES = {"float32": "DT_FLOAT", "int32": "DT_INT32", "bool": "DT_BOOL"}


@dataclasses.dataclass(frozen=True)
class Port:
    """One input or output of a model.

    Attributes:
        name: ONNX's name of it, unchanged.
        dtype: `float32`, `int32` or `bool`.
        shape: dimensions, `None` where one may vary; `None` where even the rank may.
    """

    name: str
    dtype: str
    shape: Shape


@dataclasses.dataclass(frozen=True, eq=False)
class GraphModel:
    """A TF.js graph model: nodes, what goes in and out, and constants."""

    nodes: tuple[Node, ...]
    constants: dict[str, NDArray[Any]]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    signature: dict[str, Any]
    quantized: Mapping[str, Quantized] = dataclasses.field(default_factory=dict)

    @classmethod
    def from_graph(cls, graph: Graph) -> GraphModel:
        """Close a graph: drop what no output needs, and fix the order of its constants."""
        graph.prune()
        ends = {"inputs": graph.inputs, "outputs": graph.outputs}
        signature = {
            side: {
                key: {
                    "name": x.name if ":" in x.name else f"{x.name}:0",
                    "dtype": _TYPES[x.dtype],
                    "tensorShape": shape_json(x.shape),
                }
                for key, x in tensors.items()
            }
            for side, tensors in ends.items()
        }
        return cls(
            nodes=tuple(graph.nodes.values()),
            constants=graph.constants,
            inputs=tuple(Port(key, x.dtype, x.shape) for key, x in graph.inputs.items()),
            outputs=tuple(Port(key, x.dtype, x.shape) for key, x in graph.outputs.items()),
            signature=signature,
        )

    @functools.cached_property
    def topology(self) -> dict[str, Any]:
        """TF.js `modelTopology`: TensorFlow's GraphDef in its JSON form."""
        return {
            "node": [node_json(node) for node in self.nodes],
            "library": {},
            "versions": {"producer": 1882},
        }

    @property
    def weight_specs(self) -> list[dict[str, Any]]:
        """Name, shape and dtype of each constant, in the order of `weights`."""
        return weights.specs(self.constants, self.quantized)

    @functools.cached_property
    def weights(self) -> bytes:
        """The constants as bytes."""
        return weights.pack(self.constants, self.quantized)

    @property
    def weight_bytes(self) -> int:
        """How many bytes `weights` has."""
        return weights.size_of(self.constants, self.quantized)

    @property
    def ops(self) -> Counter[str]:
        """How many nodes of each operation there are, inputs and constants aside."""
        return Counter(node.op for node in self.nodes if node.op not in ("Placeholder", "Const"))

    def with_weights(self, kind: str) -> GraphModel:
        """The same model with its real weights stored as `float16`, `uint16` or `uint8`.

        Raises:
            ConversionError: there is no such kind.
        """
        return dataclasses.replace(self, quantized=quantize(self.nodes, self.constants, kind))

    def to_payload(self) -> dict[str, Any]:
        """The `model` object of an explorable's payload: everything but the bytes, in few words."""
        return lean({**self._head(), "weightSpecs": self.weight_specs})

    def _head(self) -> dict[str, Any]:
        return {
            "format": "graph-model",
            "modelTopology": self.topology,
            "signature": self.signature,
        }

    def files(self) -> dict[str, bytes]:
        """The standard files of a TF.js graph model: `model.json` and its weight shards."""
        return {"model.json": self._document(), **weights.shards(self.weights)}

    def _document(self) -> bytes:
        paths = weights.shard_names(self.weight_bytes)
        manifest = [{"paths": paths, "weights": self.weight_specs}]
        document = {**self._head(), "generatedBy": "site_builder", "weightsManifest": manifest}
        return json.dumps(document, separators=(",", ":"), allow_nan=False).encode()

    def _chunks(self) -> Iterator[bytes]:
        return weights.chunks(self.constants, self.quantized)

    def script(self, name: str) -> Iterator[bytes]:
        """The classic script that delivers the model to a page, in pieces.

        It has the form of an explorable's payload, without inputs, outputs and figures of a page.
        """
        head: dict[str, Any] = {"name": name, "inputs": [], "outputs": [], "fixture": {}}
        head |= {"figures": {}, "model": self.to_payload()}
        text = json.dumps(head, separators=(",", ":"), allow_nan=False)
        yield f'explorables.define({text[:-1]},"weights":"'.encode()
        # Three bytes are four characters of base64, so that pieces of a multiple of three join up.
        for piece in weights.regrouped(self._chunks(), 3 * 2**18):
            yield base64.b64encode(piece)
        yield b'"});\n'

    def write(self, out: Path, name: str | None = None) -> None:
        """Write model.json, weight shards and payload.js as the folder `out`, replacing it whole.

        They are written beside it first, so that an interruption leaves no half of a model, and
        piece by piece, so that large weights are not in memory once more.

        Args:
            out: the folder.
            name: what the payload calls the model; by default what the folder is called.
        """
        out.parent.mkdir(parents=True, exist_ok=True)
        token = secrets.token_hex(4)
        aside, old = (out.parent / f".{out.name}.{token}{end}" for end in (".new", ".old"))
        aside.mkdir()
        try:
            (aside / "model.json").write_bytes(self._document())
            shards = weights.regrouped(self._chunks(), weights.SHARD_BYTES)
            for shard in weights.shard_names(self.weight_bytes):
                (aside / shard).write_bytes(next(shards, b""))
            with (aside / "payload.js").open("wb") as file:
                file.writelines(self.script(script_name(name or out.name)))
            if out.exists():
                os.replace(out, old)
            os.replace(aside, out)
        except BaseException:
            if old.exists() and not out.exists():
                os.replace(old, out)
            raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)


def script_name(name: str) -> str:
    """A name that an explorable can have: lower-case letters, digits and underscores."""
    cleaned = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return cleaned if re.match("[a-z]", cleaned) else f"model_{cleaned}".rstrip("_")


def node_json(node: Node) -> dict[str, Any]:
    """TensorFlow's NodeDef in its JSON form."""
    attrs = {key: attr_json(key, value) for key, value in node.attrs.items()}
    if node.op == "Const":
        tensor = {"dtype": attrs["dtype"]["type"], "tensorShape": attrs.pop("shape")["shape"]}
        attrs["value"] = {"tensor": tensor}
    document: dict[str, Any] = {"name": node.name, "op": node.op}
    if node.inputs:
        document["input"] = list(node.inputs)
    if attrs:
        document["attr"] = attrs
    return document


def attr_json(key: str, value: Attr) -> dict[str, Any]:
    """One attribute in the JSON form of TensorFlow's AttrValue.

    Text is in base64 there, as protobuf's JSON writes bytes; 64-bit integers are text.
    """
    if isinstance(value, str) and value in _TYPES:
        return {"type": _TYPES[value]}
    if key == "shape":
        assert value is None or isinstance(value, tuple)
        return {"shape": shape_json(value)}
    if isinstance(value, bool):
        return {"b": value}
    if isinstance(value, int):
        return {"i": str(value)}
    if isinstance(value, float):
        if not np.isfinite(value):
            raise ValueError(f"attribute {key} is not finite")
        return {"f": float(np.float32(value))}
    if isinstance(value, str):
        return {"s": base64.b64encode(value.encode()).decode()}
    assert value is not None
    if key == "fused_ops":
        return {"list": {"s": [base64.b64encode(str(v).encode()).decode() for v in value]}}
    return {"list": {"i": [str(v) for v in value]}}


def shape_json(shape: Shape) -> dict[str, Any]:
    """TensorFlow's TensorShapeProto in its JSON form; -1 is a dimension that may vary."""
    if shape is None:
        return {"unknownRank": True}
    return {"dim": [{"size": str(-1 if dim is None else dim)} for dim in shape]} if shape else {}
