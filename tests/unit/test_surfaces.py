"""Fields and tiles: painted under a chart, not drawn in it."""

import base64
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pytest
import torch

from site_builder import Explorable, Field, Output, Rows, Tiles, figure, live
from site_builder.charts import Drawing, draw
from site_builder.errors import SiteBuilderError
from site_builder.manifest import FONTS

OUTPUTS: list[dict[str, Any]] = [
    {
        "kind": "field",
        "name": "surface",
        "tensor": "surface",
        "shape": [2, 4],
        "x": [0.0, 8.0],
        "y": [-1.0, 1.0],
    },
    {
        "kind": "rows",
        "name": "units",
        "columns": [
            {"name": "layer", "tensor": "units.layer", "words": None},
            {"name": "place", "tensor": "units.place", "words": None},
            {"name": "kind", "tensor": "units.kind", "words": ["input", "hidden"]},
            {"name": "picture", "tensor": "units.picture", "words": None, "tile": [3, 5]},
        ],
    },
]
ARRAYS = {
    "surface": np.array([[-1, -1, 1, 1], [0, 0, 5, -5]], np.float32),
    "units.layer": np.array([0, 1], np.float32),
    "units.place": np.array([0, 1], np.float32),
    "units.kind": np.array([0, 1], np.int32),
    "units.picture": np.stack([np.full((3, 5), -1.0), np.full((3, 5), 1.0)]).astype(np.float32),
}
ORANGE, CLEAR, BLUE = (0xE0, 0x7B, 0x00, 255), (0, 0, 0, 0), (0x2B, 0x7C, 0xD3, 255)


def drawing(chart: Callable[[], object]) -> Drawing:
    class Net(Explorable):
        @figure(alt="A surface.")
        def picture(self) -> alt.Chart:
            return chart()  # type: ignore[return-value]

        def forward(self) -> dict[str, Output]:
            return {"surface": Field(torch.zeros(2, 4), x=(0, 8), y=(-1, 1))}

    return draw(Net(), "picture", OUTPUTS, ARRAYS, root=Path.cwd(), fonts=FONTS)


def field(**scale: Any) -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart(live("surface"), width=200, height=100)
        .mark_rect()
        .encode(
            x="x:Q",
            y="y:Q",
            color=alt.Color("value:Q", scale=alt.Scale(**{"domain": [-1, 1], **scale})),
        )
    )
    return chart


def tiles(**encoding: Any) -> alt.Chart:
    colour = alt.Color("picture:Q", scale=alt.Scale(domain=[-1, 1]))
    channels = {"x": "layer:Q", "y": "place:Q", "url": "picture:N", "color": colour, **encoding}
    chart: alt.Chart = (
        alt.Chart(live("units"), width=200, height=100)
        .mark_image(width=30, height=20)
        .encode(**channels)
    )
    return chart


def dots() -> alt.Chart:
    chart: alt.Chart = alt.Chart(live("units")).mark_point().encode(x="layer:Q", color="kind:N")
    return chart


def pixels(address: str) -> list[list[tuple[int, ...]]]:
    """The RGBA pixels of a PNG that filters no row, as ours are written."""
    data = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    width, height = struct.unpack(">II", data[16:24])
    at, packed = 8, b""
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += 12 + length
    raw = zlib.decompress(packed)
    stride = 1 + 4 * width
    return [[tuple(raw[y * stride + 1 + 4 * x :][:4]) for x in range(width)] for y in range(height)]


def images(svg: str) -> list[dict[str, str]]:
    return [
        dict(re.findall(r'(\w+)="([^"]*)"', image)) for image in re.findall("<image[^>]*>", svg)
    ]


def test_a_field_leaves_the_chart_and_keeps_its_scales_and_legend() -> None:
    drawn = drawing(field)
    assert drawn.vega["marks"] == []
    assert len(drawn.vega["legends"]) == 1
    (table,) = [table for table in drawn.vega["data"] if table["name"] == "surface"]
    assert [(row["x"], row["y"]) for row in table["values"]] == [(0, -1), (8, 1)]
    assert drawn.data == []


def test_a_field_is_told_with_its_scales_and_the_colours_of_its_domain() -> None:
    (surface,) = drawing(field).surfaces
    assert surface["output"] == "surface"
    assert surface["x"] == {"scale": "x", "group": None}
    assert surface["domain"] == [-1, 1]
    table = np.frombuffer(base64.b64decode(surface["lut"]), np.uint8).reshape(256, 4)
    assert tuple(table[0]) == ORANGE
    assert tuple(table[255]) == BLUE
    assert table[127, 3] <= 2


def test_the_static_picture_holds_the_field_at_its_scales_under_the_marks() -> None:
    svg = drawing(lambda: alt.layer(field(), dots())).svg
    (image,) = images(svg)
    assert (image["x"], image["y"], image["width"], image["height"]) == ("0", "0", "200", "100")
    assert image["preserveAspectRatio"] == "none"
    assert svg.index("<image") < svg.index("mark-rule role-axis-grid")
    assert svg.index("<image") < svg.index("mark-symbol")


def test_pixels_are_the_values_row_by_row_and_the_last_colours_go_on() -> None:
    (image,) = images(drawing(field).svg)
    first, second = pixels(image["href"])
    assert first == [ORANGE, ORANGE, BLUE, BLUE]
    assert second[2:] == [BLUE, ORANGE]
    assert second[0][3] <= 2


def test_a_scale_that_runs_the_other_way_turns_the_picture() -> None:
    turned = field().encode(
        x=alt.X("x:Q", scale=alt.Scale(reverse=True)),
        y=alt.Y("y:Q", scale=alt.Scale(domain=[1, -1], zero=False)),
    )
    (image,) = images(drawing(lambda: turned).svg)
    assert pixels(image["href"])[1] == [BLUE, BLUE, ORANGE, ORANGE]


def test_the_same_field_twice_is_the_same_bytes() -> None:
    assert drawing(field).svg == drawing(field).svg


def test_a_field_takes_nothing_from_the_colours_of_other_layers() -> None:
    drawn = drawing(lambda: alt.layer(dots(), field()))
    (scale,) = [scale for scale in drawn.vega["scales"] if scale["type"] == "ordinal"]
    assert "color" in scale["name"]
    assert len(drawn.vega["legends"]) == 2


def test_colours_that_the_author_names_are_those_of_the_legend() -> None:
    (surface,) = drawing(lambda: field(scheme="viridis")).surfaces
    table = np.frombuffer(base64.b64decode(surface["lut"]), np.uint8).reshape(256, 4)
    assert tuple(table[0]) == (68, 1, 84, 255)
    assert tuple(table[255]) == (253, 231, 37, 255)


def test_a_domain_above_zero_rises_from_nothing() -> None:
    (surface,) = drawing(lambda: field(domain=[0, 2])).surfaces
    table = np.frombuffer(base64.b64decode(surface["lut"]), np.uint8).reshape(256, 4)
    assert table[0, 3] == 0
    assert tuple(table[255]) == BLUE


def test_nothing_lies_at_zero_where_a_domain_is_not_even() -> None:
    (surface,) = drawing(lambda: field(domain=[-1, 3])).surfaces
    table = np.frombuffer(base64.b64decode(surface["lut"]), np.uint8).reshape(256, 4)
    assert table[:, 3].argmin() == 64


def test_an_opacity_of_the_mark_is_one_of_the_surface() -> None:
    (surface,) = drawing(lambda: field().mark_rect(opacity=0.5)).surfaces
    table = np.frombuffer(base64.b64decode(surface["lut"]), np.uint8).reshape(256, 4)
    assert table[255, 3] == 128


def test_beside_another_chart_a_surface_names_the_group_of_its_scales() -> None:
    drawn = drawing(lambda: dots() | field())
    (surface,) = drawn.surfaces
    names = [group["name"] for group in drawn.vega["marks"]]
    assert surface["x"]["group"] == names[1]
    assert surface["x"]["scale"] in [scale["name"] for scale in drawn.vega["scales"]]


def test_tiles_are_painted_at_their_rows_and_the_other_columns_stay_data() -> None:
    drawn = drawing(lambda: alt.layer(tiles(), dots()))
    (surface,) = drawn.surfaces
    assert (surface["output"], surface["column"]) == ("units", "picture")
    assert (surface["width"], surface["height"]) == (30, 20)
    assert (surface["x"]["field"], surface["y"]["field"]) == ("layer", "place")
    assert [mark["type"] for mark in drawn.vega["marks"]] == ["symbol"]
    assert drawn.data == ["units"]
    first, second = images(drawn.svg)
    assert (first["x"], first["y"], first["width"]) == ("-15", "90", "30")
    assert (second["x"], second["y"], second["height"]) == ("185", "-10", "20")
    assert pixels(first["href"]) == [[ORANGE] * 5] * 3
    assert pixels(second["href"]) == [[BLUE] * 5] * 3


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        (lambda: field(domain=alt.Undefined), "the values of its first and last colour"),
        (lambda: field(domain=[1, -1]), "the values of its first and last colour"),
        (lambda: field(range=["var(--explorable-c1)", "#fff"]), "give its colours as '#rrggbb'"),
        (lambda: field().mark_point(), "is drawn by mark_rect()"),
        (lambda: field().encode(x="y:Q"), "is drawn by mark_rect()"),
        (lambda: field().transform_filter("datum.x > 0"), "can't be transformed in the chart"),
        (lambda: field().encode(x=alt.X("x:Q", scale=alt.Scale(type="sqrt"))), "a linear scale"),
        (lambda: field().encode(row="value:O"), "can't be in a facet"),
        (lambda: tiles(color=alt.Undefined), "coloured by their own"),
        (lambda: tiles(x=alt.Undefined), "placed by columns"),
        (lambda: tiles().mark_image(), "must have a size"),
        (lambda: dots().encode(y="picture:Q"), "a column of Tiles, drawn by mark_image"),
    ],
)
def test_a_surface_that_can_not_be_painted_is_an_error_with_a_way_forward(
    chart: Callable[[], object], said: str
) -> None:
    with pytest.raises(SiteBuilderError) as raised:
        drawing(chart)
    assert "net.picture" in str(raised.value)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Field(torch.zeros(4), x=(0, 1), y=(0, 1)), "a tensor (height, width)"),
        (lambda: Field(torch.zeros(4, 4), x=(1, 0), y=(0, 1)), "x must be two finite numbers"),
        (lambda: Field(torch.zeros(4, 4), x=(0, 1), y=(0, float("inf"))), "y must be two finite"),
        (lambda: Tiles(torch.zeros(4, 4)), "a tensor (rows, height, width)"),
        (lambda: Rows(a=torch.zeros(3), b=Tiles(torch.zeros(4, 2, 2))), "one length"),
    ],
)
def test_a_surface_of_another_shape_is_refused(make: Callable[[], object], said: str) -> None:
    with pytest.raises(SiteBuilderError, match=re.escape(said)):
        make()
