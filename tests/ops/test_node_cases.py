"""ONNX's own operator tests: each passes, or is refused and listed with the reason."""

from __future__ import annotations

import pytest

from . import faults, harness, node_suite

# One worker runs them all, in one Node process for each backend.
pytestmark = pytest.mark.xdist_group("ops")

_TABLE = node_suite.read_table()
_DECLINED = node_suite.read_table(node_suite.DECLINED)
_FAULTS = faults.read()

Outcomes = dict[str, node_suite.Outcome]


@pytest.fixture(scope="session")
def outcomes() -> dict[str, Outcomes]:
    """Every case converted, and run in one Node process for each engine."""
    converted = node_suite.convert(node_suite.cases())
    found = {name: node_suite.outcomes(converted, name) for name in harness.BACKENDS}
    return found | {"compiled": node_suite.compiled_outcomes(converted)}


@pytest.mark.parametrize("name", _TABLE)
def test_case_is_as_the_table_says(name: str, outcomes: dict[str, Outcomes]) -> None:
    """A case gives ONNX's stored outputs, or is refused for the reason that is listed."""
    assert name in outcomes["cpu"], f"{name} is no longer in the suite: write the table anew"
    assert str(outcomes["cpu"][name]) == _TABLE[name]


@pytest.mark.parametrize("name", _TABLE)
def test_case_is_the_same_in_webassembly(name: str, outcomes: dict[str, Outcomes]) -> None:
    """A case ends in WebAssembly as in plain JavaScript, or the backend's fault is listed."""
    found = outcomes["wasm"][name]
    if name in _FAULTS:
        assert found.state == "WRONG", f"{name} is mended: take it off the list of faults"
    else:
        assert str(found) == _TABLE[name]


@pytest.mark.parametrize("name", _TABLE)
def test_case_is_the_same_compiled(name: str, outcomes: dict[str, Outcomes]) -> None:
    """A case ends as in TF.js when it is compiled, or it is listed why it is not compiled."""
    assert str(outcomes["compiled"][name]) == _DECLINED.get(name, _TABLE[name])


def test_table_lists_every_case(outcomes: dict[str, Outcomes]) -> None:
    """No case of the suite is missing from the table."""
    assert set(outcomes["cpu"]) <= set(_TABLE)


@pytest.mark.parametrize("backend", harness.ENGINES)
def test_nothing_is_wrong(backend: str, outcomes: dict[str, Outcomes]) -> None:
    """No case gives a wrong answer or an error at run time, save for listed faults of a backend."""
    known = _FAULTS if backend == "wasm" else {}
    found = {name: str(o) for name, o in outcomes[backend].items() if o.state == "WRONG"}
    assert not {name: what for name, what in found.items() if name not in known}
