"""Selections of a chart that bear an input's name, found in what Vega-Lite makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def selections(vega: Mapping[str, Any], signals: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Those of a specification's signals that are selections, as the payload names them.

    Only what stands at the top of a specification can be set from outside.

    Args:
        vega: A specification compiled from Vega-Lite.
        signals: The names of chart parameters and selections.
    """
    stores = {table["name"] for table in vega.get("data", [])}
    settable = {signal["name"] for signal in vega.get("signals", [])}
    return {
        name: {
            "settable": f"{name}_tuple" in settable,
            "brush": _brush(vega, name, settable),
        }
        for name in signals
        if f"{name}_store" in stores
    }


def _brush(vega: Mapping[str, Any], name: str, settable: set[str]) -> dict[str, str] | None:
    """The signal of a selection's ends in pixels, found by how they are turned into data."""
    inverted = re.compile(
        rf"\b({re.escape(name)}_([xy])\w*)\[0\] === \1\[1\] \? null : invert\(\"(.+?)\", \1\)"
    )
    for text in _texts(vega):
        if found := inverted.search(text):
            signal, axis, scale = found.groups()
            if signal in settable:
                return {"signal": signal, "scale": scale, "axis": axis}
            return None
    return None


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
