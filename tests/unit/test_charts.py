"""Altair to Vega and SVG."""

import re
from collections.abc import Callable
from pathlib import Path

import altair as alt
import numpy as np
import pytest
import torch

from site_builder import Explorable, Labels, Output, Rows, figure, live
from site_builder.chart_data import records
from site_builder.charts import Drawing, draw, renumbered
from site_builder.errors import SiteBuilderError
from site_builder.manifest import FONTS
from site_builder.vega_marks import TRANSFORMS

OUTPUTS = [
    {
        "kind": "rows",
        "name": "logins",
        "columns": [
            {"name": "hour", "tensor": "logins.hour", "words": None},
            {"name": "verdict", "tensor": "logins.verdict", "words": ["quiet", "alarm"]},
        ],
    }
]
ARRAYS = {
    "logins.hour": np.array([1, 2], np.float32),
    "logins.verdict": np.array([False, True]),
}


def drawing(chart: Callable[[], object]) -> Drawing:
    class Desk(Explorable):
        @figure(alt="Points.")
        def scatter(self) -> alt.Chart:
            return chart()  # type: ignore[return-value]

        def forward(self) -> dict[str, Output]:
            return {"logins": Rows(hour=torch.ones(2), verdict=Labels(torch.ones(2), ("a", "b")))}

    return draw(Desk(), "scatter", OUTPUTS, ARRAYS, root=Path.cwd(), fonts=FONTS)


def points() -> alt.Chart:
    chart: alt.Chart = alt.Chart(live("logins")).mark_point().encode(x="hour:Q", color="verdict:N")
    return chart


def test_a_chart_becomes_vega_with_empty_data_and_a_picture_with_full() -> None:
    drawn = drawing(points)
    assert drawn.data == ["logins"]
    (table,) = [table for table in drawn.vega["data"] if table["name"] == "logins"]
    assert "values" not in table
    assert ">alarm<" in drawn.svg
    assert "$schema" not in drawn.vega


def test_colours_stay_variables_so_that_one_picture_serves_light_and_dark() -> None:
    svg = drawing(points).svg
    assert "var(--explorable-c1)" in svg
    assert not re.search(r"#[0-9a-f]{3,6}\b", svg.replace("#clip", ""))


def test_a_picture_is_one_image_whose_text_the_page_gives() -> None:
    svg = drawing(points).svg
    assert svg.startswith('<svg aria-hidden="true"')
    assert "role=" not in svg
    assert "aria-label" not in svg


def test_records_hold_words_for_indices() -> None:
    assert records(OUTPUTS[0], ARRAYS) == [
        {"hour": 1.0, "verdict": "quiet"},
        {"hour": 2.0, "verdict": "alarm"},
    ]


def test_the_same_chart_twice_is_the_same_bytes_with_ids_under_the_figures_name() -> None:
    def clipped() -> alt.Chart:
        x = alt.X("hour:Q", scale=alt.Scale(domain=[0, 3]))
        chart: alt.Chart = alt.Chart(live("logins")).mark_line(clip=True).encode(x=x)
        return chart

    first, second = drawing(clipped).svg, drawing(clipped).svg
    assert first == second
    assert 'id="desk--scatter--0"' in first
    assert "url(#desk--scatter--0)" in first


def test_renumbering_changes_every_reference_and_no_text() -> None:
    svg = '<clipPath id="clip7"/><g clip-path="url(#clip7)"/><use href="#clip7"/><text>clip7</text>'
    assert renumbered(svg, "a.b") == (
        '<clipPath id="a--b--0"/><g clip-path="url(#a--b--0)"/><use href="#a--b--0"/>'
        "<text>clip7</text>"
    )


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        (
            lambda: alt.Chart(live("logins")).mark_point().encode(x="hours:Q"),
            "unknown column of 'logins' 'hours'; known: hour, verdict. Did you mean 'hour'?",
        ),
        (
            lambda: points().transform_calculate(twice="datum.huor * 2"),
            "unknown column of 'logins' 'huor'",
        ),
        (
            lambda: alt.layer(points(), points().encode(tooltip=["km:Q"])),
            "unknown column of 'logins' 'km'",
        ),
        (
            lambda: alt.Chart(live("login")).mark_point().encode(x="hour:Q"),
            "unknown data 'login'; known: logins. Did you mean 'logins'?",
        ),
        (lambda: alt.Chart(live("logins")).mark_point().encode(x="hour"), "can't be drawn"),
        (lambda: 3, "must return an Altair chart, not int"),
        (lambda: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_wrong_chart_names_the_figure_the_cause_and_the_nearest(
    chart: Callable[[], object], said: str
) -> None:
    with pytest.raises(SiteBuilderError) as raised:
        drawing(chart)
    assert "desk.scatter" in str(raised.value)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "chart",
    [
        lambda: points().transform_calculate(twice="datum.hour * 2").encode(y="twice:Q"),
        lambda: points().encode(y="count():Q"),
        lambda: points().facet("verdict:N"),
        lambda: (
            alt.Chart(alt.InlineData(values=[{"a": 1}])).mark_point().encode(x="a:Q") & points()
        ),
        lambda: points().transform_fold(["hour"]).encode(y="value:Q"),
        lambda: points().encode(x=alt.X("hour:Q", bin=True)),
    ],
)
def test_columns_that_the_chart_makes_itself_are_known(chart: Callable[[], object]) -> None:
    assert "<svg" in drawing(chart).svg


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        (lambda: alt.Chart(live("logins")).mark_geoshape(), "map projection"),
        (
            lambda: points().properties(
                data=alt.UrlData("rows.csv", format=alt.CsvDataFormat(type="csv"))
            ),
            "format csv",
        ),
    ],
)
def test_a_chart_that_no_page_can_draw_is_refused(
    chart: Callable[[], alt.Chart], said: str
) -> None:
    with pytest.raises(SiteBuilderError, match=said):
        drawing(chart)


def test_every_transform_that_is_let_through_is_in_the_pages_vega() -> None:
    source = FONTS.parent.parent / "src"
    texts = [
        (source / name).read_text().partition("*/")[2]
        for name in ("vega-transforms.ts", "vega-more-transforms.ts")
    ]
    exported = set(re.findall(r"\b[a-z0-9]+\b", "".join(texts)))
    assert exported >= TRANSFORMS
