"""Time, links, files and engines, on a page of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from tests.browser import clockwork
from tests.browser.conftest import KEEP_CONTEXTS, Open

READY = "explorables.get('clockwork').ready"
STRICT = "'nonce-unused'"
"""A policy without any kind of eval."""


def opened(open_page: Open, folder: Path, *, link: str = "", **options: Any) -> Page:
    page, _ = open_page(clockwork.write(folder, **options) + link)
    page.evaluate(READY)
    page.wait_for_selector("explorable-time[state=live]")
    return page


def largest(page: Page) -> str:
    return page.locator("explorable-value").inner_text()


def settle(page: Page) -> None:
    page.evaluate("explorables.get('clockwork').set({})")


def test_the_buttons_step_play_pause_and_start_over(open_page: Open, tmp_path: Path) -> None:
    page = opened(open_page, tmp_path)
    page.get_by_role("button", name="Go on by 1 tick").click()
    settle(page)
    assert (largest(page), page.locator(".explorable-count").inner_text()) == ("2.0", "tick 1")
    page.get_by_role("button", name="Go on by 1 round").click()
    settle(page)
    assert largest(page) == "64.0"
    page.get_by_label("Speed").select_option("10 a second")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("explorables.get('clockwork').time.steps > 8")
    page.get_by_role("button", name="Pause").click()
    steps = page.evaluate("explorables.get('clockwork').time.steps")
    page.wait_for_timeout(300)
    assert page.evaluate("explorables.get('clockwork').time.steps") == steps
    page.get_by_role("button", name="Start over").click()
    settle(page)
    assert (largest(page), page.locator(".explorable-count").inner_text()) == ("1.0", "tick 0")


def test_time_is_driven_by_keyboard_and_told_when_it_rests(open_page: Open, tmp_path: Path) -> None:
    page = opened(open_page, tmp_path)
    page.get_by_role("button", name="Play").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "document.querySelector('explorable-time [role=status]').textContent === 'tick 1'"
    )


def test_nothing_plays_by_itself(open_page: Open, tmp_path: Path) -> None:
    page = opened(open_page, tmp_path)
    page.wait_for_timeout(300)
    assert page.evaluate("explorables.get('clockwork').time") == {"steps": 0, "playing": False}


def test_a_state_beyond_all_bounds_says_so_and_offers_a_new_start(
    open_page: Open, tmp_path: Path
) -> None:
    page = opened(open_page, tmp_path)
    page.evaluate("explorables.get('clockwork').set({growth: 1e30})")
    page.get_by_role("button", name="Play").click()
    message = page.locator("explorable-figure > figure > .explorable-message")
    message.wait_for()
    assert "beyond all bounds" in message.inner_text()
    assert page.get_by_role("button", name="Play").is_disabled()
    assert page.locator("explorable-figure").get_attribute("state") == "live"
    page.evaluate("explorables.get('clockwork').set({growth: 2})")
    page.get_by_role("button", name="Start over").click()
    settle(page)
    assert largest(page) == "1.0"
    assert not message.is_visible()


def test_a_figure_that_leaves_the_page_pauses_and_goes_on_when_it_returns(
    open_page: Open, tmp_path: Path
) -> None:
    page = opened(open_page, tmp_path)
    page.evaluate("explorables.get('clockwork').step(3)")
    page.get_by_role("button", name="Play").click()
    page.evaluate("window.kept = document.querySelector('explorable-figure'); kept.remove()")
    page.wait_for_function("!explorables.get('clockwork').time.playing")
    steps = page.evaluate("explorables.get('clockwork').time.steps")
    for _ in range(20):
        page.evaluate("document.body.append(kept); kept.remove()")
    page.evaluate("document.body.append(kept)")
    page.wait_for_selector("explorable-figure[state=live]")
    page.wait_for_selector("explorable-time[state=live]")
    assert page.evaluate("explorables.get('clockwork').time.steps") == steps >= 3
    assert page.locator(".explorable-play").count() == 1


def test_a_link_sets_the_page_and_the_page_writes_its_link(open_page: Open, tmp_path: Path) -> None:
    page = opened(open_page, tmp_path, link="#clockwork.begin=3")
    page.wait_for_function("document.querySelector('explorable-value').innerText === '3.0'")
    page.evaluate("history.replaceState({scroll: 7}, '')")
    page.evaluate("explorables.get('clockwork').set({growth: 5})")
    page.wait_for_function("location.hash === '#clockwork.growth=5&clockwork.begin=3'")
    assert page.evaluate("history.state") == {"scroll": 7}
    page.evaluate("explorables.get('clockwork').set({growth: 2, begin: 1})")
    page.wait_for_function("!location.href.includes('#')")


def test_back_and_forward_go_through_the_links_that_were_followed(
    open_page: Open, tmp_path: Path
) -> None:
    page = opened(open_page, tmp_path)
    inputs = "JSON.stringify(explorables.get('clockwork').inputs)"
    page.locator("#try").click()
    page.wait_for_function(inputs + """ === '{"growth":3,"begin":2}'""")
    page.go_back()
    page.wait_for_function(inputs + """ === '{"growth":2,"begin":1}'""")
    page.go_forward()
    page.wait_for_function(inputs + """ === '{"growth":3,"begin":2}'""")
    page.evaluate("location.hash = '#section'")
    page.wait_for_timeout(700)
    assert page.evaluate("location.hash") == "#section"
    assert page.evaluate(inputs) == '{"growth":3,"begin":2}'


HOSTILE = [
    "#clockwork.growth=<img src=x onerror=alert(1)>",
    "#clockwork.<script>alert(1)</script>=1&clockwork.begin=99",
    "#clockwork.nonsense=1&%3Cb%3E",
    "#clockwork.__proto__=1&backend=javascript:alert(1)",
    "#clockwork.growth=%00%ff&clockwork.begin=" + "9" * 5000,
]


@pytest.mark.parametrize("link", HOSTILE)
def test_a_hostile_link_is_ignored_with_a_sentence(
    open_page: Open, tmp_path: Path, link: str
) -> None:
    page = opened(open_page, tmp_path, link=link)
    notice = page.locator(".explorable-notice")
    notice.wait_for()
    assert "ignored" in notice.inner_text()
    assert notice.locator("*").count() == 0
    assert page.evaluate("explorables.get('clockwork').inputs") == {"growth": 2, "begin": 1}
    assert largest(page) == "1.0"


def test_a_heading_in_the_address_is_no_complaint(open_page: Open, tmp_path: Path) -> None:
    page = opened(open_page, tmp_path, link="#section")
    page.wait_for_timeout(600)
    assert page.locator(".explorable-notice").count() == 0
    assert page.evaluate("location.hash") == "#section"


def tensor(file: bytes, name: str) -> NDArray[np.float32]:
    """A tensor of a safetensors file, read as its specification says."""
    length = int.from_bytes(file[:8], "little")
    header = json.loads(file[8 : 8 + length])[name]
    assert header["dtype"] == "F32"
    begin, end = header["data_offsets"]
    body = file[8 + length :][begin:end]
    return np.frombuffer(body, "<f4").reshape(header["shape"])


def test_a_saved_file_is_safetensors_and_is_loaded_again(open_page: Open, tmp_path: Path) -> None:
    page = opened(open_page, tmp_path)
    page.evaluate("explorables.get('clockwork').set({growth: 3})")
    page.evaluate("explorables.get('clockwork').step(2)")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save").click()
    file = tmp_path / "kept.safetensors"
    download.value.save_as(file)
    assert tensor(file.read_bytes(), "x").tolist() == [9, 9]
    page.reload()
    page.evaluate(READY)
    page.get_by_label("Load").set_input_files(file)
    page.wait_for_function("document.querySelector('explorable-value').innerText === '9.0'")
    assert page.evaluate("explorables.get('clockwork').inputs.growth") == 3
    page.get_by_label("Load").set_input_files(
        {"name": "bad.safetensors", "mimeType": "", "buffer": b"no such thing at all"}
    )
    message = page.locator("explorable-time .explorable-message")
    message.wait_for()
    assert "nothing was changed" in message.inner_text()
    assert largest(page) == "9.0"


def test_webassembly_computes_the_same_and_is_chosen_by_the_link(
    open_page: Open, tmp_path: Path
) -> None:
    page = opened(open_page, tmp_path, link="#backend=wasm")
    page.evaluate("explorables.get('clockwork').step(3)")
    assert page.evaluate("explorables.get('clockwork').backend") == "wasm"
    assert largest(page) == "8.0"
    page.evaluate("explorables.get('clockwork').set({growth: 3})")
    page.wait_for_function("location.hash === '#clockwork.growth=3&backend=wasm'")


def test_where_a_policy_refuses_webassembly_it_runs_without_and_says_so(
    open_page: Open, tmp_path: Path
) -> None:
    page, watch = open_page(clockwork.write(tmp_path, backend="wasm", policy=STRICT))
    watch.allowed += ["WebAssembly", "wasm", "Content Security Policy", "uncaught"]
    page.evaluate(READY)
    page.evaluate("explorables.get('clockwork').step(3)")
    assert page.evaluate("explorables.get('clockwork').backend") == "cpu"
    assert largest(page) == "8.0"
    message = page.locator("explorable-figure > figure > .explorable-message")
    assert "plain JavaScript" in message.inner_text()


def test_two_engines_on_one_page_do_not_disturb_each_other(open_page: Open, tmp_path: Path) -> None:
    """The second one loads while the first one computes."""
    page = opened(open_page, tmp_path)
    second = (
        (tmp_path / "clockwork.js").read_text().replace('"name": "clockwork"', '"name": "second"')
    ).replace('"name": "cpu"', '"name": "wasm"')
    (tmp_path / "second.js").write_text(second)
    page.evaluate("explorables.get('clockwork').play()")
    page.evaluate(
        """async () => {
          const value = document.createElement('explorable-value');
          value.setAttribute('name', 'second.largest');
          value.setAttribute('src', 'second.js');
          value.textContent = '1.0';
          document.body.append(value);
          await explorables.get('second').ready;
        }"""
    )
    backends = "explorables.names.map((name) => explorables.get(name).backend)"
    assert page.evaluate(backends) == ["cpu", "wasm"]
    page.evaluate("explorables.get('clockwork').reset()")
    page.evaluate("Promise.all(explorables.names.map((name) => explorables.get(name).step(4)))")
    assert page.locator("explorable-value").all_inner_texts() == ["16.0", "16.0"]


LOSE_CONTEXTS = """
contexts.forEach((context) => context.getExtension('WEBGL_lose_context')?.loseContext())
"""


def test_a_lost_graphics_card_gives_way_to_plain_javascript(
    open_page: Open, tmp_path: Path
) -> None:
    page, watch = open_page(
        clockwork.write(tmp_path) + "#backend=webgl&clockwork.growth=3",
        before=lambda page: page.add_init_script(KEEP_CONTEXTS),
    )
    watch.allowed += ["GL Driver Message", "WebGL", "CONTEXT_LOST"]
    page.evaluate(READY)
    assert page.evaluate("explorables.get('clockwork').backend") == "webgl"
    page.evaluate("explorables.get('clockwork').step(2)")
    assert largest(page) == "9.0"
    page.evaluate(
        "contexts.forEach((one) => one.getExtension('WEBGL_lose_context')?.loseContext())"
    )
    page.evaluate("explorables.get('clockwork').step(3)")
    assert page.evaluate("explorables.get('clockwork').backend") == "cpu"
    assert largest(page) == "27.0"
    message = page.locator("explorable-figure > figure > .explorable-message")
    assert "plain JavaScript" in message.inner_text()
