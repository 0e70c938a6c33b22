"""Selections of a chart that bear an input's name, found in what Vega-Lite makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from site_builder.errors import SiteBuilderError

Spec = Mapping[str, Any]
"""What an input or an output is, as the payload says it, or a part of a Vega specification."""

_PICKED = ("choice", "choices", "toggle", "slider", "size", "seed")
"""The kinds of inputs that a point selection can be: those whose value a mark can hold."""


def selections(
    vega: Spec, inputs: Sequence[Spec], outputs: Sequence[Spec]
) -> dict[str, dict[str, Any]]:
    """The selections of a chart that are inputs, by name, as the payload says how they are set.

    Args:
        vega: A specification compiled from Vega-Lite.
        inputs: The inputs that are parameters or selections of the chart.
        outputs: The outputs of the explorable, of which some are rows that the chart shows.

    Raises:
        SiteBuilderError: If an input can't be what the selection holds.
    """
    stores = {table["name"] for table in vega.get("data", [])}
    return {
        spec["name"]: _brush(vega, spec) or _pick(vega, spec, outputs)
        for spec in inputs
        if f"{spec['name']}_store" in stores
    }


def _brush(vega: Spec, spec: Spec) -> dict[str, Any] | None:
    """Where an interval selection keeps its ends in pixels, in each view that has it.

    They are found by how Vega-Lite turns them into data.
    """
    name = spec["name"]
    inverted = re.compile(
        rf"({re.escape(name)}_[xy]\w*)\[0\] === \1\[1\] \? null : invert\(\"(.+?)\", \1\)"
    )
    brushes = []
    for group, scope in _scopes(vega):
        found = [inverted.match(update) for update in _updates(scope)]
        ends = [match.groups() for match in found if match]
        if len(ends) > 1:
            raise SiteBuilderError(
                f"the selection '{name}' is an area, but an interval is a stretch of one axis; "
                f'write selection_interval(name="{name}", encodings=["x"]), or "y".'
            )
        brushes += [{"signal": signal, "scale": scale, "group": group} for signal, scale in ends]
    if brushes and spec["kind"] != "interval":
        raise SiteBuilderError(
            f"the selection '{name}' is a stretch of an axis, but the input of that name is of the "
            f"kind {spec['kind']}; give one of them another name, or make the input an Interval."
        )
    return {"brushes": brushes} if brushes else None


def _pick(vega: Spec, spec: Spec, outputs: Sequence[Spec]) -> dict[str, Any]:
    """The field whose values a point selection picks, and the signal of a legend that does so."""
    name = spec["name"]
    if spec["kind"] not in _PICKED:
        raise SiteBuilderError(
            f"the selection '{name}' picks marks, but the input of that name is of the kind "
            f"{spec['kind']}; give one of them another name. A mark can hold the value of a "
            f"{', '.join(_PICKED[:-1])} or {_PICKED[-1]}."
        )
    fields = list(dict.fromkeys(_fields(vega, name)))
    if not fields:
        raise SiteBuilderError(
            f"the selection '{name}' does not say which column holds the values of the input "
            f'\'{name}\'; write selection_point(name="{name}", fields=["column"]).'
        )
    field = fields[0] if len(fields) == 1 else _field_of(spec, fields, outputs)
    words, options = _words(field, outputs), spec.get("options", [])
    if words is not None and words.isdisjoint(options):
        raise SiteBuilderError(
            f"the selection '{name}' picks values of '{field}', the words "
            f"{', '.join(sorted(words))}; the input '{name}' has none of them as a value."
        )
    signals = {signal["name"] for signal in vega.get("signals", [])}
    legend = f"{name}_{field}_legend"
    return {"field": field, "legend": legend if legend in signals else None}


def _fields(vega: Spec, name: str) -> Iterator[str]:
    """The columns that a point selection picks values of; bins and times are none of an input's."""
    for _, scope in _scopes(vega):
        for signal in scope.get("signals", []):
            if signal["name"] == f"{name}_tuple_fields":
                yield from (field["field"] for field in signal["value"] if field["type"] == "E")


def _field_of(spec: Spec, fields: Sequence[str], outputs: Sequence[Spec]) -> str:
    """Which of several columns is the input's."""
    name, options = spec["name"], spec.get("options", [])
    for field in fields:
        if field == name or not (_words(field, outputs) or set()).isdisjoint(options):
            return field
    raise SiteBuilderError(
        f"the selection '{name}' picks values of {', '.join(fields)}, and it can't be told which "
        f"of these columns the input '{name}' is; call that column '{name}', or name no other in "
        "fields."
    )


def _words(column: str, outputs: Sequence[Spec]) -> set[str] | None:
    """The words that a column can hold; None where some rows, or none, hold other things in it."""
    known = [
        spec["words"]
        for rows in outputs
        if rows["kind"] == "rows"
        for spec in rows["columns"]
        if spec["name"] == column
    ]
    return {word for words in known for word in words} if known and all(known) else None


def _scopes(vega: Spec, name: str | None = None) -> Iterator[tuple[str | None, Spec]]:
    """A specification and each group in it, by the group's name: each has signals of its own."""
    yield name, vega
    for mark in vega.get("marks", []):
        if mark.get("type") == "group":
            yield from _scopes(mark, mark.get("name"))


def _updates(scope: Spec) -> Iterator[str]:
    """The expressions by which the signals of a scope follow others."""
    for signal in scope.get("signals", []):
        yield from (handler["update"] for handler in signal.get("on", []) if "update" in handler)
