"""The whole site, as its readers meet it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import ROOT, Open, Server, all_live, file_address

PAGES = [
    "index.html",
    "educate/anomaly.html",
    "create/digits.html",
    "educate/playground.html",
    "educate/momentum.html",
]
Serve = Callable[..., Server]


def test_every_page_of_the_site_is_looked_at(site: Path) -> None:
    found = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert found - {"404.html"} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("where", ["file", "http", "sub-path"])
def test_every_figure_goes_live_and_agrees_with_pytorch(
    open_page: Open, site: Path, serve: Serve, name: str, where: str
) -> None:
    """On file://, from a server and from a sub-path: a clean console, no request outside."""
    if where == "file":
        page, _ = open_page(file_address(site, name))
    else:
        server = serve(site, "some/where/" if where == "sub-path" else "")
        page, _ = open_page(server.address + name, home=server.address)
    all_live(page)
    for figure in page.locator("explorable-figure").all():
        assert float(figure.get_attribute("parity") or "nan") <= 1e-3
    assert page.locator("explorable-value[state=failed]").count() == 0


@pytest.mark.parametrize("name", PAGES)
def test_without_javascript_each_figure_is_its_picture_and_each_live_link_its_text(
    open_page: Open, site: Path, name: str
) -> None:
    page, _ = open_page(file_address(site, name), java_script_enabled=False)
    source = (ROOT / "content" / name.replace(".html", ".md")).read_text()
    texts = [text.strip("*") for text in re.findall(r"\[([^\]]+)\]\(live:", source)]
    # Those in formulas are written as commands, and are tested with formulas.
    assert page.locator("explorable-value:not(.katex *)").all_text_contents() == texts
    for figure in page.locator("explorable-figure").all():
        picture = figure.locator(".explorable-picture svg")
        box = picture.bounding_box()
        assert box is not None
        assert box["width"] > 200
        assert len(figure.locator(".explorable-picture").get_attribute("aria-label") or "") > 20
        assert figure.locator("figcaption").inner_text().strip()
    for control in page.locator("fieldset.explorable-controls input").all():
        assert control.is_disabled()


@pytest.mark.parametrize("name", PAGES)
def test_coming_alive_changes_no_sentence_and_moves_nothing(
    open_page: Open, site: Path, name: str
) -> None:
    still, _ = open_page(file_address(site, name), java_script_enabled=False)
    live, _ = open_page(file_address(site, name))
    all_live(live)
    live.wait_for_timeout(300)
    values = "explorable-value"
    assert live.locator(values).all_text_contents() == still.locator(values).all_text_contents()
    boxes = (
        "[...document.querySelectorAll('.explorable-picture > *')].map(e => {"
        "const b = e.getBoundingClientRect(); return [Math.round(b.width), Math.round(b.height)]})"
    )
    before, after = still.evaluate(boxes), live.evaluate(boxes)
    assert len(before) == len(after)
    for (w0, h0), (w1, h1) in zip(before, after, strict=True):
        assert abs(w0 - w1) <= 1
        assert abs(h0 - h1) <= 1


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_fits_a_phone_and_a_desk_in_light_and_dark(
    open_page: Open, site: Path, name: str, width: int, scheme: str
) -> None:
    page, _ = open_page(
        file_address(site, name),
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
    )
    all_live(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate(
        "[...document.querySelectorAll('.explorable-picture text')].filter(t => t.textContent"
        " && t.getBoundingClientRect().height > 0"
        " && t.getBoundingClientRect().height < 7).map(t => t.textContent)"
    )
    assert small == []


def test_search_works_on_file(open_page: Open, site: Path) -> None:
    page, _ = open_page(file_address(site))
    page.locator("input.md-search__input").click()
    page.keyboard.type("autoencoder")
    result = page.locator(".md-search-result__link").first
    result.wait_for()
    assert "anomaly" in (result.get_attribute("href") or "")
    result.click()
    page.wait_for_url("**/educate/anomaly.html*")


def test_the_site_works_from_a_folder_with_an_awkward_name(
    open_page: Open, site: Path, tmp_path: Path
) -> None:
    """A memory stick is called what its owner likes: spaces, brackets and other letters."""
    copy = tmp_path / "Tief lernen (Klasse 9b) #1 ü"
    shutil.copytree(site, copy)
    page, _ = open_page(file_address(copy, PAGES[1]))
    all_live(page)


def test_every_link_inside_the_site_leads_somewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        if path.name == "404.html":
            continue
        for target in re.findall(r'(?:href|src)="([^"#?]+)', path.read_text()):
            if not re.match(r"[a-z]+:", target):
                assert (path.parent / target).resolve().exists(), f"{path.name}: {target}"


def test_nothing_in_the_site_is_fetched_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        for tag in re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", path.read_text()):
            if 'rel="canonical"' not in tag:
                assert not re.search(r'(?:src|href)="(?:https?:)?//', tag), f"{path.name}: {tag}"


def test_the_home_page_names_the_five_perspectives_and_every_page(
    open_page: Open, site: Path
) -> None:
    page, _ = open_page(file_address(site))
    text = page.locator("article").inner_text()
    for perspective in ("Educate", "Create", "Visualise", "Intervene", "Imagine"):
        assert perspective in text
    targets = page.locator("article a").evaluate_all("links => links.map(a => a.href)")
    for name in PAGES[1:]:
        assert any(target.endswith(name) for target in targets), name
