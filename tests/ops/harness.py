"""Converted models, run in the shipped runtime, in one Node process for many of them."""

from __future__ import annotations

import base64
import dataclasses
import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from site_builder.bundle import node
from site_builder.compiled import Declined, compile_graph
from site_builder.scripts import packed
from site_builder.tfjs import GraphModel
from site_builder.tfjs.narrowing import narrow

HERE = Path(__file__).parent
_DIST = HERE.parents[1] / "site_builder" / "runtime" / "dist"
ENGINE = _DIST / "engine.js"
ENGINES = {
    "cpu": ENGINE,
    "wasm": _DIST / "engine-wasm.js",
    "compiled": _DIST / "engine-compiled.js",
}
BACKENDS = ("cpu", "wasm")
"""The backends of TF.js, which run whatever the converter converts."""

Arrays = Mapping[str, NDArray[Any]]


@dataclasses.dataclass(frozen=True)
class Job:
    """A model and what to feed it; it runs `repeat` times, and the last outputs count.

    Attributes:
        model: The converted model.
        feeds: The inputs of the first run.
        repeat: How often it runs, where there are no `steps`.
        steps: One run for each, with these inputs in place of those of `feeds`.
        feedback: Outputs to the inputs that they become in the next run.
        watch: Outputs that are kept from every step.
        dims: For the compiler, the names of inputs' sizes.
        varying: For the compiler, the inputs that change from run to run.
    """

    model: GraphModel
    feeds: Arrays
    repeat: int = 2
    steps: Sequence[Arrays] = ()
    feedback: Mapping[str, str] = dataclasses.field(default_factory=dict)
    watch: Sequence[str] = ()
    dims: Mapping[str, Sequence[int | str]] | None = None
    varying: Sequence[str] | None = None


@dataclasses.dataclass(frozen=True)
class Result:
    """What the runtime gave: outputs by name, or the error that it threw.

    Attributes:
        outputs: The outputs of the last run.
        error: What was thrown.
        history: The watched outputs of every step.
        declined: Why the compiler does not take the model, where it does not.
    """

    outputs: Arrays
    error: str | None = None
    history: Sequence[Arrays] = ()
    declined: str | None = None


def run(jobs: Mapping[str, Job], *, backend: str = "cpu") -> dict[str, Result]:
    """Run every job on an engine, in one Node process; none that the compiler does not take."""
    documents: dict[str, Mapping[str, Any]] = {}
    declined: dict[str, Result] = {}
    for name, job in jobs.items():
        try:
            model = document(job, backend)
        except Declined as why:
            declined[name] = Result({}, declined=str(why))
            continue
        documents[name] = {
            **model,
            "feeds": {key: _encode(array) for key, array in job.feeds.items()},
            "repeat": job.repeat,
            "steps": [{key: _encode(a) for key, a in step.items()} for step in job.steps],
            "feedback": dict(job.feedback),
            "watch": list(job.watch),
        }
    # What WebAssembly computes, JavaScript computes where there is none.
    plain = {
        name: _without_wasm(one) for name, one in documents.items() if "native" in one["model"]
    }
    found = run_documents({**documents, **{f"{_PLAIN}{n}": p for n, p in plain.items()}},
                          ENGINES[backend])  # fmt: skip
    beside = {name: _beside(found[name], found[f"{_PLAIN}{name}"]) for name in plain}
    return {name: found[name] for name in documents} | beside | declined


_PLAIN = "without WebAssembly: "


def _without_wasm(document: Mapping[str, Any]) -> dict[str, Any]:
    model = {key: value for key, value in document["model"].items() if key != "native"}
    return {**document, "model": model}


def _beside(native: Result, plain: Result) -> Result:
    """What WebAssembly gave; an error where it is not what JavaScript gave."""
    if native.error or plain.error:
        same = native.error == plain.error
        return (
            native if same else dataclasses.replace(native, error=f"{native.error or plain.error}")
        )
    for name, array in native.outputs.items():
        other = plain.outputs[name]
        finite = np.abs(array[np.isfinite(array)])
        if not np.allclose(array, other, 0, 1e-5 * max(1, finite.max(initial=0)), equal_nan=True):
            why = f"{name} is {array.ravel()[:9]} in WebAssembly, {other.ravel()[:9]} in JavaScript"
            return dataclasses.replace(native, error=why)
    return native


def document(job: Job, backend: str) -> dict[str, Any]:
    """A model and its weights as `runner.mjs` reads them."""
    model = job.model
    if backend != "compiled":
        weights = base64.b64encode(model.weights).decode()
        return {"model": model.to_payload(), "weights": weights}
    program = compile_graph(model, job.dims, job.feedback, job.varying)
    ports: dict[str, Any] = {
        "inputs": [port.name for port in model.inputs],
        "outputs": list(program.behind),
    }
    if program.native:
        ports["native"] = packed(program.module).decode()
    return {
        "model": {**ports, "code": program.code},
        "weights": base64.b64encode(program.weights).decode(),
    }


def faults(jobs: Mapping[str, Job], others: Mapping[str, Arrays]) -> dict[str, list[str]]:
    """Where the compiled engine does not keep what it promises of repeated and of partial runs.

    Args:
        jobs: Models, and what to feed them.
        others: By job, other inputs of the same sizes.
    """
    documents = {
        name: {
            **document(job, "compiled"),
            "feeds": {key: _encode(array) for key, array in job.feeds.items()},
            "others": {key: _encode(array) for key, array in others[name].items()},
            "feedback": dict(job.feedback),
            "names": [port.name for port in job.model.outputs],
        }
        for name, job in jobs.items()
    }
    found = _perform(documents, ENGINES["compiled"])
    return {
        name: [result["error"]] if "error" in result else result["faults"]
        for name, result in found.items()
    }


def run_documents(
    documents: Mapping[str, Mapping[str, Any]], engine: Path = ENGINE
) -> dict[str, Result]:
    """Run models as `runner.mjs` reads them, in one Node process."""
    return {name: _result(result) for name, result in _perform(documents, engine).items()}


def run_chains(
    programs: Mapping[str, Mapping[str, Any]],
    chains: Sequence[Sequence[tuple[str, Arrays]]],
    engine: Path = ENGINE,
) -> list[Result]:
    """Run programs one after another, each fed with what those before it gave.

    Args:
        programs: Model and weights of each, as a payload has them.
        chains: Each a list of programs by name, with what is fed anew from there on. An output is
            fed on under its own name, ``next.x`` as ``state.x``.
        engine: The classic script that runs them.

    Returns:
        The outputs of each chain's last program.
    """
    document = {
        "programs": dict(programs),
        "chains": [
            [
                {"program": name, "feeds": {key: _encode(array) for key, array in feeds.items()}}
                for name, feeds in chain
            ]
            for chain in chains
        ],
    }
    result = _perform({"chains": document}, engine)["chains"]
    if "error" in result:
        raise AssertionError(result["error"])
    return [_result(each) for each in result["chains"]]


def _perform(documents: Mapping[str, Mapping[str, Any]], engine: Path) -> dict[str, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        jobs_path, results_path = Path(folder, "jobs.json"), Path(folder, "results.json")
        jobs_path.write_text(json.dumps(documents))
        command = [node(), HERE / "runner.mjs", engine, jobs_path, results_path]
        subprocess.run([str(part) for part in command], check=True, timeout=600)
        results: dict[str, dict[str, Any]] = json.loads(results_path.read_text())
    return results


def _result(result: Mapping[str, Any]) -> Result:
    return Result(
        _decode_all(result.get("outputs", {})),
        result.get("error"),
        [_decode_all(step) for step in result.get("history", [])],
    )


def _encode(array: NDArray[Any]) -> dict[str, Any]:
    narrowed = narrow(np.asarray(array))
    data = base64.b64encode(narrowed.tobytes()).decode()
    return {"dtype": str(narrowed.dtype), "shape": list(narrowed.shape), "data": data}


def _decode_all(values: Mapping[str, dict[str, Any]]) -> dict[str, NDArray[Any]]:
    return {name: _decode(value) for name, value in values.items()}


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
