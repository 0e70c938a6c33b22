"""Ways around faulty kernels: the same on every backend, and as NumPy has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from site_builder.tfjs.detours import DETOURS, WHERE_UNDEFINED, avoid_faults
from site_builder.tfjs.fusion import fuse
from site_builder.tfjs.graph import Graph, Tensor
from site_builder.tfjs.model import GraphModel

from . import faults, harness

# One worker runs them all, in one Node process for each backend.
pytestmark = pytest.mark.xdist_group("ops")

Array = NDArray[Any]

_SMALL = (0, 1, -1, 2, -3, 7, 255, 256)
_LARGE = (2**24, 2**24 + 1, -(2**24) - 1, 2**30 + 1, 2**31 - 1, -(2**31), 123456789, -987654321)
_NUMBERS = np.array([*_SMALL, *_LARGE], np.int32)
_BY_ALL = np.repeat(_NUMBERS, len(_NUMBERS))
_ALL_BY = np.tile(_NUMBERS, len(_NUMBERS))
_WHOLE = _BY_ALL[_ALL_BY != 0], _ALL_BY[_ALL_BY != 0]
_ANGLES = np.concatenate(
    [
        np.linspace(-9, 9, 99),
        np.geomspace(1, 3e38, 999) * -1,
        [0.0, 1e-38, np.inf, np.nan, *(np.arange(-8, 9) * np.pi / 4)],
    ]
).astype(np.float32)
_ODD = np.array([np.nan, np.inf, -np.inf, 0.0, 2.5, -7.0, 9.0], np.float32)
_PAIRS = np.repeat(_ODD, len(_ODD)), np.tile(_ODD, len(_ODD))
_TRUE = np.random.default_rng(0).random((3, 4, 5)) > 0.5
_GRID = np.random.default_rng(0).integers(-(2**31), 2**31, (3, 4, 5)).astype(np.int32)
_LEFT, _RIGHT = _GRID[:, :, :3] >> 8, _GRID[:, :3, :] >> 8
_LOGARITHMS = np.array([-1.0, 0.0, 1.0, 2.0], np.float32)
_IMAGE = np.random.default_rng(1).random((2, 6, 5, 3)).astype(np.float32)
_IMAGE[0, 2, 3, 0] = np.nan
_IMAGE[1, 1, 1, 1] = np.inf
_PLANE = np.random.default_rng(1).random((1, 6, 5, 1)).astype(np.float32)
_PLANE[0, 2, 3] = np.nan
_FACTORS = np.array([2.0, -3.0, 0.5], np.float32)


def _average(x: Array, height: int, width: int, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (height, width), (1, 2))
    return np.asarray(windows[:, :: strides[0], :: strides[1]].mean((-2, -1)))


def _pooled(*sizes: int, op: str = "AvgPool") -> Callable[[Graph, Tensor], Tensor]:
    height, width, *strides = sizes
    return lambda g, x: g.add(
        op,
        x,
        ksize=[1, height, width, 1],
        strides=[1, *strides, 1],
        padding="VALID",
        data_format="NHWC",
    )


def _convolved(op: str, weight: Array, activation: str = "") -> Callable[[Graph, Tensor], Tensor]:
    def function(g: Graph, x: Tensor) -> Tensor:
        window = {} if op == "MatMul" else {"data_format": "NHWC", "padding": "VALID"}
        ones: Any = {} if op == "MatMul" else {"strides": [1] * 4, "dilations": [1] * 4}
        y = g.add(op, x, g.const(weight), **window, **ones)  # type: ignore[arg-type]
        channels = weight.shape[2 if op == "DepthwiseConv2dNative" else -1]
        y = g.add("AddV2", y, g.const(np.full(channels, -1, np.float32)))
        return g.add(activation, y) if activation else y

    return function


def _row_sums(x: Array) -> Array:
    """What a convolution by a column of three ones gives."""
    return x[:, :-2] + x[:, 1:-1] + x[:, 2:]


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


_FAULTS = faults.read()

Case = tuple[Callable[..., Tensor], tuple[Array, ...], Array]
with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
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
        "AvgPool": (_pooled(2, 2, 1, 1), (_IMAGE,), _average(_IMAGE, 2, 2, (1, 1))),
        "AvgPool with strides": (_pooled(3, 2, 1, 2), (_IMAGE,), _average(_IMAGE, 3, 2, (1, 2))),
        "AvgPool of nothing": (_pooled(1, 1, 1, 1), (_IMAGE,), _IMAGE),
        "Conv2D": (
            _convolved("Conv2D", _FACTORS[:1].reshape(1, 1, 1, 1)),
            (_PLANE,),
            _PLANE * _FACTORS[0] - 1,
        ),
        "DepthwiseConv2dNative": (
            _convolved("DepthwiseConv2dNative", _FACTORS.reshape(1, 1, 3, 1)),
            (_IMAGE,),
            _IMAGE * _FACTORS - 1,
        ),
        "Conv2D, Relu": (
            _convolved("Conv2D", np.ones((3, 1, 3, 1), np.float32), "Relu"),
            (_IMAGE,),
            np.maximum(_row_sums(_IMAGE.sum(-1, keepdims=True)) - 1, 0),
        ),
        "Conv2D, Relu6": (
            _convolved("Conv2D", np.ones((3, 1, 3, 1), np.float32), "Relu6"),
            (_IMAGE,),
            np.clip(_row_sums(_IMAGE.sum(-1, keepdims=True)) - 1, 0, 6),
        ),
        "Conv2D of one channel, Relu": (
            _convolved("Conv2D", np.ones((3, 1, 1, 1), np.float32), "Relu"),
            (_PLANE,),
            np.maximum(_row_sums(_PLANE) - 1, 0),
        ),
        "DepthwiseConv2dNative, Relu": (
            _convolved("DepthwiseConv2dNative", np.ones((3, 1, 3, 1), np.float32), "Relu"),
            (_IMAGE,),
            np.maximum(_row_sums(_IMAGE) - 1, 0),
        ),
        "MatMul, Relu": (
            _convolved("MatMul", _FACTORS[None], "Relu"),
            (_ODD[:, None],),
            np.maximum(_ODD[:, None] * _FACTORS - 1, 0),
        ),
        "MatMul, Relu6": (
            _convolved("MatMul", _FACTORS[None], "Relu6"),
            (_ODD[:, None],),
            np.clip(_ODD[:, None] * _FACTORS - 1, 0, 6),
        ),
        "Conv2D of a logarithm, Relu": (
            lambda g, x: _convolved("Conv2D", np.ones((3, 1, 3, 1), np.float32), "Relu")(
                g, g.add("Log", x)
            ),
            (np.abs(_IMAGE) - 0.1,),
            np.maximum(_row_sums(np.log(np.abs(_IMAGE) - 0.1).sum(-1, keepdims=True)) - 1, 0),
        ),
        "Conv2D of a logarithm, Relu6": (
            lambda g, x: _convolved("Conv2D", np.ones((3, 1, 3, 1), np.float32), "Relu6")(
                g, g.add("Log", x)
            ),
            (np.abs(_IMAGE) - 0.1,),
            np.clip(_row_sums(np.log(np.abs(_IMAGE) - 0.1).sum(-1, keepdims=True)) - 1, 0, 6),
        ),
        "Relu": (
            lambda g, x: g.add("Relu", g.add("Log", x)),
            (_LOGARITHMS,),
            np.maximum(np.log(_LOGARITHMS), 0),
        ),
        "Relu of a quotient": (
            lambda g, a, b: g.add("Relu", g.add("RealDiv", a, b)),
            (_LOGARITHMS * 0, np.zeros(4, np.float32)),
            np.full(4, np.nan, np.float32),
        ),
        "Relu6 of a logarithm": (
            lambda g, x: g.add("Relu6", g.add("Log", x)),
            (_LOGARITHMS,),
            np.clip(np.log(_LOGARITHMS), 0, 6),
        ),
        "Relu of a power": (
            lambda g, x: g.add("Relu", g.add("Pow", x, g.const(np.float32(1.5)))),
            (_LOGARITHMS,),
            np.maximum(_LOGARITHMS**1.5, 0),
        ),
        **{
            f"{op} along {axis}": (
                lambda g, x, op=op, axis=axis: g.add(op, x, g.const([axis]), keep_dims=False),
                (_IMAGE,),
                function(_IMAGE, axis),
            )
            for op, function in (("Max", np.max), ("Min", np.min))
            for axis in range(4)
        },
        "relu-of-a-signed-nan": (
            lambda g, x: g.add("Relu", x),
            (np.array([0xFFC00000, 0], np.uint32).view(np.float32),),
            np.array([np.nan, 0], np.float32),
        ),
        "max-pool-of-nan": (
            _pooled(2, 2, 1, 1, op="MaxPool"),
            (_PLANE,),
            np.nanmax(np.lib.stride_tricks.sliding_window_view(_PLANE, (2, 2), (1, 2)), (-2, -1)),
        ),
        "Mul": (lambda g, a, b: g.add("Mul", a, b), (_BY_ALL, _ALL_BY), _BY_ALL * _ALL_BY),
        "Mul by a constant": (
            lambda g, a: g.add("Mul", a, g.const(-987654321)),
            (_NUMBERS,),
            _NUMBERS * np.int32(-987654321),
        ),
        "Mul by powers of two": (
            lambda g, a: g.add("Mul", a, g.const([2**22 - 1, -(2**31)], "int32")),
            (_NUMBERS[:, None],),
            _NUMBERS[:, None] * np.array([2**22 - 1, -(2**31)], np.int32),
        ),
        "Mul of parts": (
            lambda g, a, b: g.add("Mul", g.add("FloorMod", a, g.const(-(2**23))), b),
            (_BY_ALL, _ALL_BY),
            np.mod(_BY_ALL, np.int32(-(2**23))) * _ALL_BY,
        ),
        "Neg": (lambda g, x: g.add("Neg", x), (_NUMBERS,), -_NUMBERS),
        "Relu6": (lambda g, x: g.add("Relu6", x), (_ODD,), np.clip(_ODD, 0, 6)),
        "Sin": (lambda g, x: g.add("Sin", x), (_ANGLES,), np.sin(_ANGLES.astype(np.float64))),
        "Cos": (lambda g, x: g.add("Cos", x), (_ANGLES,), np.cos(_ANGLES.astype(np.float64))),
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
        jobs[name] = harness.Job(GraphModel.from_graph(avoid_faults(fuse(g))), feeds)
    return {backend: harness.run(jobs, backend=backend) for backend in harness.BACKENDS}


@pytest.mark.parametrize("backend", harness.BACKENDS)
@pytest.mark.parametrize("name", CASES)
def test_detour_gives_what_numpy_gives(
    name: str, backend: str, results: dict[str, dict[str, harness.Result]]
) -> None:
    """On each backend an operation gives what NumPy gives, or the backend's fault is listed."""
    result = results[backend][name]
    assert result.error is None
    wrong = harness.differences(result.outputs, {"y": CASES[name][2]})
    if backend == "wasm" and name in _FAULTS:
        assert wrong, f"{name} is mended: take it off the list of faults"
    else:
        assert wrong is None


def test_every_detour_has_a_case() -> None:
    """No detour is without a case of its name."""
    assert {*DETOURS, *WHERE_UNDEFINED} <= set(CASES)


@pytest.mark.parametrize(
    "factor",
    [
        lambda g, x: g.const(2**22 - 1),
        lambda g, x: g.const(-(2**31)),
        lambda g, x: g.dim(x, 0),
        lambda g, x: g.add("Cast", g.add("Less", x, g.const(3)), DstT="int32"),
        lambda g, x: g.add("FloorMod", x, g.const(2**22)),
        lambda g, x: g.add("Sign", x),
        lambda g, x: g.add("GatherV2", g.const([1, 2**30]), x, g.const(0)),
        lambda g, x: g.add("Pack", g.dim(x, 0), g.const(2**22 - 1), axis=0, N=2),
    ],
)
def test_small_factors_need_no_detour(factor: Callable[[Graph, Tensor], Tensor]) -> None:
    """A product of whole numbers stays one node where JavaScript has all of its digits."""
    g = Graph()
    x, y = g.placeholder("x", "int32", (None,)), g.placeholder("y", "int32", (None,))
    small = factor(g, x)
    g.output("y", g.add("Mul", small, small if small.value is None else y))
    g.output("z", g.add("Mul", g.add("Reshape", small, g.const([-1])), g.const(3)))
    ops = [node.op for node in avoid_faults(g).nodes.values()]
    assert ops.count("Mul") == 2 - (small.value is not None)
    assert "FloorDiv" not in ops


def test_relu_is_the_quick_kernel_where_nothing_is_undefined() -> None:
    """Relu stays Relu, and in its convolution, behind a cube, or a quotient by what is positive."""
    weight = np.ones((3, 3, 2, 2), np.float32)
    g = Graph()
    x = g.placeholder("x", "float32", (1, 5, 5, 2))
    squares = g.add("AddV2", g.add("Mul", x, x), g.const(np.float32(1e-5)))
    root = g.add("Sqrt", g.add("Mean", squares, g.const([1]), keep_dims=True))
    half = g.add("RealDiv", x, g.add("Maximum", root, g.const(np.float32(1e-12))))
    g.output("y", _convolved("Conv2D", weight, "Relu")(g, half))
    g.output("z", g.add("Relu", g.add("Pow", half, g.const(np.float32(3)))))
    nodes = list(avoid_faults(fuse(g)).nodes.values())
    assert [node.op for node in nodes if "Relu" in node.op] == ["Relu"]
    assert [n.attrs["fused_ops"] for n in nodes if "fused_ops" in n.attrs] == [["BiasAdd", "Relu"]]
