"""Charts are parsed when the site is built, for the smallest Vega that can draw them."""

import json
from typing import Any

import altair as alt
import pytest
import vl_convert

from site_builder.errors import SiteBuilderError
from site_builder.vega_parsing import Parsed, parse

ROWS = [{"x": 1, "y": 2, "kind": "a", "day": "2024-05-06"}]


def vega(chart: Any) -> dict[str, Any]:
    spec: dict[str, Any] = vl_convert.vegalite_to_vega(chart.to_dict())
    return spec


def base() -> alt.Chart:
    return alt.Chart(alt.InlineData(values=ROWS))


def parsed(chart: Any) -> Parsed:
    return parse(vega(chart))


def signal(update: str) -> dict[str, Any]:
    return {"signals": [{"name": "s", "update": update}]}


def tree(update: str) -> Any:
    operators = parse(signal(update)).dataflow["operators"]
    (found,) = [operator for operator in operators if operator.get("signal") == "s"]
    return found["update"]


def test_a_chart_twice_is_the_same_bytes() -> None:
    x = {"field": "x", "data": "a"}
    spec = {
        "data": [{"name": "a", "values": ROWS}],
        # The parser numbers domains of several fields through its life.
        "scales": [{"name": "x", "domain": {"fields": [[1, 2], x]}, "range": [0, 1]}],
    }
    assert json.dumps(parse(spec).dataflow) == json.dumps(parse(spec).dataflow)


@pytest.mark.parametrize(
    ("update", "short"),
    [
        ("1 + datum.x", ["+", 1, [".", "datum", "x"]]),
        ("datum['a b'] ? -1 : 'text'", ["?", [".", "datum", "a b"], ["-", 1], ["'", "text"]]),
        ("[1, {a: null}]", ["[", 1, ["{", "a", None]]),
        ("datum[1 + 1] && /a+/i", ["&&", ["[]", "datum", ["+", 1, 1]], ["//", "a+", "i"]]),
        ("max(1, PI)", ["max", 1, "PI"]),
    ],
)
def test_an_expression_becomes_a_short_tree(update: str, short: Any) -> None:
    assert tree(update) == short


@pytest.mark.parametrize("update", ["0", "false", "null", "''"])
def test_an_expression_of_a_falsy_value_is_still_one(update: str) -> None:
    """Vega asks whether there is an expression by its truth."""
    head, value = tree(update)
    assert (head, bool(value)) == ("'", False) or (head, value) == ("'", "")


def test_channels_keep_their_order() -> None:
    """One may ask for what another set, and the payload's keys are sorted."""
    text = {"type": "text", "encode": {"enter": {"z": {"value": 1}, "angle": {"value": 2}}}}
    operators = parse({"marks": [text]}).dataflow["operators"]
    (found,) = [
        operator["params"]["encoders"]["$encode"]["enter"]["$expr"]
        for operator in operators
        if '"z"' in json.dumps(operator)
    ]
    assert found["channels"][::2][-2:] == ["z", "angle"]


def test_nothing_at_first_is_not_undefined() -> None:
    """Selections ask whether a signal `!== null`."""
    operators = parse({"signals": [{"name": "s", "value": None}]}).dataflow["operators"]
    assert {"value": None}.items() <= next(o for o in operators if o.get("signal") == "s").items()


@pytest.mark.parametrize(
    "chart",
    [
        base().mark_point().encode(x="x:Q", y="y:Q", color="kind:N"),
        base().mark_rect().encode(x="x:O", y="y:O", color="count():Q"),
        base().mark_area(interpolate="monotone").encode(x="x:Q", y="y:Q", color="kind:N"),
        base().mark_bar().encode(alt.X("x:Q", bin=True), y="count():Q", row="kind:N"),
        base().mark_line().encode(x="x:Q", y="mean(y):Q").transform_fold(["x", "y"]),
        base().mark_tick().encode(x="x:Q").add_params(alt.param(name="cut", value=3)),
    ],
)
def test_most_charts_need_one_script(chart: alt.Chart) -> None:
    assert not parsed(chart).more


@pytest.mark.parametrize(
    "chart",
    [
        base().mark_point().encode(x="day:T"),
        base().mark_bar().encode(x="month(day):O"),
        base().mark_line(interpolate="basis").encode(x="x:Q", y="y:Q"),
        base().mark_line(interpolate=alt.expr("datum.kind")).encode(x="x:Q", y="y:Q"),
        base().mark_point().encode(x="x:Q").interactive(),
        base().mark_point().encode(x="x:Q").add_params(alt.selection_interval()),
        base().mark_errorbar(extent="ci").encode(x="kind:N", y="y:Q"),
        base().transform_window(rank="rank()").mark_point().encode(x="rank:Q"),
        base().mark_point(size=alt.expr("sampleNormal(1, 2)")).encode(x="x:Q"),
        base()
        .mark_rect()
        .encode(color=alt.Color("x:Q", scale=alt.Scale(range=["red", "blue"], interpolate="lab"))),
    ],
)
def test_what_few_charts_need_is_asked_for(chart: alt.Chart) -> None:
    assert parsed(chart).more


def test_a_chart_brings_the_colours_of_its_schemes() -> None:
    colour = alt.Color("x:Q", scale=alt.Scale(scheme="viridis"))
    schemes = parsed(base().mark_rect().encode(color=colour)).schemes
    assert schemes.keys() == {"viridis"}
    assert schemes["viridis"]["smooth"]
    assert schemes["viridis"]["colours"].startswith("440154")


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (signal("geoArea('a', 1)"), "needs the function geoArea"),
        (signal("nonsense(1)"), "Unrecognized function: nonsense"),
        (signal("1 +"), "Expression parse error"),
        (
            {"scales": [{"name": "c", "type": "ordinal", "range": {"scheme": "mud"}}]},
            "no colour scheme 'mud'",
        ),
        ({"data": [{"name": "a", "transform": [{"type": "force"}]}]}, "transform type"),
    ],
)
def test_what_no_page_has_is_an_error(spec: dict[str, Any], said: str) -> None:
    with pytest.raises(SiteBuilderError, match=said):
        parse(spec)
