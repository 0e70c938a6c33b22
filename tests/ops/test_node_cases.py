"""ONNX's own operator tests: each passes, or is refused and listed with the reason."""

from __future__ import annotations

import pytest

from . import node_suite

# One worker runs them all, in one Node process.
pytestmark = pytest.mark.xdist_group("ops")

_TABLE = node_suite.read_table()


@pytest.fixture(scope="session")
def outcomes() -> dict[str, node_suite.Outcome]:
    """Every case converted, and run in one Node process."""
    return node_suite.outcomes(node_suite.cases())


@pytest.mark.parametrize("name", _TABLE)
def test_case_is_as_the_table_says(name: str, outcomes: dict[str, node_suite.Outcome]) -> None:
    """A case gives ONNX's stored outputs, or is refused for the reason that is listed."""
    assert name in outcomes, f"{name} is no longer in the suite: write the table anew"
    assert str(outcomes[name]) == _TABLE[name]


def test_table_lists_every_case(outcomes: dict[str, node_suite.Outcome]) -> None:
    """No case of the suite is missing from the table."""
    assert set(outcomes) <= set(_TABLE)


def test_nothing_is_wrong(outcomes: dict[str, node_suite.Outcome]) -> None:
    """No case gives a wrong answer or an error at run time."""
    assert not {name: str(o) for name, o in outcomes.items() if o.state == "WRONG"}
