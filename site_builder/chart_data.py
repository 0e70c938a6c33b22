"""The data that a chart may show: its columns, its rows at the defaults, and checks of both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from site_builder.errors import SiteBuilderError, unknown

Arrays = Mapping[str, NDArray[Any]]
"""Output tensors by their name in the graph: ``caught``, ``logins.hour``."""

Spec = Mapping[str, Any]
"""What an input or an output is, as the payload says it."""

Row = dict[str, float | int | bool | str]

_PLACED = {"point": ("x", "y"), "points": ("x", "y", "label", "index")}
"""The columns of the inputs that are places on a chart, by kind."""


def columns(outputs: Sequence[Spec], inputs: Sequence[Spec]) -> dict[str, list[str]]:
    """Every data set that a chart of an explorable may show, with its columns."""
    found: dict[str, list[str]] = {}
    for spec in outputs:
        if spec["kind"] == "rows":
            found[spec["name"]] = [column["name"] for column in spec["columns"]]
        elif spec["kind"] == "field":
            found[spec["name"]] = ["x", "y", "value"]
    for spec in inputs:
        if spec["kind"] in _PLACED:
            found[spec["name"]] = list(_PLACED[spec["kind"]])
    return found


def tiles(outputs: Sequence[Spec]) -> dict[str, list[str]]:
    """The columns that hold small pictures, by the name of their rows."""
    return {
        spec["name"]: [column["name"] for column in spec["columns"] if column.get("tile")]
        for spec in outputs
        if spec["kind"] == "rows"
    }


def tables(
    outputs: Sequence[Spec], inputs: Sequence[Spec], defaults: Arrays
) -> dict[str, list[Row]]:
    """The rows of every data set at the default inputs; a field's are two corners."""
    found: dict[str, list[Row]] = {}
    for spec in outputs:
        if spec["kind"] == "rows":
            found[spec["name"]] = records(spec, defaults)
        elif spec["kind"] == "field":
            found[spec["name"]] = corners(spec)
    for spec in inputs:
        if spec["kind"] == "point":
            x, y = spec["default"]
            found[spec["name"]] = [{"x": x, "y": y}]
        elif spec["kind"] == "points":
            words = None if spec["value"] else spec["labels"]
            found[spec["name"]] = [
                {"x": x, "y": y, "label": words[label] if words else label, "index": index}
                for index, (x, y, label) in enumerate(spec["default"])
            ]
    return found


def records(spec: Spec, arrays: Arrays) -> list[Row]:
    """The rows of a `Rows` output as a chart reads them: one dict a row, words for indices."""
    found: dict[str, list[Any]] = {}
    for column in spec["columns"]:
        if column.get("tile"):
            continue  # painted, not drawn
        values = arrays[column["tensor"]].tolist()
        words = column["words"]
        found[column["name"]] = values if words is None else [words[int(v)] for v in values]
    return [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]


def corners(spec: Spec) -> list[Row]:
    """Two rows that give the scales of a field's chart their ends; the field itself is painted."""
    return [{"x": spec["x"][end], "y": spec["y"][end], "value": 0.0} for end in (0, 1)]


def check_names(
    lite: Mapping[str, Any], known_columns: Mapping[str, Sequence[str]], inline: frozenset[str]
) -> set[str]:
    """Checks every data set and field that a Vega-Lite spec names; returns the data sets.

    A chart that names a missing column would draw itself empty without a word.

    Args:
        lite: The chart.
        known_columns: The columns of each data set.
        inline: Names of data sets that the chart brings itself.

    Raises:
        SiteBuilderError: If one is not there.
    """
    made = set(_made_names(lite))
    used: set[str] = set()
    for data, view in views(lite, None):
        if data is None or data in inline:
            continue
        if data not in known_columns:
            raise SiteBuilderError(unknown("data", data, known_columns))
        used.add(data)
        known = {*known_columns[data], *made}
        for field in _fields(view):
            if field not in known and "*" not in made:
                raise SiteBuilderError(unknown(f"column of '{data}'", field, known_columns[data]))
    return used


def views(
    view: Mapping[str, Any], data: str | None
) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    """Each view's own part (without its children), with the name of the data it shows."""
    data = data_of(view, data)
    yield data, {key: value for key, value in view.items() if key not in (*CHILDREN, "datasets")}
    for key in CHILDREN:
        below = view.get(key, [])
        for child in [below] if isinstance(below, Mapping) else below:
            yield from views(child, data)


CHILDREN = ("layer", "concat", "hconcat", "vconcat", "spec")
"""Where a Vega-Lite view holds others."""


def data_of(view: Mapping[str, Any], inherited: str | None) -> str | None:
    """The name of the data set that a view shows."""
    if "data" not in view:
        return inherited
    source = view["data"] or {}
    return source.get("name") if "values" not in source and "url" not in source else None


def _made_names(node: Any) -> Iterator[str]:
    """Every column that some transform of the chart makes (``as``, and what it implies)."""
    if isinstance(node, Mapping):
        made = node.get("as", [])
        yield from [made] if isinstance(made, str) else [m for m in made if isinstance(m, str)]
        if "fold" in node and "as" not in node:
            yield from ("key", "value")
        if "density" in node and "as" not in node:
            yield from ("value", "density")
        if "pivot" in node:
            yield "*"  # its columns are named by the data: nothing can be said of them here
        for value in node.values():
            yield from _made_names(value)
    elif isinstance(node, list):
        for value in node:
            yield from _made_names(value)


def _fields(node: Any) -> Iterator[str]:
    """Every column that a view names: encodings, transforms, and ``datum.`` in expressions."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "field" and isinstance(value, str):
                yield value.split("[")[0].split(".")[0]
            elif key in ("groupby", "fold", "stack", "facet") and isinstance(value, list):
                yield from (v for v in value if isinstance(v, str))
            elif key in ("calculate", "filter", "test", "expr") and isinstance(value, str):
                yield from re.findall(r"\bdatum\.([A-Za-z_]\w*)", value)
                yield from re.findall(r"\bdatum\[['\"]([^'\"]+)['\"]\]", value)
            elif key == "repeat" and not isinstance(value, str):
                lists = value.values() if isinstance(value, Mapping) else [value]
                yield from (v for names in lists for v in names)
            elif key != "as":
                yield from _fields(value)
    elif isinstance(node, list):
        for value in node:
            yield from _fields(value)
