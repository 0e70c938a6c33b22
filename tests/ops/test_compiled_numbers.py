"""The compiled engine on numbers that are odd: as ONNX says, down to the sign of zero."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from site_builder.tfjs import compile_model

from . import harness
from .test_against_onnxruntime import Trial, number, real, trial, vector

# One worker runs them all, in one Node process.
pytestmark = pytest.mark.xdist_group("ops")

Array = NDArray[Any]
NAN, INF = np.nan, np.inf
LOW, HIGH = np.iinfo(np.int32).min, np.iinfo(np.int32).max


def floats(*values: float) -> Array:
    """A vector of float32."""
    return np.array(values, np.float32)


def ints(*values: int) -> Array:
    """A vector of int32."""
    return np.array(values, np.int32)


def empty(*shape: int) -> Array:
    """A tensor of no elements."""
    return np.zeros(shape, np.float32)


ODD = floats(NAN, INF, -INF, -0.0, 0.0, 1e-45, -1e-45, 3.4e38, 0.5, -0.5, 1.5, -2.5, 1)

_OF_ONE = ("Neg", "Abs", "Floor", "Ceil", "Round", "Reciprocal", "Tanh", "Erf", "Sigmoid", "Exp",
           "Softplus", "IsNaN", "IsInf", "Sqrt", "Elu", "LeakyRelu", "Sin", "Atan")  # fmt: skip
_OF_TWO = ("Add", "Sub", "Mul", "Div", "Equal", "Less", "Greater", "LessOrEqual",
           "GreaterOrEqual", "Pow")  # fmt: skip

#: As onnxruntime has it.
TRIALS: dict[str, Trial] = {
    **{f"{op} of odd numbers": trial(op, ODD) for op in _OF_ONE},
    **{
        f"{op} of odd numbers and their reverse": trial(op, ODD, ODD[::-1].copy(), constant=2)
        for op in _OF_TWO
    },
    "relu of odd numbers": trial("Relu", np.delete(ODD, 3)),
    "sign of odd numbers": trial("Sign", ODD[1:]),
    "maximum of what is not a number": trial(
        "Max", floats(NAN, 1, NAN), floats(1, NAN, NAN), constant=2
    ),
    "minimum of what is not a number": trial(
        "Min", floats(NAN, 1, NAN), floats(1, NAN, NAN), constant=2
    ),
    "clip of what is not a number": trial("Clip", ODD, number(-1), number(1)),
    "division by zeros of both signs": trial(
        "Div", floats(1, -1, 0, 1, -1), floats(0, 0, 0, -0.0, -0.0), constant=2
    ),
    "where with what is not a number in the branch not taken": trial(
        "Where",
        np.array([True, False, True]),
        floats(1, NAN, -2),
        floats(NAN, 2, INF),
        constant=3,
    ),
    "powers of 1, of -1 and of 0": trial(
        "Pow",
        floats(1, 1, -1, -1, 0, 0, -8, NAN, -0.0),
        floats(NAN, INF, INF, -INF, 0, -1, 1 / 3, 0, -1),
        constant=2,
    ),
    "powers of integers": trial(
        "Pow", ints(3, -2, 0, 7, -1, 10), ints(5, 3, 0, 0, 7, 9), constant=2
    ),
    "integer division rounds towards 0": trial(
        "Div", ints(7, -7, 7, -7, LOW, HIGH), ints(2, 2, -2, -2, 3, -5), constant=2
    ),
    "modulo has the sign of the divisor": trial(
        "Mod", ints(7, -7, 7, -7, LOW, 0), ints(3, 3, -3, -3, 7, 5), constant=2
    ),
    "modulo of C has the sign of the dividend": trial(
        "Mod", ints(7, -7, 7, -7, LOW, 0), ints(3, 3, -3, -3, 7, 5), constant=2, fmod=1
    ),
    "sums of integers wrap around": trial(
        "Add", ints(HIGH, LOW, HIGH), ints(1, -1, HIGH), constant=2
    ),
    "differences of integers wrap around": trial("Sub", ints(LOW, HIGH), ints(1, -1), constant=2),
    "products of integers wrap around": trial(
        "Mul", ints(HIGH, 65537, LOW), ints(HIGH, 65537, -1), constant=2
    ),
    "the smallest integer has no opposite": trial("Neg", ints(LOW, HIGH, 0)),
    "a running sum of integers wraps around": trial(
        "CumSum", ints(HIGH, 1, 2), np.array(0, np.int64)
    ),
    "a running sum along an axis of one": trial("CumSum", real(3, 1), np.array(1, np.int64)),
    "a running sum that leaves out its own place, along an axis of one": trial(
        "CumSum", real(3, 1), np.array(1, np.int64), exclusive=1
    ),
    "a product of integer matrices wraps around": trial(
        "MatMul",
        ints(HIGH, HIGH, 65537, 3).reshape(2, 2),
        ints(3, 1, HIGH, 7).reshape(2, 2),
        constant=2,
    ),
    "cast to integers rounds towards 0": trial(
        "Cast", floats(-1.9, -0.2, 0.7, 2.9, -0.0, 2e9), to=6
    ),
    "cast to truth values": trial("Cast", floats(0, -0.0, NAN, INF, 1e-45, 1), to=9),
    "cast of large integers rounds to even": trial(
        "Cast", ints(2**24 + 1, 2**24 + 3, LOW, HIGH), to=1
    ),
    "the largest of infinities is the first": trial(
        "ArgMax", np.full((2, 3), -INF, np.float32), axis=1
    ),
    "the largest is what is not a number": trial("ArgMax", floats(1, NAN, INF, NAN), axis=0),
    "and so is the smallest": trial("ArgMin", floats(NAN, 1, -INF), axis=0),
    "the first of equals is the largest": trial("ArgMax", floats(1, 3, 3, 2), axis=0),
    "the first of equals is the smallest": trial("ArgMin", floats(1, -0.0, 0, 2), axis=0),
    "softmax leaves out minus infinity": trial("Softmax", floats(-INF, 0, 1, -INF), axis=0),
    "softmax of an infinity is no number": trial("Softmax", floats(INF, 0, 1), axis=0),
    "softmax of far numbers": trial("Softmax", floats(-1e30, 1e30, 0), axis=0),
    "logarithm of a softmax": trial("LogSoftmax", floats(-INF, 0, 1e4, 20), axis=0),
    "a mean of infinities": trial("ReduceMean", floats(INF, -INF, 3).reshape(1, 3), vector(1)),
    "the k largest with infinities": trial("TopK", floats(-INF, 2, INF, 2), vector(3), outputs=2),
    "a product of matrices with infinities": trial(
        "MatMul", floats(INF, 0, 1, NAN).reshape(2, 2), floats(0, 1, 1, 0).reshape(2, 2), constant=2
    ),
    "sum over nothing": trial("ReduceSum", empty(2, 0), vector(1)),
    "product over nothing": trial("ReduceProd", empty(0, 3), vector(0)),
    "sum of nothing": trial("ReduceSum", empty(0, 3), vector(1)),
    "elementwise on nothing": trial("Add", empty(0, 3), real(1, 3), constant=2),
    "a comparison of nothing": trial("Less", empty(2, 0), real(2, 1), constant=2),
    "product of matrices over nothing": trial("MatMul", empty(2, 0), empty(0, 3), constant=2),
    "product of an empty matrix": trial("MatMul", empty(0, 2), real(2, 3), constant=2),
    "joined with nothing": trial("Concat", empty(0, 3), real(2, 3), axis=0, constant=2),
    "nothing, turned": trial("Transpose", empty(2, 0, 3), perm=[2, 0, 1]),
    "nothing, under another shape": trial("Reshape", empty(0, 6), vector(0, 2, 3)),
    "nothing, padded": trial("Pad", empty(0, 2), vector(1, 0, 1, 0), number(7)),
    "softmax of nothing": trial("Softmax", empty(0, 3), axis=1),
    "no images": trial("Conv", empty(0, 2, 4, 4), real(3, 2, 3, 3), real(3)),
    "nothing, repeated": trial("Tile", empty(0, 2), vector(2, 3)),
    "nothing is gathered": trial("Gather", real(3, 2), np.zeros((0,), np.int64), axis=0),
    "an empty part": trial("Slice", real(3, 2), vector(2), vector(2), vector(0)),
}

#: As ONNX says, where onnxruntime refuses or does otherwise.
STATED: dict[str, tuple[Trial, Array]] = {
    "largest of nothing is minus infinity": (
        trial("ReduceMax", empty(2, 0), vector(1), keepdims=0), floats(-INF, -INF)
    ),
    "smallest of nothing is infinity": (
        trial("ReduceMin", empty(0, 2), vector(0), keepdims=0), floats(INF, INF)
    ),
    "largest of no integers is the smallest one": (
        trial("ReduceMax", np.zeros((1, 0), np.int32), vector(1), keepdims=0), ints(LOW)
    ),
    "integer division by 0 gives something": (
        trial("Div", ints(7, -7, 0, 8), ints(0, 0, 0, 2), constant=2), ints(0, 0, 0, 4)
    ),
    "a sum over integers wraps around": (
        trial("ReduceSum", ints(HIGH, HIGH, 5), vector(0)), ints(3)
    ),
    "a running product of integers wraps around": (
        trial("CumProd", ints(HIGH, HIGH, 3), np.array(0, np.int64), opset=26), ints(HIGH, 1, 3)
    ),
    "a product over integers wraps around": (
        trial("ReduceProd", ints(HIGH, HIGH, 5), vector(0)), ints(5)
    ),
    "the smallest integer is its own absolute value": (
        trial("Abs", ints(LOW, HIGH)), ints(LOW, HIGH)
    ),
    "the largest is no number where one is none": (
        trial("ReduceMax", floats(1, NAN, 3).reshape(1, 3), vector(1)), floats(NAN).reshape(1, 1)
    ),
    "where keeps the sign of zero": (
        trial("Where", np.array([True, False]), floats(-0.0, 1), floats(1, -0.0), constant=3),
        floats(-0.0, -0.0),
    ),
    "powers of integers wrap around": (
        trial("Pow", ints(3, 46341), ints(40, 2), constant=2),
        ints((3**40 + 2**31) % 2**32 - 2**31, 46341**2 - 2**32),
    ),
    "modulo by 0 gives something": (
        trial("Mod", ints(7, -7, 0, 8), ints(0, 0, 0, 3), constant=2), ints(0, 0, 0, 2)
    ),
    # TF.js, too, lets integers wrap around, and takes 0 for what is none.
    "cast of what no integer holds": (
        trial("Cast", floats(NAN, INF, -INF, 2**32 + 512, 3e9), to=6),
        ints(0, 0, 0, 512, -1294967296),
    ),
}  # fmt: skip

#: Sizes that only the page knows, of which each may be 1.
SIZES = {
    "both": ((3, 2), (3, 2)),
    "left is 1": ((1, 2), (3, 2)),
    "right is 1": ((3, 2), (1, 2)),
    "crosswise": ((3, 1), (1, 2)),
    "both are 1": ((1, 1), (1, 1)),
    "nothing": ((0, 2), (1, 2)),
}

Results = dict[str, harness.Result]


def _expected(one: Trial) -> Array:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(one.model().SerializeToString(), options)
    found: Array = session.run(["out0"], one.feeds())[0]
    return found


def _broadcast(op: str, shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> Trial:
    return trial(op, real(*shapes[0]), real(*shapes[1], seed=1), constant=2, dynamic=True)


@pytest.fixture(scope="session")
def results() -> Results:
    """Every trial compiled, and run in one Node process."""
    trials = TRIALS | {key: one for key, (one, _) in STATED.items()}
    trials |= {key: _broadcast("Sub", shapes) for key, shapes in SIZES.items()}
    trials |= {f"{key} less": _broadcast("Less", shapes) for key, shapes in SIZES.items()}
    jobs = {key: harness.Job(compile_model(t.model()), t.feeds()) for key, t in trials.items()}
    return harness.run(jobs, backend="compiled")


def _check(result: harness.Result, expected: Array, tolerance: float = 1e-6) -> None:
    assert result.error is None
    assert result.declined is None
    found = result.outputs["out0"]
    assert harness.difference(found, expected, tolerance) is None
    if expected.dtype.kind == "f":
        zero = (expected == 0) & (found == 0)
        np.testing.assert_array_equal(np.signbit(found[zero]), np.signbit(expected[zero]))


@pytest.mark.parametrize("name", TRIALS)
def test_number_is_onnxruntimes(name: str, results: Results) -> None:
    """What the name says is as in onnxruntime: infinities, no numbers, and the sign of zero."""
    _check(results[name], _expected(TRIALS[name]))


@pytest.mark.parametrize("name", STATED)
def test_number_is_as_stated(name: str, results: Results) -> None:
    """What the name says is so."""
    _check(results[name], STATED[name][1])


@pytest.mark.parametrize("sizes", SIZES)
def test_size_of_1_spreads_at_run_time(sizes: str, results: Results) -> None:
    """Sizes that the compiler did not know broadcast as they turn out."""
    one = _broadcast("Sub", SIZES[sizes])
    a, b = one.operands
    assert a is not None
    assert b is not None
    _check(results[sizes], a - b)
    _check(results[f"{sizes} less"], a < b)


def test_overflow_is_seen_where_something_jumps_on_it() -> None:
    """A product beyond float32 is infinite for what asks, although it is not stored."""
    product = trial("Mul", floats(1e30, 1), floats(1e30, 1), constant=2).model()
    product.graph.node.add(op_type="IsInf", input=["out0"], output=["beyond"])
    product.graph.output.add(name="beyond").type.tensor_type.elem_type = 9
    product.graph.output[-1].type.tensor_type.shape.dim.add(dim_value=2)
    job = harness.Job(compile_model(product), {"in0": floats(1e30, 1), "in1": floats(1e30, 1)})
    result = harness.run({"": dataclasses.replace(job, repeat=1)}, backend="compiled")[""]
    assert result.outputs["beyond"].tolist() == [True, False]


def test_truth_values_are_counted() -> None:
    """A sum over truth values as integers counts them, whatever else stands in the line."""
    model = trial("Cast", floats(0, 2, 3, 0), to=9).model()
    model.graph.node.add(op_type="Cast", input=["out0"], output=["ones"])
    model.graph.node[-1].attribute.add(name="to", type=onnx.AttributeProto.INT, i=6)
    model.graph.node.add(op_type="ReduceSum", input=["ones"], output=["count"])
    model.graph.output.add(name="count").type.tensor_type.elem_type = 6
    model.graph.output[-1].type.tensor_type.shape.dim.add(dim_value=1)
    job = harness.Job(compile_model(model), {"in0": floats(0, 2, 3, 0)})
    result = harness.run({"": job}, backend="compiled")[""]
    assert result.outputs["count"].tolist() == [2]
