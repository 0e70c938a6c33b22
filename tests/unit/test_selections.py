"""Selections of charts that bear an input's name: which field or brush a page sets them by."""

from typing import Any, Literal

import altair as alt
import pytest
import vl_convert

from site_builder.errors import SiteBuilderError
from site_builder.selections import selections

ROWS = [{"x": 1, "y": 2, "kind": "a", "side": "left"}]
OUTPUTS: list[dict[str, Any]] = [
    {
        "kind": "rows",
        "name": "rows",
        "columns": [
            {"name": "x", "words": None},
            {"name": "kind", "words": ["a", "b"]},
            {"name": "side", "words": ["left", "right"]},
        ],
    },
    {"kind": "scalar", "name": "kind"},
]
WINDOW = {"name": "window", "kind": "interval"}
PICK = {"name": "pick", "kind": "choices", "options": ["a", "b"]}
RATE = {"name": "rate", "kind": "slider"}


def found(chart: Any, *inputs: dict[str, Any]) -> dict[str, dict[str, Any]]:
    vega = vl_convert.vegalite_to_vega(chart.to_dict())
    return selections(vega, inputs, OUTPUTS)


def base() -> alt.Chart:
    chart: alt.Chart = alt.Chart(alt.InlineData(values=ROWS)).mark_point()
    return chart.encode(x="x:Q", y="y:Q")


def brush(*axes: Literal["x", "y"]) -> Any:
    return alt.selection_interval(name="window", encodings=list(axes))


def pick(*fields: str, **options: Any) -> Any:
    return alt.selection_point(name="pick", fields=list(fields), **options)


@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_brush_is_told_by_its_pixels_and_their_scale(axis: Literal["x", "y"]) -> None:
    chart = base().add_params(brush(axis), alt.param(name="rate", value=1))
    place = {"signal": f"window_{axis}_1", "scale": axis, "group": None}
    assert found(chart, WINDOW, RATE) == {"window": {"brushes": [place]}}


def test_a_brush_in_one_of_several_charts_is_told_by_the_group_that_has_it() -> None:
    layers = alt.layer(base().add_params(brush("x")), base().mark_rule()).properties(name="mine")
    chart = alt.vconcat(base(), alt.hconcat(base(), layers))
    (place,) = found(chart, WINDOW)["window"]["brushes"]
    assert place == {"signal": "window_x_1", "scale": "mine_x", "group": "mine_group"}


def test_a_brush_that_several_charts_share_is_told_for_each() -> None:
    charts = [base().properties(name=name) for name in ("one", "two")]
    places = found(alt.hconcat(*charts).add_params(brush("x")), WINDOW)["window"]["brushes"]
    assert [place["group"] for place in places] == ["one_group", "two_group"]
    assert [place["scale"] for place in places] == ["one_x", "two_x"]


def test_a_brush_in_facets_is_told_by_their_cells() -> None:
    chart = base().encode(column="side:N").add_params(brush("x"))
    (place,) = found(chart, WINDOW)["window"]["brushes"]
    assert place["group"] == "cell"


def test_a_point_selection_is_told_by_its_field_wherever_its_chart_stands() -> None:
    chart = base().add_params(pick("kind"))
    for where in (
        chart,
        alt.hconcat(base(), chart),
        alt.layer(base(), chart),
        chart.facet("side:N"),
    ):
        assert found(where, PICK) == {"pick": {"field": "kind", "legend": None}}


def test_a_point_selection_by_encodings_is_told_by_their_field() -> None:
    by_colour = alt.selection_point(name="pick", encodings=["color"])
    assert found(base().encode(color="kind:N").add_params(by_colour), PICK)["pick"] == {
        "field": "kind",
        "legend": None,
    }


def test_a_legend_that_picks_is_told_by_its_signal() -> None:
    chart = base().encode(color="kind:N").add_params(pick("kind", bind="legend"))
    legend = {"field": "kind", "legend": "pick_kind_legend"}
    assert found(chart, PICK) == {"pick": legend}
    assert found(alt.vconcat(base(), chart), PICK) == {"pick": legend}


def test_of_several_fields_the_one_with_the_words_or_the_name_of_the_input_is_it() -> None:
    assert found(base().add_params(pick("side", "kind")), PICK)["pick"]["field"] == "kind"
    rated = base().transform_calculate(rate="datum.x / 2")
    by_two = alt.selection_point(name="rate", fields=["kind", "rate"])
    assert found(rated.add_params(by_two), RATE)["rate"]["field"] == "rate"


@pytest.mark.parametrize(
    ("parameter", "spec", "said"),
    [
        (brush("x", "y"), WINDOW, 'is an area.*encodings=\\["x"\\]'),
        (brush("x"), {**RATE, "name": "window"}, "is a stretch of an axis.*make the input an Inte"),
        (pick("kind"), {**WINDOW, "name": "pick"}, "picks marks, but.*choice, choices, toggle"),
        (pick("kind"), {"name": "pick", "kind": "points"}, "picks marks, but.* kind points"),
        (alt.selection_point(name="pick"), PICK, 'fields=\\["column"\\]'),
        (pick("side"), PICK, "the words left, right; the input 'pick' has none of them"),
        (pick("kind"), {**RATE, "name": "pick"}, "the words a, b; the input 'pick' has none"),
        (pick("x", "side"), PICK, "picks values of x, side, and it can't be told which"),
    ],
)
def test_a_selection_that_can_not_be_its_input_is_an_error(
    parameter: Any, spec: dict[str, Any], said: str
) -> None:
    with pytest.raises(SiteBuilderError, match=said):
        found(base().add_params(parameter), spec)


def test_bins_are_no_values_of_an_input() -> None:
    by_bin = alt.selection_point(name="rate", encodings=["x"])
    binned = base().encode(x=alt.X("x:Q", bin=True)).add_params(by_bin)
    with pytest.raises(SiteBuilderError, match="does not say which column"):
        found(binned, RATE)
