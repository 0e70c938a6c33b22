"""Kernels as WebAssembly: their functions, and which kernels are taken.

`python -m tests.unit.test_compiled_webassembly` writes `compiled_kernels.wat` anew; look at what
changed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from wasmtime import Func, Instance, Memory, Module, Store, wat2wasm

from site_builder.compiled import Program, compile_graph
from site_builder.compiled.wasm_functions import definitions
from site_builder.tfjs import GraphModel
from site_builder.tfjs.graph import Graph

_GOLDEN = Path(__file__).with_name("compiled_kernels.wat")


def _computed(name: str, numbers: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """A function of all numbers, computed one by one and four at a time."""
    body = "\n".join(definitions({name, f"{name}4"}))
    loop = "(loop $l {turn} (local.set $p (i32.add (local.get $p) (i32.const {step}))) (br_if $l (i32.lt_u (local.get $p) (local.get $end))))"  # noqa: E501
    head = "(param $end i32) (local $p i32)"
    one = f"(f32.store (local.get $p) (call ${name} (f32.load (local.get $p))))"
    four = f"(v128.store (local.get $p) (call ${name}4 (v128.load (local.get $p))))"
    text = f"""(module (memory (export "m") 64) {body}
      (func (export "one") {head} {loop.format(turn=one, step=4)})
      (func (export "four") {head} {loop.format(turn=four, step=16)}))"""
    found = []
    for way in ("one", "four"):
        store = Store()
        exports = Instance(store, Module(store.engine, bytes(wat2wasm(text))), []).exports(store)
        memory, function = exports["m"], exports[way]
        assert isinstance(memory, Memory)
        assert isinstance(function, Func)
        padded = np.concatenate([numbers, np.zeros(-len(numbers) % 4, np.float32)])
        memory.write(store, padded.tobytes(), 0)
        function(store, padded.nbytes)
        data = bytes(memory.read(store, 0, padded.nbytes))
        found.append(np.frombuffer(data, np.float32)[: len(numbers)])
    return found


_RIGHT: dict[str, Any] = {
    "tanh": np.tanh,
    "exp": np.exp,
    "log": np.log,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
}
_ODD = np.array([0, -0.0, np.inf, -np.inf, np.nan, 1e-45, -1e-40, 3e38, -3e38, 88.8, -104], "f4")


@pytest.mark.parametrize("name", _RIGHT)
def test_function_is_right_to_half_a_millionth_of_its_result(name: str) -> None:
    """One by one and four at a time, from the smallest numbers to large ones."""
    small = np.logspace(-44, 38, 20_000)
    numbers = np.concatenate([np.linspace(-100, 100, 100_001), small, -small]).astype(np.float32)
    with np.errstate(all="ignore"):
        right = _RIGHT[name](numbers.astype(np.float64)).astype(np.float32)
    if name == "log":
        numbers, right = numbers[numbers > 0], right[numbers > 0]
    for found in _computed(name, numbers):
        # Near 1, ln is the small difference of large numbers: what counts is the argument's step.
        slack = 1e-7 if name == "log" else 1.2e-38
        wrong = ~np.isclose(found, right, 5e-7, slack)
        assert not wrong.any(), (numbers[wrong][:5], found[wrong][:5], right[wrong][:5])


@pytest.mark.parametrize("name", _RIGHT)
def test_function_of_an_odd_number_is_that_of_c(name: str) -> None:
    """Zeros keep their sign, infinities and what is not a number stay what they are."""
    with np.errstate(all="ignore"):
        right = _RIGHT[name](_ODD.astype(np.float64)).astype(np.float32)
    for found in _computed(name, _ODD):
        np.testing.assert_allclose(found, right, 5e-7, 2e-45)
        if name == "tanh":
            assert list(np.signbit(found[:2])) == [False, True]


@pytest.mark.parametrize("name", _RIGHT)
def test_four_at_a_time_are_the_numbers_that_come_one_by_one(name: str) -> None:
    """Bit for bit: where a loop ends must not be seen in its results."""
    numbers = np.linspace(-20, 20, 10_001, dtype=np.float32)
    one, four = _computed(name, numbers)
    np.testing.assert_array_equal(one, four)


def _compiled(graph: Graph, dims: dict[str, list[int | str]]) -> Program:
    return compile_graph(GraphModel.from_graph(graph), dims)


def _layer() -> Program:
    """A layer of six units on n points: four at a time, and what is left one by one."""
    g = Graph()
    x, w = g.placeholder("x", "float32", (None, 3)), g.placeholder("w", "float32", (3, 6))
    g.output("y", g.add("Tanh", g.add("MatMul", x, w)))
    return _compiled(g, {"x": ["n", 3], "w": [3, 6]})


def test_kernels_are_laid_out_to_be_read() -> None:
    """Functions, then kernels under the names of what they compute, then what calls them."""
    assert _layer().native == _GOLDEN.read_text(encoding="utf-8")


def test_sizes_are_imported_in_the_order_in_which_the_program_states_them() -> None:
    """There are as many of them as there are imports."""
    program = _layer()
    stated = re.search(r"native\(4 \* top, \[(.*)\]\)", program.code)
    assert stated
    names = re.findall(r'\(import "n" "\d+" \(global \$(\w+) i32\)\)', program.native)
    texts = [f"{n.split('x')[1]} * {n.split('x')[0]}" if "x" in n else n for n in names]
    assert stated[1].split(", ") == texts


def test_module_is_one_that_browsers_read() -> None:
    """The text is assembled to a binary module, without the names that are for people."""
    module = _layer().module
    assert module.startswith(b"\0asm")
    assert Module(Store().engine, module).exports[0].name == "g0"
    assert b"tanh" not in module


def _gathered() -> Program:
    g = Graph()
    x, at = g.placeholder("x", "float32", (9,)), g.placeholder("at", "int32", (4,))
    g.output("y", g.add("GatherV2", x, at, g.const(np.array(0, np.int32)), batch_dims=0))
    return _compiled(g, {"x": [9], "at": [4]})


def _cumulated() -> Program:
    g = Graph()
    axis = g.const(np.array(0, np.int32))
    x = g.placeholder("x", "float32", (9,))
    g.output("y", g.add("Cumsum", x, axis, exclusive=False, reverse=False))
    return _compiled(g, {"x": [9]})


def _sine() -> Program:
    g = Graph()
    g.output("y", g.add("Sin", g.placeholder("x", "float32", (9,))))
    return _compiled(g, {"x": [9]})


def _padded() -> Program:
    """A convolution of one place, of whose window all but the middle lies beyond the edge."""
    g = Graph()
    x, w = g.placeholder("x", "float32", (1, 1, 1, 4)), g.placeholder("w", "float32", (1, 3, 4, 4))
    made = g.add(
        "Conv2D", x, w, strides=[1, 1, 1, 1], padding="EXPLICIT", data_format="NHWC",
        dilations=[1, 1, 1, 1], explicit_paddings=[0, 0, 0, 0, 1, 1, 0, 0],
    )  # fmt: skip
    g.output("y", made)
    return _compiled(g, {"x": [1, 1, 1, 4], "w": [1, 3, 4, 4]})


@pytest.mark.parametrize("made", [_gathered, _cumulated, _sine, _padded])
def test_what_webassembly_does_not_take_stays_javascript(made: Any) -> None:
    """Places that are computed, running sums, and functions that engines compute as well."""
    program = made()
    assert not program.native
    assert not program.module
    assert "(m, given) => {" in program.code


def test_nothing_is_written_as_webassembly_where_it_is_not_asked_for() -> None:
    """A program that seldom runs need not be in the page twice."""
    g = Graph()
    g.output("y", g.add("Tanh", g.placeholder("x", "float32", (9,))))
    assert not compile_graph(GraphModel.from_graph(g), often=False).native


if __name__ == "__main__":
    _GOLDEN.write_text(_layer().native, encoding="utf-8")
