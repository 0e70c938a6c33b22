"""The playground, as a reader plays with it: by mouse, finger and keyboard."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, all_live, file_address

PAGE = "educate/playground.html"
GET = "explorables.get('playground')"
LINKS = "a[href^='#playground.']"


def opened(open_page: Open, site: Path, link: str = "", **options: Any) -> Page:
    page, _ = open_page(file_address(site, PAGE) + link, **options)
    page.evaluate(f"{GET}.ready")
    page.wait_for_selector("explorable-time[state=live]")
    return page


def settle(page: Page) -> None:
    """Waits until what was asked for is computed and painted."""
    page.evaluate(f"{GET}.set({{}})")


def look(page: Page) -> Any:
    """Every number of the network and of its losses, once all is settled."""
    return page.evaluate(
        f"(async () => {{ const e = {GET}; await e.set({{}}); const o = e.outputs; return {{"
        "steps: e.time.steps, epoch: o.epoch, position: o.position, batches: o.batches,"
        "losses: [o.train_loss, o.test_loss], numbers: o.numbers,"
        "weights: o.links.map(link => link.weight), biases: o.units.map(unit => unit.bias) }})()"
    )


def inputs(page: Page) -> Any:
    return page.evaluate(f"{GET}.set({{}}).then(() => {GET}.inputs)")


def figure(page: Page, name: str) -> Locator:
    return page.locator(f"explorable-figure[name='playground.{name}']").last


def control(page: Page, name: str) -> Locator:
    return page.locator(f"explorable-input[name='playground.{name}']").last


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def pixels(page: Page, name: str) -> str:
    """The surface of a figure as it is painted."""
    place = figure(page, name)
    place.scroll_into_view_if_needed()
    settle(page)
    url: str = place.locator("canvas.explorable-surface").evaluate("sheet => sheet.toDataURL()")
    return url


def test_a_batch_and_an_epoch_are_steps_and_starting_over_gives_the_first_numbers(
    open_page: Open, site: Path
) -> None:
    page = opened(open_page, site)
    first = look(page)
    press(page, "Go on by 1 batch")
    after = look(page)
    assert (after["steps"], after["position"]) == (1, 1)
    assert after["weights"] != first["weights"]
    press(page, "Go on by 1 epoch")
    after = look(page)
    assert (after["steps"], after["epoch"], after["position"]) == (51, 1, 1)
    assert after["losses"][0] < first["losses"][0]
    press(page, "Start over")
    assert look(page) == first


def test_it_plays_until_it_is_paused_and_learns_meanwhile(open_page: Open, site: Path) -> None:
    page = opened(open_page, site)
    first = look(page)
    press(page, "Play")
    page.wait_for_function(f"{GET}.time.steps > 300")
    press(page, "Pause")
    rested = look(page)
    page.wait_for_timeout(300)
    assert look(page) == rested
    assert rested["losses"][1] < first["losses"][1]
    assert page.locator("explorable-value[name='playground.epoch']").first.inner_text() == str(
        rested["epoch"]
    )


def test_a_seed_decides_the_weights_and_the_same_seed_gives_the_same_run_twice(
    open_page: Open, site: Path
) -> None:
    page = opened(open_page, site)
    first = look(page)
    runs = []
    for seed in ("7", "8", "7"):
        field = control(page, "seed").locator("input[type=number]")
        field.fill(seed)
        field.press("Enter")
        settle(page)
        page.evaluate(f"{GET}.step(20)")
        runs.append(look(page))
        assert runs[-1]["steps"] == 20
    assert runs[0] == runs[2]
    assert runs[0]["weights"] != runs[1]["weights"]
    assert first["weights"] != runs[0]["weights"]


@pytest.mark.parametrize("depth", range(7))
def test_the_depth_is_chosen_and_its_network_is_fetched(
    open_page: Open, site: Path, depth: int
) -> None:
    page = opened(open_page, site)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    control(page, "depth").locator("select").select_option(str(depth))
    widths = [2, *[4, 2, 2, 2, 2, 2][:depth], 1]
    links = sum(a * b for a, b in itertools.pairwise(widths))
    page.wait_for_function(f"{GET}.outputs.links.length === {links}")
    found = look(page)
    assert found["numbers"] == links + sum(widths[1:])
    scripts = [url for url in fetched if re.search(r"playground\.\d\.", url)]
    assert len(scripts) == (0 if depth == 2 else 1)
    page.evaluate(f"{GET}.step(10)")
    assert look(page)["weights"] != found["weights"]
    assert figure(page, "network").get_attribute("state") == "live"


def test_only_the_widths_of_layers_that_are_there_can_be_chosen(
    open_page: Open, site: Path
) -> None:
    page = opened(open_page, site)
    shown = "[...document.querySelectorAll('explorable-input')].filter(e => e.checkVisibility())"
    names = (
        f"{shown}.map(e => e.getAttribute('name').split('.')[1]).filter(n => /units|activ/.test(n))"
    )
    assert page.evaluate(names) == ["units_1", "units_2", "activation"]
    control(page, "depth").locator("select").select_option("4")
    page.wait_for_function(f"{GET}.outputs.units.length > 10")
    settle(page)
    assert page.evaluate(names) == ["units_1", "units_2", "units_3", "units_4", "activation"]
    control(page, "depth").locator("select").select_option("0")
    page.wait_for_function(f"{GET}.outputs.links.length === 2")
    settle(page)
    assert page.evaluate(names) == []


def test_a_width_that_is_not_there_starts_nothing_over_and_one_that_is_does(
    open_page: Open, site: Path
) -> None:
    page = opened(open_page, site)
    page.evaluate(f"{GET}.step(5)")
    page.evaluate(f"{GET}.set({{units_5: 7}})")
    assert look(page)["steps"] == 5
    slider = control(page, "units_2").locator("input")
    slider.focus()
    page.keyboard.press("ArrowRight")
    found = look(page)
    assert found["steps"] == 0
    assert found["numbers"] == (2 * 4 + 4) + (4 * 3 + 3) + (3 + 1)


def test_every_data_set_can_be_learned(open_page: Open, site: Path) -> None:
    page = opened(open_page, site)
    select = control(page, "dataset").locator("select")
    seen = set()
    names = select.locator("option").all_inner_texts()
    assert len(names) == 8
    for index in range(len(names)):
        select.select_option(str(index))
        settle(page)
        points = page.evaluate(f"{GET}.outputs.points.slice(0, 20)")
        seen.add(str(points))
        page.evaluate(f"{GET}.reset()")
        before = look(page)["losses"][0]
        page.evaluate(f"{GET}.step(150)")
        assert look(page)["losses"][0] < before, names[index]
    assert len(seen) == 7  # classes of the own points at first are their values


def test_a_weight_that_is_typed_changes_the_network_and_every_picture(
    open_page: Open, site: Path
) -> None:
    page = opened(open_page, site)
    before, surface = look(page), pixels(page, "output")
    place = figure(page, "network")
    place.locator("summary", has_text="Edit a number").press("Enter")
    which = place.get_by_label("Which")
    assert which.locator("option").nth(8).inner_text() == (
        "from unit 1 of layer 1 to unit 1 of layer 2"
    )
    which.select_option("from x1 to unit 4 of layer 1")
    place.get_by_label("weight", exact=True).fill("4.5")
    page.keyboard.press("Enter")
    after = look(page)
    assert after["weights"][3] == 4.5
    changed = [a != b for a, b in zip(before["weights"], after["weights"], strict=True)]
    assert changed.index(True) == 3
    assert sum(changed) == 1
    assert pixels(page, "output") != surface
    assert after["steps"] == before["steps"]


def test_a_line_of_the_picture_is_clicked_and_typed_anew(open_page: Open, site: Path) -> None:
    page = opened(open_page, site)
    before = look(page)
    place = figure(page, "network")
    place.scroll_into_view_if_needed()
    settle(page)
    x, y = place.evaluate(
        """figure => {
          // The middle of a line that no other line crosses.
          const lines = [...figure.querySelectorAll('.explorable-live .mark-rule line')];
          for (const line of lines) {
            const { left, top, width, height } = line.getBoundingClientRect();
            const [x, y] = [left + width / 2, top + height / 2];
            if (document.elementFromPoint(x, y) === line) return [x, y];
          }
        }"""
    )
    page.mouse.click(x, y)
    place.get_by_label(re.compile("^weight from .+ to (unit|output)")).wait_for()
    page.keyboard.type("-3.25")
    page.keyboard.press("Enter")
    after = look(page)["weights"]
    changed = [b for a, b in zip(before["weights"], after, strict=True) if a != b]
    assert changed == [-3.25]


def test_a_thin_line_is_hit_by_a_finger_next_to_it(open_page: Open, site: Path) -> None:
    page = opened(open_page, site, viewport={"width": 360, "height": 740}, has_touch=True)
    place = figure(page, "network")
    place.scroll_into_view_if_needed()
    page.evaluate(f"{GET}.set({{depth: 0, features: [0]}})")
    line = place.locator(".explorable-live .mark-rule line")
    expect(line).to_have_count(1)
    place.evaluate("figure => scrollTo(0, figure.getBoundingClientRect().top + scrollY - 100)")
    box = line.bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + 10)
    place.get_by_label("weight from x1 to output").wait_for()


def places(page: Page) -> list[tuple[float, float]]:
    return [(x, y) for x, y, _ in inputs(page)["own"]]


def test_without_scripts_only_the_widths_of_the_layers_that_are_drawn_are_in_the_page(
    open_page: Open, site: Path
) -> None:
    page, _ = open_page(file_address(site, PAGE), java_script_enabled=False)
    inputs = page.locator("explorable-input[name*='units_']")
    hidden = [each.get_attribute("hidden") is not None for each in inputs.all()]
    assert hidden == [False, False, True, True, True, True]


def test_own_points_bear_a_value_and_are_learned_as_amounts(open_page: Open, site: Path) -> None:
    page = opened(open_page, site, "#playground.dataset=7")
    controls = control(page, "own")
    controls.get_by_role("button", name="Remove all").click()
    slider = controls.get_by_role("slider", name="value")
    assert slider.input_value() == "-1"
    controls.get_by_label("blue").check()
    assert slider.input_value() == "1"
    slider.fill("0.4")
    assert not controls.get_by_label("blue").is_checked()
    controls.locator("summary").click()
    for place in ("-2", "2"):
        controls.locator("[data-axis=x]").fill(place)
        controls.locator("[data-axis=y]").fill("1")
        controls.get_by_role("button", name="Add").click()
    assert inputs(page)["own"] == [[-2, 1, 0.4], [2, 1, 0.4]]
    page.evaluate(f"{GET}.step(300)")
    page.evaluate(f"{GET}.set({{}})")
    shown = page.evaluate(f"{GET}.outputs.points.filter(point => point.shown)")
    assert [point["label"] for point in shown] == [pytest.approx(0.4)]
    assert look(page)["losses"][0] < 0.01


def test_a_point_that_is_there_gets_another_value_by_number(open_page: Open, site: Path) -> None:
    page = opened(open_page, site)
    controls = control(page, "own")
    controls.locator("summary").click()
    controls.get_by_label("Point", exact=True).select_option(index=1)
    field = controls.locator(".explorable-numbers-of-a-point [data-axis=value]")
    assert field.input_value() == "1"
    field.fill("-0.5")
    field.press("Enter")
    assert inputs(page)["own"][0] == [-4, 3.4, -0.5]
    option = controls.get_by_label("Point", exact=True).locator("option").nth(1)
    assert option.inner_text() == "1: -0.5 at -4.00, 3.40"
    field.fill("3")
    field.press("Enter")
    assert "the value from -1 to 1" in controls.locator("[role=status]").inner_text()


def test_own_points_are_placed_by_mouse(open_page: Open, site: Path) -> None:
    page = opened(open_page, site)
    place = figure(page, "drawing")
    place.scroll_into_view_if_needed()
    settle(page)

    def centre(number: int) -> tuple[float, float]:
        box = place.get_by_role("slider", name=f"Your own points: point {number} of").bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    before = places(page)
    (x1, y1), (x2, y2) = centre(8), centre(13)
    (u1, v1), (u2, v2) = before[7], before[12]
    x = x1 + (0 - u1) / (u2 - u1) * (x2 - x1)
    y = y1 + (0.5 - v1) / (v2 - v1) * (y2 - y1)
    page.mouse.click(x, y)
    after = places(page)
    assert len(after) == len(before) + 1
    assert after[-1] == pytest.approx((0, 0.5), abs=0.1)
    # And dragged, since it is there now.
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x2 + 3, y1, steps=6)
    page.mouse.up()
    assert places(page)[-1] == pytest.approx((u2, v1), abs=0.3)


def test_own_points_are_placed_and_learned_by_keyboard(open_page: Open, site: Path) -> None:
    page = opened(open_page, site)
    controls = control(page, "own")
    controls.locator("summary").focus()
    page.keyboard.press("Enter")
    before = len(places(page))
    for axis, text in (("x", "5"), ("y", "-4.5")):
        controls.locator(f"[data-axis={axis}]").focus()
        page.keyboard.type(text)
    controls.locator(".explorable-add").focus()
    page.keyboard.press("Enter")
    assert len(places(page)) == before + 1
    assert places(page)[-1] == pytest.approx((5, -4.5))
    page.evaluate(f"{GET}.set({{dataset: 6}})")
    total = "(({train_points, test_points}) => train_points + test_points)"
    assert page.evaluate(f"{total}({GET}.outputs)") == before + 1


def test_points_are_read_from_a_csv_file(open_page: Open, site: Path, tmp_path: Path) -> None:
    page = opened(open_page, site)
    controls = control(page, "own")

    def give(text: str) -> None:
        file = tmp_path / "mine.csv"
        file.write_text(text)
        controls.locator("input[type=file]").set_input_files(file)

    give("x,y,value\n1,2,blue\n-3,4.5,orange\n0,0,0.25\n")
    page.wait_for_function(f"{GET}.inputs.own.length === 3")
    assert inputs(page)["own"] == [[1, 2, 1], [-3, 4.5, -1], [0, 0, 0.25]]
    give("x,y,value\n1,2,green\n")
    said = controls.get_by_role("status").filter(has_text="stay as they were")
    said.wait_for()
    assert len(places(page)) == 3


def test_a_trained_network_is_saved_and_loaded_again(
    open_page: Open, site: Path, tmp_path: Path
) -> None:
    page = opened(open_page, site)
    page.evaluate(f"{GET}.set({{seed: 42, rate: 6, units_1: 3, depth: 1}})")
    page.evaluate(f"{GET}.step(120)")
    trained = look(page)
    with page.expect_download() as download:
        press(page, "Save")
    file = tmp_path / "trained.safetensors"
    download.value.save_as(file)
    other = opened(open_page, site)
    assert look(other)["weights"] != trained["weights"]
    other.locator("explorable-time").first.get_by_label("Load").set_input_files(file)
    other.wait_for_function(f"{GET}.time.steps === 120")
    assert look(other) == trained
    assert inputs(other)["seed"] == 42
    other.wait_for_function("location.hash.includes('playground.seed=42')")


def test_a_shared_link_gives_everybody_the_same_run(open_page: Open, site: Path) -> None:
    page = opened(open_page, site)
    control(page, "dataset").locator("select").select_option("1")
    control(page, "rate").locator("select").select_option("4")
    field = control(page, "seed").locator("input[type=number]")
    field.fill("31")
    field.press("Enter")
    page.wait_for_function("location.hash.includes('seed=31')")
    link = page.evaluate("location.hash")
    assert "dataset=1" in link
    assert "rate=4" in link
    runs = []
    for _ in range(2):
        other = opened(open_page, site, link)
        settle(other)
        other.evaluate(f"{GET}.step(50)")
        runs.append(look(other))
        assert inputs(other) == inputs(page)
    page.evaluate(f"{GET}.step(50)")
    assert runs[0] == runs[1] == look(page)
    assert runs[0]["steps"] == 50


def test_back_and_forward_bring_settings_back(open_page: Open, site: Path) -> None:
    page = opened(open_page, site)
    start = inputs(page)
    page.locator(LINKS, has_text="No hidden layer").first.click()
    page.wait_for_function(f"{GET}.inputs.depth === 0 && {GET}.outputs.links.length === 2")
    page.locator(LINKS, has_text="the spiral").first.click()
    page.wait_for_function(f"{GET}.inputs.dataset === 3 && {GET}.outputs.links.length === 18")
    page.go_back()
    page.wait_for_function(f"{GET}.inputs.depth === 0 && {GET}.outputs.links.length === 2")
    page.go_back()
    page.wait_for_function(f"{GET}.inputs.depth === 2 && {GET}.outputs.links.length === 18")
    assert inputs(page) == start
    page.go_forward()
    page.wait_for_function(f"{GET}.inputs.depth === 0 && {GET}.outputs.links.length === 2")


def test_every_link_of_the_page_sets_what_it_says(open_page: Open, site: Path) -> None:
    page = opened(open_page, site)
    for summary in page.locator("article details > summary").all():
        summary.click()
    links = page.locator(LINKS).all()
    assert len(links) >= 10
    for link in links:
        href = link.get_attribute("href") or ""
        link.click()
        page.wait_for_function("hash => location.hash === hash", arg=href)
        page.wait_for_timeout(50)
        values = inputs(page)
        for part in href.removeprefix("#").split("&"):
            name, _, text = part.removeprefix("playground.").partition("=")
            value = values[name]
            wanted = [int(t) for t in text.split(",")] if isinstance(value, list) else float(text)
            assert value == wanted, href
        page.evaluate(f"{GET}.step(2)")
        assert page.locator(".explorable-notice").count() == 0
        assert page.locator("explorable-figure[state=failed]").count() == 0


def test_on_a_phone_it_fits_and_plays_by_finger(open_page: Open, site: Path) -> None:
    page = opened(open_page, site, viewport={"width": 360, "height": 740}, has_touch=True)
    all_live(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Play", exact=True).first.tap()
    page.wait_for_function(f"{GET}.time.steps > 20")
    page.get_by_role("button", name="Pause", exact=True).first.tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
