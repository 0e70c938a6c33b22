"""Marks in a compiled Vega specification: which data they draw, and which scales place them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Found:
    """A mark, and where it stands.

    Attributes:
        mark: The mark itself, part of the specification.
        siblings: The list that holds it.
        group: The name of the group around it, or None at the top.
        faceted: Whether a group around it is drawn once for each of several subsets.
        data: The name of the data set that its rows come from, or None.
    """

    mark: dict[str, Any]
    siblings: list[Any]
    group: str | None
    faceted: bool
    data: str | None

    def scale(self, axis: str) -> dict[str, Any] | None:
        """The encoding that places it along ``"x"`` or ``"y"`` by a scale, or None."""
        encodings = self.mark.get("encode", {})
        for channel in (axis, f"{axis}c"):
            for when in ("update", "enter"):
                found = encodings.get(when, {}).get(channel)
                if isinstance(found, Mapping) and "scale" in found and "field" in found:
                    return dict(found)
        return None

    def ref(self, axis: str) -> dict[str, Any] | None:
        """The scale along an axis as the payload names it."""
        found = self.scale(axis)
        return found and {"scale": found["scale"], "group": self.group}


def marks(vega: Mapping[str, Any]) -> list[Found]:
    """Every mark of a specification that is no group."""
    sources = {table["name"]: table.get("source") for table in vega.get("data", [])}
    return list(_walk(vega, None, False, sources))


def _walk(
    group: Mapping[str, Any], name: str | None, faceted: bool, sources: Mapping[str, Any]
) -> Iterator[Found]:
    siblings = group.get("marks", [])
    local = {**sources, **{t["name"]: t.get("source") for t in group.get("data", [])}}
    for mark in siblings:
        source = mark.get("from") or {}
        if mark["type"] == "group":
            facet = source.get("facet")
            inner = {**local, facet["name"]: facet["data"]} if facet else local
            yield from _walk(mark, mark.get("name"), faceted or facet is not None, inner)
        else:
            yield Found(mark, siblings, name, faceted, _root(source.get("data"), local))


def _root(data: str | None, sources: Mapping[str, Any]) -> str | None:
    while data is not None and isinstance(sources.get(data), str):
        data = sources[data]
    return data


TRANSFORMS = frozenset(
    {"aggregate", "bin", "collect", "extent", "filter", "flatten", "fold", "formula", "identifier"}
    | {"impute", "joinaggregate", "kde", "loess", "lookup", "pivot", "project", "quantile"}
    | {"regression", "sample", "sequence", "stack", "timeunit", "voronoi", "window"}
)
"""The transforms that a page can do: those of specs in ``runtime/src/vega-transforms.ts`` and
``vega-more-transforms.ts``."""


def beyond(vega: Mapping[str, Any]) -> str | None:
    """What a specification needs that no page has, in words; None where it needs nothing such.

    Maps are left out of the page's Vega for their size; without this a chart with one would be
    right as a still picture and empty when live.
    """
    if vega.get("projections"):
        return "a map projection"
    for node in _objects(vega):
        if node.get("type") == "shape" and "marks" not in node and "encode" in node:
            return "the mark geoshape"
        for step in node.get("transform", []) if isinstance(node.get("transform"), list) else []:
            if isinstance(step, Mapping) and step.get("type") not in TRANSFORMS:
                return f"the transform {step.get('type')}"
        kind = node.get("format", {}) if isinstance(node.get("format"), Mapping) else {}
        if kind.get("type") in ("csv", "tsv", "dsv", "topojson"):
            return f"data in the format {kind['type']}"
    return None


def _objects(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        yield node
        for value in node.values():
            yield from _objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from _objects(value)
