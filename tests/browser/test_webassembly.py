"""The WebAssembly engine in a real browser, before any page loads it."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from site_builder.tfjs import compile_model
from tests.browser.conftest import Open
from tests.ops.harness import ENGINES

_POLICY = "default-src 'none'; script-src file: 'unsafe-inline'{allowed}"
_PAGE = """\
<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>waiting</title>
<meta http-equiv="Content-Security-Policy" content="{policy}">
<script>
const explorables = {{ provide: (name, engine) => (explorables[name] = engine) }};
const [model, weights] = {job};
</script>
<script src="engine-wasm.js"></script>
<script>
(async () => {{
  const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0));
  const loaded = await explorables.engine.load(model, bytes.buffer);
  const x = {{ data: [1, -2, 3], shape: [1, 3], dtype: "float32" }};
  const y = loaded.run({{ x }}).y.read();
  document.title = `${{loaded.backend}} ${{[...y.data].join(" ")}}`;
}})().catch((error) => (document.title = `failed: ${{error.message}}`));
</script>
"""


def _write(folder: Path, allowed: str) -> str:
    """A page that multiplies a row by a matrix; gives its address."""
    weight = numpy_helper.from_array(np.array([[1, 2], [3, 4], [5, 6]], np.float32), "w")
    x, y = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("x", [1, 3]), ("y", [1, 2]))
    )
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    graph = helper.make_graph([node], "product", [x], [y], [weight])
    model = compile_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)]))
    job = [model.to_payload(), base64.b64encode(model.weights).decode()]
    page = folder / "page.html"
    page.write_text(_PAGE.format(policy=_POLICY.format(allowed=allowed), job=json.dumps(job)))
    shutil.copy(ENGINES["wasm"], folder)
    return page.as_uri()


def test_engine_runs_from_a_file_and_fetches_nothing(open_page: Open, tmp_path: Path) -> None:
    """On file://, under a policy that lets nothing be fetched, it computes in WebAssembly."""
    page, _ = open_page(_write(tmp_path, " 'wasm-unsafe-eval'"))
    page.wait_for_function("document.title !== 'waiting'")
    assert page.title() == "wasm 10 12"


def test_policy_without_webassembly_is_an_error_that_says_so(
    open_page: Open, tmp_path: Path
) -> None:
    """Where the policy forbids WebAssembly, loading fails with a message, and does not hang."""
    page, watch = open_page(_write(tmp_path, ""))
    watch.allowed += ["WebAssembly", "wasm", "Content Security Policy", "uncaught"]
    page.wait_for_function("document.title !== 'waiting'")
    assert page.title() == "failed: The backend 'wasm' of TensorFlow.js could not be started."
