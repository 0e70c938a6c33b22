"""A line of text that a reader types: how it is cut, counted, refused, linked and undone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from site_builder.manifest import Project, load
from site_builder.parity import decode, disagreement
from tests.browser.conftest import Open, all_live, file_address, violations
from tests.browser.test_parity import SET_AND_READ, tensors


@pytest.fixture
def site(inputs_project: Project) -> Path:
    return inputs_project.root / "site"


@pytest.fixture
def page(open_page: Open, site: Path) -> Page:
    return opened(open_page, site)


def opened(open_page: Open, site: Path, link: str = "", **options: Any) -> Page:
    page, _ = open_page(file_address(site) + link, **options)
    all_live(page)
    page.evaluate("scrollTo(0, 0)")
    return page


def control(page: Page, name: str = "line") -> Locator:
    return page.locator(f"explorable-input[name='letters.{name}']")


def field(page: Page, name: str = "line") -> Locator:
    return control(page, name).get_by_role("textbox")


def shown(page: Page, output: str) -> Locator:
    return page.locator(f"explorable-value[name='letters.{output}']")


def tokens(page: Page, name: str = "line") -> list[str]:
    words = control(page, name).locator(".explorable-tokens bdi")
    found: list[str] = words.all_text_contents()
    return found


def line(page: Page) -> Any:
    return page.evaluate("explorables.get('letters').inputs.line")


def test_the_model_follows_what_is_typed(page: Page) -> None:
    field(page).fill("")
    expect(shown(page, "length")).to_have_text("0")
    field(page).press_sequentially("Zebra")
    expect(shown(page, "length")).to_have_text("5")
    expect(shown(page, "line")).to_have_text("Zebra")
    counts = page.evaluate("explorables.get('letters').outputs.letters")
    assert {row["letter"] for row in counts if row["count"]} == set("zebra")


def test_the_tokens_are_listed_with_their_ids_and_white_space_is_named(page: Page) -> None:
    field(page).fill("a b")
    items = control(page).get_by_role("list", name="A line: tokens").get_by_role("listitem")
    expect(items).to_have_count(3)
    assert [" ".join(text.split()) for text in items.all_text_contents()] == [
        "a 2",
        "␣space 28",
        "b 3",
    ]
    expect(control(page).locator(".explorable-count")).to_have_text("3 tokens; room for 9 more.")
    expect(field(page)).to_have_accessible_description("3 tokens; room for 9 more.")


def test_words_are_cut_lower_cased_and_composed(page: Page) -> None:
    field(page, "words").fill("NOT cafe\u0301's!")
    assert tokens(page, "words") == ["not", "café", "'", "s", "!"]
    expect(shown(page, "said")).to_have_text("5")


def test_what_is_not_in_the_vocabulary_is_told_in_a_sentence(page: Page) -> None:
    status = control(page).get_by_role("status")
    expect(status).to_be_hidden()
    field(page).fill("straße")
    expect(status).to_have_text("'ß' is not in the vocabulary: it is read as <unk>.")
    expect(shown(page, "unknown")).to_have_text("1")
    assert control(page).locator(".explorable-unknown bdi").all_text_contents() == ["ß"]
    field(page).fill("ß1é2ü")
    expect(status).to_have_text(
        "'ß', '1', 'é' and 2 more are not in the vocabulary: each is read as <unk>."
    )
    field(page).fill("plain")
    expect(status).to_be_hidden()


def test_what_is_too_long_is_told_and_only_the_first_tokens_are_read(page: Page) -> None:
    field(page).fill("abcdefghijklmnop")
    said = "Only the first 12 tokens are read: 4 are left out."
    expect(control(page).get_by_role("status")).to_have_text(said)
    expect(shown(page, "length")).to_have_text("12")
    assert tokens(page) == list("abcdefghijkl")
    expect(control(page).locator(".explorable-count")).to_have_text("12 tokens; no room for more.")


def test_an_example_is_picked_by_keyboard_and_stays_a_text(page: Page) -> None:
    examples = control(page).get_by_role("group", name="A line: examples")
    button = examples.get_by_role("button", name="onclick")
    button.press("Enter")
    expect(field(page)).to_have_value('<b onclick="x">\'&amp;')
    expect(shown(page, "line")).to_have_text('<b onclick="x">\'&amp;')
    expect(button).to_be_focused()
    assert page.locator("[onclick]").count() == 0


def test_the_browser_undoes_typing_and_examples(page: Page) -> None:
    field(page).click()
    page.keyboard.press("End")
    page.keyboard.type("!")
    expect(shown(page, "line")).to_have_text("hello there!")
    control(page).get_by_role("button", name="abracadabra").click()
    expect(shown(page, "line")).to_have_text("abracadabra")
    field(page).focus()
    page.keyboard.press("Control+z")
    expect(shown(page, "line")).to_have_text("hello there!")
    page.keyboard.press("Control+z")
    expect(shown(page, "line")).to_have_text("hello there")


def test_the_caret_stays_where_it_is_while_text_is_put_in(page: Page) -> None:
    field(page).click()
    page.keyboard.press("Home")
    page.keyboard.type("oh ")
    expect(field(page)).to_have_value("oh hello there")
    assert field(page).evaluate("field => field.selectionStart") == 3


def test_half_a_syllable_of_an_input_method_runs_nothing(page: Page) -> None:
    field(page).fill("a")
    expect(shown(page, "line")).to_have_text("a")
    page.evaluate("explorables.get('letters').set({})")
    page.evaluate(
        "window.seen = []; new MutationObserver(() => seen.push("
        "document.querySelector(\"explorable-value[name='letters.line']\").textContent))"
        ".observe(document.querySelector(\"explorable-value[name='letters.line']\"),"
        "{childList: true, characterData: true, subtree: true})"
    )
    session = page.context.new_cdp_session(page)
    for half in ("k", "か"):
        half_way = {"text": half, "selectionStart": 1, "selectionEnd": 1}
        session.send("Input.imeSetComposition", half_way)
        expect(field(page)).to_have_value(f"a{half}")
    assert line(page) == "a"
    # What another place sets meanwhile does not tear the syllable out of the field.
    page.evaluate("explorables.get('letters').set({least: 1})")
    expect(field(page)).to_have_value("aか")
    session.send("Input.insertText", {"text": "蚊"})
    expect(shown(page, "line")).to_have_text("a蚊")
    assert page.evaluate("seen") == ["a蚊"]


def test_the_link_holds_any_text_and_brings_it_back(
    open_page: Open, site: Path, page: Page
) -> None:
    text = "a&b=c#d %41+ ß🦄 '\"<>()"
    field(page).fill(text)
    page.wait_for_function("location.hash.includes('letters.line=')")
    written = page.evaluate("location.hash")
    assert "<" not in written
    assert " " not in written
    again = opened(open_page, site, written)
    expect(field(again)).to_have_value(text)
    expect(shown(again, "line")).to_have_text(text)


def test_a_link_in_the_page_sets_the_text_and_back_takes_it_away(page: Page) -> None:
    page.get_by_role("link", name="Shout").click()
    expect(field(page)).to_have_value("HEY YOU")
    expect(shown(page, "length")).to_have_text("7")
    page.go_back()
    expect(field(page)).to_have_value("hello there")
    page.go_forward()
    expect(field(page)).to_have_value("HEY YOU")


@pytest.mark.parametrize(
    "text",
    ["%3Cimg%20src%3Dx%20onerror%3D%22window.pwned%3D1%22%3E", "%22%3E%3Cscript%3Ewindow.pwned=1",
     "javascript:window.pwned=1", "<svg/onload=window.pwned=1>"],
)  # fmt: skip
def test_hostile_text_of_a_link_is_only_text(open_page: Open, site: Path, text: str) -> None:
    page = opened(open_page, site, f"#letters.line={text}")
    expect(shown(page, "line")).to_have_text(page.evaluate("t => decodeURIComponent(t)", text))
    assert page.evaluate("window.pwned") is None
    assert page.locator("article :is([onerror], [onload], article script)").count() == 0


@pytest.mark.parametrize("text", ["%", "%E0%A4", "%ff", "a" * 10_001])
def test_a_text_that_no_link_can_mean_is_ignored_with_a_sentence(
    open_page: Open, site: Path, text: str
) -> None:
    page = opened(open_page, site, f"#letters.line={text}")
    expect(page.locator(".explorable-notice")).to_contain_text("letters.line")
    expect(field(page)).to_have_value("hello there")


def test_start_over_brings_the_opening_text_back(page: Page) -> None:
    field(page).fill("zzz")
    page.get_by_role("button", name="Start over").first.click()
    expect(field(page)).to_have_value("hello there")
    expect(shown(page, "length")).to_have_text("11")


def test_what_a_script_sets_is_one_line_and_no_longer_than_a_line(page: Page) -> None:
    page.evaluate("explorables.get('letters').set({line: 'one\\ntwo'})")
    expect(field(page)).to_have_value("one two")
    refused = page.evaluate(
        "explorables.get('letters').set({line: 'x'.repeat(10001)}).catch(error => error.message)"
    )
    assert "at most 10000 characters" in refused
    expect(field(page)).to_have_value("one two")


def test_without_scripts_the_opening_text_and_its_tokens_are_shown(
    open_page: Open, site: Path
) -> None:
    page, _ = open_page(file_address(site), java_script_enabled=False)
    expect(field(page)).to_be_visible()
    expect(field(page)).to_be_disabled()
    expect(field(page)).to_have_value("hello there")
    assert tokens(page, "words") == ["the", "café", "is", "good", "."]
    expect(page.locator("explorable-input[name='letters.least']")).to_be_hidden()
    expect(control(page).get_by_role("button").first).to_be_hidden()
    note = page.locator(".explorable-note", has_text="The controls need JavaScript").first
    expect(note).to_be_visible()


def test_coming_alive_changes_nothing_of_the_control(open_page: Open, site: Path) -> None:
    still, _ = open_page(file_address(site))
    before = "name => document.querySelector(name).outerHTML.replace(/ state=\"\\w+\"/, '')"
    live = opened(open_page, site)
    name = "explorable-input[name='letters.words']"
    source = (site / "index.html").read_text()
    assert "good</bdi> <small>5</small>" in source
    assert live.evaluate(before, name) == still.evaluate(before, name)


@pytest.mark.parametrize("name", ["letters", "photo"])
def test_every_fixture_holds_in_the_browser(page: Page, inputs_project: Project, name: str) -> None:
    manifest = load(inputs_project)
    assert manifest is not None
    record = manifest.explorables[name]
    fixtures = json.loads(inputs_project.store.read(record.fixtures))
    texts = [fixture["inputs"].get("line") for fixture in fixtures]
    assert name != "letters" or {"", "hello there", "abcdefghijklm"} <= set(texts)
    for fixture in fixtures:
        values = {
            key: np.ravel(value).tolist() if np.ndim(value) else value
            for key, value in fixture["inputs"].items()
        }
        outputs = page.evaluate(SET_AND_READ, [name, values])
        truth = {key: decode(tensor) for key, tensor in fixture["outputs"].items()}
        read = tensors(record.outputs, outputs)
        got = {key: value.astype(truth[key].dtype) for key, value in read}
        assert disagreement(got, truth) is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page: Open, site: Path, scheme: str) -> None:
    page = opened(open_page, site, color_scheme=scheme)
    field(page).fill("ßabcdefghijklmnop")
    expect(control(page).get_by_role("status")).to_be_visible()
    assert violations(page) == []


def test_on_a_phone_nothing_is_wider_than_the_page(open_page: Open, site: Path) -> None:
    page = opened(open_page, site, viewport={"width": 360, "height": 740})
    field(page).fill("w" * 300)
    field(page, "words").fill("donaudampfschifffahrt" * 10)
    expect(control(page, "words").get_by_role("status")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = field(page).bounding_box()
    assert box is not None
    assert box["height"] >= 44
