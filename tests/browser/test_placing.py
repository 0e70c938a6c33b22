"""Inputs on charts: a hand that is dragged, points that are placed, parameters and selections."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from site_builder.manifest import Project
from tests.browser.conftest import Open, all_live, file_address, violations
from tests.projects import CHARTS

PHONE = {"has_touch": True, "viewport": {"width": 360, "height": 740}}


@pytest.fixture
def charts(built: Callable[[Path], Project]) -> Path:
    """The built site of the sample with inputs on charts."""
    return built(CHARTS).root / "site"


@pytest.fixture
def page(open_page: Open, charts: Path) -> Page:
    return opened(open_page, charts)


def opened(open_page: Open, charts: Path, **options: Any) -> Page:
    page, _ = open_page(file_address(charts), **options)
    all_live(page)
    return page


def inputs(page: Page, explorable: str = "scatterer") -> Any:
    """What the reader holds, once everything that was asked for is painted."""
    return page.evaluate(
        f"(async () => {{ const e = explorables.get('{explorable}'); await e.ready; "
        "await e.set({}); return e.inputs })()"
    )


def outputs(page: Page, explorable: str = "scatterer") -> Any:
    return page.evaluate(
        f"(async () => {{ const e = explorables.get('{explorable}'); await e.ready; "
        "await e.set({}); return {...e.outputs} })()"
    )


def plane(page: Page) -> Locator:
    return page.locator("explorable-figure[name='scatterer.plane']")


def handle(page: Page, name: str) -> Locator:
    return plane(page).get_by_role("slider", name=name)


def centre(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def scale(page: Page) -> Callable[[float, float], tuple[float, float]]:
    """From data to pixels of the window: told by two handles of known places."""
    plane(page).scroll_into_view_if_needed()
    (x1, y1), (x2, y2) = (centre(handle(page, f"Own points: point {n} of 2")) for n in (1, 2))
    return lambda x, y: (x1 + (x + 2) / 5 * (x2 - x1), y1 + (y + 2) / 3 * (y2 - y1))


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=8)
    page.mouse.up()


def touch(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    session = page.context.new_cdp_session(page)

    def send(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in places]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", start)
    for n in range(1, 9):
        send("touchMove", tuple(a + (b - a) * n / 8 for a, b in zip(start, end, strict=True)))  # type: ignore[arg-type]
    send("touchEnd")


def test_a_point_is_dragged_by_mouse_and_its_sliders_and_the_model_follow(page: Page) -> None:
    to = scale(page)
    before = outputs(page)["far"]
    drag(page, to(1, 2), to(-3, -4))
    assert inputs(page)["hand"] == pytest.approx([-3, -4], abs=0.05)
    assert outputs(page)["far"] == pytest.approx(25, abs=0.5) != before
    shown = page.locator("explorable-input[name='scatterer.hand'] output").all_inner_texts()
    assert [float(text) for text in shown] == inputs(page)["hand"]


def test_a_point_stays_on_the_plane_and_its_handle_on_the_mark(page: Page) -> None:
    to = scale(page)
    drag(page, to(1, 2), to(9, 9))
    assert inputs(page)["hand"] == [6, 6]
    assert centre(handle(page, "Hand")) == pytest.approx(to(6, 6), abs=1)
    mark = plane(page).locator(".explorable-live .mark-symbol.role-mark path").last
    assert centre(mark) == pytest.approx(to(6, 6), abs=1.5)


def test_a_point_is_dragged_by_a_finger_while_the_page_stands_still(
    open_page: Open, charts: Path
) -> None:
    page = opened(open_page, charts, **PHONE)
    plane(page).evaluate("figure => scrollTo(0, figure.offsetTop - 200)")
    to = scale(page)
    scrolled = page.evaluate("scrollY")
    touch(page, to(1, 2), to(1, -5))
    assert inputs(page)["hand"] == pytest.approx([1, -5], abs=0.1)
    assert page.evaluate("scrollY") == scrolled


def test_a_finger_beside_the_points_scrolls_the_page_and_places_nothing(
    open_page: Open, charts: Path
) -> None:
    page = opened(open_page, charts, **PHONE)
    to = scale(page)
    scrolled = page.evaluate("scrollY")
    x, y = to(-5, 0)
    touch(page, (x, y), (x, y - 150))
    page.wait_for_function("before => scrollY > before", arg=scrolled)
    assert len(inputs(page)["own"]) == 2


def test_a_point_moves_by_the_arrow_keys(page: Page) -> None:
    handle(page, "Hand").focus()
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    assert inputs(page)["hand"] == pytest.approx([0.1, 2.1])
    assert handle(page, "Hand").get_attribute("aria-valuetext") == "x 0.10, y 2.10"


def test_a_point_is_moved_by_its_sliders_and_the_handle_follows(page: Page) -> None:
    to = scale(page)
    slider = page.locator("explorable-input[name='scatterer.hand'] input").first
    slider.focus()
    page.keyboard.press("End")
    assert inputs(page)["hand"] == [6, 2]
    assert centre(handle(page, "Hand")) == pytest.approx(to(6, 2), abs=1)


def test_a_click_adds_a_point_of_the_chosen_label_and_text_follows(page: Page) -> None:
    to = scale(page)
    page.locator("explorable-input[name='scatterer.own']").get_by_label("blue").check()
    page.mouse.click(*to(-4, 3))
    own = inputs(page)["own"]
    assert own[2] == [pytest.approx(-4, abs=0.05), pytest.approx(3, abs=0.05), 1]
    assert page.locator("explorable-value[name='scatterer.total']").inner_text() == "3"
    assert page.locator("explorable-value[name='scatterer.blue']").inner_text() == "2"


def test_a_finger_adds_a_point_by_a_tap_and_takes_it_away_again(
    open_page: Open, charts: Path
) -> None:
    page = opened(open_page, charts, **PHONE)
    plane(page).evaluate("figure => scrollTo(0, figure.offsetTop - 200)")
    to = scale(page)
    for _ in range(2):
        page.touchscreen.tap(*to(-4, 3))  # the second one is on the point that is there now
    assert len(inputs(page)["own"]) == 3
    page.get_by_role("button", name="Remove point 3 of 3").tap()
    assert len(inputs(page)["own"]) == 2


def test_points_are_added_side_by_side_and_no_button_comes_in_between(page: Page) -> None:
    to = scale(page)
    x, y = to(-4, -1)
    page.mouse.click(x, y)
    page.mouse.click(x + 30, y - 22)  # where the button to remove the first one would be
    assert len(inputs(page)["own"]) == 4
    page.mouse.click(x, y)
    page.get_by_role("button", name="Remove point 3 of 4").click()
    assert len(inputs(page)["own"]) == 3


def test_clicks_outside_the_plot_add_nothing_and_a_full_set_says_so(page: Page) -> None:
    to = scale(page)
    page.mouse.click(*to(-6.5, 0))
    assert len(inputs(page)["own"]) == 2
    for x in range(-4, 4):
        page.mouse.click(*to(x, -5))
    assert len(inputs(page)["own"]) == 5
    said = page.locator("explorable-input[name='scatterer.own'] [role=status]")
    assert said.inner_text() == "There is room for 5 points."


def test_a_point_of_a_set_is_dragged_and_keeps_its_label(page: Page) -> None:
    to = scale(page)
    drag(page, to(3, 1), to(-5, 5))
    own = inputs(page)["own"]
    assert own[0] == [-2, -2, 0]
    assert own[1] == [pytest.approx(-5, abs=0.05), pytest.approx(5, abs=0.05), 1]


def test_where_two_points_lie_close_the_nearer_one_is_taken(page: Page) -> None:
    to = scale(page)
    page.evaluate("explorables.get('scatterer').set({own: [[0, 0, 0], [0.3, 0, 1]]})")
    x, y = to(-0.1, 0)
    drag(page, (x, y), to(-0.1, 4))
    own = inputs(page)["own"]
    assert own[0][1] > 3
    assert own[1] == [0.3, 0, 1]


def test_points_are_walked_moved_and_removed_by_keyboard(page: Page) -> None:
    handle(page, "point 1 of 2").focus()
    page.keyboard.press("PageDown")
    assert page.evaluate("document.activeElement.ariaLabel") == "Own points: point 2 of 2, blue"
    page.keyboard.press("ArrowDown")
    assert inputs(page)["own"][1] == [3, pytest.approx(0.9), 1]
    page.keyboard.press("Delete")
    assert inputs(page)["own"] == [[-2, -2, 0]]
    assert page.evaluate("document.activeElement.ariaLabel") == "Own points: point 1 of 1, orange"
    page.keyboard.press("Backspace")
    assert inputs(page)["own"] == []
    assert outputs(page)["total"] == 0


def test_the_tab_key_stops_once_at_a_set_of_points(page: Page) -> None:
    stops = plane(page).locator("[role=slider][tabindex='0']").all()
    names = [stop.get_attribute("aria-label") for stop in stops]
    assert sorted(str(name) for name in names) == ["Hand", "Own points: point 1 of 2, orange"]


def test_points_are_placed_by_number_without_a_chart(page: Page) -> None:
    control = page.locator("explorable-input[name='scatterer.own']")
    control.locator("summary").click()
    control.get_by_label("x", exact=True).fill("4.5")
    control.get_by_label("y", exact=True).fill("-1")
    control.get_by_role("button", name="Add").click()
    assert inputs(page)["own"][2] == [4.5, -1, 0]
    control.get_by_label("Point", exact=True).select_option(index=2)
    field = control.get_by_label("x", exact=True)
    assert field.input_value() == "3"
    field.fill("-3")
    field.press("Enter")
    assert inputs(page)["own"][1] == [-3, 1, 1]
    control.get_by_role("button", name="Remove", exact=True).click()
    assert inputs(page)["own"] == [[-2, -2, 0], [4.5, -1, 0]]
    field.fill("60")
    control.get_by_role("button", name="Add").click()
    assert control.locator("[role=status]").inner_text() == (
        "The chart has x from -6 to 6 and y from -6 to 6."
    )
    assert len(inputs(page)["own"]) == 2


def test_all_points_are_removed_at_once_and_start_over_brings_them_back(page: Page) -> None:
    page.get_by_role("button", name="Remove all").click()
    assert inputs(page)["own"] == []
    assert plane(page).get_by_role("slider", name="Own points").count() == 0
    plane(page).get_by_role("button", name="Start over", exact=True).click()
    assert len(inputs(page)["own"]) == 2


def test_removing_all_points_can_be_undone_and_the_page_says_so(page: Page) -> None:
    before = inputs(page)["own"]
    control = page.locator("explorable-input[name='scatterer.own']")
    undo = control.get_by_role("button", name="Undo")
    assert undo.count() == 0
    control.get_by_role("button", name="Remove all").press("Enter")
    assert inputs(page)["own"] == []
    undo.press("Enter")
    assert inputs(page)["own"] == before
    assert (
        control.locator("[role=status]").inner_text() == "The points are as they were: 2 of them."
    )
    assert page.evaluate("document.activeElement.textContent") == "Remove all"
    assert undo.count() == 0


def test_a_point_that_was_deleted_on_the_chart_comes_back_too(page: Page) -> None:
    before = inputs(page)["own"]
    handle(page, "point 1 of 2").focus()
    page.keyboard.press("Delete")
    assert inputs(page)["own"] == before[1:]
    page.get_by_role("button", name="Undo").click()
    assert inputs(page)["own"] == before


def test_nothing_can_be_undone_any_more_once_the_points_have_changed(page: Page) -> None:
    to = scale(page)
    page.get_by_role("button", name="Remove all").click()
    undo = page.get_by_role("button", name="Undo")
    assert undo.count() == 1
    page.mouse.click(*to(-4, 3))
    assert len(inputs(page)["own"]) == 1
    assert undo.count() == 0


def test_removing_all_where_there_are_none_says_so_and_keeps_the_undo(page: Page) -> None:
    control = page.locator("explorable-input[name='scatterer.own']")
    for _ in range(2):
        control.get_by_role("button", name="Remove all").click()
    assert control.locator("[role=status]").inner_text() == "There are no points."
    control.get_by_role("button", name="Undo").click()
    assert len(inputs(page)["own"]) == 2


@pytest.mark.parametrize(
    ("text", "said", "points"),
    [
        ("x,y,label\n1,2,blue\n-1.5,0,orange\n", "2 points are read", [[1, 2, 1], [-1.5, 0, 0]]),
        ("1;2,5;blue", "1 point is read", [[1, 2.5, 1]]),
        ("1,2,green", "Line 1: the label is 'green'", None),
        ("1,2,blue\n1,20,blue", "Line 2: y is 20; it must lie between -6 and 6", None),
        ("<img src=x onerror=alert(1)>,1,blue", "<img src=x onerror=alert(1)>", None),
        ("0,0,blue\n" * 6, "6 points; there is room for 5", None),
        ("", "The file holds no points", None),
    ],
)
def test_a_csv_is_read_or_its_first_mistake_is_told(
    page: Page, text: str, said: str, points: Any
) -> None:
    before = inputs(page)["own"]
    control = page.locator("explorable-input[name='scatterer.own']")
    file = {"name": "mine.csv", "mimeType": "text/csv", "buffer": text.encode()}
    control.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    status = control.locator("[role=status]")
    status.wait_for()
    assert said in status.inner_text()
    assert inputs(page)["own"] == (before if points is None else points)


def test_a_brush_on_a_chart_is_an_interval_and_the_sliders_move_the_brush(page: Page) -> None:
    chart = page.locator("explorable-figure[name='scatterer.stretch']")
    chart.scroll_into_view_if_needed()
    brush = chart.locator(".window_brush path").first
    bars = chart.locator(".explorable-live .mark-rect.role-mark:not([class*=brush]) path")
    (left, y), (right, _) = centre(bars.first), centre(bars.last)
    unit = (right - left) / 10
    drag(page, (left + 5 * unit, y), (left + 8 * unit, y))
    assert inputs(page)["window"] == [5, 8]
    assert page.locator("explorable-value[name='scatterer.inside']").inner_text() == "4"
    page.locator("explorable-input[name='scatterer.window'] input").last.focus()
    page.keyboard.press("End")
    assert inputs(page)["window"] == [5, 10]
    page.wait_for_timeout(100)
    after = brush.bounding_box()
    assert after is not None
    assert after["x"] == pytest.approx(left + 5 * unit, abs=3)  # it has an edge of two pixels
    assert after["width"] == pytest.approx(5 * unit, abs=6)


def test_the_ends_of_an_interval_push_and_never_cross(page: Page) -> None:
    low, high = page.locator("explorable-input[name='scatterer.window'] input").all()
    low.focus()
    page.keyboard.press("End")
    assert inputs(page)["window"] == [4, 4]
    assert low.input_value() == "4"
    high.focus()
    page.keyboard.press("Home")
    assert inputs(page)["window"] == [4, 4]


def test_a_click_on_a_bar_is_a_choice_and_the_radios_select_the_bar(page: Page) -> None:
    chart = page.locator("explorable-figure[name='scatterer.kinds']")
    chart.scroll_into_view_if_needed()
    bars = chart.locator(".explorable-live .mark-rect.role-mark path")
    bars.nth(2).click()
    assert inputs(page)["form"] == 2
    assert page.locator("explorable-value[name='scatterer.form']").inner_text() == "sharp"
    page.locator("explorable-input[name='scatterer.form']").get_by_label("square").check()
    assert inputs(page)["form"] == 1
    page.wait_for_timeout(100)
    faded = [float(bar.get_attribute("opacity") or 1) for bar in bars.all()]
    assert faded == [0.3, 1, 0.3]


def test_a_click_beside_the_bars_keeps_the_choice(page: Page) -> None:
    chart = page.locator("explorable-figure[name='scatterer.kinds']")
    chart.scroll_into_view_if_needed()
    bars = chart.locator(".explorable-live .mark-rect.role-mark path")
    box = bars.nth(0).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 5, box["y"] - 8)
    page.wait_for_timeout(150)
    assert inputs(page)["form"] == 0
    faded = [float(bar.get_attribute("opacity") or 1) for bar in bars.all()]
    assert faded == [1, 0.3, 0.3]


def test_points_and_choices_work_on_charts_beside_each_other(page: Page) -> None:
    pair = page.locator("explorable-figure[name='scatterer.pair']")
    pair.scroll_into_view_if_needed()
    marks = pair.locator(".explorable-live .mark-symbol.role-mark path")
    handles = pair.get_by_role("slider")
    for mark, place in zip(marks.all(), handles.all(), strict=True):
        assert centre(place) == pytest.approx(centre(mark), abs=1.5)
    x, y = centre(handles.first)
    drag(page, (x, y), (x + 20, y - 20))
    assert inputs(page)["own"][0] == [pytest.approx(0, abs=0.2), pytest.approx(0, abs=0.2), 0]
    pair.locator(".explorable-live .mark-rect.role-mark path").nth(2).click()
    assert inputs(page)["form"] == 2
    page.locator("explorable-input[name='scatterer.form']").get_by_label("square").check()
    assert inputs(page)["form"] == 1


def test_parameters_of_a_chart_follow_a_slider_a_toggle_and_a_choice(page: Page) -> None:
    marks = plane(page).locator(".explorable-live .mark-symbol.role-mark path")
    before = marks.first.bounding_box()
    assert marks.first.get_attribute("opacity") == "0.5"
    page.locator("explorable-input[name='scatterer.dim'] input").press("End")
    page.locator("explorable-input[name='scatterer.marked'] input").uncheck()
    page.locator("explorable-input[name='scatterer.shade']").get_by_label("dark").check()
    inputs(page)
    page.wait_for_timeout(100)
    assert marks.last.get_attribute("opacity") == "0"
    assert marks.first.get_attribute("opacity") in (None, "1")
    after = marks.first.bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] == pytest.approx(before["width"] / 2, abs=1)


def test_the_last_of_several_choices_stays_and_the_page_says_why(page: Page) -> None:
    control = page.locator("explorable-input[name='scatterer.parts']")
    control.get_by_label("left").uncheck()
    assert inputs(page)["parts"] == [1]
    control.get_by_label("right").click()
    assert inputs(page)["parts"] == [1]
    assert control.get_by_label("right").is_checked()
    assert control.locator("[role=status]").inner_text() == "At least one has to stay."
    control.get_by_label("middle").check()
    assert inputs(page)["parts"] == [1, 2]


def test_a_size_is_a_slider_of_whole_numbers(page: Page) -> None:
    page.locator("explorable-input[name='scatterer.units'] input").focus()
    page.keyboard.press("End")
    assert outputs(page)["size"] == 8


def test_a_number_is_typed_anew_over_its_mark(page: Page) -> None:
    chart = page.locator("explorable-figure[name='walker.places']")
    chart.scroll_into_view_if_needed()
    chart.locator(".explorable-live .mark-symbol.role-mark path").nth(1).click()
    field = page.get_by_label("place of square")
    assert field.input_value() == "0"
    field.fill("7")
    field.press("Enter")
    assert field.count() == 0
    assert [row["place"] for row in outputs(page, "walker")["places"]] == [0, 7, 0]


def test_escape_leaves_a_number_as_it_was(page: Page) -> None:
    chart = page.locator("explorable-figure[name='walker.places']")
    chart.scroll_into_view_if_needed()
    chart.locator(".explorable-live .mark-symbol.role-mark path").nth(1).click()
    field = page.get_by_label("place of square")
    field.fill("7")
    field.press("Escape")
    assert field.count() == 0
    assert outputs(page, "walker")["sum"] == 0


def test_a_number_is_edited_by_keyboard_through_a_list(page: Page) -> None:
    chart = page.locator("explorable-figure[name='walker.places']")
    chart.locator("summary", has_text="Edit a number").press("Enter")
    chart.get_by_label("Which").select_option("sharp")
    field = chart.get_by_label("place", exact=True)
    field.fill("2.5")
    field.press("Enter")
    assert outputs(page, "walker")["sum"] == 2.5


def test_the_list_of_numbers_begins_at_the_mark_that_was_clicked(page: Page) -> None:
    chart = page.locator("explorable-figure[name='walker.places']")
    chart.scroll_into_view_if_needed()
    chart.locator(".explorable-live .mark-symbol.role-mark path").nth(1).click()
    page.get_by_label("place of square").press("Escape")
    chart.locator("summary", has_text="Edit a number").click()
    assert chart.get_by_label("Which").evaluate("list => list.selectedOptions[0].text") == "square"


def test_a_click_next_to_a_mark_means_it_and_one_far_away_means_nothing(page: Page) -> None:
    chart = page.locator("explorable-figure[name='walker.places']")
    chart.scroll_into_view_if_needed()
    box = chart.locator(".explorable-live .mark-symbol.role-mark path").nth(1).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] + 30, box["y"] - 30)
    assert page.get_by_label("place of square").count() == 0
    page.mouse.click(box["x"] + box["width"] + 3, box["y"] + box["height"] / 2)
    page.get_by_label("place of square").wait_for()


def test_a_click_next_to_something_else_on_the_page_leaves_that_alone(page: Page) -> None:
    chart = page.locator("explorable-figure[name='walker.places']")
    chart.scroll_into_view_if_needed()
    box = chart.locator(".explorable-live").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] - 20, box["y"] + 10
    page.evaluate(
        "([x, y]) => { const button = document.createElement('button'); button.className = 'near';"
        "button.style.cssText = `position: fixed; left: ${x + 3}px; top: ${y - 9}px`;"
        "button.textContent = 'A button'; button.onclick = () => button.remove();"
        "document.body.append(button); }",
        [x, y],
    )
    page.mouse.click(x, y)
    page.wait_for_timeout(100)
    assert page.locator("button.near").count() == 1


def test_an_open_list_of_numbers_follows_time_unless_somebody_types(page: Page) -> None:
    chart = page.locator("explorable-figure[name='walker.places']")
    chart.locator("summary", has_text="Edit a number").click()
    field = chart.get_by_label("place", exact=True)
    step = (
        "(async () => { const e = explorables.get('walker'); await e.ready; await e.step(2); })()"
    )
    page.evaluate("document.activeElement.blur()")
    page.evaluate(step)
    assert field.input_value() == "2"
    field.fill("7")
    page.evaluate(step)
    assert field.input_value() == "7"


def test_an_edited_number_is_where_time_goes_on_from(page: Page) -> None:
    page.evaluate(
        "(async () => { const e = explorables.get('walker'); await e.ready; await e.step(2); })()"
    )
    chart = page.locator("explorable-figure[name='walker.places']")
    chart.locator("summary", has_text="Edit a number").click()
    field = chart.get_by_label("place", exact=True)
    expect(field).to_have_value("2")  # the list is filled when the browser says that it opened
    field.fill("5")
    field.press("Enter")
    page.evaluate("explorables.get('walker').step()")
    assert [row["place"] for row in outputs(page, "walker")["places"]] == [6, 3, 3]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_nothing_is_cut_off(
    open_page: Open, charts: Path, scheme: str, width: int
) -> None:
    page = opened(open_page, charts, color_scheme=scheme, viewport={"width": width, "height": 800})
    for summary in page.locator("article details > summary").all():
        summary.click()
    handle(page, "point 1 of 2").focus()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_handles_stay_on_their_marks_when_the_window_changes(page: Page) -> None:
    handle(page, "Hand").wait_for()
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_timeout(300)
    mark = plane(page).locator(".explorable-live .mark-symbol.role-mark path").last
    plane(page).scroll_into_view_if_needed()
    assert centre(handle(page, "Hand")) == pytest.approx(centre(mark), abs=1.5)
