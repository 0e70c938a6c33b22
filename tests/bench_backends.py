"""What TF.js takes for a node and for arithmetic on each backend, in headless Chromium.

``python -m tests.bench_backends`` prints the constants of ``site_builder/cost.py``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from playwright.sync_api import sync_playwright

from site_builder.cost import measure
from site_builder.tfjs import compile_model
from tests import chromium
from tests.ops.harness import ENGINES, Job, document

_RUN = """
async ([model, weights, size]) => {
  const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0));
  const ready = model.code === undefined ? model : { ...model, bind: (0, eval)(model.code) };
  const engine = await provided.load(ready, bytes.buffer);
  const data = new Float32Array(size * size).fill(0.01);
  // The clock ticks in tenths of a millisecond: what is timed is a block of runs.
  const block = async (runs) => {
    const start = performance.now();
    for (let n = 0; n < runs; n += 1) {
      const made = await engine.run({ x: { data, shape: [size, size], dtype: "float32" } });
      for (const held of Object.values(made)) { await held.read(); held.release(); }
    }
    return (performance.now() - start) / runs;
  };
  await block(20);
  const runs = Math.ceil(10 / Math.max(await block(20), 0.001));
  const times = [];
  const began = performance.now();
  while (times.length < 9 || (performance.now() - began < 700 && times.length < 50)) {
    times.push(await block(runs));
  }
  engine.dispose();
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}
"""


def chain(nodes: int, size: int) -> onnx.ModelProto:
    """A chain of so many nodes on a square matrix: a product, a sum and a tanh, in turn."""
    rng = np.random.default_rng(0)
    weight = rng.normal(0, size**-0.5, (size, size)).astype(np.float32)
    constants = [numpy_helper.from_array(weight, "w"), numpy_helper.from_array(weight[0], "b")]
    made, last = [], "x"
    for n in range(nodes):
        op, *other = (("MatMul", "w"), ("Add", "b"), ("Tanh",))[n % 3]
        made.append(helper.make_node(op, [last, *other], [f"v{n}"]))
        last = f"v{n}"
    x, y = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [size, size]) for name in ("x", last)
    )
    graph = helper.make_graph(made, "chain", [x], [y], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])


def main() -> None:
    """Measures and fits."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        path = chromium.find()
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        for backend in ("compiled", "cpu", "wasm"):
            page = browser.new_page()
            home = Path(folder, f"{backend}.html")
            home.write_text(
                "<script>var provided; explorables = {provide: (_, m) => (provided = m)}</script>"
                f"<script src='{ENGINES[backend].resolve().as_uri()}'></script>"
            )
            page.goto(home.as_uri())
            rows, times = [], []
            for nodes in (3, 30, 90, 300):
                for size in (2, 16, 48, 96, 192, 384):
                    if nodes * size**3 > 2e8:
                        continue
                    onnx_model = chain(nodes, size)
                    model = compile_model(onnx_model)
                    given = document(Job(model, {}), backend)
                    times.append(page.evaluate(_RUN, [given["model"], given["weights"], size]))
                    count, flops = measure(onnx_model)
                    rows.append([1, count, flops / 1e6])
                    print(
                        f"{backend:5} {count:4} nodes {flops / 1e6:8.3f} MFLOP {times[-1]:8.3f} ms"
                    )
            # Relative errors count, so that small graphs weigh as much as large ones.
            scale = 1 / np.maximum(times, 0.02)
            fit = np.linalg.lstsq(np.array(rows) * scale[:, None], np.array(times) * scale)[0]
            start, node, mflop = (max(0.0, float(value)) for value in fit)
            print(f'"{backend}": Rate({start:.2g}, {node:.2g}, {mflop:.2g}),')
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
