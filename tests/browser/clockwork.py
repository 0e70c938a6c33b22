"""A page with a small explorable in time, made by hand: x becomes x times the growth each step."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from site_builder.vega_parsing import parse
from tests import delivered
from tests.browser.conftest import ROOT

_DIST = ROOT / "site_builder" / "runtime" / "dist"
_ALWAYS = "style-src file: 'unsafe-inline'; img-src data:; font-src file:"
_EVAL = "'unsafe-eval'"  # Playwright's waiting evaluates strings
_FLOAT = {"type": "DT_FLOAT"}
_PAGE = """\
<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>Clockwork</title><link rel="stylesheet" href="explorables.css"><body>
<h1 id="section">Clockwork</h1>
<p>The largest is <explorable-value name="clockwork.largest" src="clockwork.js"
>1.0</explorable-value>.</p>
<explorable-figure name="clockwork.bars" src="clockwork.js"><figure>
<div class="explorable-picture" role="img" aria-label="Bars">
<svg width="100" height="40"></svg></div>
<explorable-time name="clockwork.time" src="clockwork.js"></explorable-time>
<fieldset class="explorable-controls" disabled>{controls}</fieldset>
<p class="explorable-message" role="status" hidden></p></figure></explorable-figure>
<p><a id="try" href="#clockwork.growth=3&amp;clockwork.begin=2">Try three.</a></p>
<script src="explorables.js"></script>
</body></html>
"""
_CONTROL = """\
<explorable-input name="clockwork.{name}" src="clockwork.js"><label for="{name}">{name}</label>
<output>1</output><input id="{name}" type="range" min="-9" max="9" step="1" value="1">
</explorable-input>"""


def write(folder: Path, *, backend: str = "cpu", policy: str = "") -> str:
    """Writes the page, its payload and the runtime; gives the page's address.

    Args:
        folder: Where to write.
        backend: The payload's choice.
        policy: What scripts may do beyond coming from files.
    """
    scripts = f"script-src file: {policy or _EVAL}"
    policy = f"default-src 'none'; {_ALWAYS}; {scripts}"
    controls = "".join(_CONTROL.format(name=name) for name in ("growth", "begin"))
    (folder / "page.html").write_text(_PAGE.format(policy=policy, controls=controls))
    (folder / "clockwork.js").write_text(delivered.script(payload(backend)))
    for script in [*_DIST.glob("*.js"), _DIST / "explorables.css"]:
        shutil.copy(script, folder)
    shutil.copytree(_DIST / "fonts", folder / "fonts", dirs_exist_ok=True)
    return (folder / "page.html").as_uri()


def payload(backend: str = "cpu") -> dict[str, Any]:
    """The payload, as a build would write it."""
    ones = _const("ones", np.ones(2, np.float32))
    start = _program(
        {"begin": []}, {"state.x": "out"}, [_node("out", "Mul", "ones", "begin")], [ones]
    )
    step = _program(
        {"state.x": [2], "growth": []},
        {"next.x": "out"},
        [_node("out", "Mul", "state.x", "growth")],
    )
    axis = _const("axis", np.zeros(1, np.int32))
    forward = _program(
        {"state.x": [2]},
        {"x.value": "state.x", "largest": "max"},
        [
            {
                **_node("max", "Max", "state.x", "axis"),
                "attr": {"T": _FLOAT, "keep_dims": {"b": False}},
            }
        ],
        [axis],
    )
    slider = {
        "kind": "slider",
        "label": "A number",
        "dtype": "float32",
        "shape": [],
        "step": 1,
        "format": "1",
    }
    return {
        "name": "clockwork",
        "inputs": [
            {
                **slider,
                "name": "growth",
                "label": "Growth",
                "min": -1e30,
                "max": 1e30,
                "default": 2,
            },
            {**slider, "name": "begin", "label": "Begin", "min": -9, "max": 9, "default": 1},
        ],
        "outputs": [
            {"kind": "rows", "name": "x", "columns": [_column("value", "x.value")]},
            {"kind": "scalar", "name": "largest", "tensor": "largest"},
        ],
        "noises": [],
        "time": {
            "strides": [{"word": "tick", "steps": 1}, {"word": "round", "steps": 5}],
            "state": ["x"],
            "restart": ["begin"],
        },
        "variant": "",
        "variants": {},
        "programs": {"start": start, "step": step, "forward": forward},
        "fixture": {
            "x.value": _tensor(np.ones(2, np.float32)),
            "largest": _tensor(np.float32(1)),
        },
        "figures": {"bars": {**_FIGURE, **vars(parse(_VEGA)), "data": ["x"]}},
        "backend": {"name": backend, "why": "a test"},
    }


_BAR = {"x": {"value": 0}, "width": {"field": "value"}, "height": {"value": 5}}
_VEGA = {
    "width": 100,
    "height": 40,
    "data": [{"name": "x"}],
    "marks": [{"type": "rect", "from": {"data": "x"}, "encode": {"update": _BAR}}],
}
_FIGURE: dict[str, Any] = {"surfaces": [], "handles": [], "signals": [], "selections": {}}


def _column(name: str, tensor: str) -> dict[str, Any]:
    return {"name": name, "tensor": tensor, "words": None}


def _tensor(array: Any) -> dict[str, Any]:
    whole = np.asarray(array)
    data = base64.b64encode(whole.tobytes()).decode()
    return {"dtype": str(whole.dtype), "shape": list(whole.shape), "data": data}


def _const(name: str, array: Any) -> tuple[str, Any]:
    return name, array


def _node(name: str, op: str, *inputs: str) -> dict[str, Any]:
    return {"name": name, "op": op, "input": [_safe(i) for i in inputs], "attr": {"T": _FLOAT}}


def _safe(name: str) -> str:
    return name.replace(".", "_")


def _shape(sizes: list[int]) -> dict[str, Any]:
    return {"dim": [{"size": str(size)} for size in sizes]}


def _program(
    inputs: dict[str, list[int]],
    outputs: dict[str, str],
    nodes: list[dict[str, Any]],
    constants: list[tuple[str, Any]] = [],  # noqa: B006 - only read
) -> dict[str, Any]:
    """A graph model and its weights."""
    places = [
        {
            "name": _safe(name),
            "op": "Placeholder",
            "attr": {"dtype": _FLOAT, "shape": {"shape": _shape(sizes)}},
        }
        for name, sizes in inputs.items()
    ]
    fixed = [
        {
            "name": name,
            "op": "Const",
            "attr": {"dtype": _dtype(array), "value": {"tensor": _contents(array)}},
        }
        for name, array in constants
    ]
    model = {
        "format": "graph-model",
        "modelTopology": {"node": [*places, *fixed, *nodes], "versions": {}},
        "signature": {
            "inputs": {
                name: {
                    "name": f"{_safe(name)}:0",
                    "dtype": "DT_FLOAT",
                    "tensorShape": _shape(sizes),
                }
                for name, sizes in inputs.items()
            },
            "outputs": {name: {"name": f"{_safe(node)}:0"} for name, node in outputs.items()},
        },
        "weightSpecs": [
            {"name": name, "shape": list(array.shape), "dtype": str(array.dtype)}
            for name, array in constants
        ],
    }
    weights = b"".join(array.tobytes() for _, array in constants)
    return {"model": model, "weights": base64.b64encode(weights).decode(), "prologue": None}


def _dtype(array: Any) -> dict[str, str]:
    return {"type": "DT_FLOAT" if array.dtype == np.float32 else "DT_INT32"}


def _contents(array: Any) -> dict[str, Any]:
    return {"dtype": _dtype(array)["type"], **_shaped(list(array.shape))}


def _shaped(sizes: list[int]) -> dict[str, Any]:
    return {"tensorShape": _shape(sizes)}
