"""The colours of surfaces: 256 of them from one end of an explicit domain to the other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from site_builder.errors import SiteBuilderError

COLOURS = 256
"""How many colours a surface is painted with."""

LOW, HIGH = "#e07b00", "#2b7cd3"
"""Orange and blue: as strong on white as on dark grey, and told apart by every kind of eye."""

DIVERGING, RISING = (LOW, "transparent", HIGH), ("transparent", HIGH)
"""The colours where an author names none: nothing where there is nothing to say."""


def explicit(colour: dict[str, Any], said: str) -> dict[str, Any]:
    """A surface's colour encoding with an explicit domain and range.

    Raises:
        SiteBuilderError: If the domain is not explicit, or a colour has no fixed numbers.
    """
    scale = dict(colour.get("scale") or {})
    domain = scale.get("domain")
    numbers = isinstance(domain, list) and all(
        isinstance(end, int | float) and not isinstance(end, bool) for end in domain
    )
    if not numbers or len(domain or []) < 2 or domain != sorted(set(domain or [])):
        raise SiteBuilderError(
            f"{said} needs the values of its first and last colour, so that a colour always means "
            "the same: color=alt.Color(..., scale=alt.Scale(domain=[-1, 1]))."
        )
    assert domain is not None
    named = scale.get("range", [])
    for name in named if isinstance(named, list) else []:
        if "var(" in str(name):
            raise _nameless(str(name), said)
    if not any(key in scale for key in ("range", "scheme")):
        diverging = domain[0] < 0 < domain[-1]
        scale["range"] = list(DIVERGING if diverging else RISING)
        if diverging and len(domain) == 2:
            scale.setdefault("domainMid", 0)
    return {**colour, "scale": scale}


def colour_table(
    colour: Mapping[str, Any],
    domain: tuple[float, float],
    opacity: float,
    said: str,
    config: Mapping[str, Any],
    theme: Mapping[str, Any],
) -> NDArray[np.uint8]:
    """The colours from end to end, as Vega itself computes them: legend and surface agree.

    Args:
        colour: The encoding, as `explicit` gives it.
        domain: The values of the first and the last colour.
        opacity: Of the whole surface, 0 to 1.
        said: What the surface is called in errors.
        config: The chart's own configuration.
        theme: The configuration under it.

    Returns:
        uint8 (256, 4): red, green, blue, opacity.

    Raises:
        SiteBuilderError: If a colour has no fixed numbers.
    """
    import vl_convert

    values = np.linspace(*domain, COLOURS).tolist()
    swatches = {
        "data": {"values": [{"n": n, "value": value} for n, value in enumerate(values)]},
        "mark": "rect",
        "encoding": {
            "x": {"field": "n", "type": "ordinal", "axis": None},
            "color": {**colour, "field": "value", "legend": None},
        },
        "config": config,
    }
    vega = vl_convert.vegalite_to_vega(swatches, config=dict(theme))
    svg = vl_convert.vega_to_svg(vega)
    (drawn,) = re.findall(r'<g class="mark-rect role-mark marks"[^>]*>(.*?)</g>', svg, re.S)
    fills = re.findall(r'<path[^>]*?\bfill="([^"]*)"', drawn)
    rgba = np.array([_rgba(unescape(fill), said) for fill in fills], np.float64)
    rgba[:, 3] *= 255 * opacity
    return np.clip(np.round(rgba), 0, 255).astype(np.uint8)


def painted(
    grid: NDArray[Any], table: NDArray[np.uint8], domain: tuple[float, float]
) -> NDArray[np.uint8]:
    """The colours of a grid, (height, width, 4); beyond the domain the last ones go on."""
    low, high = domain
    places = (grid.astype(np.float64) - low) / (high - low) * (COLOURS - 1)
    return table[np.clip(np.floor(places + 0.5), 0, COLOURS - 1).astype(np.intp)]


def _rgba(colour: str, said: str) -> tuple[float, float, float, float]:
    """Red, green and blue to 255 and opacity to 1."""
    if match := re.fullmatch(r"rgba?\(([^)]*)\)", colour):
        parts = [float(part) for part in match[1].split(",")]
        return parts[0], parts[1], parts[2], parts[3] if len(parts) > 3 else 1.0
    if match := re.fullmatch(r"#([0-9a-fA-F]{6})([0-9a-fA-F]{2})?", colour):
        red, green, blue = bytes.fromhex(match[1])
        return red, green, blue, int(match[2], 16) / 255 if match[2] else 1.0
    if colour == "transparent":
        return 0.0, 0.0, 0.0, 0.0
    raise _nameless(colour, said)


def _nameless(colour: str, said: str) -> SiteBuilderError:
    return SiteBuilderError(
        f"{said} can't be painted in '{colour}': give its colours as '#rrggbb'; those that fade to "
        "'transparent' suit a light and a dark page."
    )
