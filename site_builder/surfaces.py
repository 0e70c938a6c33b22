"""Fields and tiles in a chart: taken out of it, to be painted under it.

Thousands of rectangles would be slow to draw; a picture of as many pixels is not. So their layer
leaves the chart once it has given it its scales and legend. The page paints the numbers on a canvas
by a table of 256 colours, and the static picture holds the same as images.
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from site_builder.chart_data import CHILDREN, Spec, corners, data_of
from site_builder.colour_table import colour_table, explicit
from site_builder.errors import SiteBuilderError
from site_builder.vega_marks import Found, marks


@dataclass(frozen=True)
class Layer:
    """A layer of a chart that is a surface.

    Attributes:
        name: The layer's name in Vega-Lite, unique in the chart; "" where it is the whole chart.
        output: The output's spec.
        column: The column of `Tiles`, or None for a field.
        size: Width and height of a tile in pixels, or None for a field.
        table: The colours, uint8 (256, 4): red, green, blue, opacity.
        domain: The values of the first and the last colour.
    """

    name: str
    output: Spec
    column: str | None
    size: tuple[float, float] | None
    table: NDArray[np.uint8]
    domain: tuple[float, float]


@dataclass(frozen=True)
class Surface:
    """A surface with its place in the compiled chart.

    Attributes:
        layer: What is painted.
        found: The mark that gave it its place, not in the chart any more.
        turned: Whether its x and its y run against the usual directions.
    """

    layer: Layer
    found: Found
    turned: tuple[bool, bool]

    def spec(self) -> dict[str, Any]:
        """The surface as the payload names it."""
        spec: dict[str, Any] = {
            "output": self.layer.output["name"],
            "lut": base64.b64encode(self.layer.table.tobytes()).decode("ascii"),
            "domain": list(self.layer.domain),
        }
        for axis in "xy":
            spec[axis] = self.found.ref(axis)
            if self.layer.size:
                encoding = self.found.scale(axis)
                assert encoding is not None
                spec[axis]["field"] = encoding["field"]
        if self.layer.size:
            spec["column"] = self.layer.column
            spec["width"], spec["height"] = self.layer.size
        return spec


class Surfaces:
    """The surfaces of one chart, from Vega-Lite to the static picture.

    Args:
        outputs: What the explorable's outputs are.
        theme: The configuration that charts are compiled with.
    """

    def __init__(self, outputs: Sequence[Spec], theme: Mapping[str, Any]) -> None:
        self.outputs = {spec["name"]: spec for spec in outputs}
        self.theme = theme
        self.top: dict[str, Any] = {}
        self.layers: list[Layer] = []
        self.surfaces: list[Surface] = []

    def prepare(self, lite: Mapping[str, Any]) -> dict[str, Any]:
        """The chart with its surfaces noted, at the bottom, and with colours of their own.

        Raises:
            SiteBuilderError: If a surface is drawn in a way that can't be painted.
        """
        self.top = chart = copy.deepcopy(dict(lite))
        self._prepare(chart, None, {}, chart.get("config", {}))
        return chart

    def _prepare(
        self, view: dict[str, Any], data: str | None, inherited: Mapping[str, Any], config: Spec
    ) -> bool:
        """Notes the surfaces at and below a view; returns whether it is one itself."""
        data = data_of(view, data)
        encoding = {**inherited, **view.get("encoding", {})}
        if "mark" in view:
            return self._note(view, data, encoding, config)
        for key in CHILDREN:
            below = view.get(key, [])
            children = [below] if isinstance(below, dict) else below
            found = [self._prepare(child, data, encoding, config) for child in children]
            if key == "layer" and any(found) and not all(found):
                _to_the_bottom(view, found)
        return False

    def _note(
        self, view: dict[str, Any], data: str | None, encoding: Mapping[str, Any], config: Spec
    ) -> bool:
        output = self.outputs.get(data or "", {"kind": "none"})
        mark = {"type": view["mark"]} if isinstance(view["mark"], str) else view["mark"]
        field = output["kind"] == "field"
        pictures = [c["name"] for c in output.get("columns", []) if c.get("tile")]
        column = _field(encoding.get("url")) if mark["type"] == "image" else None
        if not field and column not in pictures:
            named = [n for n in map(_field, encoding.values()) if n in pictures]
            if named:
                raise SiteBuilderError(
                    f"'{named[0]}' is a column of Tiles, drawn by mark_image(width=36, height=36) "
                    f"with url='{named[0]}:N'."
                )
            return False
        name = output["name"]
        if field:
            said = f"the Field '{name}'"
            if mark["type"] != "rect" or any(
                _field(encoding.get(channel)) != wanted
                for channel, wanted in (("x", "x"), ("y", "y"), ("color", "value"))
            ):
                raise SiteBuilderError(
                    f"{said} is drawn by mark_rect() with x='x:Q', y='y:Q' and color='value:Q'."
                )
        else:
            said = f"the Tiles '{name}.{column}'"
            if _field(encoding.get("color")) != column or not all(
                _field(encoding.get(axis)) for axis in "xy"
            ):
                raise SiteBuilderError(
                    f"{said} must be placed by columns, as in x='x:Q', y='y:Q', and coloured by "
                    f"their own: color=alt.Color('{column}:Q', scale=alt.Scale(domain=[-1, 1]))."
                )
        if view.get("transform"):
            raise SiteBuilderError(f"{said} can't be transformed in the chart; do it in forward.")
        size = None if field else (mark.get("width"), mark.get("height"))
        if size and not all(isinstance(length, int | float) for length in size):
            raise SiteBuilderError(f"{said} must have a size: mark_image(width=36, height=36).")
        colour = explicit(dict(encoding["color"]), said)
        if view is not self.top:  # there a name would go into those of all scales
            view.setdefault("name", f"surface_{len(self.layers)}")
        if field:
            view.setdefault("encoding", {})["color"] = colour
        else:
            view.get("encoding", {}).pop("color", None)  # Vega-Lite has no coloured images
        domain = colour["scale"]["domain"]
        ends = (float(domain[0]), float(domain[-1]))
        opacity = float(mark.get("opacity", 1)) * float(mark.get("fillOpacity", 1))
        table = colour_table(colour, ends, opacity, said, config, self.theme)
        self.layers.append(Layer(view.get("name", ""), output, column, size, table, ends))  # type: ignore[arg-type]
        return True

    def take_out(self, vega: dict[str, Any]) -> None:
        """Takes the surfaces' marks out of the compiled chart and remembers their places.

        Raises:
            SiteBuilderError: If one has no place of its own.
        """
        scales = {scale["name"]: scale for scale in vega.get("scales", [])}
        for layer in self.layers:
            said = f"'{layer.output['name']}'"
            places = [found for found in marks(vega) if _is(found.mark, layer.name)]
            if not places or any(found.faceted for found in places):
                raise SiteBuilderError(
                    f"{said} is a surface and can't be in a facet; set charts beside each other "
                    "with | and &."
                )
            for found in places:
                turned = []
                for axis in "xy":
                    encoding = found.scale(axis)
                    scale = scales.get(encoding["scale"] if encoding else "")
                    if scale is None or (not layer.size and scale.get("type") != "linear"):
                        raise SiteBuilderError(
                            f"{said} needs a linear scale for {axis}, as '{axis}:Q' gives."
                        )
                    turned.append(_turned(scale))
                self.surfaces.append(Surface(layer, found, (turned[0], turned[1])))
                found.siblings.remove(found.mark)
        for table in vega.get("data", []):
            spec = self.outputs.get(table["name"])
            if spec is not None and spec["kind"] == "field":
                table["values"] = corners(spec)


def _to_the_bottom(view: dict[str, Any], found: Sequence[bool]) -> None:
    """Sets the surfaces of a layered view under the others, which share their own colours."""
    layers = view["layer"]
    surfaces = [layer for layer, is_one in zip(layers, found, strict=True) if is_one]
    others = [layer for layer, is_one in zip(layers, found, strict=True) if not is_one]
    resolve = view.get("resolve", {})
    inner: dict[str, Any] = {"layer": others}
    if resolve:
        inner["resolve"] = resolve
    view["layer"] = [*surfaces, inner]
    view["resolve"] = {**resolve, "scale": {**resolve.get("scale", {}), "color": "independent"}}


def _field(encoding: Any) -> str | None:
    found = encoding.get("field") if isinstance(encoding, Mapping) else None
    return found if isinstance(found, str) else None


def _turned(scale: Mapping[str, Any]) -> bool:
    domain = scale.get("domain")
    falls = isinstance(domain, list) and domain == sorted(domain, reverse=True)
    return falls != (scale.get("reverse") is True)


def _is(mark: Mapping[str, Any], layer: str) -> bool:
    name = str(mark.get("name", ""))  # a repeated view's has a prefix
    marks_name = f"{layer}_marks" if layer else "marks"
    return name == marks_name or (name.endswith(f"_{marks_name}") and layer != "")
