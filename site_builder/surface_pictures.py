"""Surfaces in the static picture: images where the chart's scales put them, under its marks."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from site_builder.chart_data import Arrays
from site_builder.colour_table import painted
from site_builder.png import data_address
from site_builder.surfaces import Surface


def stand_ins(vega: Mapping[str, Any], surfaces: Sequence[Surface]) -> dict[str, Any]:
    """A copy of the chart with a rectangle where each picture will be."""
    filled = copy.deepcopy(dict(vega))
    groups = {None: filled, **{g.get("name"): g for g in _groups(filled)}}
    for number, surface in enumerate(surfaces):
        mark = {"type": "rect", "name": f"surface-{number}"}
        encode: dict[str, Any] = {"fill": {"value": "#000"}}
        if surface.layer.size:
            old = surface.found.mark["encode"]["update"]
            mark["from"] = surface.found.mark["from"]
            encode |= {key: old[key] for key in old if key not in ("url", "aspect")}
        else:
            for axis in "xy":
                ref = surface.found.ref(axis)
                assert ref is not None
                low, high = surface.layer.output[axis]
                encode[axis] = {"scale": ref["scale"], "value": low}
                encode[f"{axis}2"] = {"scale": ref["scale"], "value": high}
        mark["encode"] = {"update": encode}  # type: ignore[assignment]
        groups[surface.found.group]["marks"].insert(0, mark)
    return filled


def paint(svg: str, surfaces: Sequence[Surface], defaults: Arrays) -> str:
    """Puts pictures in the place of the rectangles, under everything else of their view."""
    for number, surface in reversed(list(enumerate(surfaces))):
        match = re.search(
            rf'<g class="mark-rect role-mark surface-{number}"[^>]*>(.*?)</g>', svg, re.S
        )
        assert match is not None
        images = _images(surface, re.findall(r'\bd="([^"]*)"', match[1]), defaults)
        start = _parent_start(svg, match.start())
        before, between, after = svg[:start], svg[start : match.start()], svg[match.end() :]
        svg = f'{before}<g class="surface">{images}</g>{between}{after}'
    return svg


def _groups(group: Mapping[str, Any]) -> list[dict[str, Any]]:
    below = [mark for mark in group.get("marks", []) if mark["type"] == "group"]
    return [found for mark in below for found in (mark, *_groups(mark))]


def _images(surface: Surface, paths: Sequence[str], defaults: Arrays) -> str:
    """An SVG image for each rectangle."""
    layer, output = surface.layer, surface.layer.output
    if layer.column is None:
        values = defaults[output["tensor"]][None]
    else:
        tensors = {column["name"]: column["tensor"] for column in output["columns"]}
        values = defaults[tensors[layer.column]]
    images = []
    for path, grid in zip(paths, values, strict=True):
        numbers = re.fullmatch(r"M([-\d.e]+),([-\d.e]+)h([-\d.e]+)v([-\d.e]+)h.*", path)
        assert numbers is not None
        x, y, width, height = numbers.groups()
        turned = [] if layer.size else [axis for axis in (0, 1) if surface.turned[1 - axis]]
        pixels = painted(np.flip(grid, tuple(turned)), layer.table, layer.domain)
        address = data_address(pixels.tobytes(), *grid.shape)
        images.append(
            f'<image x="{x}" y="{y}" width="{width}" height="{height}" '
            # Material's instant navigation assigns to every [href], which an SVG image refuses.
            f'preserveAspectRatio="none" xlink:href="{address}"/>'
        )
    return "".join(images)


def _parent_start(svg: str, at: int) -> int:
    """Where the content of the ``<g>`` begins that is open at a place of an SVG."""
    open_ends: list[int] = []
    for tag in re.finditer(r"<g\b[^>]*?(/?)>|</g>", svg[:at]):
        if tag[0] == "</g>":
            open_ends.pop()
        elif not tag[1]:
            open_ends.append(tag.end())
    return open_ends[-1]
