"""A curious reader's hands: mouse, finger and keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.conftest import Open, all_live, file_address


def value(page: Page, name: str) -> str:
    """What the sentence that shows `name` says now."""
    return page.locator(f'explorable-value[name="{name}"]').first.text_content() or ""


def settle(page: Page) -> None:
    page.evaluate("Promise.all(explorables.names.map(n => explorables.get(n)).map(e => e.set({})))")


def outputs(page: Page, explorable: str) -> Any:
    return page.evaluate(
        f"(async () => {{ const e = explorables.get('{explorable}'); await e.ready; "
        "await e.set({}); return {...e.outputs} })()"
    )


def desk(open_page: Open, site: Path, **options: Any) -> Page:
    page, _ = open_page(file_address(site, "educate/anomaly.html"), **options)
    all_live(page)
    return page


def digits(open_page: Open, site: Path, **options: Any) -> Page:
    page, _ = open_page(file_address(site, "create/digits.html"), **options)
    all_live(page)
    return page


def slider(page: Page, name: str) -> Locator:
    return page.locator(f'explorable-input[name="{name}"] input[type=range]').first


def test_the_threshold_dragged_down_catches_more_and_cries_wolf_more(
    open_page: Open, site: Path
) -> None:
    page = desk(open_page, site)
    caught, false = (int(value(page, f"anomaly.{n}")) for n in ("caught", "false_alarms"))
    handle = slider(page, "anomaly.threshold")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.3 * box["width"], y)
    page.mouse.down()
    for step in range(10):
        page.mouse.move(box["x"] + (0.3 - 0.028 * step) * box["width"], y)
    page.mouse.up()
    settle(page)
    assert float(value(page, "anomaly.threshold")) < 1
    assert int(value(page, "anomaly.caught")) > caught
    assert int(value(page, "anomaly.false_alarms")) > false


def test_a_slider_moves_by_keyboard_and_its_number_stands_beside_it(
    open_page: Open, site: Path
) -> None:
    page = desk(open_page, site)
    handle = slider(page, "anomaly.threshold")
    handle.focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert value(page, "anomaly.threshold") == "3.1"
    beside = page.locator('explorable-input[name="anomaly.threshold"] output').all_text_contents()
    assert set(beside) == {"3.1"}
    page.keyboard.press("End")
    settle(page)
    assert value(page, "anomaly.threshold") == "10.0"


PICTURE = """figure => {
  // Marks are SVG where they are few, and pixels where they are many.
  const view = figure.querySelector('.explorable-view');
  return view.querySelector('canvas')?.toDataURL() ?? view.querySelector('svg').innerHTML;
}"""


def test_a_detector_is_chosen_by_keyboard_and_every_picture_and_sentence_follows(
    open_page: Open, site: Path
) -> None:
    page = desk(open_page, site)
    scatter = page.locator("explorable-figure[name='anomaly.scatter']").first
    scatter.scroll_into_view_if_needed()
    before = scatter.evaluate(PICTURE)
    radio = page.locator('explorable-input[name="anomaly.detector"] input[type=radio]').first
    radio.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    settle(page)
    names = page.locator('explorable-value[name="anomaly.detector"]').all_text_contents()
    assert set(names) == {"autoencoder"}
    assert value(page, "anomaly.caught") == value(page, "anomaly.autoencoder_caught")
    scatter.scroll_into_view_if_needed()
    settle(page)
    assert scatter.evaluate(PICTURE) != before
    checked = page.locator('explorable-input[name="anomaly.detector"] input:checked')
    assert checked.evaluate_all("radios => radios.map(r => r.value)") == ["2"] * checked.count()


def test_start_over_brings_everything_back(open_page: Open, site: Path) -> None:
    page = desk(open_page, site)
    opening = page.locator("explorable-value").all_text_contents()
    page.evaluate("explorables.get('anomaly').set({threshold: 0.5, detector: 1, hour: 2, km: 60})")
    settle(page)
    assert page.locator("explorable-value").all_text_contents() != opening
    page.get_by_role("button", name="Start over").first.click()
    settle(page)
    assert value(page, "anomaly.threshold") == "3.0"


def test_the_numbers_of_a_picture_stand_in_a_table_that_follows_it(
    open_page: Open, site: Path
) -> None:
    page = desk(open_page, site)
    figure = page.locator("explorable-figure[name='anomaly.kinds']")
    figure.locator("summary").click()
    table = figure.locator("table").first
    table.wait_for()
    assert table.locator("th").first.get_attribute("scope") == "col"
    before = table.inner_text()
    page.evaluate("explorables.get('anomaly').set({threshold: 0.5})")
    settle(page)
    page.wait_for_timeout(100)
    assert table.inner_text() != before


def draw(page: Page, points: list[tuple[float, float]]) -> None:
    """Draws a stroke through points given as shares of the sheet's width and height."""
    canvas = page.locator("explorable-input canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    where = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*where[0])
    page.mouse.down()
    for x, y in where[1:]:
        page.mouse.move(x, y, steps=8)
    page.mouse.up()
    settle(page)


ONE = [(0.5, 0.1), (0.5, 0.9)]
SEVEN = [(0.25, 0.15), (0.75, 0.15), (0.45, 0.9)]


def test_a_drawn_digit_is_read(open_page: Open, site: Path) -> None:
    page = digits(open_page, site)
    page.locator(".explorable-clear").first.click()
    settle(page)
    assert value(page, "digits.guess") == "nothing yet"
    draw(page, ONE)
    assert value(page, "digits.guess") == "1"
    page.locator(".explorable-clear").first.click()
    draw(page, SEVEN)
    assert value(page, "digits.guess") == "7"
    assert page.locator("explorable-input input[type=radio]:checked").count() == 0


def test_a_digit_is_drawn_with_a_finger(open_page: Open, site: Path) -> None:
    page = digits(open_page, site, has_touch=True, viewport={"width": 360, "height": 740})
    page.locator(".explorable-clear").first.tap()
    canvas = page.locator("explorable-input canvas").first
    canvas.evaluate("sheet => sheet.scrollIntoView({block: 'center'})")
    box = canvas.bounding_box()
    assert box is not None
    session = page.context.new_cdp_session(page)
    scrolled = page.evaluate("scrollY")

    def touch(kind: str, points: list[dict[str, float]]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    x = box["x"] + 0.5 * box["width"]
    steps = [box["y"] + (0.1 + 0.08 * n) * box["height"] for n in range(11)]
    touch("touchStart", [{"x": x, "y": steps[0]}])
    for y in steps[1:]:
        touch("touchMove", [{"x": x, "y": y}])
    touch("touchEnd", [])
    settle(page)
    assert value(page, "digits.guess") == "1"
    assert page.evaluate("scrollY") == scrolled


def test_a_test_image_is_picked_by_keyboard(open_page: Open, site: Path) -> None:
    page = digits(open_page, site)
    ink = "Array.from(explorables.get('digits').inputs.drawing).reduce((a, b) => a + b, 0)"
    before = page.evaluate(ink)
    page.locator(".explorable-examples input:checked").first.focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert page.evaluate(ink) != before
    name = page.locator(".explorable-examples label:has(input:checked) img").first
    assert (name.get_attribute("alt") or "").strip()


def test_every_test_image_gives_what_pytorch_gave(open_page: Open, site: Path) -> None:
    """The odd ones are read as the page says."""
    page = digits(open_page, site)
    examples = page.locator(".explorable-examples").first.locator("label")
    guesses = {}
    for example in examples.all():
        example.locator("input").check(force=True)
        settle(page)
        guesses[example.locator("img").get_attribute("alt")] = value(page, "digits.guess")
    assert len(guesses) >= 10
    for name, output in (("an odd 7", "odd_seven_guess"), ("an odd 9", "odd_nine_guess")):
        assert guesses[name] == value(page, f"digits.{output}")


def test_with_the_switch_off_a_small_drawing_in_the_corner_is_seen_as_it_is(
    open_page: Open, site: Path
) -> None:
    page = digits(open_page, site)
    page.locator(".explorable-clear").first.click()
    draw(page, [(0.05 + 0.25 * x, 0.05 + 0.25 * y) for x, y in SEVEN])
    assert value(page, "digits.guess") == "7"
    seen = "JSON.stringify(explorables.get('digits').outputs.seen)"
    before = page.evaluate(seen)
    page.locator('explorable-input[name="digits.centre"] input').uncheck()
    settle(page)
    assert page.evaluate(seen) != before


def test_the_console_drives_a_page(open_page: Open, site: Path) -> None:
    page = desk(open_page, site)
    assert page.evaluate("explorables.names") == ["anomaly", "refit", "stream"]
    loud = page.evaluate(
        "(async () => { const e = explorables.get('anomaly'); await e.ready;"
        "await e.set({threshold: 0}); const all = e.outputs.alarms;"
        "await e.set({threshold: 10}); return [all, e.outputs.alarms] })()"
    )
    assert loud[0] > loud[1]
    assert slider(page, "anomaly.threshold").input_value() == "10"
    refused = page.evaluate(
        "(async () => { const said = []; for (const bad of [{treshold: 1}, {threshold: 'x'},"
        "{threshold: 99}, {detector: 7}]) { try { await explorables.get('anomaly').set(bad);"
        "said.push('taken') } catch (e) { said.push(e.message) } } return said })()"
    )
    assert all(said != "taken" for said in refused)
    assert "threshold" in refused[0]


def test_tab_reaches_every_control_and_shows_where_it_is(open_page: Open, site: Path) -> None:
    page = digits(open_page, site)
    wanted = page.evaluate(
        "[...document.querySelectorAll('fieldset.explorable-controls')].map(f =>"
        "f.querySelectorAll('button, canvas[tabindex], input[type=checkbox]').length)"
        ".reduce((a, b) => a + b, 0)"
    )
    met = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        inside = page.evaluate(
            "(() => { const e = document.activeElement;"
            "if (!e.closest('fieldset.explorable-controls')) return null;"
            "const s = getComputedStyle(e), p = getComputedStyle(e.parentElement);"
            "return [e.outerHTML.slice(0, 120), s.outlineStyle, p.outlineStyle] })()"
        )
        if inside:
            met.add(inside[0])
    assert len(met) >= wanted


def test_a_number_in_a_folded_answer_is_true_when_the_answer_is_opened(
    open_page: Open, site: Path
) -> None:
    page = desk(open_page, site)
    page.evaluate("explorables.get('anomaly').set({threshold: 0.5})")
    settle(page)
    answer = page.locator("details.success").first
    answer.locator("summary").first.click()
    row = answer.locator("explorable-value[name='anomaly.k_means_caught']").first
    row.scroll_into_view_if_needed()
    wanted = str(outputs(page, "anomaly")["k_means_caught"])
    page.wait_for_function(
        "([value, wanted]) => value.textContent === wanted", arg=[row.element_handle(), wanted]
    )
