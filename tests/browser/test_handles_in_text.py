"""Inputs that a reader sets in a sentence: numbers to drag and to type, words to choose."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, all_live, file_address, violations

PHONE = {"has_touch": True, "viewport": {"width": 360, "height": 740}}


@pytest.fixture
def page(open_page: Open, sentences: Path) -> Page:
    return opened(open_page, sentences)


def opened(open_page: Open, sentences: Path, **options: Any) -> Page:
    page, _ = open_page(file_address(sentences), **options)
    expect(value(page, "slope")).to_have_attribute("state", "live")
    expect(page.locator("explorable-figure[name='curve.picture'][state=live]")).to_be_attached()
    return page


def value(page: Page, name: str) -> Locator:
    """The first value of an input of the curve, which stands in the first paragraph."""
    return page.locator(f"p > explorable-value[name='curve.{name}']").first


def knob(page: Page, name: str) -> Locator:
    return value(page, name).get_by_role("slider")


def curve(page: Page) -> Any:
    """The inputs, once everything that was asked for is painted."""
    return page.evaluate(
        "(async () => { const e = explorables.get('curve'); await e.ready; "
        "await e.set({}); return e.inputs })()"
    )


def centre(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, name: str, pixels: float) -> None:
    x, y = centre(knob(page, name))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + pixels, y, steps=8)
    page.mouse.up()


def swipe(page: Page, name: str, dx: float, dy: float) -> None:
    """A finger's way over the glass from a number on."""
    x, y = centre(knob(page, name))
    glass = page.context.new_cdp_session(page)
    begin, ways = [{"x": x, "y": y}], 10
    glass.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": begin})
    for n in range(1, ways + 1):
        at = [{"x": x + dx * n / ways, "y": y + dy * n / ways}]
        glass.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": at})
    glass.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_mouse_drags_a_number_from_stop_to_stop(page: Page) -> None:
    drag(page, "count", 25)  # 38 stops lie 2.5 pixels apart
    expect(knob(page, "count")).to_have_text("30 points")
    assert curve(page)["count"] == 30
    drag(page, "count", -15)
    expect(knob(page, "count")).to_have_text("24 points")


def test_two_hundred_pixels_are_the_whole_way_of_a_fine_slider(page: Page) -> None:
    drag(page, "fine", 100)
    expect(knob(page, "fine")).to_have_text("0.750")
    drag(page, "fine", 300)
    expect(knob(page, "fine")).to_have_text("1.000")
    drag(page, "fine", -600)
    expect(knob(page, "fine")).to_have_text("0.000")


def test_a_number_keeps_its_emphasis_and_its_words(page: Page) -> None:
    drag(page, "fine", 20)
    expect(value(page, "fine").locator("strong")).to_have_text("0.350")
    drag(page, "share", -20)
    expect(knob(page, "share")).to_have_text("80%")


def test_everything_else_follows_while_the_number_is_dragged(page: Page) -> None:
    x, y = centre(knob(page, "slope"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 15, y)
    expect(knob(page, "slope")).to_have_text("2.0")
    expect(page.locator("input[type=range]").first).to_have_value("2")
    expect(page.locator("figcaption explorable-value").first).to_have_text("2.0")
    expect(value(page, "end")).not_to_have_text("4.10")
    page.mouse.up()


def test_a_burst_of_moves_within_a_frame_is_one_run(page: Page) -> None:
    runs = page.evaluate(
        """async () => {
          const knob = document.querySelector("[name='curve.count'] [role=slider]");
          const end = document.querySelector("[name='curve.end']");
          const { x, y } = knob.getBoundingClientRect();
          let texts = 0;
          new MutationObserver(() => texts++).observe(end, {childList: true, subtree: true});
          const send = (type, dx) => knob.dispatchEvent(new PointerEvent(type,
            {pointerId: 1, clientX: x + dx, clientY: y, isPrimary: true, bubbles: true}));
          knob.setPointerCapture = () => undefined; // the browser knows of no such pointer
          send("pointerdown", 0);
          for (let dx = 5; dx <= 40; dx += 5) send("pointermove", dx);
          send("pointerup", 40);
          await explorables.get("curve").set({});
          return texts;
        }"""
    )
    assert runs == 1
    expect(knob(page, "count")).to_have_text("36 points")


def test_a_number_follows_a_control_another_number_and_the_address(page: Page) -> None:
    page.get_by_label("Slope").and_(page.locator("input")).fill("-0.5")
    expect(knob(page, "slope")).to_have_text("-0.5")
    page.locator("figcaption explorable-value").first.get_by_role("slider").press("ArrowRight")
    expect(knob(page, "slope")).to_have_text("0.0")
    page.evaluate("location.hash = '#curve.slope=1.5'")
    expect(knob(page, "slope")).to_have_text("1.5")
    expect(knob(page, "slope")).to_have_attribute("aria-valuenow", "1.5")


def test_a_press_without_a_way_changes_nothing(page: Page) -> None:
    drag(page, "fine", 2)
    expect(knob(page, "fine")).to_be_focused()
    assert curve(page)["fine"] == 0.25


def test_escape_takes_a_drag_back(page: Page) -> None:
    x, y = centre(knob(page, "count"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 50, y)
    expect(knob(page, "count")).to_have_text("40 points")
    page.keyboard.press("Escape")
    page.mouse.move(x + 60, y)
    page.mouse.up()
    expect(knob(page, "count")).to_have_text("20 points")


def test_keys_move_a_number(page: Page) -> None:
    number = knob(page, "share")
    number.focus()
    for key, text in {
        "ArrowRight": "91%",
        "ArrowUp": "92%",
        "ArrowLeft": "91%",
        "ArrowDown": "90%",
        "PageDown": "80%",
        "PageUp": "90%",
        "End": "100%",
        "Home": "0%",
        "Delete": "90%",
    }.items():
        page.keyboard.press(key)
        expect(number).to_have_text(text)
    page.keyboard.press("End")
    page.keyboard.press("Backspace")
    expect(number).to_have_text("90%")
    expect(number).to_be_focused()
    assert page.evaluate("scrollY") == 0


def test_a_double_click_gives_back_the_start(page: Page) -> None:
    drag(page, "count", 25)
    expect(knob(page, "count")).to_have_text("30 points")
    knob(page, "count").dblclick()
    expect(knob(page, "count")).to_have_text("20 points")
    knob(page, "count").dblclick()  # selects no word
    assert page.evaluate("String(getSelection())") == ""


def test_typing_a_digit_opens_a_field_and_enter_takes_the_number(page: Page) -> None:
    knob(page, "share").focus()
    page.keyboard.type("42")
    field = value(page, "share").get_by_role("textbox", name="Share")
    expect(field).to_be_focused()
    expect(field).to_have_value("42")
    expect(knob(page, "share")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(field).to_have_count(0)
    expect(knob(page, "share")).to_be_focused()
    expect(knob(page, "share")).to_have_text("42%")
    assert curve(page)["share"] == 0.42


def test_enter_opens_a_field_with_the_number_and_escape_gives_up(page: Page) -> None:
    knob(page, "share").press("Enter")
    field = value(page, "share").get_by_role("textbox")
    expect(field).to_have_value("90%")
    page.keyboard.type("3")  # over what is selected
    expect(field).to_have_value("3")
    page.keyboard.press("Escape")
    expect(field).to_have_count(0)
    expect(knob(page, "share")).to_be_focused()
    expect(knob(page, "share")).to_have_text("90%")


def test_a_typed_number_between_two_stops_goes_to_the_nearest(page: Page) -> None:
    knob(page, "slope").focus()
    page.keyboard.type("-1.3")
    page.keyboard.press("Enter")
    expect(knob(page, "slope")).to_have_text("-1.5")


def test_a_number_that_is_left_is_taken(page: Page) -> None:
    knob(page, "slope").focus()
    page.keyboard.type("2")
    page.keyboard.press("Tab")
    expect(knob(page, "slope")).to_have_text("2.0")
    expect(knob(page, "slope")).not_to_be_focused()
    knob(page, "slope").focus()
    page.keyboard.type("no")  # letters open nothing
    page.keyboard.type("-")
    page.keyboard.press("Tab")
    expect(knob(page, "slope")).to_have_text("2.0")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("9", "9 is too large: this goes from -2 to 2."),
        ("-2.5", "-2.5 is too small: this goes from -2 to 2."),
        ("1..2", "This takes a number from -2 to 2, such as 1."),
    ],
)
def test_a_bad_number_is_told_in_words_and_can_be_mended(page: Page, typed: str, said: str) -> None:
    knob(page, "slope").focus()
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    field = value(page, "slope").get_by_role("textbox")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(said)
    expect(value(page, "slope").get_by_role("status")).to_have_text(said)
    field.fill("0.5")
    expect(value(page, "slope").get_by_role("status")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(knob(page, "slope")).to_have_text("0.5")


def test_what_is_told_of_a_number_stays_in_a_narrow_window(
    open_page: Open, sentences: Path
) -> None:
    page = opened(open_page, sentences, viewport={"width": 360, "height": 740})
    for name in ("slope", "share", "count", "fine"):
        knob(page, name).focus()
        page.keyboard.type("99999")
        page.keyboard.press("Enter")
        box = value(page, name).get_by_role("status").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        page.keyboard.press("Escape")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_page_generators_shortcuts_do_not_take_typed_numbers(page: Page) -> None:
    """Material goes to the next page on a full stop and to the last one on a comma."""
    page.evaluate("window.heard = []; addEventListener('keydown', e => heard.push(e.key))")
    knob(page, "slope").focus()
    page.keyboard.type(".5")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("heard") == []
    expect(knob(page, "slope")).to_have_text("1.0")


def test_a_screen_reader_meets_a_slider(page: Page) -> None:
    number = knob(page, "share")
    expect(number).to_have_accessible_name("Share")
    expect(number).to_have_accessible_description(re.compile("arrow keys"))
    for name, text in {
        "valuemin": "0",
        "valuemax": "1",
        "valuenow": "0.9",
        "valuetext": "90%",
    }.items():
        expect(number).to_have_attribute(f"aria-{name}", text)
    number.press("ArrowRight")
    expect(number).to_have_attribute("aria-valuenow", "0.91")
    expect(number).to_have_attribute("aria-valuetext", "91%")


def test_a_finger_drags_sideways_without_scrolling(open_page: Open, sentences: Path) -> None:
    page = opened(open_page, sentences, **PHONE)
    swipe(page, "fine", 100, 5)
    expect(knob(page, "fine")).not_to_have_text("0.250")
    assert curve(page)["fine"] == pytest.approx(0.75, abs=0.08)
    assert page.evaluate("scrollY") == 0


def test_a_finger_that_begins_on_a_number_can_scroll(open_page: Open, sentences: Path) -> None:
    page = opened(open_page, sentences, **PHONE)
    swipe(page, "fine", 6, -150)
    page.wait_for_function("scrollY > 50")
    expect(knob(page, "fine")).to_have_text("0.250")
    assert curve(page)["fine"] == 0.25


def test_a_double_tap_gives_back_the_start(open_page: Open, sentences: Path) -> None:
    page = opened(open_page, sentences, **PHONE)
    knob(page, "count").press("End")
    place = centre(knob(page, "count"))
    for _ in range(2):
        page.touchscreen.tap(*place)
    expect(knob(page, "count")).to_have_text("20 points")
    expect(knob(page, "count")).to_be_focused()


def test_a_tap_lets_a_finger_type(open_page: Open, sentences: Path) -> None:
    page = opened(open_page, sentences, **PHONE)
    page.touchscreen.tap(*centre(knob(page, "count")))
    field = value(page, "count").get_by_role("textbox")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("inputmode", "decimal")
    page.keyboard.type("7")  # what was there is selected
    page.keyboard.press("Enter")
    expect(knob(page, "count")).to_have_text("7 points")
    page.touchscreen.tap(*centre(knob(page, "count")))
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    expect(knob(page, "count")).to_have_text("9 points")


def test_a_word_is_chosen_from_a_native_list(page: Page) -> None:
    words = value(page, "shape").get_by_role("combobox", name="Shape")
    expect(words.locator("option")).to_have_count(3)
    # A screen reader meets the list and not the word under it.
    assert value(page, "shape").aria_snapshot().startswith('- combobox "Shape"')
    words.select_option("a wave")
    expect(value(page, "shape")).to_have_text("a wave")
    expect(value(page, "end")).not_to_have_text("4.10")
    words.press("ArrowUp")
    expect(value(page, "shape")).to_have_text("bent")
    page.evaluate("explorables.get('curve').set({shape: 0})")
    expect(value(page, "shape")).to_have_text("straight")
    expect(words).to_have_value("0")


def test_a_list_lies_over_its_word(page: Page) -> None:
    word = value(page, "shape").locator(".explorable-knob").bounding_box()
    words = value(page, "shape").get_by_role("combobox").bounding_box()
    assert word is not None
    assert words is not None
    assert words["x"] <= word["x"]
    assert words["y"] <= word["y"] + 2
    assert words["x"] + words["width"] >= word["x"] + word["width"]
    assert words["y"] + words["height"] >= word["y"] + word["height"] - 2
    assert words["width"] < 1.5 * word["width"]


def test_a_word_is_switched_by_a_click_or_the_keyboard(page: Page) -> None:
    switch = value(page, "mirrored").get_by_role("switch", name="Mirrored")
    expect(switch).not_to_be_checked()
    switch.click()
    expect(switch).to_have_text("on")
    expect(switch).to_be_checked()
    assert curve(page)["mirrored"] is True
    switch.press("Space")
    expect(switch).to_have_text("off")


def test_a_number_that_does_nothing_now_is_no_handle_until_it_does(page: Page) -> None:
    number = knob(page, "radius")
    expect(number).to_have_attribute("aria-disabled", "true")
    drag(page, "radius", 50)
    number.press("ArrowRight")
    assert curve(page)["radius"] == 0.5
    value(page, "rounded").get_by_role("combobox").select_option("round")
    expect(number).to_have_attribute("aria-disabled", "false")
    number.press("ArrowRight")
    expect(number).to_have_text("0.6")


def test_inside_a_link_or_a_summary_a_value_is_only_shown(page: Page) -> None:
    page.evaluate(
        """() => {
          const old = document.querySelector("explorable-value[name='curve.slope']");
          for (const tag of ['a', 'summary', 'label']) {
            const around = document.createElement(tag);
            around.append(old.cloneNode());
            around.firstChild.textContent = '1.0';
            old.parentElement.append(around);
          }
        }"""
    )
    inner = page.locator(":is(a, summary, label) > explorable-value[name='curve.slope']")
    expect(inner).to_have_count(3)
    knob(page, "slope").press("End")
    for shown in inner.all():
        expect(shown).to_have_text("2.0")
        expect(shown.get_by_role("slider")).to_have_count(0)


def test_a_handle_that_is_moved_in_the_page_works_on(page: Page) -> None:
    """As a page generator moves parts, or a formula is laid out anew."""
    page.evaluate(
        "document.querySelector('h2').append("
        "document.querySelector(\"explorable-value[name='curve.fine']\"))"
    )
    moved = page.locator("h2 explorable-value[name='curve.fine']")
    expect(moved.get_by_role("slider")).to_have_count(1)
    moved.get_by_role("slider").press("End")
    expect(moved.locator("strong")).to_have_text("1.000")


def test_the_sentence_keeps_its_lines_when_its_handles_come_to_life(
    open_page: Open, sentences: Path
) -> None:
    boxes = (
        "[...document.querySelectorAll('p > explorable-value')]"
        ".map(value => value.getBoundingClientRect().left)"
    )
    still, watch = open_page(
        file_address(sentences),
        before=lambda page: page.route("**/explorables.js", lambda route: route.abort()),
    )
    watch.allowed.append("ERR_FAILED")
    still.evaluate("document.fonts.ready")
    before = still.evaluate(boxes)
    page = opened(open_page, sentences)
    page.evaluate("document.fonts.ready")
    assert page.evaluate(boxes) == pytest.approx(before, abs=1)


def test_an_author_names_a_colour_of_the_charts(page: Page) -> None:
    lines = "v => getComputedStyle(v.querySelector('.explorable-knob')).textDecorationColor"
    named, other = (value(page, name).evaluate(lines) for name in ("slope", "fine"))
    assert named == "rgb(26, 157, 105)"
    assert other == "rgb(0, 81, 173)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_sentences(open_page: Open, sentences: Path, scheme: str) -> None:
    page = opened(open_page, sentences, color_scheme=scheme)
    all_live(page)
    page.evaluate("scrollTo(0, 0)")
    assert violations(page) == []
    knob(page, "slope").focus()
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    assert violations(page) == []


def test_without_scripts_a_handle_is_a_number_in_a_sentence(
    open_page: Open, sentences: Path
) -> None:
    page, _ = open_page(file_address(sentences), java_script_enabled=False)
    text = page.locator("article p").first
    expect(text).to_contain_text("With a slope of 1.0 and a share of 90%, the curve of 20 points")
    assert text.locator("select, input, button, [role], [tabindex]").count() == 0
    assert page.get_by_role("slider").count() == 0


def test_handles_work_under_a_strict_policy(open_page: Open, sentences: Path, serve: Any) -> None:
    server = serve(sentences, "")
    page, _ = open_page(server.address + "index.html", home=server.address)
    expect(value(page, "slope")).to_have_attribute("state", "live")
    drag(page, "count", 25)
    expect(knob(page, "count")).to_have_text("30 points")
    knob(page, "slope").focus()
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    expect(value(page, "slope").get_by_role("status")).to_contain_text("too large")


def test_on_paper_a_handle_is_a_number(page: Page) -> None:
    page.emulate_media(media="print")
    lines = "v => getComputedStyle(v.querySelector('.explorable-knob')).textDecorationLine"
    assert value(page, "slope").evaluate(lines) == "none"
