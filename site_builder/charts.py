"""Altair to Vega and to the static SVG that stands in the page before any script runs.

One picture serves light and dark: colours are CSS variables, which pass through Vega to the SVG.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from site_builder.errors import SiteBuilderError, author_place, unknown
from site_builder.explorable import Explorable, place_of
from site_builder.tracing import Arrays

FONT = "Inter"
_INK, _MUTED, _GRID = "var(--explorable-ink)", "var(--explorable-muted)", "var(--explorable-grid)"

THEME: Mapping[str, Any] = {
    "aria": False,  # the picture has a text alternative and a table; labels on marks go stale
    "background": None,
    "font": FONT,
    "view": {"stroke": None},
    "mark": {"color": "var(--explorable-c1)"},
    "text": {"color": _INK, "fontSize": 12},
    "rule": {"color": _INK},
    "title": {"color": _INK, "subtitleColor": _MUTED, "fontSize": 13, "anchor": "start"},
    "axis": {
        "labelColor": _MUTED,
        "titleColor": _INK,
        "labelFontSize": 11,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": _GRID,
        "domainColor": _MUTED,
        "tickColor": _MUTED,
    },
    "header": {"labelColor": _MUTED, "titleColor": _INK, "labelFontSize": 11, "titleFontSize": 12},
    "legend": {
        "labelColor": _INK,
        "titleColor": _INK,
        "labelFontSize": 11,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "orient": "top",
    },
    "range": {"category": [f"var(--explorable-c{n})" for n in range(1, 7)]},
}
"""Vega-Lite configuration under every chart; what the author sets wins."""


@dataclass(frozen=True)
class Drawing:
    """A figure, compiled.

    Attributes:
        vega: The Vega specification; the data sets named in `data` are empty in it.
        data: The `Rows` outputs that the chart shows.
        svg: The chart at the default inputs.
    """

    vega: dict[str, Any]
    data: list[str]
    svg: str


def draw(
    explorable: Explorable,
    figure: str,
    outputs: Sequence[Mapping[str, Any]],
    defaults: Arrays,
    *,
    root: Path,
    fonts: Path,
) -> Drawing:
    """Draws one figure of an explorable at its default inputs.

    Args:
        explorable: An instance.
        figure: The name of one of its figures.
        outputs: What its outputs are, as `trace` says.
        defaults: The output tensors at the default inputs.
        root: The project's folder, for naming the author's lines.
        fonts: A folder with the fonts that text is measured in; the system's are not asked.

    Raises:
        SiteBuilderError: If the method fails or returns no chart, or the chart names data or a
            column that is not there.
    """
    import altair as alt
    import vl_convert

    cls = type(explorable)
    name = f"{cls.explorable_name}.{figure}"
    place = place_of(getattr(cls, figure))
    try:
        chart = getattr(explorable, figure)()
        if not isinstance(chart, alt.TopLevelMixin):
            raise SiteBuilderError(
                f"the figure '{name}' must return an Altair chart, not {type(chart).__name__}.",
                place=place,
            )
        lite = chart.to_dict()
    except SiteBuilderError:
        raise
    except Exception as error:
        first = str(error).strip().split("\n\n")[0]
        raise SiteBuilderError(
            f"the figure '{name}' can't be drawn: {type(error).__name__}: {first}",
            place=author_place(error, root) or place,
        ) from error
    columns = {
        spec["name"]: [column["name"] for column in spec["columns"]]
        for spec in outputs
        if spec["kind"] == "rows"
    }
    inline = frozenset(lite.get("datasets", {}))
    try:
        used = _check_names(lite, columns, inline)
    except SiteBuilderError as error:
        raise SiteBuilderError(f"the figure '{name}': {error.message}", place=place) from error
    _register(fonts)
    try:
        vega = vl_convert.vegalite_to_vega(lite, config=dict(THEME))
        vega.pop("$schema", None)  # an address that some site tools would try to fetch
        filled = {**vega, "data": _filled(vega.get("data", []), outputs, defaults)}
        svg = vl_convert.vega_to_svg(filled)
    except ValueError as error:
        raise SiteBuilderError(
            f"the figure '{name}' can't be drawn: {str(error).strip().splitlines()[0]}", place=place
        ) from error
    return Drawing(vega, sorted(used), renumbered(_one_image(svg), name))


def records(spec: Mapping[str, Any], arrays: Arrays) -> list[dict[str, float | int | bool | str]]:
    """The rows of a `Rows` output as a chart reads them: one dict a row, words for indices."""
    columns: dict[str, list[Any]] = {}
    for column in spec["columns"]:
        values = arrays[column["tensor"]].tolist()
        words = column["words"]
        columns[column["name"]] = values if words is None else [words[int(v)] for v in values]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def renumbered(svg: str, name: str) -> str:
    """Gives an SVG's ids the figure's name and numbers from 0.

    vl-convert counts clip paths and gradients through the life of a process: the same chart twice
    would give different bytes, and two charts of one page could share an id.
    """
    prefix = name.replace(".", "--")
    ids = {old: f"{prefix}--{n}" for n, old in enumerate(re.findall(r'\bid="([^"]+)"', svg))}
    for old, new in ids.items():
        svg = re.sub(rf'(\bid="|url\(#|href="#){re.escape(old)}(?=["\)])', rf"\g<1>{new}", svg)
    return svg


def _one_image(svg: str) -> str:
    """Takes the roles and labels from the parts of an SVG: the page gives it one role and one text.

    Vega's labels are thin, and a reader with a screen reader has the table of numbers.
    """
    bare = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", svg)
    return bare.replace("<svg", '<svg aria-hidden="true"', 1)


def _filled(
    data: Sequence[Mapping[str, Any]], outputs: Sequence[Mapping[str, Any]], defaults: Arrays
) -> list[dict[str, Any]]:
    rows = {spec["name"]: spec for spec in outputs if spec["kind"] == "rows"}
    return [
        {**table, "values": records(rows[table["name"]], defaults)}
        if table["name"] in rows and "source" not in table and "values" not in table
        else dict(table)
        for table in data
    ]


@functools.cache
def _register(fonts: Path) -> None:
    import vl_convert

    if not any(fonts.glob("*.ttf")):
        raise SiteBuilderError(
            f"the fonts for drawing charts are missing from {fonts.name}; run `make site`."
        )
    vl_convert.register_font_directory(str(fonts.resolve()))


def _check_names(
    lite: Mapping[str, Any], columns: Mapping[str, Sequence[str]], inline: frozenset[str]
) -> set[str]:
    """Checks every data set and field that a Vega-Lite spec names; returns the data sets.

    A chart that names a missing column would draw itself empty without a word.
    """
    made = set(_made_names(lite))
    used: set[str] = set()
    for data, view in _views(lite, None):
        if data is None or data in inline:
            continue
        if data not in columns:
            raise SiteBuilderError(unknown("data", data, columns))
        used.add(data)
        known = {*columns[data], *made}
        for field in _fields(view):
            if field not in known and "*" not in made:
                raise SiteBuilderError(unknown(f"column of '{data}'", field, columns[data]))
    return used


def _views(
    view: Mapping[str, Any], data: str | None
) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    """Each view's own part (without its children), with the name of the data it shows."""
    if "data" in view:
        source = view["data"] or {}
        data = source.get("name") if "values" not in source and "url" not in source else None
    children = ("layer", "concat", "hconcat", "vconcat", "spec")
    yield data, {key: value for key, value in view.items() if key not in (*children, "datasets")}
    for key in children:
        below = view.get(key, [])
        for child in [below] if isinstance(below, Mapping) else below:
            yield from _views(child, data)


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
