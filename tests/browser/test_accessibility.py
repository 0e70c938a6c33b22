"""Everybody can read the pages and use the controls: what axe, a program, can tell of that."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Open, all_live, file_address, violations
from tests.browser.test_site import PAGES


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("scripts", [True, False], ids=["live", "static"])
def test_axe_finds_nothing_in_our_figures_and_text(
    open_page: Open, site: Path, name: str, scheme: str, scripts: bool
) -> None:
    """In the article; the frame around it is Material's."""
    page, watch = open_page(
        file_address(site, name),
        color_scheme=scheme,
        before=None
        if scripts
        else lambda page: page.route("**/explorables.js", lambda route: route.abort()),
    )
    watch.allowed.append("ERR_FAILED")
    if scripts:
        all_live(page)
        for summary in page.locator("article details > summary").all():
            summary.click()
    page.evaluate("scrollTo(0, 0)")
    assert violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_every_control_has_a_name(open_page: Open, site: Path, name: str) -> None:
    page, _ = open_page(file_address(site, name))
    all_live(page)
    for control in page.locator("fieldset.explorable-controls input, .explorable-clear").all():
        if not control.is_visible():
            continue  # a setting that the present network has not
        tree = control.aria_snapshot()
        assert '"' in tree, tree


def test_at_twice_the_size_nothing_is_cut_off(open_page: Open, site: Path) -> None:
    """Zoom to 200 % of a 1280 pixel window is a window of 640 pixels."""
    page, _ = open_page(
        file_address(site, PAGES[1]),
        viewport={"width": 640, "height": 450},
        device_scale_factor=2,
    )
    all_live(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
