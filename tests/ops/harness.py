"""Converted models, run in the shipped runtime, in one Node process for many of them."""

from __future__ import annotations

import base64
import dataclasses
import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from site_builder.bundle import node
from site_builder.tfjs import GraphModel
from site_builder.tfjs.narrowing import narrow

HERE = Path(__file__).parent
ENGINE = HERE.parents[1] / "site_builder" / "runtime" / "dist" / "engine.js"

Arrays = Mapping[str, NDArray[Any]]


@dataclasses.dataclass(frozen=True)
class Job:
    """A model and what to feed it; it runs `repeat` times, and the last outputs count."""

    model: GraphModel
    feeds: Arrays
    repeat: int = 2


@dataclasses.dataclass(frozen=True)
class Result:
    """What the runtime gave: outputs by name, or the error that it threw."""

    outputs: Arrays
    error: str | None = None


def run(jobs: Mapping[str, Job], engine: Path = ENGINE) -> dict[str, Result]:
    """Run every job, in one Node process."""
    return run_documents(
        {
            name: {
                "model": job.model.to_payload(),
                "weights": base64.b64encode(job.model.weights).decode(),
                "feeds": {key: _encode(array) for key, array in job.feeds.items()},
                "repeat": job.repeat,
            }
            for name, job in jobs.items()
        },
        engine,
    )


def run_documents(
    documents: Mapping[str, Mapping[str, Any]], engine: Path = ENGINE
) -> dict[str, Result]:
    """Run models as `runner.mjs` reads them, in one Node process."""
    with tempfile.TemporaryDirectory() as folder:
        jobs_path, results_path = Path(folder, "jobs.json"), Path(folder, "results.json")
        jobs_path.write_text(json.dumps(documents))
        command = [node(), HERE / "runner.mjs", engine, jobs_path, results_path]
        subprocess.run([str(part) for part in command], check=True, timeout=600)
        results = json.loads(results_path.read_text())
    return {
        name: Result(
            {key: _decode(value) for key, value in result.get("outputs", {}).items()},
            result.get("error"),
        )
        for name, result in results.items()
    }


def _encode(array: NDArray[Any]) -> dict[str, Any]:
    narrowed = narrow(np.asarray(array))
    data = base64.b64encode(narrowed.tobytes()).decode()
    return {"dtype": str(narrowed.dtype), "shape": list(narrowed.shape), "data": data}


def _decode(value: dict[str, Any]) -> NDArray[Any]:
    data = base64.b64decode(value["data"])
    return np.frombuffer(data, np.dtype(value["dtype"])).reshape(value["shape"])


def differences(actual: Arrays, expected: Arrays, tolerance: float = 1e-4) -> str | None:
    """What is wrong with the outputs of a run, or None."""
    found = {name: difference(actual[name], array, tolerance) for name, array in expected.items()}
    return "; ".join(f"{name}: {what}" for name, what in found.items() if what) or None


def difference(actual: NDArray[Any], expected: NDArray[Any], tolerance: float) -> str | None:
    """What is wrong with one output, or None.

    Real numbers may differ by `tolerance * max(1, max|expected|)`; infinities, what is not a
    number, integers and truth values must be the same.
    """
    wanted = narrow(expected)
    if actual.dtype != wanted.dtype:
        return f"dtype {actual.dtype}, not {wanted.dtype}"
    if actual.shape != wanted.shape:
        return f"shape {actual.shape}, not {wanted.shape}"
    same = np.asarray(actual == wanted)
    if wanted.dtype.kind == "f":
        finite = np.isfinite(wanted)
        same = same | (np.isnan(actual) & np.isnan(wanted))
        limit = tolerance * max(1.0, float(np.abs(wanted[finite]).max(initial=0.0)))
        with np.errstate(invalid="ignore"):
            same |= finite & (np.abs(actual - wanted) <= limit)
    if np.all(same):
        return None
    count = int(np.size(same) - np.count_nonzero(same))
    if wanted.dtype.kind != "f":
        return f"{count} of {wanted.size} differ"
    with np.errstate(invalid="ignore"):
        worst = np.nanmax(np.abs(actual - wanted))
    return f"{count} of {wanted.size} differ, by up to {worst:.3g}"


def feeds_of(model: onnx.ModelProto, arrays: list[Any]) -> dict[str, NDArray[Any]]:
    """The arrays of a test case under the names of the graph's inputs."""
    initial = {tensor.name for tensor in model.graph.initializer}
    names = [value.name for value in model.graph.input if value.name not in initial]
    return dict(zip(names, map(as_array, arrays), strict=False))


def as_array(value: Any) -> NDArray[Any]:
    """A stored tensor, whether it is an array or still a protobuf."""
    if isinstance(value, onnx.TensorProto):
        return np.asarray(onnx.numpy_helper.to_array(value))
    return np.asarray(value)
