"""Numbers in sentences. The same table tests ``format.ts``."""

import json
from pathlib import Path
from typing import Any

import pytest

from site_builder.values import scalars, show

CASES = json.loads((Path(__file__).parent.parent / "value_cases.json").read_text())


def value_of(case: dict[str, Any]) -> float | bool | str:
    words = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
    value = case["value"]
    return words.get(value, value) if isinstance(value, str) else value


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['value']} as {case['text']}")
def test_a_value_takes_the_format_of_the_text_it_replaces(case: dict[str, Any]) -> None:
    assert show(value_of(case), case["text"]) == case["shown"]


def test_scalars_show_choices_and_labels_as_words() -> None:
    inputs: list[dict[str, Any]] = [
        {"kind": "slider", "name": "threshold", "default": 3.0},
        {"kind": "choice", "name": "detector", "options": ["a", "b"], "default": 1},
        {"kind": "sketch", "name": "drawing", "default": None},
    ]
    outputs: list[dict[str, Any]] = [
        {"kind": "scalar", "name": "caught", "tensor": "caught"},
        {"kind": "labels", "name": "guess", "tensor": "guess", "words": ["no", "yes"]},
        {"kind": "rows", "name": "logins", "columns": []},
    ]
    assert scalars(inputs, outputs, {"caught": 12, "guess": True}) == {
        "threshold": 3.0,
        "detector": "b",
        "caught": 12,
        "guess": "yes",
    }
