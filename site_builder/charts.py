"""Altair to Vega and to the static SVG that stands in the page before any script runs.

One picture serves light and dark: colours are CSS variables, which pass through Vega to the SVG.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from site_builder.chart_data import Arrays, check_names, columns, tables
from site_builder.errors import SiteBuilderError, author_place, unknown
from site_builder.explorable import Explorable, figure_mark, place_of
from site_builder.selections import selections
from site_builder.surface_pictures import paint, stand_ins
from site_builder.surfaces import Surfaces
from site_builder.vega_marks import beyond, marks
from site_builder.vega_parsing import parse

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


MOST_SVG_MARKS = 1000
"""A chart of more marks is live on a canvas, where one more costs less."""


@dataclass(frozen=True)
class Drawing:
    """A figure, compiled.

    Attributes:
        vega: The Vega specification; the data sets named in `data` are empty in it.
        dataflow: The same, parsed: what a page gets.
        schemes: The colour schemes that it names, by name.
        more: Whether drawing it takes what few charts need.
        data: What the chart shows: `Rows` outputs, and inputs that are places on a chart.
        surfaces: The fields and tiles that are painted under it.
        handles: Where inputs are drawn that the reader moves on the chart.
        signals: The inputs that are parameters or selections of the chart.
        selections: Those that are selections, by name, and how they can be set.
        edits: The rows and the column of which the reader can change numbers, or None.
        renderer: ``"svg"`` or ``"canvas"``: what the live chart is drawn with.
        svg: The chart at the default inputs.
    """

    vega: dict[str, Any]
    dataflow: dict[str, Any]
    schemes: dict[str, dict[str, Any]]
    more: bool
    data: list[str]
    surfaces: list[dict[str, Any]]
    handles: list[dict[str, Any]]
    signals: list[str]
    selections: dict[str, dict[str, Any]]
    edits: dict[str, str] | None
    renderer: str
    svg: str

    def spec(self) -> dict[str, Any]:
        """The figure as the payload names it."""
        spec = {name: value for name, value in vars(self).items() if name not in ("svg", "vega")}
        return spec if self.edits else {k: v for k, v in spec.items() if k != "edits"}


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
    cls = type(explorable)
    method = getattr(cls, figure)
    name, place = f"{cls.explorable_name}.{figure}", place_of(method)
    lite = _vega_lite(explorable, figure, root)
    inputs = [spec.spec() for spec in cls.inputs.values()]
    signals = sorted(set(_parameters(lite)) & cls.inputs.keys())
    mark = figure_mark(method)
    _register(fonts)
    try:
        used = check_names(lite, columns(outputs, inputs), frozenset(lite.get("datasets", {})))
        edits = _edits(mark.edits if mark else None, outputs)
        surfaces = Surfaces(outputs, THEME)
        vega = _compiled(surfaces.prepare(lite))
        missing = beyond(vega)
        if missing:
            raise SiteBuilderError(
                f"it needs {missing}, which pages don't have; draw it with other marks."
            )
        chosen = selections(vega, [spec for spec in inputs if spec["name"] in signals], outputs)
        surfaces.take_out(vega)
        parsed = parse(vega)
        rows = tables(outputs, inputs, defaults)
        svg = _svg(stand_ins({**vega, "data": _filled(vega, rows)}, surfaces.surfaces))
        painted = paint(svg, surfaces.surfaces, defaults)
    except SiteBuilderError as error:
        raise SiteBuilderError(f"the figure '{name}': {error.message}", place=place) from error
    except ValueError as error:
        raise SiteBuilderError(
            f"the figure '{name}' can't be drawn: {str(error).strip().splitlines()[0]}", place=place
        ) from error
    fields = {spec["name"] for spec in outputs if spec["kind"] == "field"}
    placed = {spec["name"] for spec in inputs if spec["kind"] in ("point", "points")}
    many = len(re.findall(r"<(?:path|text|line|rect|image)\b", svg)) > MOST_SVG_MARKS
    return Drawing(
        vega=vega,
        dataflow=parsed.dataflow,
        schemes=parsed.schemes,
        more=parsed.more,
        data=sorted(used - fields),
        surfaces=[surface.spec() for surface in surfaces.surfaces],
        handles=_handles(vega, placed),
        signals=signals,
        selections=chosen,
        edits=edits,
        renderer="canvas" if many else "svg",
        svg=renumbered(_one_image(painted), name),
    )


def _vega_lite(explorable: Explorable, figure: str, root: Path) -> dict[str, Any]:
    """The chart that the author's method returns, as Vega-Lite."""
    import altair as alt

    name = f"{type(explorable).explorable_name}.{figure}"
    place = place_of(getattr(type(explorable), figure))
    try:
        chart = getattr(explorable, figure)()
        if not isinstance(chart, alt.TopLevelMixin):
            raise SiteBuilderError(
                f"the figure '{name}' must return an Altair chart, not {type(chart).__name__}.",
                place=place,
            )
        lite: dict[str, Any] = chart.to_dict()
    except SiteBuilderError:
        raise
    except Exception as error:
        first = str(error).strip().split("\n\n")[0]
        raise SiteBuilderError(
            f"the figure '{name}' can't be drawn: {type(error).__name__}: {first}",
            place=author_place(error, root) or place,
        ) from error
    return lite


def _compiled(lite: Mapping[str, Any]) -> dict[str, Any]:
    import vl_convert

    vega: dict[str, Any] = vl_convert.vegalite_to_vega(dict(lite), config=dict(THEME))
    vega.pop("$schema", None)  # an address that some site tools would try to fetch
    return vega


def _svg(vega: Mapping[str, Any]) -> str:
    import vl_convert

    return str(vl_convert.vega_to_svg(dict(vega)))


def _filled(vega: Mapping[str, Any], rows: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {**table, "values": rows[table["name"]]}
        if table["name"] in rows and "source" not in table and "values" not in table
        else dict(table)
        for table in vega.get("data", [])
    ]


def _edits(edits: str | None, outputs: Sequence[Mapping[str, Any]]) -> dict[str, str] | None:
    """The rows and the column that a figure lets the reader edit.

    Raises:
        SiteBuilderError: If there are no such rows, or no such column of numbers.
    """
    if edits is None:
        return None
    data, _, column = edits.partition(".")
    rows = {spec["name"]: spec["columns"] for spec in outputs if spec["kind"] == "rows"}
    if data not in rows:
        raise SiteBuilderError(f"edits='{edits}': {unknown('rows', data, rows)}")
    numbers = [c["name"] for c in rows[data] if c["words"] is None and not c.get("tile")]
    if column not in numbers:
        raise SiteBuilderError(f"edits='{edits}': {unknown('column', column, numbers)}")
    return {"data": data, "column": column}


def _handles(vega: Mapping[str, Any], placed: Collection[str]) -> list[dict[str, Any]]:
    """Where inputs are drawn by their own x and y: one handle for each in each view."""
    handles: dict[tuple[str, str | None], dict[str, Any]] = {}
    for found in marks(vega):
        if found.data is not None and found.data in placed and not found.faceted:
            fields = [(found.scale(axis) or {}).get("field") for axis in "xy"]
            if fields == ["x", "y"]:
                spec = {"input": found.data, "x": found.ref("x"), "y": found.ref("y")}
                handles.setdefault((found.data, found.group), spec)
    return list(handles.values())


def _parameters(node: Any) -> Iterator[str]:
    """The name of every parameter and selection of a Vega-Lite chart."""
    if isinstance(node, Mapping):
        params = node.get("params")
        if isinstance(params, list):
            yield from (p["name"] for p in params if isinstance(p, Mapping) and "name" in p)
        for value in node.values():
            yield from _parameters(value)
    elif isinstance(node, list):
        for value in node:
            yield from _parameters(value)


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


@functools.cache
def _register(fonts: Path) -> None:
    import vl_convert

    if not any(fonts.glob("*.ttf")):
        raise SiteBuilderError(
            f"the fonts for drawing charts are missing from {fonts.name}; run `make site`."
        )
    vl_convert.register_font_directory(str(fonts.resolve()))
