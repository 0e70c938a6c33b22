"""vega.js is a Vega cut to what Altair reaches, with our expressions: pictures stay the same."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import vl_convert
from playwright.sync_api import Browser, Page

from site_builder.bundle import RUNTIME, node
from site_builder.vega_parsing import parse
from tests.browser.chart_cases import CASES

_SAME_SAMPLES = """
let seed = 1;
Math.random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
window.reseed = () => (seed = 1);
"""  # Vega takes the function once, when it loads.
_DRAW = """
async ([which, spec, schemes]) => {
  const { parse, View, expr, learn } = vegas[which];
  learn?.(schemes);
  reseed();
  document.body.innerHTML = "<div id='chart' style='position: absolute; left: 0; top: 0'></div>";
  const said = [];
  const logger = { level: () => logger };
  for (const kind of ["error", "warn"]) logger[kind] = (...m) => (said.push(String(m[0])), logger);
  for (const kind of ["info", "debug"]) logger[kind] = () => logger;
  const config = { events: { bind: "none" } };
  // Ours gets what was parsed at build.
  const runtime = parse ? parse(spec, config, { ast: true }) : spec;
  const view = new View(runtime, { expr, renderer: "svg", logger });
  const container = document.getElementById("chart");
  await view.initialize(container).runAsync();
  const picture = () => container.innerHTML.replace(/(clip|gradient_)\\d+/g, "$1");
  const pictures = [picture()];
  const at = (type, x, y, more = {}) => {
    const { left, top } = container.getBoundingClientRect();
    const init = { clientX: left + x, clientY: top + y, bubbles: true, cancelable: true, ...more };
    const target = document.elementFromPoint(left + x, top + y) ?? container;
    const Kind = type === "wheel" ? WheelEvent : type === "click" ? MouseEvent : PointerEvent;
    target.dispatchEvent(new Kind(type, init));
  };
  // A reader moves over it, drags, turns the wheel and clicks.
  for (const [x, y] of [[80, 60], [120, 90], [150, 40]]) {
    at("pointerover", x, y);
    at("pointermove", x, y);
  }
  await view.runAsync();
  pictures.push(picture());
  at("pointerdown", 70, 40);
  for (const n of [1, 2, 3]) at("pointermove", 70 + 30 * n, 40 + 25 * n);
  at("pointerup", 160, 115);
  await view.runAsync();
  pictures.push(picture());
  at("wheel", 120, 80, { deltaY: -120 });
  for (const part of ["role-mark", "role-legend-symbol"]) {
    const mark = container.querySelector(`.mark-symbol.${part} path`);
    mark?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    await view.runAsync();
    pictures.push(picture());
  }
  if (JSON.stringify(spec).includes('"cut"')) {
    await view.signal("cut", 6).runAsync();
    pictures.push(picture());
  }
  view.finalize();
  return { pictures, said };
}
"""


@pytest.fixture(scope="module")
def pair(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page with our Vegas, for most charts and with more, and the published one."""
    folder = tmp_path_factory.mktemp("vega")
    script = Path(__file__).parent / "vega_pair.mjs"
    subprocess.run([str(node()), str(script), str(RUNTIME), str(folder)], check=True, timeout=120)
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.goto("about:blank")
    page.add_script_tag(content=_SAME_SAMPLES)
    for name in ("most", "all", "more", "published"):
        page.add_script_tag(path=folder / f"{name}.js")
    yield page
    page.close()


def _draw(pair: Page, spec: dict[str, Any]) -> Any:
    """What our Vega draws of a specification, read and drawn as a page's figures are."""
    parsed = parse(spec)
    dataflow = json.loads(json.dumps(parsed.dataflow, sort_keys=True))  # as payloads are written
    return pair.evaluate(_DRAW, ["all" if parsed.more else "most", dataflow, parsed.schemes])


@pytest.mark.parametrize("name", CASES)
def test_a_chart_looks_as_published_vega_draws_it(pair: Page, name: str) -> None:
    """At first, and after a reader has moved, dragged, zoomed and clicked in it."""
    spec = vl_convert.vegalite_to_vega(CASES[name]().to_dict())
    ours = _draw(pair, spec)
    published: Any = pair.evaluate(_DRAW, ["published", spec])
    assert "<path" in published["pictures"][0]
    assert ours == published


@pytest.mark.parametrize(
    "name", ["brush", "pan_and_zoom", "click_selection", "nearest_point", "parameters"]
)
def test_the_reader_of_these_tests_does_change_charts(pair: Page, name: str) -> None:
    """Else the pictures after his moves would say nothing."""
    spec = vl_convert.vegalite_to_vega(CASES[name]().to_dict())
    assert len(set(_draw(pair, spec)["pictures"])) > 1
