"""ONNX's own operator tests, and the committed state of each.

`python -m tests.ops.node_suite` writes the table `node_cases.txt` anew; look at what changed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx.backend.test.case.node import collect_testcases

from site_builder.tfjs import ConversionError, compile_model
from site_builder.tfjs.narrowing import narrow
from site_builder.tfjs.onnx_node import NARROWED

from . import harness

# Name, model, inputs and outputs.
_Source = tuple[str, onnx.ModelProto, Sequence[Any], Sequence[Any]]

TABLE = Path(__file__).with_name("node_cases.txt")
DECLINED = Path(__file__).with_name("compiled_declined.txt")

_HEADER = """\
# ONNX's operator tests, and the models stored with them, of which a browser can hold the inputs
# and outputs.
# pass: as it stands.   constant: refused as it stands, since a parameter is an input;
# passes once every input but the first is constant.   refused: and why.
# unfit: converted, but the stored input has numbers that no browser holds.
"""

_DECLINED_HEADER = """\
# What of `node_cases.txt` the compiler leaves to TF.js, and why.
# constant: as it stands, since a parameter is an input; once every input but the first is constant,
# it is compiled and passes.   declined: even then.   large: so many nodes take the tests too long.
"""
_LARGE = 5000


@dataclasses.dataclass(frozen=True)
class Case:
    """One stored test: a model, what to feed it and what it should give."""

    name: str
    model: onnx.ModelProto
    feeds: harness.Arrays
    expected: harness.Arrays
    tolerance: float


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of a case: state and detail as in the table, or what went wrong."""

    state: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.state}: {self.detail}" if self.detail else self.state


def read_table(path: Path = TABLE) -> dict[str, str]:
    """The committed state of each case by name."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = (line.partition(" ") for line in lines if line and not line.startswith("#"))
    return {name: state for name, _, state in rows}


def write_table(outcomes: Mapping[str, Outcome], path: Path = TABLE, header: str = _HEADER) -> None:
    """Commit these states."""
    rows = [f"{name} {outcomes[name]}" for name in sorted(outcomes)]
    path.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")


def cases() -> list[Case]:
    """Every case of the suite that speaks only of tensors that a browser can hold."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        collected = collect_testcases(None)
    found = [(case.name, case.model, *(case.data_sets or [])[0]) for case in collected]
    return [
        _case(name, model, *sides)
        for name, model, *sides in (*found, *_stored())
        if model is not None and _is_ours(model)
    ]


def _stored() -> Iterator[_Source]:
    """The models of PyTorch's early exporter that come with ONNX, most of operator set 6."""
    data = Path(onnx.__file__).parent / "backend" / "test" / "data"
    for folder in ("pytorch-converted", "pytorch-operator"):
        for case in sorted((data / folder).iterdir()):
            stored = case / "test_data_set_0"
            inputs, outputs = (_side(stored, side) for side in ("input", "output"))
            yield f"{folder}/{case.name}", onnx.load(case / "model.onnx"), inputs, outputs


def _side(stored: Path, side: str) -> list[onnx.TensorProto]:
    count = len(list(stored.glob(f"{side}_*.pb")))
    return [onnx.load_tensor(stored / f"{side}_{i}.pb") for i in range(count)]


def _is_ours(model: onnx.ModelProto) -> bool:
    ends = [*model.graph.input, *model.graph.output]
    return all(
        value.type.HasField("tensor_type") and value.type.tensor_type.elem_type in NARROWED
        for value in ends
    )


def _case(name: str, model: onnx.ModelProto, inputs: Sequence[Any], outputs: Sequence[Any]) -> Case:
    graph = model.graph
    expected = {
        value.name: harness.as_array(array)
        for value, array in zip(graph.output, outputs, strict=False)
        if array is not None
    }
    ends = [*graph.input, *graph.output]
    half = any(v.type.tensor_type.elem_type == onnx.TensorProto.FLOAT16 for v in ends)
    # Half precision carries three digits; TF.js computes with seven.
    feeds = harness.feeds_of(model, list(inputs))
    return Case(name, model, feeds, expected, 2e-3 if half else 1e-4)


def frozen(case: Case) -> Case:
    """The case with every input but the first made constant."""
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    first, *others = [value.name for value in model.graph.input]
    keep = [value for value in model.graph.input if value.name == first]
    del model.graph.input[:]
    model.graph.input.extend(keep)
    for name in others:
        if name in case.feeds:
            tensor = onnx.numpy_helper.from_array(np.ascontiguousarray(case.feeds[name]), name)
            tensor.dims[:] = case.feeds[name].shape
            model.graph.initializer.append(tensor)
    feeds = {name: array for name, array in case.feeds.items() if name == first}
    return dataclasses.replace(case, model=model, feeds=feeds)


@dataclasses.dataclass(frozen=True)
class Converted:
    """The suite after conversion: what is refused as it stands, and what can be run."""

    cases: Mapping[str, Case]
    refused: Mapping[str, Outcome]
    jobs: Mapping[str, harness.Job]


def convert(suite: list[Case]) -> Converted:
    """Convert every case, and each refused one once more with its parameters made constant."""
    refused: dict[str, Outcome] = {}
    jobs: dict[str, harness.Job] = {}
    for case in suite:
        try:
            model = compile_model(case.model)
            if unfit := _unfit(case):
                refused[case.name] = Outcome("unfit", unfit)
            else:
                jobs[case.name] = harness.Job(model, case.feeds)
        except ConversionError as error:
            refused[case.name] = _refusal(error)
            if len(case.model.graph.input) > 1:
                still = frozen(case)
                try:
                    jobs[case.name] = harness.Job(compile_model(still.model), still.feeds)
                except ConversionError as other:
                    if other.unexpected:
                        refused[case.name] = _refusal(other)
    return Converted({case.name: case for case in suite}, refused, jobs)


def _refusal(error: ConversionError) -> Outcome:
    """How a refusal stands in the table; one that nobody meant is a fault of the converter."""
    attribute = f"'{error.attribute}' " if error.attribute else ""
    detail = f"{error.op or 'model'}: {attribute}{error.reason}"
    if error.unexpected:
        return Outcome("WRONG", f"{type(error.__cause__).__name__} in {detail}")
    return Outcome("refused", detail)


def _unfit(case: Case) -> str | None:
    """Why a browser cannot hold what the case is to be fed with, or None."""
    try:
        for array in case.feeds.values():
            narrow(array)
    except ValueError as error:
        return str(error)
    return None


def outcomes(converted: Converted, backend: str = "cpu") -> dict[str, Outcome]:
    """Run every case on a backend, in one Node process."""
    found = dict(converted.refused)
    for name, result in harness.run(converted.jobs, backend=backend).items():
        fine = "constant" if name in found else "pass"
        found[name] = _outcome(converted.cases[name], result, fine)
    return found


def _outcome(case: Case, result: harness.Result, fine: str) -> Outcome:
    if result.declined:
        return Outcome("declined", result.declined)
    wrong = result.error or harness.differences(result.outputs, case.expected, case.tolerance)
    return Outcome("WRONG", wrong) if wrong else Outcome(fine)


def compiled_outcomes(converted: Converted) -> dict[str, Outcome]:
    """Run every case on the compiled engine, and those once more that it declines."""
    large = {
        name: Outcome("large", f"{len(job.model.nodes)} nodes")
        for name, job in converted.jobs.items()
        if len(job.model.nodes) > _LARGE
    }
    jobs = {name: job for name, job in converted.jobs.items() if name not in large}
    found = outcomes(dataclasses.replace(converted, jobs=jobs), "compiled") | large
    again: dict[str, harness.Job] = {}
    for name, outcome in found.items():
        case = converted.cases[name]
        if outcome.state == "declined" and len(case.feeds) > 1 and name not in converted.refused:
            still = frozen(case)
            again[name] = harness.Job(compile_model(still.model), still.feeds)
    for name, result in harness.run(again, backend="compiled").items():
        second = _outcome(converted.cases[name], result, "constant")
        constant = second.state == "constant"
        found[name] = Outcome("constant", found[name].detail) if constant else second
    return found


def not_compiled(found: Mapping[str, Outcome], plain: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """Those outcomes on the compiled engine that are others than in TF.js."""
    return {name: outcome for name, outcome in found.items() if outcome != plain[name]}


if __name__ == "__main__":
    everything = convert(cases())
    every = outcomes(everything)
    write_table(every)
    compiled = not_compiled(compiled_outcomes(everything), every)
    write_table(compiled, DECLINED, _DECLINED_HEADER)
    for state in ("pass", "constant", "refused", "unfit", "WRONG"):
        sys.stdout.write(f"{state}: {sum(o.state == state for o in every.values())}\n")
