"""Surfaces and canvas charts in a real browser: aligned, sharp, and in the page's colours."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from playwright.sync_api import Page
from torch import Tensor

from site_builder import Explorable, Output, Slider, figure, live
from site_builder.charts import draw
from site_builder.manifest import FONTS, RUNTIME
from site_builder.parity import encode
from site_builder.tfjs import compile_model
from tests import delivered
from tests.browser.conftest import Open

SIZE = 40
COUNT = 1200
GRID = ((np.arange(SIZE) + 0.5) / SIZE * 12 - 6).astype(np.float32)
ANGLES = np.linspace(0, 2 * np.pi, COUNT, dtype=np.float32)
CONSTANTS: dict[str, NDArray[Any]] = {
    "surface": np.tile(np.sign(GRID) * 2, (SIZE, 1)).astype(np.float32),
    "ring.x": 4 * np.cos(ANGLES),
    "ring.y": 4 * np.sin(ANGLES),
    "few.x": np.array([-3, 0, 3], np.float32),
    "few.y": np.array([2, 2, 2], np.float32),
    "few.tile": np.sign(np.arange(-1, 2, dtype=np.float32))[:, None, None]
    * np.ones((3, 2, 2), "f"),
}
"""What the model multiplies by its one input."""


def _columns(name: str, *columns: str) -> dict[str, Any]:
    return {
        "kind": "rows",
        "name": name,
        "columns": [
            {"name": column, "tensor": f"{name}.{column}", "words": None}
            | ({"tile": [2, 2]} if column == "tile" else {})
            for column in columns
        ],
    }


OUTPUTS = [
    {
        "kind": "field",
        "name": "surface",
        "tensor": "surface",
        "shape": [SIZE, SIZE],
        "x": [-6.0, 6.0],
        "y": [-6.0, 6.0],
    },
    _columns("ring", "x", "y"),
    _columns("few", "x", "y", "tile"),
]


def _axis(name: str) -> dict[str, Any]:
    return {"scale": alt.Scale(domain=[-6, 6]), "title": name}


class Plane(Explorable):
    """A step from left to right, a ring of many points, and a few tiles."""

    turn = Slider(-1.0, 1.0, 1.0)

    def forward(self, turn: Tensor) -> dict[str, Output]:
        return {"turn_again": turn}

    def _field(self) -> alt.Chart:
        colour = alt.Color("value:Q", scale=alt.Scale(domain=[-1, 1]))
        chart: alt.Chart = (
            alt.Chart(live("surface"))
            .mark_rect()
            .encode(x=alt.X("x:Q", **_axis("x")), y=alt.Y("y:Q", **_axis("y")), color=colour)
        )
        return chart

    @figure(alt="A surface beside tiles.")
    def surface(self) -> alt.HConcatChart:
        tiles = (
            alt.Chart(live("few"))
            .mark_image(width=24, height=24)
            .encode(
                x=alt.X("x:Q", **_axis("x")),
                y=alt.Y("y:Q", **_axis("y")),
                url="tile:N",
                color=alt.Color("tile:Q", scale=alt.Scale(domain=[-1, 1])),
            )
        )
        dots = alt.Chart(live("few")).mark_circle(size=20).encode(x="x:Q", y="y:Q")
        left = alt.layer(self._field(), dots).properties(width=220, height=220)
        right = alt.layer(tiles, dots).properties(width=220, height=220)
        return alt.hconcat(left, right)

    @figure(alt="A ring of many points.", edits="ring.x")
    def ring(self) -> alt.Chart:
        chart: alt.Chart = (
            alt.Chart(live("ring"), width=440, height=440)
            .mark_circle(size=30, opacity=1)
            .encode(x=alt.X("x:Q", **_axis("x")), y=alt.Y("y:Q", **_axis("y")))
        )
        return chart


def _payload() -> tuple[dict[str, Any], dict[str, str]]:
    """The explorable as its script holds it, and its static pictures by name."""
    inputs = [helper.make_tensor_value_info("turn", TensorProto.FLOAT, [])]
    constants = [numpy_helper.from_array(v, f"{k} at 1") for k, v in CONSTANTS.items()]
    nodes = [helper.make_node("Mul", [f"{name} at 1", "turn"], [name]) for name in CONSTANTS]
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, value.shape)
        for name, value in CONSTANTS.items()
    ]
    graph = helper.make_graph(nodes, "plane", inputs, outputs, constants)
    model = compile_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)]))
    forward = {
        "model": model.to_payload(),
        "weights": base64.b64encode(model.weights).decode(),
        "prologue": None,
    }
    drawn = {
        name: draw(Plane(), name, OUTPUTS, CONSTANTS, root=Path.cwd(), fonts=FONTS)
        for name in Plane.figures
    }
    payload = {
        "name": "plane",
        "inputs": [spec.spec() for spec in Plane.inputs.values()],
        "outputs": OUTPUTS,
        "noises": [],
        "time": None,
        "variant": "",
        "variants": {},
        "programs": {"forward": forward},
        "fixture": {name: encode(value) for name, value in CONSTANTS.items()},
        "figures": {name: drawing.spec() for name, drawing in drawn.items()},
        "backend": {"name": "cpu", "why": "it is small"},
    }
    return payload, {name: drawing.svg for name, drawing in drawn.items()}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page with both figures."""
    folder = tmp_path_factory.mktemp("surfaces")
    shutil.copytree(RUNTIME, folder / "runtime")
    payload, pictures = _payload()
    (folder / "plane.js").write_text(delivered.script(payload))
    figures = "".join(
        f'<explorable-figure name="plane.{name}" src="plane.js" state="static"><figure>'
        f'<div class="explorable-picture" role="img" aria-label="{name}">{svg}</div>'
        '<p class="explorable-message" role="status" hidden></p><figcaption></figcaption>'
        '<details class="explorable-table"><summary>Numbers</summary></details>'
        "</figure></explorable-figure>"
        for name, svg in pictures.items()
    )
    (folder / "page.html").write_text(
        '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">'
        '<meta name="viewport" content="width=device-width"><title>Plane</title>'
        '<link rel="stylesheet" href="runtime/explorables.css">'
        "<style>body { background: var(--explorable-paper); font-family: Inter }</style>"
        f'<body data-md-color-scheme="default">{figures}'
        '<script src="runtime/explorables.js"></script>'
    )
    return (folder / "page.html").as_uri()


def _live(page: Page) -> None:
    page.evaluate("explorables.get('plane').ready")


def _turn(page: Page, turn: float) -> None:
    page.evaluate("turn => explorables.get('plane').set({ turn })", turn)


INKED = """figure => {
  // Where the canvas under the chart has colour, and where the chart has its axes, in CSS px.
  const canvas = figure.querySelector(".explorable-surface");
  const { width, height } = canvas;
  const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const box = canvas.getBoundingClientRect();
  const plots = [...figure.querySelectorAll(".role-axis-domain line")]
    .map((line) => line.getBoundingClientRect()).filter((line) => line.width > line.height);
  const limit = Math.min(...plots.map((plot) => plot.right)) + 10;
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width && box.left + (x * box.width) / width < limit; x++) {
      if (pixels[4 * (y * width + x) + 3] < 60) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
    }
  }
  const [alongX, alongY] = [box.width / width, box.height / height];
  const axis = plots.find((plot) => plot.right < limit);
  return {
    ink: [box.left + left * alongX, box.left + right * alongX, box.top + bottom * alongY],
    axes: [axis.left, axis.right, axis.top],
    side: (right - left) / (bottom - top),
  };
}"""


@pytest.mark.parametrize(
    ("width", "ratio", "zoom"), [(1280, 1, 1), (1280, 2, 1), (360, 1, 1), (360, 3, 1), (1280, 1, 2)]
)
def test_a_surface_fills_the_plot_on_every_screen(
    open_page: Open, address: str, width: int, ratio: int, zoom: int
) -> None:
    """Its edges are those of the axes, to a pixel, at any width, pixel ratio and zoom."""
    page, _ = open_page(
        address, viewport={"width": width, "height": 900}, device_scale_factor=ratio
    )
    page.evaluate("zoom => (document.body.style.zoom = zoom)", zoom)
    _live(page)
    found = page.locator("explorable-figure").first.evaluate(INKED)
    assert found["ink"] == pytest.approx(found["axes"], abs=1.01 * zoom)
    assert found["side"] == pytest.approx(1, abs=0.02)


def test_a_surface_follows_the_size_of_the_window(open_page: Open, address: str) -> None:
    """It is aligned after the window has become narrow."""
    page, _ = open_page(address)
    _live(page)
    page.set_viewport_size({"width": 400, "height": 900})
    page.wait_for_function(
        "() => { const { width, clientWidth } = document.querySelector('.explorable-surface');"
        " return width === clientWidth; }"
    )
    found = page.locator("explorable-figure").first.evaluate(INKED)
    assert found["ink"] == pytest.approx(found["axes"], abs=1.01)


COLOURS = """figure => {
  // The colour of the surface under each of three dots in each of two charts.
  const canvas = figure.querySelector(".explorable-surface");
  const box = canvas.getBoundingClientRect();
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return [...figure.querySelectorAll(".mark-symbol.role-mark path")].map((dot) => {
    const place = dot.getBoundingClientRect();
    const x = ((place.left + place.width / 2 - box.left) * canvas.width) / box.width;
    const y = ((place.top + place.height / 2 - box.top) * canvas.height) / box.height;
    const at = 4 * (Math.floor(y) * canvas.width + Math.floor(x));
    const [red, , blue, alpha] = data.slice(at, at + 4);
    return alpha < 10 ? "none" : red > blue ? "orange" : "blue";
  });
}"""


def test_fields_and_tiles_follow_the_model(open_page: Open, address: str) -> None:
    """Each place has the colour of its value, and tiles go where their rows go."""
    page, watch = open_page(address)
    watch.allowed.append("willReadFrequently")  # the test reads, the page does not
    _live(page)
    pictures = page.locator("explorable-figure").first
    at_first = pictures.evaluate(COLOURS)
    assert (at_first[0], at_first[2]) == ("orange", "blue")
    assert at_first[3:] == ["orange", "none", "blue"]
    _turn(page, -0.5)
    turned = pictures.evaluate(COLOURS)
    assert (turned[0], turned[2]) == ("orange", "blue"), "left and right changed places twice"
    assert turned[3:] == ["blue", "none", "orange"]


def test_the_live_picture_stands_where_the_static_one_stood(open_page: Open, address: str) -> None:
    """The chart has the same box, and its surface the edges of the image in the static picture."""
    still, _ = open_page(address, java_script_enabled=False)
    picture, image = (
        still.locator(f".explorable-picture {part}").first for part in ("svg", "image")
    )
    page, _ = open_page(address)
    _live(page)
    assert page.locator(".explorable-live").first.bounding_box() == picture.bounding_box()
    box = image.bounding_box()
    assert box
    edges = [box["x"], box["x"] + box["width"], box["y"] + box["height"]]
    found = page.locator("explorable-figure").first.evaluate(INKED)
    assert found["ink"] == pytest.approx(edges, abs=2.01)


INK = """figure => {
  // Whose colour the points on the chart's canvas have: that of the light or of the dark page.
  const canvas = figure.querySelector(".explorable-view canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 255) seen.add([data[i], data[i + 1], data[i + 2]].join());
  }
  const colourOf = (scheme) => {
    const probe = document.createElement("i");
    probe.dataset.mdColorScheme = scheme;
    document.body.append(probe);
    const colour = getComputedStyle(probe).getPropertyValue("--explorable-c1").trim();
    probe.remove();
    return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)).join();
  };
  return ["default", "slate"].filter((scheme) => seen.has(colourOf(scheme))).join();
}"""


def test_a_canvas_chart_has_the_colours_of_the_page_and_of_paper(
    open_page: Open, address: str
) -> None:
    """Its colours follow the scheme, and become those of paper while the page is printed."""
    page, watch = open_page(address)
    watch.allowed.append("willReadFrequently")  # the test reads, the page does not
    _live(page)
    ring = page.locator("explorable-figure").nth(1)
    assert ring.evaluate(INK) == "default"
    page.evaluate("document.body.dataset.mdColorScheme = 'slate'")
    page.wait_for_function(f"figure => ({INK})(figure) === 'slate'", arg=ring.element_handle())
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert ring.evaluate(INK) == "default"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert ring.evaluate(INK) == "slate"


RIGHTMOST = """figure => {
  // In CSS px, the place of the point furthest to the right: no axis reaches beyond it half-way up.
  const canvas = figure.querySelector(".explorable-view canvas");
  const { width, height } = canvas;
  const y = Math.round(height * 0.45);
  const rows = Math.round(height * 0.1);
  const { data } = canvas.getContext("2d").getImageData(0, y, width, rows);
  let [right, at] = [0, 0];
  for (let i = 0; i < data.length; i += 4) {
    const x = (i / 4) % width;
    const isPoint = data[i + 3] === 255 && data[i + 2] > data[i] + 60;
    if (isPoint && x >= right) [right, at] = [x, Math.floor(i / 4 / width)];
  }
  const box = canvas.getBoundingClientRect();
  return [box.left + (right * box.width) / width - 2, box.top + ((y + at) * box.height) / height];
}"""


@pytest.mark.parametrize(("width", "ratio"), [(1280, 1), (1280, 2), (360, 1), (360, 3)])
def test_a_canvas_chart_is_sharp_and_knows_what_is_under_the_pointer(
    open_page: Open, address: str, width: int, ratio: int
) -> None:
    """It has a pixel for each of the screen, and a click on a point finds the point's row."""
    page, _ = open_page(
        address, viewport={"width": width, "height": 900}, device_scale_factor=ratio
    )
    _live(page)
    ring = page.locator("explorable-figure").nth(1)
    canvas = ring.locator(".explorable-view canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    assert canvas.evaluate("canvas => canvas.width") >= box["width"] * ratio - 1
    x, y = ring.evaluate(RIGHTMOST)
    page.mouse.click(x, y)
    field = ring.locator(".explorable-edit input[type=number]")
    assert float(field.input_value()) == pytest.approx(4, abs=0.01)


def test_canvases_stay_sharp_when_the_reader_zooms(open_page: Open, address: str) -> None:
    """The surface and the canvas chart get more pixels where a CSS pixel has more."""
    page, _ = open_page(address)
    _live(page)
    canvases = page.locator(".explorable-surface, .explorable-view canvas")
    before = canvases.evaluate_all("all => all.map((canvas) => canvas.width)")
    assert len(before) == 2
    zoomed = {"width": 640, "height": 450, "deviceScaleFactor": 2, "mobile": False}
    page.context.new_cdp_session(page).send("Emulation.setDeviceMetricsOverride", zoomed)
    page.wait_for_function(
        "before => [...document.querySelectorAll('.explorable-surface, .explorable-view canvas')]"
        ".every((canvas, i) => canvas.width > 1.8 * before[i])",
        arg=before,
    )


def test_what_is_out_of_sight_is_true_once_things_have_come_to_rest(
    open_page: Open, address: str
) -> None:
    """A figure that nobody sees is not painted at once, but soon: paper and scripts show it too."""
    page, _ = open_page(address, viewport={"width": 1280, "height": 200})
    _live(page)
    read = "() => document.querySelector('.explorable-view canvas').toDataURL()"
    before = page.evaluate(read)
    _turn(page, 0.5)
    page.wait_for_function(f"before => ({read})() !== before", arg=before)
