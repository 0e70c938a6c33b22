"""Momentum, as a reader plays with it: the ravine, the map, the chain and the race."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, file_address

PAGE = "educate/momentum.html"
NAMES = ("momentum", "chain", "race")
SURFACES = ("ravine", "saddle", "Rosenbrock", "many valleys")
RACERS = ("SGD", "momentum", "Nesterov", "AdaGrad", "RMSprop", "Adam", "learned")


def opened(open_page: Open, site: Path, link: str = "", **options: Any) -> Page:
    page, _ = open_page(file_address(site, PAGE) + link, **options)
    for name in NAMES:
        page.evaluate(f"explorables.get('{name}').ready")
    return page


def after(page: Page, name: str, **changes: Any) -> Any:
    """The outputs of an explorable once changes of its inputs are painted."""
    return page.evaluate(
        "async ([name, changes]) => { const e = explorables.get(name);"
        " await e.set(changes); return {...e.outputs} }",
        [name, changes],
    )


def inputs(page: Page, name: str) -> Any:
    return page.evaluate(
        f"explorables.get('{name}').set({{}}).then(() => ({{...explorables.get('{name}').inputs}}))"
    )


def figure(page: Page, name: str) -> Locator:
    place = page.locator(f"explorable-figure[name='{name}']")
    place.scroll_into_view_if_needed()
    expect(place).to_have_attribute("state", "live")
    return place


def said(page: Page, name: str) -> Locator:
    return page.locator(f"explorable-value[name='{name}']").first


def drag(page: Page, knob: Locator, right: float, down: float) -> None:
    box = knob.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=6)
    page.mouse.up()


def test_the_untouched_page_already_shows_what_memory_buys(open_page: Open, site: Path) -> None:
    page = opened(open_page, site)
    shown = after(page, "momentum")
    assert shown["height"] < 0.1 * shown["plain_height"]
    assert shown["rate_yours"] < shown["rate_plain"]
    for way in ("yours", "plain", "descent", "best"):
        assert shown[f"measured_{way}"] == pytest.approx(shown[f"rate_{way}"], abs=0.01)


def test_the_ring_of_the_ravine_is_dragged_and_both_paths_begin_there(
    open_page: Open, site: Path
) -> None:
    page = opened(open_page, site)
    ravine = figure(page, "momentum.ravine")
    before = after(page, "momentum")["path"][0]
    drag(page, ravine.get_by_role("slider", name="Where it begins").first, 60, 40)
    shown = after(page, "momentum")
    begin = inputs(page, "momentum")["begin"]
    starts = [row for row in shown["path"] if row["step"] == 0]
    assert [row["way"] for row in starts] == ["with momentum", "without"]
    for row in starts:
        assert (row["x"], row["y"]) == pytest.approx(tuple(begin), abs=1e-3)
        assert (row["x"], row["y"]) != (before["x"], before["y"])


def test_a_number_of_a_sentence_is_moved_and_the_course_is_taken_anew(
    open_page: Open, site: Path
) -> None:
    page = opened(open_page, site)
    figure(page, "momentum.ravine")
    knob = page.locator("article p explorable-value[name='momentum.beta'] [role=slider]").first
    knob.focus()
    before = after(page, "momentum")["height"]
    page.keyboard.press("ArrowRight")
    expect(said(page, "momentum.beta")).to_have_text("0.81")
    assert after(page, "momentum")["height"] != before


COUNT_IMAGES = """
window.images = 0;
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (...image) {
  images += 1;
  return put.apply(this, image);
};
"""


def test_a_ground_that_stays_as_it_is_is_not_painted_again(open_page: Open, site: Path) -> None:
    page = opened(open_page, site, before=lambda page: page.add_init_script(COUNT_IMAGES))
    figure(page, "momentum.ravine")
    after(page, "momentum")
    painted = page.evaluate("images")
    assert painted > 0
    after(page, "momentum", beta=0.5)
    assert page.evaluate("images") == painted
    after(page, "momentum", kappa=100)
    assert page.evaluate("images") == painted + 1


COUNTRIES = {
    "Monotone decrease": "monotone decrease",
    "Ripples": "ripples",
    "Bounces": "bounces",
    "Divergence": "divergence",
    "Critical": "critical",
}


@pytest.mark.parametrize("country", COUNTRIES)
def test_each_country_of_the_map_is_reached_by_its_link(
    open_page: Open, site: Path, country: str
) -> None:
    page = opened(open_page, site)
    figure(page, "momentum.map")
    page.get_by_role("link", name=country, exact=True).click()
    expect(said(page, "momentum.place_regime")).to_have_text(COUNTRIES[country])
    shown = after(page, "momentum")
    assert shown["place_measured"] == pytest.approx(shown["place_rate"], abs=0.015)
    wave = [row["error"] for row in shown["wave"]]
    turns = sum(a * b < 0 for a, b in itertools.pairwise(wave))
    assert (turns == 0) == (country in ("Monotone decrease", "Critical"))


def test_the_map_is_walked_with_the_ring(open_page: Open, site: Path) -> None:
    page = opened(open_page, site)
    ring = figure(page, "momentum.map").get_by_role("slider", name="Place on the map").first
    drag(page, ring, 220, 60)
    expect(said(page, "momentum.place_regime")).to_have_text("divergence")
    assert after(page, "momentum")["place_rate"] > 1


def test_news_in_the_chain_travels_one_bead_a_step_whatever_is_set(
    open_page: Open, site: Path
) -> None:
    page = opened(open_page, site)
    for settings in ({"size": 0.1, "push": 0.99}, {"size": 1.2, "push": 0.3}):
        for steps in (1, 12, 29, 30, 90):
            shown = after(page, "chain", moment=steps, **settings)
            assert shown["moved"] == min(steps, 30)


@pytest.mark.parametrize("surface", SURFACES)
def test_on_every_surface_a_dragged_start_is_a_whole_new_race(
    open_page: Open, site: Path, surface: str
) -> None:
    page = opened(open_page, site)
    paths = figure(page, "race.paths")
    paths.get_by_label(surface, exact=True).check()
    before = after(page, "race")
    drag(page, paths.get_by_role("slider", name="Start").first, 25, -30)
    shown, begin = after(page, "race"), inputs(page, "race")["begin"]
    assert inputs(page, "race")["surface"] == SURFACES.index(surface)
    for racer in RACERS:
        own = [row for row in shown["path"] if row["racer"] == racer]
        assert (own[0]["x"], own[0]["y"]) == pytest.approx(tuple(begin), abs=1e-3)
        assert own[-1]["step"] == 300
    assert shown["curve"] != before["curve"]


def test_the_race_is_replayed_step_by_step(open_page: Open, site: Path) -> None:
    page = opened(open_page, site)
    whole = after(page, "race")["curve"]
    shown = after(page, "race", moment=40)
    assert {row["step"] for row in shown["now"]} == {40}
    assert max(row["step"] for row in shown["path"]) == 40
    assert shown["curve"] == whole
    for racer in RACERS:
        row = next(r for r in whole if r["racer"] == racer and r["step"] == 40)
        assert row["height"] == pytest.approx(shown[f"height_{racer.lower()}"], rel=1e-4)


def test_only_those_on_the_track_are_judged(open_page: Open, site: Path) -> None:
    page = opened(open_page, site)
    shown = after(page, "race", racers=[0, 6])
    assert {row["racer"] for row in shown["now"] if row["shown"]} == {"SGD", "learned"}
    assert shown["leader"] in ("SGD", "learned")


def test_ten_times_the_rates_keeps_every_number_finite(open_page: Open, site: Path) -> None:
    page = opened(open_page, site)
    for surface in range(len(SURFACES)):
        shown = after(page, "race", surface=surface, pace=4, noise=1)
        places = [(row["x"], row["y"]) for row in shown["now"]]
        assert all(abs(x) <= 6 and abs(y) <= 6 for x, y in places)
    message = figure(page, "race.paths").locator("> figure > .explorable-message")
    expect(message).to_be_hidden()


def test_what_the_text_claims_of_the_learned_optimiser_was_measured(
    open_page: Open, site: Path
) -> None:
    page = opened(open_page, site)
    shown = after(page, "race")
    league = shown["league"]
    most = {}
    for surface in SURFACES:
        rows = [row for row in league if row["surface"] == surface]
        most[surface] = max(rows, key=lambda row: float(row["first"]))["racer"]
        mine = next(row for row in rows if row["racer"] == "learned")
        word = surface.lower().replace(" ", "_")
        assert shown[f"arrived_{word}"] == round(mine["arrived"] * shown["starts"])
        assert shown[f"first_{word}"] == round(mine["first"] * shown["starts"])
    assert "learned" not in most.values(), "the third bet says that it wins nowhere"
    arrived = {row["racer"]: row["arrived"] for row in league if row["surface"] == "Rosenbrock"}
    assert max(arrived, key=lambda racer: float(arrived[racer])) == "learned"
    scores = {racer: shown[f"score_{racer.lower()}"] for racer in RACERS}
    text = page.locator("article").inner_text()
    better = sum(score < scores["learned"] for score in scores.values())
    words = ("none", "one", "two", "three", "four", "five", "six")
    assert re.search(rf"{words[better]} of the six (did|does|do) better", text)


def test_every_link_of_the_page_sets_what_it_says(open_page: Open, site: Path) -> None:
    page = opened(open_page, site)
    links = page.locator("article a[href*='#momentum.'], article a[href*='#race.']").all()
    assert len(links) >= 10
    for link in links:
        state = (link.get_attribute("href") or "").partition("#")[2]
        page.evaluate("state => { location.hash = state }", state)
        for part in state.split("&"):
            name, _, text = part.partition("=")
            explorable, _, key = name.partition(".")
            wanted = [float(number) for number in text.split(",")]
            page.wait_for_function(
                "([e, key, wanted]) => [explorables.get(e).inputs[key]].flat()"
                ".every((x, i) => Math.abs(x - wanted[i]) < 1e-6)",
                arg=[explorable, key, wanted],
            )


def test_on_a_phone_the_start_is_moved_by_finger_and_nothing_is_cut_off(
    open_page: Open, site: Path
) -> None:
    page = opened(open_page, site, viewport={"width": 360, "height": 740}, has_touch=True)
    for name in ("momentum.ravine", "momentum.map", "chain.beads", "race.paths"):
        figure(page, name)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
