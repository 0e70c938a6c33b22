"""The official TensorFlow.js tooling reads what we write; ``make referee`` runs it.

    python referee.py FOLDER ONNX2TF

FOLDER holds one folder a model, as `table.py` writes them: `model.onnx`, and ours as `ours`, with
`ours-float16` and its kin. Each gets `official`, where the official road ends well, and its part
of `verdict.json`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import tensorflowjs
from google.protobuf import json_format
from tensorflow.core.framework import graph_pb2
from tensorflowjs.read_weights import read_weights


def known_ops() -> set[str]:
    """Every operation that TF.js's converter says it may emit."""
    folder = Path(tensorflowjs.__file__).parent / "op_list"
    return {
        entry["tfOpName"]
        for path in sorted(folder.glob("*.json"))
        for entry in json.loads(path.read_text(encoding="utf-8"))
    }


def judge(folder: Path, ops: set[str]) -> list[str]:
    """What the official tooling finds wrong with one of our models."""
    document = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    graph = graph_pb2.GraphDef()
    json_format.ParseDict(document["modelTopology"], graph)
    faults = sorted({f"no operation {node.op}" for node in graph.node if node.op not in ops})
    shapes = {
        node.name: [dim.size for dim in node.attr["value"].tensor.tensor_shape.dim]
        for node in graph.node
        if node.op == "Const"
    }
    entries = read_weights(document["weightsManifest"], str(folder), flatten=True)
    read = {entry["name"]: list(entry["data"].shape) for entry in entries}
    if read != shapes:
        faults.append("the weights are not those of the graph")
    return faults


def official(folder: Path, onnx2tf: str) -> dict[str, Any]:
    """The official road: onnx2tf, then the official converter, each as a user runs it."""
    saved, out = folder / "saved", folder / "official"
    steps = (
        [onnx2tf, "-i", folder / "model.onnx", "-o", saved, "-osd", "-n"],
        [sys.executable, "-m", "tensorflowjs.converters.converter",
         "--input_format=tf_saved_model", "--output_format=tfjs_graph_model", saved, out],
    )  # fmt: skip
    seconds = []
    for step in steps:
        began = time.perf_counter()
        done = subprocess.run([str(s) for s in step], capture_output=True, text=True, check=False)
        seconds.append(time.perf_counter() - began)
        if done.returncode:
            return {"seconds": seconds, "error": (done.stderr or done.stdout).strip()[-300:]}
    return {"seconds": seconds}


def main() -> None:
    """Judge every model, and try the official road with it."""
    root, onnx2tf = Path(sys.argv[1]), sys.argv[2]
    ops = known_ops()
    failed = False
    # The first start of each reads gigabytes from the disk, which no model is to blame for.
    subprocess.run([onnx2tf, "-h"], capture_output=True, check=False)
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        faults = {
            path.name: judge(path, ops)
            for path in sorted(folder.iterdir())
            if path.is_dir() and path.name[:4] == "ours"
        }
        failed |= any(faults.values())
        verdict = {"faults": faults, **official(folder, onnx2tf)}
        (folder / "verdict.json").write_text(json.dumps(verdict), encoding="utf-8")
        print(folder.name, json.dumps(verdict))
    sys.exit("the referee finds faults" if failed else 0)


if __name__ == "__main__":
    main()
