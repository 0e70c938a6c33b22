"""Inputs that stand on a chart: placed points, parameters, and numbers to be typed anew."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pytest
from torch import Tensor

from site_builder import (
    Choice,
    Explorable,
    Interval,
    Output,
    Placed,
    Point,
    Points,
    Slider,
    figure,
    live,
)
from site_builder.charts import MOST_SVG_MARKS, Drawing, draw
from site_builder.errors import SiteBuilderError
from site_builder.manifest import FONTS

OUTPUTS = [
    {
        "kind": "rows",
        "name": "links",
        "columns": [
            {"name": "weight", "tensor": "links.weight", "words": None},
            {"name": "kind", "tensor": "links.kind", "words": ["from", "to"]},
        ],
    }
]


def drawing(chart: Callable[[], object], *, edits: str | None = None, rows: int = 2) -> Drawing:
    class Plane(Explorable):
        own = Points(9, x=(0, 4), y=(0, 4), labels=("a", "b"), default=[(1, 1, "b"), (2, 3, "a")])
        at = Point(x=(0, 4), y=(0, 4), default=(1, 3))
        rate = Slider(0.0, 1.0, 0.25)
        reach = Interval(0, 10, default=(2, 4))
        detector = Choice("near", "far")

        @figure(alt="A plane.", edits=edits)
        def picture(self) -> alt.Chart:
            return chart()  # type: ignore[return-value]

        def forward(
            self, own: Placed, at: Tensor, rate: Tensor, reach: Tensor, detector: Tensor
        ) -> dict[str, Output]:
            return {"there": at[0]}

    arrays = {
        "links.weight": np.arange(rows, dtype=np.float32),
        "links.kind": np.arange(rows, dtype=np.int32) % 2,
    }
    return draw(Plane(), "picture", OUTPUTS, arrays, root=Path.cwd(), fonts=FONTS)


def placed(name: str = "own") -> alt.Chart:
    chart: alt.Chart = alt.Chart(live(name)).mark_point().encode(x="x:Q", y="y:Q")
    return chart


def links() -> alt.Chart:
    chart: alt.Chart = alt.Chart(live("links")).mark_point().encode(x="weight:Q")
    return chart


def test_placed_points_are_data_and_the_static_picture_shows_the_defaults() -> None:
    drawn = drawing(lambda: placed().encode(color="label:N", text="index:Q").mark_text())
    assert drawn.data == ["own"]
    assert ">0<" in drawn.svg
    assert ">1<" in drawn.svg
    (table,) = [table for table in drawn.vega["data"] if table["name"] == "own"]
    assert "values" not in table


def test_a_mark_of_placed_points_tells_the_scales_that_a_hand_moves_it_by() -> None:
    drawn = drawing(lambda: alt.layer(placed(), placed().mark_rule(), placed("at")))
    assert drawn.handles == [
        {"input": name, "x": {"scale": "x", "group": None}, "y": {"scale": "y", "group": None}}
        for name in ("own", "at")
    ]


def test_placed_points_in_two_charts_have_a_handle_in_each() -> None:
    drawn = drawing(lambda: placed() | placed())
    groups = [group["name"] for group in drawn.vega["marks"]]
    assert [handle["x"]["group"] for handle in drawn.handles] == groups


def test_points_that_are_not_drawn_by_their_place_have_no_handle() -> None:
    assert drawing(lambda: placed().encode(y="index:Q")).handles == []


@pytest.mark.parametrize(
    ("parameter", "selection"),
    [
        (lambda: alt.param(name="rate", value=0.25), None),
        (
            lambda: alt.selection_interval(name="reach", encodings=["x"]),
            {"brushes": [{"signal": "reach_x", "scale": "x", "group": None}]},
        ),
        (
            lambda: alt.selection_point(name="rate", fields=["weight"]),
            {"field": "weight", "legend": None},
        ),
    ],
)
def test_a_parameter_or_selection_with_an_inputs_name_is_told(
    parameter: Callable[[], Any], selection: dict[str, Any] | None
) -> None:
    drawn = drawing(lambda: links().add_params(parameter()))
    (name,) = drawn.signals
    assert name == parameter().name
    assert drawn.selections == ({name: selection} if selection else {})


def test_a_selection_that_can_not_be_the_input_is_an_error_of_its_figure() -> None:
    pick = alt.selection_point(name="reach", fields=["weight"])
    with pytest.raises(SiteBuilderError, match=r"'plane.picture': the selection 'reach' picks"):
        drawing(lambda: links().add_params(pick))


def test_other_parameters_are_the_charts_own() -> None:
    assert drawing(lambda: links().add_params(alt.param(name="size", value=3))).signals == []


def test_what_the_reader_can_type_is_a_column_of_rows() -> None:
    drawn = drawing(links, edits="links.weight")
    assert drawn.edits == {"data": "links", "column": "weight"}
    assert drawn.spec()["edits"] == drawn.edits
    assert "edits" not in drawing(links).spec()


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ("link.weight", "unknown rows 'link'; known: links. Did you mean 'links'?"),
        ("links.wait", "unknown column 'wait'; known: weight."),
        ("links.kind", "unknown column 'kind'; known: weight."),
        ("links", "unknown column ''"),
    ],
)
def test_a_column_that_can_not_be_typed_is_an_error(edits: str, said: str) -> None:
    with pytest.raises(SiteBuilderError) as raised:
        drawing(links, edits=edits)
    assert said in str(raised.value)


def test_many_marks_are_live_on_a_canvas_and_few_are_not() -> None:
    assert drawing(links, rows=MOST_SVG_MARKS + 1).renderer == "canvas"
    assert drawing(links, rows=100).renderer == "svg"


def test_a_column_that_placed_points_have_not_is_an_error() -> None:
    with pytest.raises(SiteBuilderError, match="unknown column of 'at' 'label'; known: x, y"):
        drawing(lambda: placed("at").encode(color="label:N"))
