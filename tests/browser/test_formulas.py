"""Formulas: set at build, with numbers that follow the model and can be moved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, Server, file_address, violations

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def opened(open_page: Open, words: Path) -> Callable[..., Page]:
    def open_it(name: str = "formulas.html", **options: Any) -> Page:
        page, _ = open_page(file_address(words, name), **options)
        if options.get("java_script_enabled", True):
            expect(page.locator("explorable-value[state=live]").first).to_be_attached()
        return page

    return open_it


def handle(page: Page) -> Locator:
    """The number of the first formula that can be moved."""
    return page.locator(".katex").get_by_role("slider").first


def widths(page: Page) -> list[float]:
    """Of every formula on lines of its own."""
    found: list[float] = page.evaluate(
        "[...document.querySelectorAll('.katex-display .katex-base')]"
        ".map(base => base.getBoundingClientRect().width)"
    )
    return found


def test_without_scripts_formulas_stand_with_the_numbers_of_the_build(
    opened: Callable[..., Page],
) -> None:
    page = opened(java_script_enabled=False)
    glyphs = page.locator("explorable-glyphs")
    expect(glyphs.nth(2)).to_have_text("β=9.0")
    expect(glyphs.nth(3)).to_have_text("β20≈0.122")
    box = glyphs.first.bounding_box()
    assert box
    assert box["height"] > 10


def test_a_formula_is_drawn_in_its_own_fonts_from_beside_the_page(
    opened: Callable[..., Page],
) -> None:
    page = opened()
    page.evaluate("document.fonts.ready")
    loaded = page.evaluate(
        "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)"
    )
    assert {"KaTeX_Main", "KaTeX_Math", "KaTeX_AMS", "KaTeX_Size3"} <= set(loaded)
    assert page.evaluate("[...document.fonts].every(f => f.status !== 'error')")


def test_a_page_without_formulas_and_questions_loads_nothing_for_them(
    open_page: Open, words: Path
) -> None:
    page, _ = open_page(file_address(words))
    assert page.locator("link[href*=katex], link[href*=guess], script[src*=guess]").count() == 0
    expect(page.get_by_text("from $5-$10.")).to_be_visible()


def test_a_strict_policy_lets_formulas_and_handles_through(
    open_page: Open, words: Path, serve: Callable[..., Server]
) -> None:
    server = serve(words, "below/")
    page, _ = open_page(server.address + "formulas.html", home=server.address)
    expect(handle(page)).to_have_text("9.0")


def test_moving_a_number_of_a_formula_moves_the_model_and_every_other_number(
    opened: Callable[..., Page],
) -> None:
    page = opened()
    handle(page).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".katex-display").get_by_role("slider")).to_have_text("10.0")
    for value in page.locator("explorable-glyphs explorable-value[name='descent.last']").all():
        expect(value).to_have_text("1.000")
    heard = page.locator("math mtext > explorable-value[name='descent.rate']").first
    expect(heard).to_have_text("10.0")


def test_a_formula_stands_still_while_its_number_gets_another_digit(
    opened: Callable[..., Page],
) -> None:
    page = opened()
    before = widths(page)
    place = page.locator(".katex-display").get_by_role("slider")
    place.focus()
    for shown in ("9.5", "10.0"):
        page.keyboard.press("ArrowRight")
        expect(place).to_have_text(shown)
    assert widths(page) == pytest.approx(before, abs=0.5)


def test_a_finger_drags_a_number_in_a_formula(opened: Callable[..., Page]) -> None:
    page = opened(has_touch=True, viewport=PHONE)
    place = handle(page)
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box
    touch = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch.send(
        "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
    )
    for n in range(1, 9):
        points = [{"x": x - 10 * n, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(place).not_to_have_text("9.0")


def test_screen_readers_get_each_formula_once_and_its_handles(opened: Callable[..., Page]) -> None:
    page = opened()
    tree = page.locator("article p").first.aria_snapshot()
    assert tree.count("slider") == 2  # one in a formula and one in the sentence
    assert tree.count("Share that is kept") == 2
    assert page.locator(".katex [aria-hidden=true] [tabindex]").count() == 0


def test_a_quantity_has_one_colour_in_its_chart_its_formulas_and_its_sentences(
    opened: Callable[..., Page],
) -> None:
    page = opened()
    colours = page.evaluate(
        "['.katex .c2', 'p > explorable-value.c2', '.katex explorable-value.c2']"
        ".map(found => getComputedStyle(document.querySelector(found)).color)"
    )
    line = page.locator("explorable-figure .mark-line path").first
    assert {*colours} == {line.evaluate("mark => getComputedStyle(mark).stroke")}


def test_a_formula_wider_than_a_phone_scrolls_in_its_own_box_by_keyboard(
    opened: Callable[..., Page],
) -> None:
    page = opened(viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    box = page.get_by_role("group", name="Formula").nth(1)
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("box => box.scrollLeft > 0", arg=box.element_handle())


def test_a_short_formula_never_has_to_scroll(opened: Callable[..., Page]) -> None:
    page = opened(viewport=PHONE)
    short = page.locator(".explorable-formula:not([tabindex])")
    assert short.count() == 1
    assert short.evaluate("box => box.scrollWidth <= box.clientWidth")


def test_on_paper_a_long_formula_is_not_cut_off_and_its_ink_is_dark(
    opened: Callable[..., Page],
) -> None:
    page = opened(color_scheme="dark")
    page.emulate_media(media="print")
    for box in page.locator(".explorable-formula").all():
        assert box.evaluate("box => getComputedStyle(box).overflowX") == "visible"
    colour = page.locator(".katex .c2").first.evaluate("part => getComputedStyle(part).color")
    assert colour == "rgb(157, 22, 0)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_in_formulas(
    opened: Callable[..., Page], scheme: str, width: int
) -> None:
    page = opened(color_scheme=scheme, viewport={"width": width, "height": 900})
    expect(handle(page)).to_be_attached()
    assert violations(page) == []
