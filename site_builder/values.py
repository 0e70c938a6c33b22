"""How a number stands in a sentence: the text that the author typed is its format.

The same rules stand in ``runtime/src/format.ts``; one table of cases tests both.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

_WIDE = Context(prec=400)  # digits enough for the largest double with decimals behind it
NUMBER = re.compile(r"-?\d+(?:,\d+)*(?:\.(\d+))?([ \u00a0]?%)?")


def show(value: float | int | bool | str, text: str) -> str:
    """A value in the format of a text.

    Args:
        value: A number, a bool, or the word of a `Choice` or of `Labels`.
        text: What stands in the sentence, such as ``"3.0"``, ``"1,200"``, ``"97.2%"`` or a word.

    Returns:
        The text as it would have to be for that value: decimals and thousands commas as typed,
        times a hundred before ``%``, rounded half away from zero as JavaScript's ``toFixed`` does.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "on" if value else "off"
    pattern = NUMBER.search(text)
    if not math.isfinite(value):
        word = "not a number" if math.isnan(value) else "infinity" if value > 0 else "-infinity"
        return text[: pattern.start()] + word + text[pattern.end() :] if pattern else word
    if pattern is None:
        return f"{value:g}"
    decimals, percent = pattern[1] or "", pattern[2] or ""
    number = float(value) * 100 if percent else float(value)
    rounded = Decimal(number).quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP, _WIDE)
    if rounded.is_zero():
        rounded = abs(rounded)  # "-0" is no number to show
    shown = f"{rounded:,f}" if "," in pattern[0] else f"{rounded:f}"
    return text[: pattern.start()] + shown + percent + text[pattern.end() :]


def scalars(
    inputs: list[dict[str, Any]], outputs: list[dict[str, Any]], values: Mapping[str, Any]
) -> dict[str, float | int | bool | str]:
    """What a sentence can show of an explorable at its default inputs, by name.

    Args:
        inputs: The inputs' specs.
        outputs: The outputs' specs.
        values: The scalar output tensors, by name, as numbers.
    """
    shown: dict[str, float | int | bool | str] = {}
    for spec in inputs:
        if spec["kind"] == "choice":
            shown[spec["name"]] = spec["options"][spec["default"]]
        elif spec["kind"] in ("slider", "toggle", "size", "seed", "text"):
            shown[spec["name"]] = spec["default"]
    for spec in outputs:
        if spec["kind"] == "labels":
            shown[spec["name"]] = spec["words"][int(values[spec["tensor"]])]
        elif spec["kind"] == "scalar":
            shown[spec["name"]] = values[spec["tensor"]]
    return shown
