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
