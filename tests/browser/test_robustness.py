"""What goes wrong around a page: it says so where the reader must know, and goes on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import KEEP_CONTEXTS, Open, Server, all_live, file_address

Serve = Callable[..., Server]
PAGE = "educate/playground.html"
GET = "explorables.get('playground')"
MESSAGE = "explorable-figure[name='playground.network'] > figure > .explorable-message"


def ready(page: Page) -> None:
    page.evaluate(f"{GET}.ready")
    page.wait_for_selector("explorable-time[state=live]")


def losses(page: Page) -> list[float]:
    found: list[float] = page.evaluate(
        f"{GET}.set({{}}).then(() => [{GET}.outputs.train_loss, {GET}.outputs.test_loss])"
    )
    return found


def test_where_a_policy_refuses_webassembly_the_playground_trains_without(
    open_page: Open, site: Path, serve: Serve
) -> None:
    """The server's policy has no 'wasm-unsafe-eval', and the link asks for WebAssembly."""
    server = serve(site)
    page, watch = open_page(server.address + PAGE + "#backend=wasm", home=server.address)
    watch.allowed += ["WebAssembly", "wasm", "Content Security Policy"]
    ready(page)
    assert page.evaluate(f"{GET}.backend") == "cpu"
    page.locator("explorable-figure[name='playground.network']").scroll_into_view_if_needed()
    page.evaluate(f"{GET}.set({{}})")
    assert "plain JavaScript" in page.locator(MESSAGE).inner_text()
    before = losses(page)
    page.evaluate(f"{GET}.step(50)")
    assert losses(page)[0] < before[0]


def test_a_lost_graphics_card_in_the_middle_of_a_page_gives_way_to_plain_javascript(
    open_page: Open, site: Path
) -> None:
    page, watch = open_page(
        file_address(site, "create/digits.html") + "#backend=webgl",
        before=lambda page: page.add_init_script(KEEP_CONTEXTS),
    )
    watch.allowed += ["GL Driver Message", "WebGL", "CONTEXT_LOST", "GPU stall"]
    digits = "explorables.get('digits')"
    page.evaluate(f"{digits}.ready")
    assert page.evaluate(f"{digits}.backend") == "webgl"
    page.evaluate("contexts.forEach(one => one.getExtension('WEBGL_lose_context')?.loseContext())")
    before = page.evaluate(f"{digits}.outputs.guess")
    blank = f"{digits}.set({{drawing: new Float32Array({digits}.inputs.drawing.length)}})"
    page.evaluate(blank)
    assert page.evaluate(f"{digits}.backend") == "cpu"
    assert page.evaluate(f"{digits}.outputs.guess") != before
    all_live(page)
    said = page.locator("explorable-figure > figure > .explorable-message").first.inner_text()
    assert "plain JavaScript" in said


def test_a_figure_that_is_removed_while_it_loads_stays_quiet_and_lives_when_it_returns(
    open_page: Open, site: Path, serve: Serve
) -> None:
    held: list[Route] = []
    server = serve(site)

    def keep(route: Route) -> None:
        held.append(route)

    page, _ = open_page(
        server.address + PAGE,
        home=server.address,
        before=lambda page: page.route("**/engine-compiled.js", keep),
    )
    page.locator("explorable-figure[state=loading]").first.wait_for()
    page.evaluate(
        "window.kept = [...document.querySelectorAll('explorable-figure, explorable-value')]"
        ".map(one => [one.parentElement, one.nextSibling, one]);"
        "kept.forEach(([, , one]) => one.remove())"
    )
    for _ in range(100):
        if held:
            break
        page.wait_for_timeout(50)
    assert held
    held[0].continue_()
    page.wait_for_timeout(500)
    assert page.evaluate("kept.map(([, , one]) => one.state).includes('live')") is False
    page.evaluate("kept.reverse().forEach(([parent, next, one]) => parent.insertBefore(one, next))")
    ready(page)
    all_live(page)


def test_two_figures_of_one_explorable_move_together(open_page: Open, site: Path) -> None:
    page, _ = open_page(file_address(site, PAGE), viewport={"width": 1280, "height": 4500})
    ready(page)
    figures = page.locator("explorable-figure[name='playground.output']")
    assert figures.count() == 2
    surfaces = (
        "() => [...document.querySelectorAll(\"explorable-figure[name='playground.output']\")]"
        ".map(one => one.querySelector('canvas.explorable-surface').toDataURL())"
    )
    first, second = page.evaluate(surfaces)
    assert first == second
    selects = page.locator("explorable-input[name='playground.dataset'] select")
    selects.first.select_option("2")
    page.evaluate(f"{GET}.step(30)")
    assert set(selects.evaluate_all("all => all.map(one => one.value)")) == {"2"}
    after = page.evaluate(surfaces)
    assert after[0] == after[1] != first


def instant(site: Path, folder: Path) -> Path:
    """The site as Material makes it with `navigation.instant`: only its settings differ."""
    shutil.copytree(site, folder)
    for path in folder.rglob("*.html"):
        text = path.read_text()
        settled = text.replace('"features": [', '"features": ["navigation.instant", ', 1)
        assert settled != text, path
        path.write_text(settled)
    return folder


def test_instant_navigation_back_and_forth_twenty_times(
    open_page: Open, site: Path, serve: Serve, tmp_path: Path
) -> None:
    folder = instant(site, tmp_path / "instant")
    server = serve(folder)
    pages = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.html"))]
    found = "".join(f"<url><loc>{server.address}{page}</loc></url>" for page in pages)
    (folder / "sitemap.xml").write_text(
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{found}</urlset>'
    )
    # TensorFlow.js counts its tensors, so that what is left behind is seen.
    page, _ = open_page(server.address + PAGE + "#backend=cpu", home=server.address)
    ready(page)
    page.evaluate("window.same = true")
    page.evaluate(f"{GET}.step(3)")
    counts = []
    for turn in range(20):
        page.locator(".md-nav--primary a[href*='anomaly.html']").first.evaluate("a => a.click()")
        page.wait_for_url("**/anomaly.html")
        page.locator("explorable-figure[name^='anomaly.'][state=live]").first.wait_for()
        assert page.locator("explorable-figure[name^='playground.']").count() == 0
        if turn % 2:
            page.go_back()
        else:
            page.locator(".md-nav--primary a[href*='playground.html']").first.evaluate(
                "a => a.click()"
            )
        page.wait_for_url("**/playground.html*")
        page.locator("explorable-figure[name='playground.output'][state=live]").first.wait_for()
        page.evaluate(f"{GET}.ready")
        page.evaluate(f"{GET}.step(1)")
        counts.append(page.evaluate("_tfengine.memory().numTensors"))
        assert page.evaluate("window.same"), "the page was loaded anew"
    assert counts[-1] == counts[2], counts
    assert page.evaluate(f"{GET}.time.steps") == 23
    all_live(page)
    assert page.locator(".explorable-play").count() == page.locator("explorable-time").count()
    before = losses(page)
    page.get_by_role("button", name="Go on by 1 epoch").first.click()
    assert losses(page) != before
    assert page.evaluate(f"{GET}.time.steps") == 73


def test_a_network_that_explodes_says_so_and_starts_over(open_page: Open, site: Path) -> None:
    """Rate 10, no bend, squares among the features, and squared error on amounts."""
    link = (
        "#playground.rate=10&playground.activation=3&playground.dataset=4&playground.features=2,3"
    )
    page, _ = open_page(file_address(site, PAGE) + link)
    ready(page)
    page.evaluate(f"{GET}.set({{}})")
    page.get_by_role("button", name="Play", exact=True).first.click()
    said = page.locator("explorable-figure > figure > .explorable-message:visible").first
    said.wait_for()
    assert "beyond all bounds" in said.inner_text()
    assert "start over" in said.inner_text().lower()
    assert page.evaluate(f"{GET}.time.playing") is False
    assert page.get_by_role("button", name="Play", exact=True).first.is_disabled()
    page.evaluate(f"{GET}.set({{rate: 0}})")
    page.get_by_role("button", name="Start over", exact=True).first.click()
    page.wait_for_function(f"{GET}.time.steps === 0")
    before = losses(page)
    page.evaluate(f"{GET}.step(20)")
    assert losses(page)[0] < before[0]
    assert page.locator("explorable-figure > figure > .explorable-message:visible").count() == 0


NO_STORAGE = """
for (const name of ['localStorage', 'sessionStorage']) {
  Object.defineProperty(window, name, {
    get() { throw new DOMException('Storage is disabled.', 'SecurityError'); },
  });
}
"""


def test_without_storage_every_figure_lives(open_page: Open, site: Path) -> None:
    page, watch = open_page(
        file_address(site, PAGE), before=lambda page: page.add_init_script(NO_STORAGE)
    )
    watch.allowed.append("Storage is disabled")  # Material's own script asks for it
    ready(page)
    all_live(page)
    assert page.evaluate(
        "(() => { try { return !!localStorage } catch { return 'refused' } })()"
    ) == ("refused")
    page.evaluate(f"{GET}.step(3)")
    assert page.evaluate(f"{GET}.time.steps") == 3
    assert not [said for said in watch.complaints if "explorables" in said]


EDGES = """figure => {
  // Edges of the inked part of the surface, and of the plot, in CSS px.
  const canvas = figure.querySelector('canvas.explorable-surface');
  const { width, height } = canvas;
  const pixels = canvas.getContext('2d').getImageData(0, 0, width, height).data;
  const box = canvas.getBoundingClientRect();
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (pixels[4 * (y * width + x) + 3] < 60) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
    }
  }
  const lines = [...figure.querySelectorAll('.explorable-live .role-axis-domain line')]
    .map((line) => line.getBoundingClientRect());
  const along = lines.find((line) => line.width > line.height);
  const up = lines.find((line) => line.height > line.width);
  const [u, v] = [box.width / width, box.height / height];
  return [
    [box.left + left * u, box.left + right * u, box.top + top * v, box.top + bottom * v],
    along && up ? [along.left, along.right, up.top, up.bottom] : null,
  ];
}"""


@pytest.mark.parametrize("how", ["browser", "style"])
def test_at_200_percent_the_surface_lies_under_its_chart(
    open_page: Open, site: Path, how: str
) -> None:
    window = {"width": 640, "height": 900} if how == "browser" else {"width": 1280, "height": 900}
    page, watch = open_page(
        file_address(site, PAGE), viewport=window, device_scale_factor=2 if how == "browser" else 1
    )
    watch.allowed.append("willReadFrequently")  # the test reads, the page does not
    if how == "style":
        page.evaluate("document.body.style.zoom = 2")
    ready(page)
    figure = page.locator("explorable-figure[name='playground.output']").first
    figure.scroll_into_view_if_needed()
    page.evaluate(f"{GET}.set({{}})")
    inked, plot = figure.evaluate(EDGES)
    assert plot is not None
    assert inked == pytest.approx(plot, abs=2.1)


def test_whoever_wants_no_motion_gets_none_until_play_is_pressed(
    open_page: Open, site: Path
) -> None:
    page, _ = open_page(file_address(site, PAGE), reduced_motion="reduce")
    ready(page)
    all_live(page)
    page.wait_for_timeout(400)
    assert page.evaluate(f"{GET}.time") == {"steps": 0, "playing": False}
    moving = page.evaluate(
        "[...document.querySelectorAll('explorable-figure, explorable-figure *, explorable-value')]"
        ".filter(one => { const style = getComputedStyle(one);"
        " return /[1-9]/.test(style.transitionDuration) || style.animationName !== 'none' })"
        ".map(one => one.outerHTML.slice(0, 80))"
    )
    assert moving == []
    page.get_by_role("button", name="Play", exact=True).first.click()
    page.wait_for_function(f"{GET}.time.steps > 3")


HOSTILE = [
    "#playground.rate=<script>document.title='taken'</script>",
    "#playground.rate=%3Cimg%20src%3Dx%20onerror%3Ddocument.title%3D'taken'%3E",
    "#playground.seed=" + "9" * 100_000,
    "#playground.own=" + "A" * 250_000,
    "#playground.own=!!!!&playground.features=0,0,0",
    "#playground.constructor=1&playground.toString=2&playground.depth=-1",
    "#playground.depth=../../../evil&playground.units_1=1e309",
    "#backend=javascript:alert(1)&playground.nonsense=1",
]


@pytest.mark.parametrize("link", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_link_is_ignored_with_a_message_and_injects_nothing(
    open_page: Open, site: Path, link: str
) -> None:
    page, _ = open_page(file_address(site, PAGE) + link)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    ready(page)
    usual, _ = open_page(file_address(site, PAGE))
    ready(usual)
    notice = page.locator(".explorable-notice")
    notice.wait_for()
    assert "ignored" in notice.inner_text()
    assert notice.locator("*").count() == 0
    assert len(notice.inner_text()) < 400
    assert page.evaluate(f"{GET}.inputs") == usual.evaluate(f"{GET}.inputs")
    assert page.title() == usual.title()
    assert page.locator("article script, article img[src=x]").count() == 0
    assert losses(page) == losses(usual)


HIDE = """
// What a browser does to a hidden tab: it gives no frames. A headless one never hides its tabs.
window.hiddenTab = false;
const [give, kept] = [window.requestAnimationFrame.bind(window), []];
window.requestAnimationFrame = (callback) => {
  if (!hiddenTab) return give(callback);
  kept.push(callback);
  return 0;
};
Object.defineProperty(document, 'visibilityState', {
  get: () => (hiddenTab ? 'hidden' : 'visible'),
});
window.hideTab = (hidden) => {
  hiddenTab = hidden;
  document.dispatchEvent(new Event('visibilitychange'));
  if (!hidden) kept.splice(0).forEach((callback) => give(callback));
};
"""


def test_a_hidden_tab_rests_and_does_not_catch_up_when_it_is_seen_again(
    open_page: Open, site: Path
) -> None:
    page, _ = open_page(file_address(site, PAGE), before=lambda page: page.add_init_script(HIDE))
    ready(page)
    page.get_by_label("Speed").first.select_option("10 a second")
    page.get_by_role("button", name="Play", exact=True).first.click()
    steps = f"{GET}.time.steps"
    page.wait_for_function(f"{steps} > 3")
    page.evaluate("hideTab(true); new Promise(done => setTimeout(done, 300))")
    rested = page.evaluate(steps)
    page.evaluate("new Promise(done => setTimeout(done, 1500))")
    assert page.evaluate(steps) == rested
    page.evaluate("hideTab(false); new Promise(done => setTimeout(done, 400))")
    assert rested < page.evaluate(steps) <= rested + 10
