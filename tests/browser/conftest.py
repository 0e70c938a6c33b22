"""A real browser, the built site on file:// and on http, and a watch on what a page does."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from site_builder.manifest import Manifest, Project, load
from tests import chromium
from tests.projects import INPUTS, SENTENCES, WORDS, copy_sample

ROOT = Path(__file__).parent.parent.parent
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'"
)
"""Strict where it matters: no eval and nothing foreign. Material itself has inline scripts."""

AXE = ROOT / "site_builder" / "runtime" / "node_modules" / "axe-core" / "axe.min.js"

KEEP_CONTEXTS = """
window.contexts = [];
for (const kind of [HTMLCanvasElement, OffscreenCanvas]) {
  const get = kind.prototype.getContext;
  kind.prototype.getContext = function (name, ...more) {
    const context = get.call(this, name, ...more);
    if (context !== null && name.startsWith('webgl')) contexts.push(context);
    return context;
  };
}
"""
"""Before a page's own scripts: remembers every WebGL context, so that a test can lose it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps the browser's tests in one process: they share one Chromium."""
    for item in items:
        if Path(item.path).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = chromium.find()
        assert path, chromium.HELP
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def project() -> Project:
    return Project(ROOT)


@pytest.fixture(scope="session")
def manifest(project: Project) -> Manifest:
    manifest = load(project)
    assert manifest, "the site is not built; run `make site` (as `make test` does)"
    return manifest


@pytest.fixture(scope="session")
def site(manifest: Manifest) -> Path:
    """The folder of the built site."""
    assert (ROOT / "site" / "index.html").exists(), "the site is not built; run `make site`"
    return ROOT / "site"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Project]:
    """Builds a sample project, once."""

    @functools.cache
    def build(folder: Path) -> Project:
        sample = copy_sample(tmp_path_factory.mktemp(folder.name) / "project", folder)
        sample.run("build")
        return Project(sample.root)

    return build


@pytest.fixture
def inputs_project(built: Callable[[Path], Project]) -> Project:
    """The built sample with texts and pictures."""
    return built(INPUTS)


@pytest.fixture
def sentences(built: Callable[[Path], Project]) -> Path:
    """The built site of the sample whose sentences set inputs, with links to states."""
    return built(SENTENCES).root / "site"


@pytest.fixture
def words(built: Callable[[Path], Project]) -> Path:
    """The built site of the sample with formulas and questions."""
    return built(WORDS).root / "site"


@dataclass
class Server:
    """A web server of a folder.

    Attributes:
        address: Where the folder is, with a slash at the end.
        policy: The content security policy it sends.
    """

    address: str
    policy: list[str] = field(default_factory=lambda: [POLICY])


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path, str], Server]]:
    """Serves a folder under a prefix, as a web server or as a sub-path of one."""
    servers = []

    def start(folder: Path, prefix: str = "") -> Server:
        server = Server("")

        class Handler(SimpleHTTPRequestHandler):
            def translate_path(self, path: str) -> str:
                inside = path.removeprefix(f"/{prefix}") if prefix else path
                return super().translate_path(inside)

            def end_headers(self) -> None:
                self.send_header("Content-Security-Policy", server.policy[0])
                super().end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        handler = functools.partial(Handler, directory=str(folder))
        running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=running.serve_forever, daemon=True).start()
        servers.append(running)
        server.address = f"http://127.0.0.1:{running.server_address[1]}/{prefix}"
        return server

    yield start
    for running in servers:
        running.shutdown()
        running.server_close()


@dataclass
class Watch:
    """What a page said and asked for.

    Attributes:
        complaints: Errors and warnings in its console, and uncaught errors.
        foreign: Requests that left its own folder or server.
        allowed: Parts of complaints that a test expects.
    """

    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def unexpected(self) -> list[str]:
        # Where a policy refuses WebAssembly, programs run as JavaScript, and the browser says so.
        allowed = [*self.allowed, "wasm-unsafe-eval"]
        return [c for c in self.complaints if not any(part in c for part in allowed)]


Open = Callable[..., tuple[Page, Watch]]


@pytest.fixture
def open_page(browser: Browser, site: Path) -> Iterator[Open]:
    """Opens an address in a context of its own; at the end the watch must have seen nothing odd."""
    contexts = []
    watches = []

    def open_one(
        address: str,
        *,
        home: str | None = None,
        before: Callable[[Page], None] | None = None,
        **options: Any,
    ) -> tuple[Page, Watch]:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        context.set_default_timeout(60_000)  # a busy machine is slow, not wrong
        page, watch = context.new_page(), Watch()
        watches.append(watch)
        inside = home or address.rpartition("/")[0] if "file:" not in address else "file:"
        page.on(
            "console",
            lambda message: (
                watch.complaints.append(f"{message.type}: {message.text}")
                if message.type in ("error", "warning")
                else None
            ),
        )
        page.on("pageerror", lambda error: watch.complaints.append(f"uncaught: {error}"))

        def ask(request: Any) -> None:
            if not request.url.startswith((inside, "data:", "blob:")):
                watch.foreign.append(request.url)

        page.on("request", ask)
        if before:
            before(page)
        page.goto(address)
        return page, watch

    yield open_one
    for context in contexts:
        context.close()
    for watch in watches:
        assert watch.foreign == []
        assert watch.unexpected() == []


def file_address(site: Path, page: str = "index.html") -> str:
    return (site / page).resolve().as_uri()


def violations(page: Page, *places: str) -> list[dict[str, Any]]:
    """What axe finds wrong in the article, or in other places given by selectors."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=str(AXE))
    found: list[dict[str, Any]] = page.evaluate(
        "places => axe.run({include: places}, {resultTypes: ['violations'], preload: false})"
        ".then(result => result.violations.map(v => ({rule: v.id, help: v.help,"
        " where: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + n.failureSummary)})))",
        places or ["article"],
    )
    return found


def all_live(page: Page) -> None:
    """Scrolls through a page until each of its figures is live."""
    for figure in page.locator("explorable-figure").all():
        figure.scroll_into_view_if_needed()
        page.wait_for_function(
            "figure => ['live', 'failed'].includes(figure.getAttribute('state'))",
            arg=figure.element_handle(),
        )
        said = figure.locator("> figure > .explorable-message").text_content()
        assert figure.get_attribute("state") == "live", said
