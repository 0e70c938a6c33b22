"""Selections of charts that are inputs: what a hand picks on a chart, and what is set elsewhere."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from site_builder.manifest import Project
from tests.browser.conftest import Open, all_live, file_address, violations
from tests.projects import SELECTIONS

UNIT = 20
"""Pixels to one along the axis of a line: it is 200 wide and goes from 0 to 10."""


@pytest.fixture
def charts(built: Callable[[Path], Project]) -> Path:
    """The built site of the sample with selections."""
    return built(SELECTIONS).root / "site"


@pytest.fixture
def page(open_page: Open, charts: Path) -> Page:
    page, _ = open_page(file_address(charts))
    all_live(page)
    return page


def inputs(page: Page) -> Any:
    """What the reader holds, once everything that was asked for is painted."""
    return page.evaluate(
        "(async () => { const e = explorables.get('picker'); await e.ready; "
        "await e.set({}); return e.inputs })()"
    )


def set_inputs(page: Page, **values: Any) -> None:
    page.evaluate("values => explorables.get('picker').set(values)", values)


def figure(page: Page, name: str) -> Locator:
    found = page.locator(f"explorable-figure[name='picker.{name}']")
    found.scroll_into_view_if_needed()
    return found


def marks(chart: Locator) -> Locator:
    """Bars, squares and dots, in the order of their rows."""
    return chart.locator(
        ".explorable-live :is(.mark-rect, .mark-symbol).role-mark:not([class*=brush]) path"
    )


def control(page: Page, name: str) -> Locator:
    return page.locator(f"explorable-input[name='picker.{name}']")


def expect_lit(chart: Locator, *lit: int, count: int | None = None, first: int = 0) -> None:
    """Waits until those of some marks of a chart are picked, and the others are not."""
    for n in range(first, count if count is not None else marks(chart).count()):
        expect(marks(chart).nth(n)).to_have_css("opacity", "1" if n in lit else "0.3")


def expect_value(page: Page, name: str, value: Any) -> None:
    """Waits until an input has a value."""
    page.wait_for_function(
        "([name, value]) => JSON.stringify(explorables.get('picker').inputs[name]) === value",
        arg=[name, json.dumps(value, separators=(",", ":"))],
        timeout=10_000,
    )


def brush(chart: Locator, n: int = 0) -> Locator:
    """The brush of the view of that number."""
    return chart.locator(".stretch_brush path").nth(n)


def expect_brush(place: Locator, low: float, high: float, unit: float = UNIT) -> None:
    """Waits until a brush goes from one value to another."""
    place.page.wait_for_function(
        "([path, start, width]) => { const d = path.getAttribute('d');"
        " const [x, , w] = d.match(/[\\d.]+/g).map(Number);"
        " return Math.abs(x - start) < 0.01 && Math.abs(w - width) < 0.01 }",
        arg=[place.element_handle(), unit * low, unit * (high - low)],
        timeout=10_000,
    )


def drag(page: Page, chart: Locator, start: int, end: int) -> None:
    """Drags from the middle of one bar of a line to that of another."""
    (x1, y1), (x2, y2) = (centre(marks(chart).nth(n)) for n in (start, end))
    page.mouse.move(x1, y1)
    page.mouse.down()
    page.mouse.move(x2, y2, steps=8)
    page.mouse.up()


def centre(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def expect_address(page: Page, part: str) -> None:
    """Waits until the page's address says something; it is written when hands are still."""
    page.wait_for_function("part => location.hash.includes(part)", arg=part, timeout=10_000)


def start_over(page: Page) -> None:
    page.get_by_role("button", name="Start over", exact=True).first.click()


def test_charts_open_with_the_inputs_selected(page: Page) -> None:
    for name in ("alone", "legend"):
        expect_lit(figure(page, name), 0, 2)
    expect_lit(figure(page, "beside"), 0, 2, 3, 5)
    expect_lit(figure(page, "stacked"), 2, 3, 4, 11)
    expect_brush(brush(figure(page, "stacked")), 2, 4)
    expect_lit(figure(page, "parts"), 2, 3, 4)


def test_several_bars_are_picked_by_clicks_with_shift_and_the_boxes_follow(page: Page) -> None:
    chart = figure(page, "alone")
    marks(chart).nth(1).click()
    expect_value(page, "shapes", [1])
    marks(chart).nth(2).click(modifiers=["Shift"])
    expect_value(page, "shapes", [1, 2])
    boxes = control(page, "shapes").get_by_role("checkbox")
    expect(boxes.nth(0)).not_to_be_checked()
    expect(boxes.nth(1)).to_be_checked()
    expect(boxes.nth(2)).to_be_checked()
    expect(page.locator("explorable-value[name='picker.count']")).to_have_text("2")
    expect_lit(chart, 1, 2)


def test_boxes_pick_bars_by_mouse_and_by_keyboard(page: Page) -> None:
    chart = figure(page, "alone")
    boxes = control(page, "shapes").get_by_role("checkbox")
    boxes.nth(1).check()
    expect_lit(chart, 0, 1, 2)
    boxes.nth(0).focus()
    page.keyboard.press("Space")
    expect_lit(chart, 1, 2)
    expect_lit(figure(page, "beside"), 1, 2, 4, 5)


def test_shift_takes_away_a_bar_that_a_box_had_picked(page: Page) -> None:
    chart = figure(page, "alone")
    control(page, "shapes").get_by_role("checkbox").nth(1).check()
    expect_lit(chart, 0, 1, 2)
    marks(chart).nth(1).click(modifiers=["Shift"])
    expect_value(page, "shapes", [0, 2])
    expect_lit(chart, 0, 2)
    marks(chart).nth(1).click(modifiers=["Shift"])
    expect_value(page, "shapes", [0, 1, 2])
    expect_lit(chart, 0, 1, 2)


def test_shift_takes_away_in_one_view_what_was_picked_in_the_other(page: Page) -> None:
    chart = figure(page, "beside")
    marks(chart).nth(1).click()
    expect_lit(chart, 1, 4)
    marks(chart).nth(3).click(modifiers=["Shift"])
    expect_value(page, "shapes", [0, 1])
    marks(chart).nth(4).click(modifiers=["Shift"])
    expect_value(page, "shapes", [0])
    expect_lit(chart, 0, 3)
    expect_lit(figure(page, "alone"), 0)


@pytest.mark.parametrize("how", ["shift", "beside", "twice"])
def test_the_last_of_several_stays_however_it_is_let_go(page: Page, how: str) -> None:
    chart = figure(page, "alone")
    marks(chart).nth(1).click()
    expect_value(page, "shapes", [1])
    x, y = centre(marks(chart).nth(1))
    if how == "shift":
        marks(chart).nth(1).click(modifiers=["Shift"])
    elif how == "beside":
        page.mouse.click(x - 22, y - 35)
    else:
        page.mouse.dblclick(x, y)
    assert inputs(page)["shapes"] == [1]
    expect_lit(chart, 1)
    marks(chart).nth(0).click(modifiers=["Shift"])
    expect_value(page, "shapes", [0, 1])


@pytest.mark.parametrize("name", ["alone", "beside", "legend"])
def test_links_back_forward_and_start_over_pick_bars(page: Page, name: str) -> None:
    chart = figure(page, name)
    both = [0, 3] if name == "beside" else [0]

    def expect_shapes(*shapes: int) -> None:
        expect_lit(chart, *(view + shape for view in both for shape in shapes))

    page.get_by_role("link", name="The square alone").click()
    expect_shapes(1)
    page.go_back()
    expect_shapes(0, 2)
    page.go_forward()
    expect_shapes(1)
    start_over(page)
    expect_shapes(0, 2)


def test_a_reloaded_page_has_the_bars_picked(page: Page) -> None:
    marks(figure(page, "alone")).nth(1).click()
    expect_address(page, "picker.shapes=1")
    page.reload()
    all_live(page)
    expect_lit(figure(page, "alone"), 1)
    expect_lit(figure(page, "beside"), 1, 4)


def test_a_choice_among_views_is_picked_by_click_and_by_arrow_keys(page: Page) -> None:
    chart = figure(page, "stacked")
    marks(chart).nth(12).click()
    expect_value(page, "shape", 1)
    expect(control(page, "shape").get_by_label("square")).to_be_checked()
    control(page, "shape").get_by_label("square").focus()
    page.keyboard.press("ArrowDown")
    expect_value(page, "shape", 2)
    expect_lit(chart, 13, first=11)
    marks(chart).nth(11).click(modifiers=["Shift"])  # a choice is one, with Shift or without
    expect_value(page, "shape", 0)
    expect_lit(chart, 11, first=11)


def test_a_choice_of_two_columns_picks_all_marks_of_its_word(page: Page) -> None:
    chart = figure(page, "grid")
    expect_lit(chart, 0, 3)
    marks(chart).nth(4).click()
    expect_value(page, "shape", 1)
    expect_lit(chart, 1, 4)
    control(page, "shape").get_by_label("sharp").check()
    expect_lit(chart, 2, 5)
    expect_address(page, "picker.shape=2")
    page.get_by_role("link", name="The square shape").click()
    expect_lit(chart, 1, 4)
    page.go_back()
    expect_lit(chart, 2, 5)


def test_brushes_among_views_follow_a_hand_sliders_links_and_start_over(page: Page) -> None:
    chart = figure(page, "stacked")
    drag(page, chart, 5, 8)
    expect_value(page, "stretch", [5, 8])
    expect_lit(chart, 5, 6, 7, 8, count=11)
    control(page, "stretch").get_by_role("slider").last.focus()
    page.keyboard.press("End")
    expect_value(page, "stretch", [5, 10])
    expect_brush(brush(chart), 5, 10)
    expect_lit(chart, 5, 6, 7, 8, 9, 10, count=11)
    expect_address(page, "picker.stretch=5,10")
    page.get_by_role("link", name="A long stretch").click()
    expect_brush(brush(chart), 1, 9)
    page.go_back()
    expect_brush(brush(chart), 5, 10)
    page.go_forward()
    expect_brush(brush(chart), 1, 9)
    start_over(page)
    expect_brush(brush(chart), 2, 4)


def test_a_click_into_a_view_keeps_its_brush(page: Page) -> None:
    chart = figure(page, "stacked")
    marks(chart).nth(8).click()
    assert inputs(page)["stretch"] == [2, 4]
    expect_brush(brush(chart), 2, 4)


def test_a_brush_of_two_views_moves_in_the_one_that_has_it(page: Page) -> None:
    chart = figure(page, "twice")
    expect_brush(brush(chart, 0), 2, 4)
    drag(page, chart, 11 + 6, 11 + 10)
    expect_value(page, "stretch", [6, 10])
    control(page, "stretch").get_by_role("slider").first.focus()
    page.keyboard.press("Home")
    expect_brush(brush(chart, 1), 0, 10, unit=UNIT / 2)
    expect(brush(chart, 0)).to_have_attribute("d", "M0,0h0v0h0Z")
    expect_lit(chart, *range(22))


def test_a_brush_on_one_facet_moves_by_its_sliders(page: Page) -> None:
    chart = figure(page, "parts")
    expect_brush(brush(chart, 0), 2, 4)
    drag(page, chart, 7, 9)
    expect_value(page, "stretch", [7, 9])
    expect_brush(brush(chart, 1), 7, 9)
    control(page, "stretch").get_by_role("slider").last.focus()
    page.keyboard.press("End")
    expect_brush(brush(chart, 1), 7, 10)
    expect_lit(chart, 7, 8, 9, 10)


def legend(chart: Locator) -> Locator:
    return chart.locator(".explorable-live .role-legend-symbol path")


def test_a_legend_picks_and_clicks_elsewhere_do_not_bring_its_last_pick_back(page: Page) -> None:
    chart = figure(page, "legend")
    round_, _, square = (legend(chart).nth(n) for n in range(3))  # in the order of the alphabet
    square.click()
    expect_value(page, "shapes", [1])
    round_.click(modifiers=["Shift"])
    expect_value(page, "shapes", [0, 1])
    boxes = control(page, "shapes").get_by_role("checkbox")
    boxes.nth(2).check()
    boxes.nth(0).uncheck()
    expect_lit(chart, 1, 2)
    marks(chart).nth(0).click()
    assert inputs(page)["shapes"] == [1, 2]
    expect_lit(chart, 1, 2)
    square.click(modifiers=["Shift"])
    expect_value(page, "shapes", [2])
    expect_lit(chart, 2)


def test_words_that_are_numbers_pick_marks_of_numbers(page: Page) -> None:
    chart = figure(page, "numbers")
    marks(chart).nth(2).click()
    expect_value(page, "size", 2)
    control(page, "size").get_by_label("16").check()
    expect_lit(chart, 1)


def test_sliders_and_toggles_pick_the_marks_of_their_values(page: Page) -> None:
    chart = figure(page, "values")
    rates = functools.partial(expect_lit, chart, count=5)
    noises = functools.partial(expect_lit, chart, first=5)
    rates(1)
    noises(5, 7, 9)
    marks(chart).nth(3).click()
    expect_value(page, "rate", 0.3)
    rates(3)
    control(page, "rate").get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    expect_value(page, "rate", 0.2)
    rates(2)
    marks(chart).nth(6).click()
    expect_value(page, "noise", True)
    noises(6, 8)
    control(page, "noise").get_by_role("checkbox").uncheck()
    noises(5, 7, 9)
    start_over(page)
    rates(1)


def test_values_that_are_set_one_after_the_other_end_with_the_last(page: Page) -> None:
    chart = figure(page, "alone")
    page.evaluate(
        "(async () => { const e = explorables.get('picker'); "
        "for (const shapes of [[0], [1, 2], [0, 1], [2]]) e.set({shapes}); await e.set({}) })()"
    )
    expect_lit(chart, 2)
    assert inputs(page)["shapes"] == [2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_nothing_is_cut_off(
    open_page: Open, charts: Path, scheme: str, width: int
) -> None:
    size = {"width": width, "height": 800}
    page, _ = open_page(file_address(charts), color_scheme=scheme, viewport=size)
    all_live(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
