"""ONNX's own operator tests, and the committed state of each.

`python -m tests.ops.node_suite` writes the table `node_cases.txt` anew; look at what changed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx.backend.test.case.node import collect_testcases

from site_builder.tfjs import ConversionError, compile_model
from site_builder.tfjs.onnx_node import NARROWED

from . import harness

TABLE = Path(__file__).with_name("node_cases.txt")

_HEADER = """\
# ONNX's operator tests whose inputs and outputs are tensors that a browser can hold.
# pass: as it stands.   constant: refused as it stands, since a parameter is an input;
# passes once every input but the first is constant.   refused: and why.
"""


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


def read_table() -> dict[str, str]:
    """The committed state of each case by name."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    rows = (line.partition(" ") for line in lines if line and not line.startswith("#"))
    return {name: state for name, _, state in rows}


def write_table(outcomes: Mapping[str, Outcome]) -> None:
    """Commit these states."""
    rows = [f"{name} {outcomes[name]}" for name in sorted(outcomes)]
    TABLE.write_text(_HEADER + "\n".join(rows) + "\n", encoding="utf-8")


def cases() -> list[Case]:
    """Every case of the suite that speaks only of tensors that a browser can hold."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        collected = collect_testcases(None)
    return [_case(case) for case in collected if _is_ours(case.model)]


def _is_ours(model: onnx.ModelProto | None) -> bool:
    if model is None:
        return False
    ends = [*model.graph.input, *model.graph.output]
    return all(
        value.type.HasField("tensor_type") and value.type.tensor_type.elem_type in NARROWED
        for value in ends
    )


def _case(case: Any) -> Case:
    inputs, outputs = case.data_sets[0]
    graph = case.model.graph
    expected = {
        value.name: harness.as_array(array)
        for value, array in zip(graph.output, outputs, strict=False)
        if array is not None
    }
    ends = [*graph.input, *graph.output]
    half = any(v.type.tensor_type.elem_type == onnx.TensorProto.FLOAT16 for v in ends)
    # Half precision carries three digits; TF.js computes with seven.
    return Case(
        case.name,
        case.model,
        harness.feeds_of(case.model, inputs),
        expected,
        2e-3 if half else 1e-4,
    )


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
            jobs[case.name] = harness.Job(compile_model(case.model), case.feeds)
        except ConversionError as error:
            attribute = f"'{error.attribute}' " if error.attribute else ""
            refused[case.name] = Outcome(
                "refused", f"{error.op or 'model'}: {attribute}{error.reason}"
            )
            if len(case.model.graph.input) > 1:
                with contextlib.suppress(ConversionError):
                    still = frozen(case)
                    jobs[case.name] = harness.Job(compile_model(still.model), still.feeds)
    return Converted({case.name: case for case in suite}, refused, jobs)


def outcomes(converted: Converted, backend: str = "cpu") -> dict[str, Outcome]:
    """Run every case on a backend, in one Node process."""
    found = dict(converted.refused)
    for name, result in harness.run(converted.jobs, backend=backend).items():
        case = converted.cases[name]
        wrong = result.error or harness.differences(result.outputs, case.expected, case.tolerance)
        if wrong:
            found[name] = Outcome("WRONG", wrong)
        else:
            found[name] = Outcome("constant" if name in found else "pass")
    return found


if __name__ == "__main__":
    every = outcomes(convert(cases()))
    write_table(every)
    for state in ("pass", "constant", "refused", "WRONG"):
        sys.stdout.write(f"{state}: {sum(o.state == state for o in every.values())}\n")
