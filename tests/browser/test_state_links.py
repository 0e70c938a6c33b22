"""Links that set a state, things to try: what they set, say, show and mark, and the way back."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, all_live, file_address, violations


@pytest.fixture
def page(open_page: Open, sentences: Path) -> Page:
    return opened(open_page, sentences)


def opened(open_page: Open, sentences: Path, state: str = "", **options: Any) -> Page:
    page, _ = open_page(file_address(sentences) + state, **{"reduced_motion": "reduce", **options})
    all_live(page)
    page.evaluate("scrollTo(0, 0)")
    return page


def link(page: Page, text: str) -> Locator:
    return page.get_by_role("link", name=text, exact=True)


def told(page: Page) -> Locator:
    return page.locator("body > [role=status].explorable-hidden")


def in_force(page: Page) -> Locator:
    return page.locator("a.explorable-link[aria-current=true]")


def inputs(page: Page, explorable: str) -> Any:
    """What is set, once everything that was asked for is painted."""
    return page.evaluate(
        f"(async () => {{ const e = explorables.get('{explorable}'); await e.ready; "
        "await e.set({}); return e.inputs })()"
    )


def top(page: Page) -> float:
    return float(page.evaluate("scrollY"))


def test_a_link_sets_words_and_switches_by_the_words_that_its_author_wrote(page: Page) -> None:
    link(page, "a wave").click()
    page.wait_for_function("explorables.get('curve').inputs.shape === 2")
    link(page, "a steep mirror").click()
    page.wait_for_function("explorables.get('curve').inputs.mirrored")
    now = inputs(page, "curve")
    assert (now["slope"], now["shape"]) == (2, 0)  # what a link doesn't name is at its start


def test_a_link_sets_points_places_and_drawings(page: Page) -> None:
    link(page, "points and a drawing").click()
    page.wait_for_function("explorables.get('curve').inputs.place[0] === -3")
    now = inputs(page, "curve")
    assert now["own"] == [[1, 2, 0], [-1.5, 0.25, 1]]
    assert now["place"] == [-3, 4]
    assert list(now["sheet"]) == [1] + [0] * 15


def test_a_link_sets_several_explorables_at_once(page: Page) -> None:
    link(page, "everything").click()
    page.wait_for_function("explorables.get('walk').inputs.pace === 0.5")
    assert inputs(page, "curve")["slope"] == -1
    expect(told(page)).to_have_text("Set: Slope -1.0; Pace 0.5.")


def test_a_link_lets_time_go_on(page: Page) -> None:
    link(page, "ten steps").click()
    total = page.locator("explorable-value[name='walk.total']")
    expect(total).to_have_text("20.0")
    expect(told(page)).to_have_text("Set: Pace 2.0; Seed 3; 10 steps.")
    expect(in_force(page)).to_have_text("ten steps")
    # Time goes on, so that the link is no longer in force; followed again, it is.
    page.evaluate("explorables.get('walk').step(2)")
    expect(total).to_have_text("24.0")
    expect(in_force(page)).to_have_count(0)
    page.wait_for_function("!location.hash.includes('steps')")
    link(page, "ten steps").click()
    expect(total).to_have_text("20.0")
    expect(in_force(page)).to_have_text("ten steps")


def test_steps_are_taken_by_the_programs_that_the_link_chooses(page: Page) -> None:
    link(page, "fast steps").click()
    expect(page.locator("explorable-value[name='walk.total']")).to_have_text("8.0")
    expect(told(page)).to_have_text("Set: Gait fast; 4 steps.")
    page.go_back()
    expect(page.locator("explorable-value[name='walk.total']")).to_have_text("0.0")


def test_steps_are_taken_again_from_the_start_with_other_settings(page: Page) -> None:
    link(page, "ten steps").click()
    total = page.locator("explorable-value[name='walk.total']")
    expect(total).to_have_text("20.0")
    page.evaluate("location.hash = '#walk.pace=0.5&walk.seed=3&walk.steps=10'")
    expect(total).to_have_text("5.0")


def test_going_back_takes_steps_back(page: Page) -> None:
    page.evaluate("location.hash = '#walk.steps=10'")
    total = page.locator("explorable-value[name='walk.total']")
    expect(total).to_have_text("10.0")
    page.go_back()
    expect(total).to_have_text("0.0")


def test_an_address_with_steps_takes_them_when_the_page_opens(
    open_page: Open, sentences: Path
) -> None:
    page = opened(open_page, sentences, "#walk.pace=0.5&walk.steps=6")
    expect(page.locator("explorable-value[name='walk.total']")).to_have_text("3.0")
    # The address keeps them, also after something else on the page has changed.
    page.evaluate("explorables.get('curve').set({slope: 0})")
    page.wait_for_function("location.hash.includes('curve.slope=0')")
    assert "walk.steps=6" in page.evaluate("location.hash")
    expect(page.locator("explorable-value[name='walk.total']")).to_have_text("3.0")


def test_a_link_leaves_explorables_alone_that_it_does_not_name(page: Page) -> None:
    page.evaluate("explorables.get('walk').set({pace: 1.5})")
    link(page, "a wave").click()
    page.wait_for_function("explorables.get('curve').inputs.shape === 2")
    assert inputs(page, "walk")["pace"] == 1.5
    assert "walk.pace=1.5" in page.evaluate("location.hash")


def test_going_back_undoes_a_link_and_going_forward_redoes_it(page: Page) -> None:
    page.evaluate("explorables.get('curve').set({slope: 0.5})")
    link(page, "a wave").click()  # at once, before the address says the slope
    page.wait_for_function("explorables.get('curve').inputs.shape === 2")
    link(page, "a steep mirror").click()
    page.wait_for_function("explorables.get('curve').inputs.mirrored")
    page.go_back()
    page.wait_for_function("explorables.get('curve').inputs.shape === 2")
    expect(in_force(page)).to_have_text("a wave")
    page.go_back()
    page.wait_for_function("explorables.get('curve').inputs.slope === 0.5")
    expect(in_force(page)).to_have_count(0)
    page.go_forward()
    page.wait_for_function("explorables.get('curve').inputs.shape === 2")


def test_going_back_to_a_heading_undoes_a_link_too(page: Page) -> None:
    page.evaluate("location.hash = '#further-down'")
    link(page, "a wave").click()
    page.wait_for_function("explorables.get('curve').inputs.shape === 2")
    page.go_back()
    page.wait_for_function("explorables.get('curve').inputs.shape === 0")
    assert page.evaluate("location.hash") == "#further-down"
    # Followed anew, the heading sets nothing.
    link(page, "a wave").click()
    page.wait_for_function("explorables.get('curve').inputs.shape === 2")
    page.evaluate("location.hash = '#sentences'")
    page.wait_for_function("location.hash === '#sentences'")
    assert inputs(page, "curve")["shape"] == 2


def test_a_link_is_marked_while_its_state_holds(page: Page) -> None:
    expect(in_force(page)).to_have_count(0)
    link(page, "a wave").click()
    expect(in_force(page)).to_have_text("a wave")
    page.evaluate("explorables.get('curve').set({slope: 0.5})")
    expect(in_force(page)).to_have_count(0)
    page.evaluate("explorables.get('curve').set({slope: 1})")
    expect(in_force(page)).to_have_text("a wave")


def test_a_link_that_the_address_follows_is_marked_when_the_page_opens(
    open_page: Open, sentences: Path
) -> None:
    page = opened(open_page, sentences, "#curve.shape=2")
    expect(in_force(page)).to_have_text("a wave")


def test_what_a_link_did_is_said_each_time_it_is_followed(page: Page) -> None:
    link(page, "a steep mirror").press("Enter")
    expect(told(page)).to_have_text("Set: Slope 2.0; Mirrored on.")
    page.evaluate(
        "window.said = []; new MutationObserver(() => said.push(document.querySelector("
        "'body > [role=status].explorable-hidden').textContent)).observe(document.querySelector("
        "'body > [role=status].explorable-hidden'), {childList: true})"
    )
    link(page, "a steep mirror").press("Enter")
    # Emptied in between: the same words again would be no news to a screen reader.
    page.wait_for_function("said[0] === '' && said.at(-1) === 'Set: Slope 2.0; Mirrored on.'")
    link(page, "points and a drawing").press("Enter")
    expect(told(page)).to_have_text("Set: Own 2 points; Sheet a drawing; Place (-3, 4).")


def test_a_link_does_not_scroll_where_a_figure_is_in_sight(page: Page) -> None:
    link(page, "a wave").scroll_into_view_if_needed()
    before = top(page)
    link(page, "a wave").click()
    expect(in_force(page)).to_have_text("a wave")
    assert top(page) == before
    expect(link(page, "a wave")).to_be_focused()


def test_a_link_brings_the_first_figure_into_sight_where_none_is(page: Page) -> None:
    link(page, "ten steps").click()
    picture = page.locator("explorable-figure[name='walk.bar'] .explorable-picture")
    expect(picture).to_be_in_viewport(ratio=0.9)
    page.evaluate("scrollTo(0, 0)")
    # One figure of the curve, at the other end of the page, is in sight, so nothing moves.
    page.locator("explorable-figure[name='curve.dots']").scroll_into_view_if_needed()
    page.evaluate("document.body.append(document.querySelector('.explorable-link'))")
    link(page, "a wave").scroll_into_view_if_needed()
    page.locator("explorable-figure[name='curve.dots']").scroll_into_view_if_needed()
    before = top(page)
    link(page, "a wave").dispatch_event("click")
    expect(link(page, "a wave")).to_have_attribute("aria-current", "true")
    assert top(page) == before


@pytest.mark.parametrize(
    ("motion", "behavior"), [("reduce", "instant"), ("no-preference", "smooth")]
)
def test_the_way_to_a_figure_is_as_calm_as_the_reader_wants_it(
    open_page: Open, sentences: Path, motion: str, behavior: str
) -> None:
    page = opened(open_page, sentences, reduced_motion=motion)
    page.evaluate(
        """() => {
          window.asked = [];
          const real = Element.prototype.scrollIntoView;
          Element.prototype.scrollIntoView = function (how) {
            if (how?.behavior) asked.push(how.behavior);
            real.call(this, how);
          };
        }"""
    )
    link(page, "ten steps").dispatch_event("click")
    page.wait_for_function("asked.length > 0")
    assert page.evaluate("asked") == [behavior]


def test_a_figure_that_is_folded_away_is_passed_over(page: Page) -> None:
    page.evaluate(
        """() => {
          const details = document.createElement('details');
          const figure = document.querySelector("explorable-figure[name='curve.picture']");
          figure.before(details);
          details.append(figure);
        }"""
    )
    link(page, "a wave").click()
    dots = page.locator("explorable-figure[name='curve.dots'] .explorable-picture")
    expect(dots).to_be_in_viewport(ratio=0.9)
    expect(told(page)).to_have_text("Set: Shape a wave.")


def test_a_link_wakes_the_figures_that_it_brings_into_sight(
    open_page: Open, sentences: Path
) -> None:
    page, _ = open_page(file_address(sentences), reduced_motion="reduce")
    page.locator("explorable-figure[name='curve.picture'][state=live]").wait_for()
    assert page.locator("explorable-figure[name='walk.bar']").get_attribute("state") == "static"
    link(page, "ten steps").click()
    expect(page.locator("explorable-value[name='walk.total']")).to_have_text("20.0")
    expect(told(page)).to_have_text("Set: Pace 2.0; Seed 3; 10 steps.")


def test_a_click_with_control_opens_the_state_elsewhere(page: Page) -> None:
    with page.context.expect_page() as opening:
        link(page, "a wave").click(modifiers=["Control"])
    assert opening.value.url.endswith("#curve.shape=2")
    assert inputs(page, "curve")["shape"] == 0


def test_a_link_is_one_step_of_the_history_also_with_instant_navigation(
    open_page: Open, sentences: Path, serve: Any, tmp_path: Path
) -> None:
    """Material's own, which takes the clicks on links of the site."""
    folder = tmp_path / "instant"
    shutil.copytree(sentences, folder)
    index = folder / "index.html"
    text = index.read_text()
    assert '"features": []' in text
    index.write_text(text.replace('"features": []', '"features": ["navigation.instant"]'))
    server = serve(folder, "")
    address = f"{server.address}index.html"
    (folder / "sitemap.xml").write_text(
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"<url><loc>{address}</loc></url></urlset>"
    )
    page, _ = open_page(address, home=server.address, reduced_motion="reduce")
    all_live(page)
    before = page.evaluate("history.length")
    link(page, "a wave").click()
    expect(told(page)).to_have_text("Set: Shape a wave.")
    assert page.evaluate("history.length") == before + 1
    page.go_back()
    page.wait_for_function("explorables.get('curve').inputs.shape === 0")


def test_without_scripts_a_link_does_not_look_like_one(open_page: Open, sentences: Path) -> None:
    page, _ = open_page(file_address(sentences), java_script_enabled=False)
    expect(link(page, "a wave")).to_have_css("text-decoration-line", "none")


def test_a_link_looks_like_one_that_acts(page: Page) -> None:
    mark = "a => getComputedStyle(a, '::before').content"
    assert "\u25b8" in link(page, "a wave").evaluate(mark)
    assert page.get_by_role("link", name="Further down").evaluate(mark) == "none"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_links_and_what_they_say(
    open_page: Open, sentences: Path, scheme: str
) -> None:
    page = opened(open_page, sentences, color_scheme=scheme)
    link(page, "a wave").click()
    expect(told(page)).not_to_be_empty()
    assert violations(page, "article", "body > [role=status]") == []
