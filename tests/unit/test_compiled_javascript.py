"""The text of a program.

`python -m tests.unit.test_compiled_javascript` writes `compiled_program.js` anew; look at what
changed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from site_builder.compiled import Program, compile_graph
from site_builder.compiled.javascript import literal
from site_builder.tfjs import GraphModel
from site_builder.tfjs.graph import Graph

_GOLDEN = Path(__file__).with_name("compiled_program.js")


def _layer() -> Program:
    """A layer of three units on n points, and its weights after a step that lets them decay."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 4))
    state = g.placeholder("state", "float32", (4, 3))
    bias = g.const(np.array([0.5, -1, 2], np.float32))
    g.output("y", g.add("Tanh", g.add("AddV2", g.add("MatMul", x, state), bias)))
    g.output("next", g.add("Sub", state, g.add("Mul", state, g.const(0.25))))
    model = GraphModel.from_graph(g)
    return compile_graph(model, {"x": ["n", 4], "state": [4, 3]}, {"next": "state"})


def test_program_is_laid_out_to_be_read() -> None:
    """Sizes, places, kernels and their order follow one another, and the state stays in place."""
    assert _layer().code + "\n" == _GOLDEN.read_text(encoding="utf-8")


def test_constants_are_the_weights() -> None:
    """Numbers that loops read come beside the program, those of one element within it."""
    assert _layer().weights == np.array([0.5, -1, 2], np.float32).tobytes()


def test_same_graph_gives_the_same_program() -> None:
    """Compiling twice gives the same text."""
    assert _layer() == _layer()


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [
        (0.5, "float32", "0.5"),
        (3.0, "float32", "3"),
        (-0.0, "float32", "-0"),
        (0.1, "float32", "0.10000000149011612"),
        (float("nan"), "float32", "NaN"),
        (float("-inf"), "float32", "-Infinity"),
        (1e30, "float32", "1.0000000150474662e+30"),
        (-7, "int32", "-7"),
        (True, "bool", "1"),
    ],
)
def test_number_is_written_as_a_load_would_give_it(value: float, dtype: str, text: str) -> None:
    """A literal is the double that its float32 is."""
    assert literal(value, dtype) == text


if __name__ == "__main__":
    _GOLDEN.write_text(_layer().code + "\n", encoding="utf-8")
