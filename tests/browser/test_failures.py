"""What a reader sees when something is missing, damaged, or wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import Open, Server
from tests.delivered import parts, script

Serve = Callable[..., Server]
PAGE = "educate/anomaly.html"


def wait_failed(page: Page) -> str:
    page.locator("explorable-figure[state=failed]").first.wait_for()
    figure = page.locator("explorable-figure").first
    assert figure.get_attribute("state") == "failed"
    assert figure.locator(".explorable-picture svg").is_visible()
    message = figure.locator(".explorable-message")
    assert message.is_visible()
    return message.inner_text()


@pytest.mark.parametrize("missing", ["vega.js", "explorables/anomaly.*.js"])
def test_a_script_that_cannot_be_loaded_keeps_the_picture_and_says_so(
    open_page: Open, site: Path, serve: Serve, missing: str
) -> None:
    server = serve(site)
    page, watch = open_page(
        server.address + PAGE,
        home=server.address,
        before=lambda page: page.route(f"**/{missing}", lambda route: route.abort()),
    )
    watch.allowed += ["ERR_FAILED", "could not", "load"]
    assert len(wait_failed(page)) > 30


def test_without_the_compiled_engine_tensorflow_js_takes_over_and_says_so(
    open_page: Open, site: Path, serve: Serve
) -> None:
    server = serve(site)
    page, watch = open_page(
        server.address + PAGE,
        home=server.address,
        before=lambda page: page.route("**/engine-compiled.js", lambda route: route.abort()),
    )
    watch.allowed += ["ERR_FAILED", "Failed to load"]
    page.locator("explorable-figure[state=live]").first.wait_for()
    assert page.evaluate("explorables.get('anomaly').backend") == "cpu"
    assert "slower" in page.locator(".explorable-message").first.inner_text()


def altered(site: Path, change: Callable[[dict[str, Any]], None]) -> Callable[[Page], None]:
    """Serves the desk's payload after a change."""
    folder = site / "assets" / "explorables"
    (path,) = (p for p in folder.glob("anomaly.*.js") if ".all." not in p.name)
    (other,) = folder.glob("anomaly.all.tfjs.*.js")
    # On TensorFlow.js, whose programs are data.
    data = {**parts(path.read_text())[0], "programs": parts(other.read_text())[0]["programs"]}
    data |= {"backend": {"name": "cpu", "why": "a test"}, "elsewhere": {}}
    change(data)
    body = script(data)

    def answer(route: Route) -> None:
        route.fulfill(body=body, content_type="text/javascript")

    def before(page: Page) -> None:
        page.route("**/explorables/anomaly.*.js", answer)

    return before


def swap_activation(data: dict[str, Any]) -> None:
    nodes = data["programs"]["forward"]["model"]["modelTopology"]["node"]
    tanh = [node for node in nodes if node["op"] == "Tanh"]
    assert tanh, "the autoencoder has no Tanh to swap"
    for node in tanh:
        node["op"] = "Sigmoid"


def wrong_fixture(data: dict[str, Any]) -> None:
    import base64

    import numpy as np

    record = data["fixture"]["recall"]
    number = np.frombuffer(base64.b64decode(record["data"]), "<f4") + np.float32(0.001)
    record["data"] = base64.b64encode(number.astype("<f4").tobytes()).decode()


def no_model(data: dict[str, Any]) -> None:
    data["programs"]["forward"]["model"]["modelTopology"]["node"] = []


@pytest.mark.parametrize(
    ("change", "said"),
    [(swap_activation, "other numbers"), (wrong_fixture, "other numbers"), (no_model, "")],
)
def test_a_model_that_disagrees_with_pytorch_never_goes_live(
    open_page: Open,
    site: Path,
    serve: Serve,
    change: Callable[[dict[str, Any]], None],
    said: str,
) -> None:
    server = serve(site)
    page, watch = open_page(
        server.address + PAGE, home=server.address, before=altered(site, change)
    )
    watch.allowed += ["other numbers", "model"]
    assert said in wait_failed(page)
    assert page.locator("explorable-figure[state=live]").count() == 0
    texts = page.locator("explorable-value").all_text_contents()
    assert "not a number" not in texts


def test_one_broken_figure_leaves_the_others_alive(
    open_page: Open, site: Path, serve: Serve
) -> None:
    def spoil(data: dict[str, Any]) -> None:
        for operator in data["figures"]["scatter"]["dataflow"]["operators"]:
            if operator["type"] == "mark":
                operator["params"]["markdef"]["marktype"] = "nonsense"

    server = serve(site)
    page, watch = open_page(server.address + PAGE, home=server.address, before=altered(site, spoil))
    watch.allowed += ["could not be drawn", "nonsense", "mark"]
    page.locator("explorable-figure[name='anomaly.scatter'][state=failed]").first.wait_for()
    other = page.locator("explorable-figure[name='anomaly.tradeoff']")
    other.scroll_into_view_if_needed()
    page.locator("explorable-figure[name='anomaly.tradeoff'][state=live]").wait_for()


def test_a_model_runs_where_a_policy_forbids_eval(
    open_page: Open, site: Path, serve: Serve
) -> None:
    """The policy is the server's; were it not in force, the eval below would be allowed."""
    server = serve(site)
    page, watch = open_page(server.address + PAGE, home=server.address)
    watch.allowed.append("unsafe-eval")
    page.locator("explorable-figure[state=live]").first.wait_for()
    page.add_script_tag(
        # Later, since what the test's own evaluation runs at once is exempt from the policy.
        content="setTimeout(() => { try { eval('1'); document.title = 'eval ran' }"
        "catch (e) { document.title = 'eval refused' } })"
    )
    page.wait_for_function("document.title.startsWith('eval')")
    assert page.title() == "eval refused"
