"""Operators of old operator sets, by what ONNX said of them then; most broadcast in another way."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper

from site_builder.tfjs import ConversionError, compile_model
from site_builder.tfjs.registry import load_converters

from . import harness

pytestmark = pytest.mark.xdist_group("ops")

Array = NDArray[Any]


@dataclasses.dataclass(frozen=True)
class Old:
    """One node of an old operator set, its operands, and what it gives."""

    op: str
    operands: tuple[Array, ...]
    expected: tuple[Array, ...] = ()
    attributes: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    opset: int = 6

    def model(self) -> onnx.ModelProto:
        """Inputs are a0, a1, ..., outputs b0, b1, ...; only the first input is no constant."""
        names = [f"a{i}" for i in range(len(self.operands))]
        outputs = [f"b{i}" for i in range(len(self.expected) or 1)]
        node = helper.make_node(self.op, names, outputs, **self.attributes)
        first = self.operands[0]
        graph = helper.make_graph(
            [node],
            "old",
            [helper.make_tensor_value_info("a0", _type(first), first.shape)],
            [
                helper.make_tensor_value_info(name, _type(array), array.shape)
                for name, array in zip(outputs, self.expected or [first], strict=True)
            ],
            [
                onnx.numpy_helper.from_array(array, name)
                for name, array in zip(names[1:], self.operands[1:], strict=True)
            ],
        )
        opset = helper.make_opsetid("", self.opset)
        return helper.make_model(graph, opset_imports=[opset], ir_version=4)


def _type(array: Array) -> int:
    return int(helper.np_dtype_to_tensor_dtype(array.dtype))


def real(*shape: int, seed: int = 0) -> Array:
    """Normal random numbers."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def vector(*numbers: float) -> Array:
    """These numbers as float32."""
    return np.array(numbers, np.float32)


A = real(2, 3, 4, 5)
ROW, MIDDLE, FRONT = real(5, seed=1), real(3, 4, seed=2), real(2, seed=3)
COLUMN = real(2, 1, seed=4)
SQUARE = real(3, 3, 3, 3, seed=5)
THREE = real(3, seed=6)
X, W = real(2, 3, seed=7), real(3, 4, seed=8)
PARTS = [real(3, seed=i) for i in range(10, 13)]
VARIANCE = np.square(real(3, seed=9)) + np.float32(0.5)
PLACES = [real(3, 2, seed=i) for i in range(20, 23)]
SPREAD = np.square(real(3, 2, seed=23)) + np.float32(0.5)
IMAGE = real(2, 3, 2, seed=24)
BOUNDLESS = vector(-np.inf, -1, 2, np.inf)
LARGEST = float(np.finfo(np.float32).max)
WHOLE = np.arange(6, dtype=np.int32).reshape(2, 3)
_C = (slice(None), slice(None), None)


def _normal(x: Array, parts: list[Array], variance: Array) -> Array:
    scale, bias, mean = parts
    return np.asarray((x - mean) / np.sqrt(variance + np.float32(1e-5)) * scale + bias)


CASES: dict[str, Old] = {
    # One of two operands is broadcast, along the axes that are named.
    "scalar": Old("Add", (A, real()), (A + real(),), {"broadcast": 1}),
    "one element": Old("Mul", (A, real(1, 1)), (A * real(1, 1),), {"broadcast": 1}),
    "last axis": Old("Sub", (A, ROW), (A - ROW,), {"broadcast": 1}),
    "last axes": Old("Div", (A, real(4, 5)), (A / real(4, 5),), {"broadcast": 1}),
    "middle": Old("Add", (A, MIDDLE), (A + MIDDLE[:, :, None],), {"broadcast": 1, "axis": 1}),
    "front": Old("Mul", (A, FRONT), (A * FRONT[:, None, None, None],), {"broadcast": 1, "axis": 0}),
    "one element, whatever the axis": Old(
        "Add", (A, real(1)), (A + real(1),), {"broadcast": 1, "axis": 0}
    ),
    "ones are stretched": Old("Add", (X, COLUMN), (X + COLUMN,), {"broadcast": 1, "axis": 0}),
    "every axis is of the same size, and only the axis tells": Old(
        "Sub", (SQUARE, THREE), (SQUARE - THREE[:, None, None],), {"broadcast": 1, "axis": 1}
    ),
    "version 1": Old(
        "Add", (A, ROW), (A + ROW,), {"broadcast": 1, "consumed_inputs": [0, 0]}, opset=1
    ),
    "comparison": Old(
        "Greater",
        (SQUARE, THREE),
        (np.greater(SQUARE, THREE[:, None]),),
        {"broadcast": 1, "axis": 2},
    ),
    "logic": Old(
        "Xor",
        (X > 0, np.array([True, False])),
        ((X > 0) ^ np.array([[True], [False]]),),
        {"broadcast": 1, "axis": 0},
    ),
    "power": Old(
        "Pow", (np.abs(X), FRONT), (np.abs(X) ** FRONT[:, None],), {"broadcast": 1, "axis": 0}
    ),
    "division of integers": Old(
        "Div",
        (WHOLE - 3, WHOLE[:1, 2]),
        (np.array([[-1, -1, 0], [0, 0, 1]], np.int32),),
        {"broadcast": 1},
    ),
    "maximum": Old("Max", (X, X * X), (np.maximum(X, X * X),)),
    "mean": Old("Mean", (X, X * X), ((X + X * X) / 2,), {"consumed_inputs": [0, 0]}, opset=1),
    "product and row": Old("Gemm", (X, W, real(4)), (X @ W + real(4),), {"broadcast": 1}),
    "product and whole": Old("Gemm", (X, W, real(2, 4)), (X @ W + real(2, 4),)),
    "product, turned": Old(
        "Gemm",
        (X.T.copy(), W, COLUMN),
        (2 * X @ W + 3 * COLUMN,),
        {"broadcast": 1, "transA": 1, "alpha": 2.0, "beta": 3.0},
    ),
    "slope of each channel": Old(
        "PRelu", (SQUARE, THREE), (np.where(SQUARE < 0, THREE[:, None, None] * SQUARE, SQUARE),)
    ),
    "normalised channels": Old(
        "BatchNormalization",
        (IMAGE, *PARTS, VARIANCE),
        (_normal(IMAGE, [p[:, None] for p in PARTS], VARIANCE[:, None]),),
        {"is_test": 1},
    ),
    "normalised places": Old(
        "BatchNormalization",
        (IMAGE, *PLACES, SPREAD),
        (_normal(IMAGE, PLACES, SPREAD),),
        {"spatial": 0},
        opset=7,
    ),
    # What was an attribute, and what its default was.
    "shape as an attribute": Old("Reshape", (X,), (X.reshape(3, 2),), {"shape": [3, -1]}, opset=1),
    "type as text": Old("Cast", (X,), (X.astype(np.int32),), {"to": "INT32"}, opset=1),
    "joined by channels": Old("Concat", (X, X), (np.concatenate([X, X], 1),), opset=1),
    "tiled": Old(
        "Tile",
        (X, np.array([2], np.float32), np.array([1], np.float32)),
        (np.tile(X, (1, 2)),),
        opset=1,
    ),
    "split by an input": Old(
        "Split", (W, np.array([1, 3], np.float32)), (W[:, :1], W[:, 1:]), {"axis": 1}, opset=1
    ),
    "paddings": Old("Pad", (X,), (np.pad(X, 1),), {"paddings": [1, 1, 1, 1]}, opset=1),
    "Selu of few digits": Old("Selu", (vector(1000, 2000),), (vector(1050.7, 2101.4),), opset=1),
    "Clip holds infinities": Old("Clip", (BOUNDLESS,), (vector(0, 0, 2, LARGEST),), {"min": 0.0}),
    "Clip of version 1 lets them pass": Old(
        "Clip", (BOUNDLESS,), (vector(0, 0, 2, np.inf),), {"min": 0.0}, opset=1
    ),
    "Dropout when testing": Old("Dropout", (X,), (X,), {"is_test": 1}),
    "Hardmax over two axes": Old(
        "Hardmax", (real(2, 3, 4),), (_hottest := np.zeros((2, 3, 4), np.float32),), opset=11
    ),
    "enlarged": Old(
        "Upsample",
        (SQUARE,),
        (SQUARE.repeat(2, 2).repeat(3, 3),),
        {"height_scale": 2.0, "width_scale": 3.0},
        opset=1,
    ),
    "resized": Old(
        "Resize",
        (SQUARE, np.array([1, 1, 2, 3], np.float32)),
        (SQUARE.repeat(2, 2).repeat(3, 3),),
        opset=10,
    ),
    "average without the padding": Old(
        "AveragePool",
        (np.ones((1, 1, 2, 2), np.float32),),
        (np.ones((1, 1, 3, 3), np.float32),),
        {"kernel_shape": [2, 2], "pads": [1, 1, 1, 1]},
        opset=1,
    ),
}
for _i, _place in enumerate(real(2, 3, 4).reshape(2, 12).argmax(1)):
    _hottest.reshape(2, 12)[_i, _place] = 1


@pytest.fixture(scope="module")
def results() -> dict[str, dict[str, harness.Result]]:
    """Every case on each backend."""
    jobs = {
        name: harness.Job(compile_model(case.model()), {"a0": case.operands[0]})
        for name, case in CASES.items()
    }
    return {backend: harness.run(jobs, backend=backend) for backend in harness.BACKENDS}


@pytest.mark.parametrize("backend", harness.BACKENDS)
@pytest.mark.parametrize("name", CASES)
def test_old_operator_is_what_it_was(
    name: str, backend: str, results: dict[str, dict[str, harness.Result]]
) -> None:
    """A node of an old operator set gives what ONNX said then."""
    result = results[backend][name]
    assert result.error is None
    expected = {f"b{i}": array for i, array in enumerate(CASES[name].expected)}
    assert not harness.differences(result.outputs, expected, 1e-6)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (Old("Add", (A, ROW)), "does not broadcast in version 6"),
        (Old("Add", (X, real(1))), "does not broadcast in version 6"),
        (Old("Max", (X, real(3))), "does not broadcast in version 6"),
        (Old("Add", (A, MIDDLE), attributes={"broadcast": 1}), "does not stretch"),
        (Old("Add", (A, ROW), attributes={"broadcast": 1, "axis": 0}), "does not stretch"),
        (Old("Add", (A, ROW), attributes={"broadcast": 1, "axis": 4}), "'axis'"),
        (Old("Add", (A, ROW), attributes={"broadcast": 1, "axis": -1}), "'axis'"),
        (Old("Add", (ROW, A), attributes={"broadcast": 1}), "'axis'"),
        (Old("Gemm", (X, W, real(4))), "'broadcast'"),
        (Old("Gemm", (X, W, real(3)), attributes={"broadcast": 1}), "'broadcast'"),
        (Old("PRelu", (A, ROW)), "slopes of shape"),
        (Old("BatchNormalization", (IMAGE, *PARTS, VARIANCE)), "'is_test'"),
        (
            Old(
                "BatchNormalization",
                (IMAGE, *PARTS, VARIANCE),
                attributes={"is_test": 1, "spatial": 0},
            ),
            "'spatial'",
        ),
        (Old("Dropout", (X,)), "'is_test'"),
        (Old("Cast", (X,), attributes={"to": "NUMBER"}, opset=1), "'to'"),
        (Old("Split", (X,), opset=1), "'axis'"),
        (Old("Resize", (X, np.array([0.5, 1], np.float32)), opset=10), "'mode'"),
        (Old("LpPool", (A,), attributes={"kernel_shape": [2, 2], "p": 2.5}, opset=1), "'p'"),
        (
            Old(
                "Upsample",
                (A,),
                attributes={"height_scale": 1.0, "width_scale": 1.0, "mode": "bilinear"},
                opset=1,
            ),
            "'mode'",
        ),
    ],
    ids=lambda value: value.op if isinstance(value, Old) else None,
)
def test_what_was_not_defined_is_refused(case: Old, reason: str) -> None:
    """Operands that did not fit by the rules of the time are not made to fit by today's."""
    with pytest.raises(ConversionError, match=reason):
        compile_model(case.model())


def test_every_operator_is_converted_from_its_first_version_on() -> None:
    """No version of an operator that is converted at all lacks a converter."""
    registry = load_converters()
    known = {(entry.domain, entry.op) for entry in registry.table()}
    lacking = [
        (schema.name, schema.since_version)
        for schema in onnx.defs.get_all_schemas_with_history()
        if (schema.domain, schema.name) in known
        and not schema.deprecated
        and registry.lookup(schema.domain, schema.name, schema.since_version) is None
    ]
    assert lacking == []
