"""Questions: a reader commits to an answer, and then the page shows more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, Server, file_address, violations
from tests.browser.test_formulas import PHONE

NUMBER, CHOICE, SHARE, CURVE = range(4)
COMMIT, PEEK = "That is my guess", "Show without guessing"


@pytest.fixture
def opened(open_page: Open, words: Path) -> Callable[..., Page]:
    def open_it(**options: Any) -> Page:
        page, _ = open_page(file_address(words, "guesses.html"), **options)
        return page

    return open_it


def question(page: Page, number: int) -> Locator:
    return page.locator("explorable-guess").nth(number)


def commit(asked: Locator) -> None:
    asked.get_by_role("button", name=COMMIT).click()


def reveal(asked: Locator) -> Locator:
    return asked.locator(".explorable-reveal")


def verdict(asked: Locator) -> Locator:
    return asked.locator("> .explorable-verdict[role=status]")


def test_without_scripts_a_question_opens_and_holds_the_answer(
    opened: Callable[..., Page],
) -> None:
    page = opened(java_script_enabled=False)
    asked = question(page, NUMBER)
    expect(asked.get_by_text("The answer: 7 steps")).to_be_hidden()
    expect(asked.locator("form")).to_be_hidden()
    asked.locator("summary").first.click()
    expect(asked.get_by_text("The answer: 7 steps")).to_be_visible()
    curve = question(page, CURVE)
    curve.locator("summary").first.click()
    expect(curve.get_by_role("img", name="The true curve of error over step")).to_be_visible()


def test_where_the_script_is_missing_the_answer_can_still_be_opened(
    open_page: Open,
    words: Path,
) -> None:
    page, watch = open_page(
        file_address(words, "guesses.html"),
        before=lambda page: page.route("**/guess.js", lambda route: route.abort()),
    )
    watch.allowed.append("ERR_FAILED")
    asked = question(page, CHOICE)
    expect(asked.get_by_role("button", name=COMMIT)).to_be_disabled()
    asked.locator("summary").first.click()
    expect(asked.get_by_text("The answer: slow")).to_be_visible()


def test_the_reveal_waits_for_a_number_and_says_how_far_off_it_is(
    opened: Callable[..., Page],
) -> None:
    asked = question(opened(), NUMBER)
    expect(reveal(asked)).to_be_hidden()
    asked.get_by_label("Your guess").fill("12")
    commit(asked)
    expect(verdict(asked)).to_have_text("You said 12 steps; it is 7. Your guess is too high.")
    expect(asked.get_by_text("It is above it")).to_be_visible()
    expect(asked.get_by_label("Your guess")).to_be_disabled()
    expect(asked.get_by_role("button", name=COMMIT)).to_be_hidden()


def test_a_figure_in_the_reveal_comes_to_life_when_it_is_shown(opened: Callable[..., Page]) -> None:
    page = opened()
    figure = page.locator("explorable-figure")
    expect(figure).to_have_attribute("state", "static")
    asked = question(page, NUMBER)
    asked.get_by_label("Your guess").fill("7")
    commit(asked)
    expect(verdict(asked)).to_have_text("You said 7 steps, and 7 it is.")
    figure.scroll_into_view_if_needed()
    expect(figure).to_have_attribute("state", "live")


@pytest.mark.parametrize("typed", ["", "22", "-1"])
def test_a_number_out_of_range_or_missing_reveals_nothing(
    opened: Callable[..., Page], typed: str
) -> None:
    asked = question(opened(), NUMBER)
    field = asked.get_by_label("Your guess")
    field.fill(typed)
    commit(asked)
    expect(field).to_be_focused()
    assert field.evaluate("field => !field.validity.valid")
    expect(reveal(asked)).to_be_hidden()


def test_a_guess_can_be_changed_until_it_is_committed_to(opened: Callable[..., Page]) -> None:
    asked = question(opened(), CHOICE)
    asked.get_by_role("radio", name="fast").check()
    asked.get_by_role("radio", name="slow").check()
    commit(asked)
    expect(verdict(asked)).to_have_text("You said slow, and that is right.")
    expect(asked.get_by_role("radio", name="slow")).to_be_disabled()


def test_a_wrong_choice_is_said_in_words(opened: Callable[..., Page]) -> None:
    page = opened()
    asked = question(page, CHOICE)
    expect(page.get_by_role("group", name="Is that fast or slow?")).to_be_visible()
    commit(asked)
    expect(reveal(asked)).to_be_hidden()  # nothing was chosen
    asked.get_by_role("radio", name="fast").check()
    commit(asked)
    expect(verdict(asked)).to_have_text("You said fast; it is slow.")


def test_keys_alone_answer_a_question_and_go_on_behind_it(opened: Callable[..., Page]) -> None:
    page = opened()
    asked = question(page, SHARE)
    asked.get_by_label("Your guess").focus()
    page.keyboard.type("33")
    page.keyboard.press("Enter")
    expect(verdict(asked)).to_have_text("You said 33%, and 33 it is.")
    expect(reveal(asked)).to_be_focused()


@pytest.mark.parametrize(
    ("number", "said"),
    [(NUMBER, "It is 7 steps."), (SHARE, "It is 33%."), (CURVE, "The true curve is drawn.")],
)
def test_a_reader_may_look_without_guessing(
    opened: Callable[..., Page], number: int, said: str
) -> None:
    asked = question(opened(), number)
    asked.get_by_role("button", name=PEEK).click()
    expect(verdict(asked)).to_have_text(said)
    expect(reveal(asked)).to_be_visible()


def test_a_guess_is_kept_in_the_page_alone(opened: Callable[..., Page]) -> None:
    page = opened()
    asked = question(page, CHOICE)
    asked.get_by_role("radio", name="fast").check()
    commit(asked)
    assert page.evaluate("document.cookie") == ""
    assert "fast" not in page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    page.reload()
    expect(reveal(question(page, CHOICE))).to_be_hidden()
    expect(question(page, CHOICE).get_by_role("radio", name="fast")).not_to_be_checked()


def place_on(axes: Locator, across: float, up: float) -> tuple[float, float]:
    """A place by its shares of the axes, which stand at 48 to 348 and 214 to 30 of the drawing."""
    box = axes.bounding_box()
    assert box
    scale = box["width"] / 360
    return box["x"] + scale * (48 + 300 * across), box["y"] + scale * (214 - 184 * up)


def axes_of(asked: Locator) -> Locator:
    axes = asked.get_by_role("slider", name="Your curve: error over step")
    axes.scroll_into_view_if_needed()
    return axes


def test_a_curve_is_drawn_with_a_mouse_and_told_by_its_distance(
    opened: Callable[..., Page],
) -> None:
    page = opened()
    asked = question(page, CURVE)
    axes = axes_of(asked)
    page.mouse.move(*place_on(axes, 0, 1))
    page.mouse.down()
    page.mouse.move(*place_on(axes, 1, 0.8))
    page.mouse.up()
    commit(asked)
    # The mean of 0.9 ** step, linear between steps, at the 41 places that are compared: 0.421.
    expect(verdict(asked)).to_contain_text("On average your curve is 0.48 away from the true one")
    expect(verdict(asked)).to_contain_text("mostly above it")
    seen = asked.locator("form svg").first
    expect(seen.locator(".explorable-true")).to_be_visible()
    expect(seen.locator(".explorable-yours")).to_be_visible()
    expect(seen).to_have_attribute("role", "img")
    expect(asked.get_by_text("your curve", exact=True)).to_be_visible()


def test_an_empty_curve_reveals_nothing_and_says_what_to_do(opened: Callable[..., Page]) -> None:
    asked = question(opened(), CURVE)
    commit(asked)
    expect(verdict(asked)).to_have_text("Draw a line across the axes first.")
    expect(axes_of(asked)).to_be_focused()
    expect(reveal(asked)).to_be_hidden()


def test_a_curve_is_drawn_with_the_arrow_keys_and_told_as_it_goes(
    opened: Callable[..., Page],
) -> None:
    page = opened()
    asked = question(page, CURVE)
    axes = axes_of(asked)
    expect(axes).to_have_attribute("aria-valuetext", "step 0: nothing drawn yet")
    axes.focus()
    for _ in range(5):
        page.keyboard.press("PageUp")
    expect(axes).to_have_attribute("aria-valuetext", "step 0: error 1")
    page.keyboard.press("End")
    for _ in range(45):
        page.keyboard.press("ArrowDown")
    expect(axes).to_have_attribute("aria-valuetext", "step 20: error 0.1")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(verdict(asked)).to_contain_text("mostly above it")


def test_a_finger_draws_a_curve_on_a_phone(opened: Callable[..., Page]) -> None:
    page = opened(has_touch=True, viewport=PHONE)
    asked = question(page, CURVE)
    axes = axes_of(asked)
    touch = page.context.new_cdp_session(page)
    at = [place_on(axes, share / 10, 1 - share / 20) for share in range(11)]
    for number, (x, y) in enumerate(at):
        kind = "touchMove" if number else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(axes).to_have_attribute("aria-valuetext", "step 20: error 0.5")
    commit(asked)
    expect(verdict(asked)).to_contain_text("mostly above it")


def test_a_drawn_curve_can_be_cleared(opened: Callable[..., Page]) -> None:
    page = opened()
    asked = question(page, CURVE)
    axes = axes_of(asked)
    page.mouse.click(*place_on(axes, 0.5, 0.5))
    expect(axes).to_have_attribute("aria-valuetext", "step 10: error 0.5")
    asked.get_by_role("button", name="Clear").click()
    expect(axes).to_have_attribute("aria-valuetext", "step 10: nothing drawn yet")


def test_nothing_of_the_page_moves_when_the_script_comes(
    open_page: Open,
    words: Path,
) -> None:
    """With the script held back and with it, each question takes the same room."""
    tall = "[...document.querySelectorAll('explorable-guess')].map(one => one.offsetHeight)"
    heights = []
    for hold in (True, False):
        page, watch = open_page(
            file_address(words, "guesses.html"),
            before=(lambda page: page.route("**/guess.js", lambda route: route.abort()))
            if hold
            else None,
        )
        watch.allowed.append("ERR_FAILED")
        heights.append(page.evaluate(tall))
    assert heights[0] == pytest.approx(heights[1], abs=2)


@pytest.mark.parametrize("scripts", [True, False])
def test_on_paper_every_question_shows_its_answer_and_what_lies_behind(
    opened: Callable[..., Page], scripts: bool
) -> None:
    page = opened(java_script_enabled=scripts)
    page.emulate_media(media="print")
    expect(page.get_by_text("The answer: 7 steps")).to_be_visible()
    expect(page.get_by_text("It falls by a tenth of itself")).to_be_visible()
    expect(page.get_by_role("button", name=COMMIT).first).to_be_hidden()


def test_a_strict_policy_lets_questions_through(
    open_page: Open,
    words: Path,
    serve: Callable[..., Server],
) -> None:
    server = serve(words, "below/")
    page, _ = open_page(server.address + "guesses.html", home=server.address)
    asked = question(page, CHOICE)
    asked.get_by_role("radio", name="slow").check()
    commit(asked)
    expect(verdict(asked)).to_contain_text("right")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_in_questions_before_and_after(
    opened: Callable[..., Page], scheme: str, width: int
) -> None:
    page = opened(color_scheme=scheme, viewport={"width": width, "height": 900})
    expect(question(page, CURVE)).to_have_attribute("state", "asking")
    assert violations(page) == []
    for number in (NUMBER, CHOICE, SHARE, CURVE):
        question(page, number).get_by_role("button", name=PEEK).click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
