"""What the referee is given, and what becomes of its verdicts; run by ``make referee``.

python -m tests.referee.table export FOLDER
python -m tests.referee.table write FOLDER
"""

from __future__ import annotations

import base64
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from site_builder.tfjs import convert
from site_builder.tfjs.quantization import KINDS
from tests.ops import harness
from tests.small_models import export, small_models

TABLE = Path(__file__).parents[2] / "site_builder" / "tfjs" / "comparison.md"
HEAD = """# Both roads from ONNX to TensorFlow.js

Written by `make referee`: the same five models, exported from PyTorch, on our road and on the
official one (onnx2tf, then the official converter, each in an environment of its own with the pins
in `tests/referee`). Error is the largest difference from PyTorch, in TensorFlow.js's CPU backend.
Seconds are wall time: ours of a second conversion in a Python that is already running, those of
the official road with its start, of which importing it takes most. Nodes are without constants.
TensorFlow.js's own Python tooling reads every model of ours, also with quantized weights, and
lists every operation that is in them.

| Model | Road | Converts | Seconds | Bytes of weights | Nodes | Largest error |
| --- | --- | --- | ---: | ---: | ---: | ---: |
"""


def export_all(root: Path) -> None:
    """Write every model as ONNX and as ours, with its input and PyTorch's output."""
    for name, (make, shape) in small_models().items():
        torch.manual_seed(0)
        model, x, expected = export(make(), shape)
        folder = root / name.replace(" ", "_")
        folder.mkdir(parents=True)
        onnx.save(model, folder / "model.onnx")
        np.savez(folder / "case.npz", x=x.numpy(), y=expected.numpy())
        convert(model, folder / "ours")
        began = time.perf_counter()
        convert(model, folder / "ours")
        seconds = time.perf_counter() - began
        (folder / "ours.json").write_text(json.dumps({"seconds": [seconds]}), encoding="utf-8")
        for kind in KINDS:
            convert(model, folder / f"ours-{kind}", weights=kind)


def write(root: Path) -> None:
    """Run both models of every pair, and write the table."""
    rows = []
    for name in small_models():
        folder = root / name.replace(" ", "_")
        verdict = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
        ours = json.loads((folder / "ours.json").read_text(encoding="utf-8"))
        for road, facts in (("ours", ours), ("official", verdict)):
            rows.append(f"| {name} | {road} | {_row(folder / road, facts)} |")
    TABLE.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


def _row(folder: Path, facts: dict[str, Any]) -> str:
    seconds = sum(facts["seconds"])
    if "error" in facts:
        return f"no | {seconds:.3f} | - | - | -"
    document = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    (group,) = document["weightsManifest"]
    weights = b"".join((folder / path).read_bytes() for path in group["paths"])
    nodes = [n["op"] for n in document["modelTopology"]["node"]]
    count = sum(op not in ("Const", "Placeholder") for op in nodes)
    case = np.load(folder.parent / "case.npz")
    error = _error(document, group["weights"], weights, case["x"], case["y"])
    return f"yes | {seconds:.3f} | {len(weights):,} | {count} | {error}"


def _error(
    document: dict[str, Any],
    specs: list[dict[str, Any]],
    weights: bytes,
    x: NDArray[Any],
    y: NDArray[Any],
) -> str:
    """The largest difference from PyTorch; layouts that a road changes are changed back."""
    ((feed, entry),) = document["signature"]["inputs"].items()
    wanted = [int(dim["size"]) for dim in entry["tensorShape"]["dim"]]
    if not _fits(x.shape, wanted):
        x = np.moveaxis(x, 1, -1)
    given = {"dtype": "float32", "shape": list(x.shape)}
    data = base64.b64encode(np.ascontiguousarray(x).tobytes()).decode()
    model = {key: document[key] for key in ("format", "modelTopology", "signature")}
    job = {
        "model": {**model, "weightSpecs": specs},
        "weights": base64.b64encode(weights).decode(),
        "feeds": {feed: {**given, "data": data}},
    }
    result = harness.run_documents({"job": job})["job"]
    if result.error is not None:
        if "executeAsync" in result.error:
            return "has loops, which run asynchronously only"
        return f"does not run: {result.error.partition(chr(10))[0]}"
    (found,) = result.outputs.values()
    if found.shape != y.shape:
        found = np.moveaxis(found, -1, 1)
    if found.shape != y.shape:
        return f"another shape: {list(found.shape)}"
    return f"{np.abs(found - y).max():.1e}"


def _fits(shape: tuple[int, ...], wanted: list[int]) -> bool:
    return len(shape) == len(wanted) and all(
        w in (-1, s) for s, w in zip(shape, wanted, strict=True)
    )


if __name__ == "__main__":
    {"export": export_all, "write": write}[sys.argv[1]](Path(sys.argv[2]))
