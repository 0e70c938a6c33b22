"""The table of operators, from the registry and the committed state of ONNX's operator tests.

`python -m tests.ops.operator_table` writes `site_builder/tfjs/operators.md` anew.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path

from site_builder.store import write_aside
from site_builder.tfjs.registry import load_converters
from tests.ops.node_suite import cases, read_table

PAGE = Path(__file__).parent.parent.parent / "site_builder" / "tfjs" / "operators.md"

_HEADER = """\
# Operators

What `site_builder.tfjs` converts, from its registry by `python -m tests.ops.operator_table`.
*Cases* counts ONNX's own operator tests in which the operator stands: those that pass on TF.js's
CPU and WebAssembly backends, of all whose inputs and outputs a browser can hold. The others are
refused, with the reason in the last column; none gives a wrong answer. Where an operator has no
converter of its own, ONNX's definition of it in other operators is converted instead.

What ONNX leaves open may come out otherwise than elsewhere: whole numbers past the ends of int32 in
Pow, ReduceProd and CumProd; whether MaxPool heeds what is not a number (ReduceMax and ReduceMin do,
as NumPy does; onnxruntime only where it comes first); a ReduceMean whose sum float32 cannot hold.
What WebAssembly is known to compute wrongly is in `tests/ops/wasm_faults.txt`.

| Operator | Versions | Becomes | Cases | Refused |
| --- | --- | --- | --- | --- |
"""


def table() -> str:
    """The page, as it should be."""
    states = read_table()
    passed, tried = Counter[str](), Counter[str]()
    reasons: dict[str, set[str]] = defaultdict(set)
    for case in cases():
        for op in {node.op_type for node in case.model.graph.node}:
            tried[op] += 1
            passed[op] += states[case.name] == "pass"
    for state in states.values():
        match = re.match(r"refused: (\w+): (.*)", state)
        if match:
            # A case's own tensor names say nothing to anybody else.
            reasons[match[1]].add(re.sub(r"input '\w+'", "an input", match[2]))
    rows = [
        f"| {f'{entry.domain}.' if entry.domain else ''}{entry.op} | {entry.since}"
        f"{f' to {entry.until - 1}' if entry.until else ' on'} | {_cell(entry.summary)} "
        f"| {passed[entry.op]} of {tried[entry.op]} "
        f"| {_cell('; '.join(sorted(reasons[entry.op])))} |\n"
        for entry in load_converters().table()
    ]
    return _HEADER + "".join(rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    write_aside(PAGE, table().encode())
