"""A program in two parts, what stays and what varies, computes what the whole one does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import parser

from site_builder.hoisting import hoist

Arrays = dict[str, NDArray[Any]]

X = np.linspace(-1, 2, 4, dtype=np.float32)
STATE = np.linspace(3, 4, 4, dtype=np.float32)

LOOP = """
    (float[4] x, float[4] state) => (float[4] y) {
        trip = Constant <value = int64 {3}> ()
        go = Constant <value = bool {1}> ()
        told = Tanh (x)
        y = Loop (trip, go, state) <body = each (int64 i, bool c, float[4] s) =>
            (bool c2, float[4] s2) { c2 = Identity (c)  s2 = Add (s, told) }>
    }"""
BRANCH = """
    (float[4] x, float[4] state) => (float[4] y) {
        none = Constant <value = float {0.0}> ()
        sum = ReduceSum <keepdims = 0> (state)
        high = Greater (sum, none)
        told = Tanh (x)
        y = If (high) <
            then_branch = a () => (float[4] up) { up = Add (state, told) },
            else_branch = b () => (float[4] down) { down = Sub (state, told) }>
    }"""
FIXED_LOOP = """
    (float[4] x, float[4] state) => (float[4] y) {
        trip = Constant <value = int64 {3}> ()
        go = Constant <value = bool {1}> ()
        grown = Loop (trip, go, x) <body = each (int64 i, bool c, float[4] s) =>
            (bool c2, float[4] s2) { c2 = Identity (c)  s2 = Mul (s, x) }>
        y = Add (grown, state)
    }"""
SHADOWED = """
    (float[4] x, float[4] state) => (float[4] y) {
        trip = Constant <value = int64 {2}> ()
        go = Constant <value = bool {1}> ()
        s = Tanh (state)
        grown = Loop (trip, go, x) <body = each (int64 i, bool c, float[4] s) =>
            (bool c2, float[4] s2) { c2 = Identity (c)  s2 = Mul (s, x) }>
        y = Add (grown, s)
    }"""
CONSTANTS = """
    (float[4] x, float[4] state) => (float[4] y) <float two = {2.0}> {
        three = Constant <value = float {3.0}> ()
        six = Mul (two, three)
        told = Mul (x, six)
        more = Mul (state, six)
        y = Add (told, more)
    }"""
FIXED_OUTPUT = """
    (float[4] x, float[4] state) => (float[4] y, float[4] once) {
        once = Tanh (x)
        y = Add (once, state)
    }"""
SHAPE = """
    (float[4] x, float[4] state) => (float[4] y) {
        size = Shape (state)
        told = Tanh (x)
        wide = Expand (told, size)
        y = Add (wide, state)
    }"""
LARGE = """
    (float[4] x, float[4] state) => (float[4] y) <int64[1] many = {200}, float two = {2.0}> {
        told = Tanh (x)
        ones = ConstantOfShape <value = float[1] {1.0}> (many)
        twos = Mul (ones, two)
        sum = ReduceSum <keepdims = 0> (twos)
        more = Mul (state, sum)
        y = Add (told, more)
    }"""
MODELS = [LOOP, BRANCH, FIXED_LOOP, SHADOWED, CONSTANTS, FIXED_OUTPUT, SHAPE, LARGE]
NAMES = ["loop", "branch", "fixed loop", "shadowed", "constants", "fixed output", "shape", "large"]


def model(text: str) -> onnx.ModelProto:
    made = parser.parse_model(f'<ir_version: 10, opset_import: ["": 20]> agraph {text}')
    onnx.checker.check_model(made)
    return made


def run(program: onnx.ModelProto, known: Arrays) -> Arrays:
    session = onnxruntime.InferenceSession(program.SerializeToString())
    names = [output.name for output in session.get_outputs()]
    taken = {value.name: known[value.name] for value in session.get_inputs()}
    return dict(zip(names, session.run(names, taken), strict=True))


def ops(program: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in program.graph.node]


def takes(program: onnx.ModelProto) -> Sequence[str]:
    return [value.name for value in program.graph.input]


@pytest.mark.parametrize("text", MODELS, ids=NAMES)
def test_both_parts_together_compute_what_the_whole_does(text: str) -> None:
    whole = model(text)
    prologue, rest = hoist(whole, {"state"}, {"state"})
    assert prologue is not None
    known = {"x": X, "state": STATE}
    truth, made = run(whole, known), run(rest, {**known, **run(prologue, known)})
    assert list(made) == list(truth)
    for name, array in truth.items():
        np.testing.assert_array_equal(made[name], array)


@pytest.mark.parametrize("text", MODELS, ids=NAMES)
def test_what_stays_holds_for_another_state(text: str) -> None:
    whole = model(text)
    prologue, rest = hoist(whole, {"state"}, {"state"})
    assert prologue is not None
    fixed = run(prologue, {"x": X, "state": STATE})
    other = {"x": X, "state": -STATE}
    for name, array in run(whole, other).items():
        np.testing.assert_array_equal(run(rest, {**other, **fixed})[name], array)


@pytest.mark.parametrize(("text", "left"), [(LOOP, "Loop"), (BRANCH, "If"), (SHADOWED, "Add")])
def test_what_reads_the_state_stays_behind_even_in_a_body(text: str, left: str) -> None:
    prologue, rest = hoist(model(text), {"state"})
    assert prologue is not None
    assert left in ops(rest)
    assert left not in ops(prologue)
    assert "state" not in takes(prologue)


@pytest.mark.parametrize("text", [FIXED_LOOP, SHADOWED])
def test_a_loop_that_no_state_reaches_is_computed_once(text: str) -> None:
    prologue, rest = hoist(model(text), {"state"})
    assert prologue is not None
    assert "Loop" in ops(prologue)
    assert "Loop" not in ops(rest)
    assert "x" not in takes(rest)


def test_the_shape_of_the_state_is_computed_once_where_it_stays() -> None:
    prologue, rest = hoist(model(SHAPE), {"state"}, {"state"})
    assert prologue is not None
    assert "Shape" in ops(prologue)
    assert ops(rest) == ["Identity", "Add"]
    _, moving = hoist(model(SHAPE), {"state"})
    assert "Shape" in ops(moving)


def test_what_is_fixed_is_named_by_number_and_keeps_its_type() -> None:
    prologue, rest = hoist(model(CONSTANTS), {"state"})
    assert prologue is not None
    assert [value.name for value in prologue.graph.output] == ["fixed.0"]
    assert takes(rest) == ["state", "fixed.0"]
    end = rest.graph.input[1].type.tensor_type
    assert (end.elem_type, [d.dim_value for d in end.shape.dim]) == (onnx.TensorProto.FLOAT, [4])


@pytest.mark.parametrize("varying", [{"state"}, {"x", "state"}])
def test_much_that_is_made_from_nothing_is_made_once(varying: set[str]) -> None:
    """And so is what follows from it, even where every input varies."""
    prologue, rest = hoist(model(LARGE), varying)
    assert prologue is not None
    assert {"ConstantOfShape", "ReduceSum"} <= set(ops(prologue))
    assert ("x" in takes(prologue)) == ("x" not in varying)
    assert not {"ConstantOfShape", "ReduceSum"} & set(ops(rest))


def test_a_large_constant_stays_where_it_is_used() -> None:
    """There is nothing to make, and a program that knows its weights can be improved."""
    numbers = ", ".join(["0.5"] * 200)
    text = f"""
        (float[200] state) => (float[200] y) {{
            weights = Constant <value = float[200] {{{numbers}}}> ()
            y = Mul (state, weights)
        }}"""
    prologue, rest = hoist(model(text), {"state"})
    assert prologue is None
    assert ops(rest) == ["Constant", "Mul"]


def test_little_that_is_made_from_nothing_is_made_where_it_is_used() -> None:
    """A converter may have to know it: a size, an axis."""
    prologue, rest = hoist(model(CONSTANTS), {"state"})
    assert prologue is not None
    assert "Constant" in ops(rest)


def test_a_program_of_which_all_varies_is_left_whole() -> None:
    whole = model("(float[4] state) => (float[4] y) { y = Tanh (state) }")
    prologue, rest = hoist(whole, {"state"})
    assert prologue is None
    assert rest is whole


def test_an_output_that_is_an_input_needs_no_prologue() -> None:
    whole = model("(float[4] x, float[4] state) => (float[4] y) { y = Add (x, state) }")
    prologue, rest = hoist(whole, {"state"})
    assert prologue is None
    assert takes(rest) == ["x", "state"]


def test_a_value_that_the_exporter_says_no_shape_of_crosses_with_its_shape() -> None:
    whole = model(FIXED_OUTPUT)
    (said,) = [value for value in whole.graph.output if value.name == "once"]
    whole.graph.output.remove(said)
    vague = whole.graph.value_info.add(name="once")
    vague.type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    _, rest = hoist(whole, {"state"})
    (crossing,) = [value for value in rest.graph.input if value.name.startswith("fixed.")]
    assert [dim.dim_value for dim in crossing.type.tensor_type.shape.dim] == [4]
