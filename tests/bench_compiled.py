"""How fast compiled programs are beside TensorFlow.js and beside plain JavaScript.

``python -m tests.bench_compiled`` measures in headless Chromium, each thing and what it is compared
with in turn, so that ratios hold on noisy machines; it prints medians.
"""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from playwright.sync_api import Browser, sync_playwright

from site_builder.compiled import compile_graph
from site_builder.tfjs import compile_model
from tests import chromium
from tests.bench_backends import chain
from tests.ops.harness import ENGINES, Job, document

SITE = Path(__file__).parents[1] / "site"
NETWORKS = {"2-4-2-1": (4, 2), "2-8-8-8-1": (8, 8, 8)}
TURNS = 9
#: So many that the picture, which is drawn once when all are taken, hardly counts.
STEPS = 100_000

_PLAIN = """
([sizes, steps]) => {
  const numbers = (count) => Array.from({ length: count }, () => Math.random() - 0.5);
  window.plain ??= new Map();
  const key = sizes.join("-");
  if (!plain.has(key)) {
    const layers = sizes.slice(1).map((units, at) => [
      ...Array.from({ length: sizes[at] }, () => numbers(units)), Array(units).fill(0)]);
    plain.set(key, new PlainNetwork(layers));
    window.points ??= Array.from({ length: 500 }, () => (
      { xy: numbers(2).map((x) => 10 * x), label: Math.random() < 0.5 ? -1 : 1 }));
  }
  const began = performance.now();
  plain.get(key).train(points, points, { batch: 10, rate: 0.03, steps });
  return performance.now() - began;
}
"""

_RUN = """
async ([models, feed, turns]) => {
  const loaded = {};
  for (const [name, { model, weights }] of Object.entries(models)) {
    const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0));
    const ready = model.code === undefined ? model : { ...model, bind: (0, eval)(model.code) };
    loaded[name] = await provided[name].load(ready, bytes.buffer);
  }
  const feeds = {};
  const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
  for (const [name, { data, shape, dtype }] of Object.entries(feed)) {
    feeds[name] = { data: arrays[dtype].from(data), shape, dtype };
  }
  const times = Object.fromEntries(Object.keys(loaded).map((name) => [name, []]));
  for (let turn = 0; turn < turns + 20; turn++) {
    for (const [name, one] of Object.entries(loaded)) {
      const began = performance.now();
      for (let again = 0; again < 5; again++) {
        for (const value of Object.values(feeds)) value.data = value.data.slice();
        const made = one.run(Object.fromEntries(
          Object.entries(feeds).map(([key, value]) => [key, { ...value }])));
        for (const held of Object.values(made)) { await held.read(); held.release(); }
      }
      if (turn >= 20) times[name].push((performance.now() - began) / 5);
    }
  }
  return times;
}
"""


def training(browser: Browser) -> None:
    """The playground's own steps, beside plain loops over objects, and on TensorFlow.js."""
    for name, hidden in NETWORKS.items():
        settings = {"depth": len(hidden)}
        settings |= {f"units_{layer}": units for layer, units in enumerate(hidden, 1)}
        pages = {}
        for backend in ("compiled", "cpu"):
            page = browser.new_page()
            page.goto(f"{(SITE / 'educate/playground.html').as_uri()}#backend={backend}")
            page.add_script_tag(path=Path(__file__).with_name("plain_network.js"))
            page.evaluate("explorables.get('playground').ready")
            page.evaluate(f"explorables.get('playground').set({settings})")
            assert page.evaluate("explorables.get('playground').backend") == backend
            pages[backend] = page
        step = "steps => explorables.get('playground').step(steps)"
        times: dict[str, list[float]] = {"compiled": [], "plain": [], "cpu": []}
        for turn in range(TURNS + 2):
            made = {
                "compiled": pages["compiled"].evaluate(step, STEPS) / STEPS,
                "plain": pages["compiled"].evaluate(_PLAIN, [[2, *hidden, 1], STEPS]) / STEPS,
                "cpu": pages["cpu"].evaluate(step, 50) / 50,
            }
            for what, taken in made.items():
                if turn >= 2:
                    times[what].append(taken)
        for page in pages.values():
            page.close()
        found = {what: median(taken) for what, taken in times.items()}
        beside = {
            what: median(a / b for a, b in zip(times[what], times["compiled"], strict=True))
            for what in ("plain", "cpu")
        }
        epochs = {what: 1000 / (50 * taken) for what, taken in found.items()}
        print(
            f"training {name}: compiled {epochs['compiled']:.0f} epochs/s, "
            f"plain {epochs['plain']:.0f}, TensorFlow.js {epochs['cpu']:.0f}; "
            f"{beside['plain']:.2f} times plain, {beside['cpu']:.0f} times TensorFlow.js"
        )


def surface() -> onnx.ModelProto:
    """A 2-8-8-1 network of tanh at 50 x 50 places."""
    rng = np.random.default_rng(0)
    sizes, nodes, constants, last = (2, 8, 8, 1), [], [], "x"
    for layer, (before, units) in enumerate(pairwise(sizes)):
        weight = rng.normal(size=(before, units)).astype(np.float32)
        constants.append(numpy_helper.from_array(weight, f"w{layer}"))
        constants.append(numpy_helper.from_array(weight[0], f"b{layer}"))
        nodes.append(helper.make_node("MatMul", [last, f"w{layer}"], [f"m{layer}"]))
        nodes.append(helper.make_node("Add", [f"m{layer}", f"b{layer}"], [f"a{layer}"]))
        nodes.append(helper.make_node("Tanh", [f"a{layer}"], [f"h{layer}"]))
        last = f"h{layer}"
    ends = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, [2500, 2]),
        helper.make_tensor_value_info(last, TensorProto.FLOAT, [2500, 1]),
    ]
    graph = helper.make_graph(nodes, "surface", ends[:1], ends[1:], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])


def digits() -> onnx.ModelProto:
    """The digits page's network on one picture, as it was published."""
    from site_builder.manifest import Project, load
    from site_builder.store import Entry

    project = Project(SITE.parent)
    assert load(project), "run `make site` first"
    folder = project.store.folder / "entries" / "graph" / "explainers.digits.explorable.Digits"
    newest = max(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
    entry = Entry(json.loads(newest.read_bytes())["objects"])
    return onnx.load_from_string(project.store.read(entry.objects["public/forward.onnx"]))


def engines(browser: Browser, what: str, source: onnx.ModelProto) -> None:
    """One run, its inputs new, on every engine."""
    model = compile_model(source)
    rng = np.random.default_rng(0)
    feed = {
        port.name: {
            "data": rng.random(tuple(size or 1 for size in port.shape or ())).ravel().tolist(),
            "shape": list(port.shape or ()),
            "dtype": port.dtype,
        }
        for port in model.inputs
    }
    page = browser.new_page()
    page.set_content("<p>engines</p>")
    page.add_script_tag(
        content="var provided = {}; explorables = {provide: (_, m) => (provided[m.backend] = m)};"
    )
    for path in ENGINES.values():
        page.add_script_tag(path=path)
    models = {name: document(Job(model, {}), name) for name in ("compiled", "wasm", "cpu")}
    times: dict[str, list[float]] = page.evaluate(_RUN, [models, feed, 40])
    page.close()
    found = {name: median(taken) for name, taken in times.items()}
    ratio = median(w / c for w, c in zip(times["wasm"], times["compiled"], strict=True))
    print(
        f"{what}: compiled {found['compiled']:.3f} ms, TensorFlow.js in WebAssembly "
        f"{found['wasm']:.3f} ms, plain {found['cpu']:.3f} ms; {ratio:.2f} times WebAssembly"
    )


def compiling() -> None:
    """How long the compiler takes a hundred nodes, and whether that grows with their number."""
    for nodes in (99, 300, 999, 3000):
        model = compile_model(chain(nodes, 4))
        taken = []
        for _ in range(5):
            began = time.perf_counter()
            compile_graph(model)
            taken.append(time.perf_counter() - began)
        print(f"compiling {nodes} nodes: {median(taken) / nodes * 1e5:.1f} ms a hundred nodes")


def main() -> None:
    """Measures everything."""
    compiling()
    with sync_playwright() as playwright:
        path = chromium.find()
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        engines(browser, "surface of 2,500 places, 2-8-8-1", surface())
        engines(browser, "digits, one picture", digits())
        training(browser)
        browser.close()


if __name__ == "__main__":
    main()
