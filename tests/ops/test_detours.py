"""Ways around faulty kernels: the same on every backend, and as NumPy has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from site_builder.tfjs.detours import DETOURS, avoid_faults
from site_builder.tfjs.graph import Graph, Tensor
from site_builder.tfjs.model import GraphModel

from . import harness

# One worker runs them all, in one Node process for each backend.
pytestmark = pytest.mark.xdist_group("ops")

Array = NDArray[Any]

_SMALL = (0, 1, -1, 2, -3, 7, 255, 256)
_LARGE = (2**24, 2**24 + 1, -(2**24) - 1, 2**30 + 1, 2**31 - 1, -(2**31), 123456789, -987654321)
_NUMBERS = np.array([*_SMALL, *_LARGE], np.int32)
_BY_ALL = np.repeat(_NUMBERS, len(_NUMBERS))
_ALL_BY = np.tile(_NUMBERS, len(_NUMBERS))
_WHOLE = _BY_ALL[_ALL_BY != 0], _ALL_BY[_ALL_BY != 0]
_ODD = np.array([np.nan, np.inf, -np.inf, 0.0, 2.5, -7.0, 9.0], np.float32)
_PAIRS = np.repeat(_ODD, len(_ODD)), np.tile(_ODD, len(_ODD))
_TRUE = np.random.default_rng(0).random((3, 4, 5)) > 0.5
_GRID = np.random.default_rng(0).integers(-(2**31), 2**31, (3, 4, 5)).astype(np.int32)
_LEFT, _RIGHT = _GRID[:, :, :3] >> 8, _GRID[:, :3, :] >> 8


def _strided(g: Graph, x: Tensor) -> Tensor:
    ends = [g.const([2, 3, 4]), g.const([0, 0, 0]), g.const([-1, -2, -1])]
    return g.add(
        "StridedSlice",
        x,
        *ends,
        begin_mask=0,
        end_mask=7,
        ellipsis_mask=0,
        new_axis_mask=0,
        shrink_axis_mask=0,
    )


Case = tuple[Callable[..., Tensor], tuple[Array, ...], Array]
with np.errstate(over="ignore"):
    CASES: dict[str, Case] = {
        "FloorDiv": (
            lambda g, a, b: g.add("FloorDiv", a, b),
            _WHOLE,
            (_WHOLE[0].astype(np.int64) // _WHOLE[1]).astype(np.int32),
        ),
        "Maximum": (lambda g, a, b: g.add("Maximum", a, b), _PAIRS, np.maximum(*_PAIRS)),
        "Minimum": (lambda g, a, b: g.add("Minimum", a, b), _PAIRS, np.minimum(*_PAIRS)),
        "Maximum of a constant": (
            lambda g, a: g.add("Maximum", g.const(np.float32(1)), a),
            (_ODD,),
            np.maximum(np.float32(1), _ODD),
        ),
        "Neg": (lambda g, x: g.add("Neg", x), (_NUMBERS,), -_NUMBERS),
        "Relu6": (lambda g, x: g.add("Relu6", x), (_ODD,), np.clip(_ODD, 0, 6)),
        "Sign": (
            lambda g, x: g.add("Sign", x),
            (np.array([1e-30, -1e-30, 0, 2, -np.inf], np.float32),),
            np.array([1, -1, 0, 1, -1], np.float32),
        ),
        "SelectV2": (
            lambda g, c, a: g.add("SelectV2", c, a, g.add("LogicalNot", a)),
            (_TRUE[:, :1], _TRUE),
            np.where(_TRUE[:, :1], _TRUE, ~_TRUE),
        ),
        "ReverseV2": (
            lambda g, x: g.add("ReverseV2", x, g.const([1])),
            (_TRUE,),
            _TRUE[:, ::-1],
        ),
        "StridedSlice": (_strided, (_GRID,), _GRID[2::-1, 3::-2, 4::-1]),
        "StridedSlice of truth": (_strided, (_TRUE,), _TRUE[2::-1, 3::-2, 4::-1]),
        "MatMul": (
            lambda g, a, b: g.add("MatMul", a, b, transpose_a=True, transpose_b=False),
            (_GRID[0] >> 8, _GRID[1] >> 8),
            (_GRID[0] >> 8).T @ (_GRID[1] >> 8),
        ),
        "BatchMatMulV2": (
            lambda g, a, b: g.add("BatchMatMulV2", a, b),
            (_LEFT[:1], _RIGHT),
            _LEFT[:1] @ _RIGHT,
        ),
    }


@pytest.fixture(scope="session")
def results() -> dict[str, dict[str, harness.Result]]:
    """Every case on each backend."""
    jobs = {}
    for name, (function, operands, _) in CASES.items():
        g = Graph()
        dtypes = {"f": "float32", "i": "int32", "b": "bool"}
        tensors = [
            g.placeholder(f"x{i}", dtypes[x.dtype.kind], x.shape) for i, x in enumerate(operands)
        ]
        g.output("y", function(g, *tensors))
        feeds = {f"x{i}": x for i, x in enumerate(operands)}
        jobs[name] = harness.Job(GraphModel.from_graph(avoid_faults(g)), feeds)
    return {backend: harness.run(jobs, backend=backend) for backend in harness.BACKENDS}


@pytest.mark.parametrize("backend", harness.BACKENDS)
@pytest.mark.parametrize("name", CASES)
def test_detour_gives_what_numpy_gives(
    name: str, backend: str, results: dict[str, dict[str, harness.Result]]
) -> None:
    """On each backend an operation with a detour gives what NumPy gives."""
    result = results[backend][name]
    assert result.error is None
    assert harness.differences(result.outputs, {"y": CASES[name][2]}) is None


def test_every_detour_has_a_case() -> None:
    """No detour is without a case of its name."""
    assert set(DETOURS) <= set(CASES)
