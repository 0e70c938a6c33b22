"""What ONNX's own suite lacks: combinations, checked against onnxruntime on seeded numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import helper

from site_builder.tfjs import compile_model

from . import faults, harness

Array = NDArray[Any]
_OPSET = 20

# One worker runs them all, in one Node process.
pytestmark = pytest.mark.xdist_group("ops")


@dataclasses.dataclass(frozen=True)
class Trial:
    """One node; its first operands are inputs, the others constants."""

    op: str
    operands: tuple[Array | None, ...]
    attributes: dict[str, Any]
    constant: int
    outputs: int
    dynamic: bool
    opset: int

    def model(self) -> onnx.ModelProto:
        """The node as a whole model."""
        names = ["" if x is None else f"in{i}" for i, x in enumerate(self.operands)]
        outputs = [f"out{i}" for i in range(self.outputs)]
        node = helper.make_node(self.op, names, outputs, name=self.op, **self.attributes)
        inputs, initializers = [], []
        for i, (name, array) in enumerate(zip(names, self.operands, strict=True)):
            if array is None:
                continue
            if i >= self.constant:
                initializers.append(onnx.numpy_helper.from_array(array, name))
                continue
            kind = helper.np_dtype_to_tensor_dtype(array.dtype)
            shape = [None] * array.ndim if self.dynamic else list(array.shape)
            inputs.append(helper.make_tensor_value_info(name, kind, shape))
        ends = [onnx.ValueInfoProto(name=name) for name in outputs]
        graph = helper.make_graph([node], "trial", inputs, ends, initializers)
        # The result's type is left to inference, as exporters do for what they cannot tell.
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)])
        model.ir_version = 10
        model = onnx.shape_inference.infer_shapes(model)
        for value in model.graph.output:
            if not value.type.HasField("tensor_type"):
                # Inference knows nothing of some normalisations; they keep the shape.
                value.CopyFrom(inputs[0])
                value.name = outputs[0]
        return model

    def feeds(self) -> dict[str, Array]:
        """The inputs by name."""
        pairs = enumerate(self.operands[: self.constant])
        return {f"in{i}": array for i, array in pairs if array is not None}


def trial(
    op: str,
    *operands: Array | None,
    constant: int = 1,
    outputs: int = 1,
    dynamic: bool = False,
    opset: int = _OPSET,
    **attributes: Any,
) -> Trial:
    """See `Trial`; `constant` is the number of operands that are inputs."""
    return Trial(op, operands, attributes, constant, outputs, dynamic, opset)


def real(*shape: int, seed: int = 0) -> Array:
    """Normal numbers."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def whole(*shape: int, low: int = -9, high: int = 9, seed: int = 0) -> Array:
    """Integers of 64 bits."""
    return np.random.default_rng(seed).integers(low, high, shape, np.int64)


def number(value: float) -> Array:
    """A real constant of no dimensions."""
    return np.array(value, np.float32)


def vector(*values: int) -> Array:
    """A constant such as axes or a shape."""
    return np.array(values, np.int64)


def _pools() -> dict[str, Trial]:
    return {
        f"{op}-{key}": trial(op, real(2, 3, *size), **attributes)
        for op in ("MaxPool", "AveragePool")
        for key, size, attributes in (
            ("1d", (11,), {"kernel_shape": [3], "strides": [2]}),
            ("asymmetric", (7, 9), {"kernel_shape": [3, 2], "pads": [1, 0, 2, 1]}),
            ("dilated", (9, 9), {"kernel_shape": [3, 2], "dilations": [2, 3], "strides": [1, 2]}),
            ("ceil", (8, 8), {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}),
            (
                "ceil-padded",
                (6, 7),
                {"kernel_shape": [3, 3], "strides": [3, 2], "pads": [1, 1, 1, 1], "ceil_mode": 1},
            ),
            ("same", (7, 8), {"kernel_shape": [3, 4], "strides": [2, 2], "auto_pad": "SAME_LOWER"}),
            ("3d", (5, 6, 4), {"kernel_shape": [2, 3, 2], "strides": [2, 1, 1]}),
        )
    } | {
        "AveragePool-counted": trial(
            "AveragePool", real(1, 2, 5, 5), kernel_shape=[3, 3], pads=[1] * 4, count_include_pad=1
        )
    }


def _convolutions() -> dict[str, Trial]:
    def conv(channels: int, size: Sequence[int], weight: Sequence[int], **rest: Any) -> Trial:
        bias = real(weight[0], seed=2)
        return trial("Conv", real(2, channels, *size), real(*weight, seed=1), bias, **rest)

    def back(channels: int, size: Sequence[int], weight: Sequence[int], **rest: Any) -> Trial:
        filters = weight[1] * rest.get("group", 1)
        operands = (real(2, channels, *size), real(*weight, seed=1), real(filters, seed=2))
        return trial("ConvTranspose", *operands, **rest)

    return {
        "conv-1d": conv(4, (12,), (6, 4, 3), strides=[2], pads=[2, 1]),
        "conv-1d-grouped": conv(4, (12,), (6, 2, 3), group=2, dilations=[2]),
        "conv-strided-and-dilated": conv(
            3, (11, 12), (4, 3, 3, 2), strides=[2, 3], dilations=[2, 1], pads=[1, 0, 2, 1]
        ),
        "conv-grouped": conv(6, (7, 7), (9, 2, 3, 3), group=3, pads=[1, 1, 1, 1]),
        "conv-depthwise": conv(4, (7, 8), (8, 1, 3, 3), group=4, strides=[2, 1]),
        "conv-depthwise-dilated": conv(
            4, (9, 9), (4, 1, 3, 3), group=4, dilations=[2, 2], strides=[2, 2], pads=[2] * 4
        ),
        "conv-same-upper": conv(3, (7, 8), (2, 3, 4, 3), auto_pad="SAME_UPPER", strides=[2, 2]),
        "conv-same-lower": conv(3, (7, 8), (2, 3, 4, 3), auto_pad="SAME_LOWER", strides=[2, 3]),
        "conv-3d": conv(2, (5, 6, 7), (3, 2, 2, 3, 2), strides=[2, 1, 2], pads=[1] * 6),
        "conv-3d-grouped": conv(4, (4, 4, 4), (4, 2, 2, 2, 2), group=2),
        "conv-dynamic": conv(3, (8, 9), (4, 3, 3, 3), dynamic=True, pads=[1] * 4),
        "conv-weights-as-input": conv(3, (8, 9), (4, 3, 3, 3), constant=3),
        "transposed": back(3, (4, 5), (3, 2, 3, 3), strides=[2, 2], pads=[1] * 4),
        "transposed-extra": back(
            3, (4, 5), (3, 2, 3, 3), strides=[2, 3], pads=[1, 1, 1, 1], output_padding=[1, 2]
        ),
        "transposed-grouped": back(4, (4, 4), (4, 3, 2, 2), group=2, strides=[2, 2]),
        "transposed-dilated": back(2, (4, 4), (2, 3, 3, 2), dilations=[2, 3], strides=[2, 1]),
        "transposed-small-kernel": back(2, (4, 4), (2, 3, 2, 2), strides=[3, 3]),
        "transposed-extra-past-kernel": back(
            2, (3, 3), (2, 2, 2, 2), strides=[3, 3], output_padding=[2, 1]
        ),
        "transposed-1d": back(3, (6,), (3, 2, 4), strides=[2], pads=[1, 1]),
    }


def _products() -> dict[str, Trial]:
    shapes: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
        "both-broadcast": ((3, 1, 4, 2), (1, 5, 2, 3)),
        "inner-one": ((2, 3, 4, 2), (2, 1, 2, 3)),
        "fewer-batches": ((2, 3, 4, 2), (3, 2, 3)),
        "single": ((2, 3, 4, 2), (2, 3)),
        "left-single": ((4, 2), (5, 3, 2, 3)),
        "vectors": ((4,), (4,)),
        "row": ((4,), (2, 4, 3)),
        "column": ((2, 3, 4), (4,)),
    }
    still = {
        f"matmul-{key}": trial("MatMul", real(*a), real(*b, seed=1), constant=2)
        for key, (a, b) in shapes.items()
    }
    moving = {
        f"matmul-{key}-dynamic": trial(
            "MatMul", real(*a), real(*b, seed=1), constant=2, dynamic=True
        )
        for key, (a, b) in shapes.items()
    }
    equations = {
        "ij,jk->ik": ((3, 4), (4, 5)),
        "bhid,bhjd->bhij": ((2, 3, 4, 5), (2, 3, 6, 5)),
        "...ij,...jk->...ik": ((2, 3, 4), (2, 4, 5)),
        "abc,cd,de->abe": ((2, 3, 4), (4, 5), (5, 2)),
        "ij,k->kj": ((3, 4), (2,)),
        "i,i": ((3,), (3,)),
        "bij->bji": ((2, 3, 4),),
    }
    summed = {
        f"einsum-{equation}": trial(
            "Einsum",
            *(real(*shape, seed=i) for i, shape in enumerate(operands)),
            constant=len(operands),
            equation=equation,
        )
        for equation, operands in equations.items()
    }
    return still | moving | summed


def _indexing() -> dict[str, Trial]:
    x = real(4, 5, 6)
    ends = np.array([np.iinfo(np.int64).min + 1, np.iinfo(np.int64).max], np.int64)
    places = whole(4, 2, 6, low=-5, high=5)
    unique = np.argsort(real(4, 5, 6, seed=3), axis=1)[:, :2].astype(np.int64)
    return {
        "gather-negative": trial("Gather", x, vector(-1, 0, -3), axis=1, constant=2),
        "gather-scalar": trial("Gather", x, np.array(-2, np.int64), axis=-1),
        "gather-dynamic": trial("Gather", x, vector(-1, 2), axis=0, constant=2, dynamic=True),
        "gather-bool": trial("Gather", x > 0, vector(1, 1), axis=2),
        "gather-elements": trial("GatherElements", x, places, axis=1, constant=2),
        "gather-nd": trial("GatherND", x, np.array([[-1, 2], [0, -5]], np.int64), constant=2),
        "gather-nd-batch": trial("GatherND", x, whole(4, 3, 1, low=-5, high=5), batch_dims=1),
        "scatter-elements": trial(
            "ScatterElements", x, unique, real(4, 2, 6, seed=1), axis=1, constant=3
        ),
        "scatter-elements-add": trial(
            "ScatterElements", x, places, real(4, 2, 6, seed=1), axis=1, reduction="add"
        ),
        "scatter-into-weights": trial(
            "ScatterND", x, vector(2).reshape(1, 1), real(1, 5, 6, seed=1)
        ),
        "scatter-of-a-cast": trial("ScatterND", whole(4), vector(-1).reshape(1, 1), vector(3)),
        "slice-backwards": trial("Slice", x, vector(-1, 0), ends, vector(0, 2), vector(-1, 2)),
        "slice-backwards-dynamic": trial(
            "Slice", x, vector(-1, 1), ends, vector(0, 2), vector(-2, 1), dynamic=True
        ),
        "slice-empty": trial("Slice", x, vector(3), vector(1), vector(1)),
        "slice-at-run-time": trial(
            "Slice", x, vector(1, -3), vector(3, 9), vector(0, -1), constant=3
        ),
        "slice-dynamic": trial("Slice", x, vector(-3), vector(-1), vector(1), dynamic=True),
        "top-k-smallest": trial("TopK", x, vector(3), axis=1, largest=0, outputs=2),
        "top-k-ties": trial("TopK", whole(3, 9, low=0, high=3), vector(5), outputs=2),
        "one-hot-single": trial("OneHot", whole(3, low=-1, high=1), vector(1), real(2)),
        "one-hot-negative": trial(
            "OneHot", whole(3, 2, low=-4, high=6), vector(4), real(2), axis=0
        ),
    }


def _elementwise() -> dict[str, Trial]:
    odd = np.array([np.nan, np.inf, -np.inf, -0.0, 0.0, 0.5, 1.5, 2.5, -0.5, -2.5], np.float32)
    a, b = whole(40, seed=1), whole(40, low=1, seed=2) * np.where(real(40) > 0, 1, -1)
    half = trial("Round", odd)
    pair = (real(3, 1, 4), real(5, 1, seed=1))
    return {
        "round": half,
        "relu-odd": trial("Relu", odd),
        "max-odd": trial("Max", odd, odd[::-1].copy(), constant=2),
        "min-odd": trial("Min", odd, odd[::-1].copy(), constant=2),
        "clip-odd": trial("Clip", odd, number(-1), number(1)),
        "clip-crossed": trial("Clip", real(9), number(1), number(-1)),
        "is-inf": trial("IsInf", odd),
        "equal-odd": trial("Equal", odd, odd, constant=2),
        "cast-down": trial("Cast", np.array([-1.9, -0.2, 0.7, 2.9], np.float32), to=7),
        "cast-to-bool": trial("Cast", np.array([0.0, -0.0, 0.25, 256, np.nan], np.float32), to=9),
        "cast-wraps": trial("Cast", whole(20, low=-700, high=700), to=2),
        "div-integers": trial("Div", a, b, constant=2),
        "mod-integers": trial("Mod", a, b, constant=2),
        "mod-like-c": trial("Mod", a, b, constant=2, fmod=1),
        "mod-real": trial("Mod", real(30) * 9, real(30, seed=1), constant=2, fmod=1),
        "pow-integers": trial("Pow", a, np.abs(b), constant=2),
        "pow-mixed": trial("Pow", np.abs(a) + 1, np.abs(real(40)), constant=2),
        "pow-real-by-integer": trial("Pow", real(40), np.abs(b), constant=2),
        "where-broadcast": trial(
            "Where", real(4, 1) > 0, real(3, 1, 5), real(1, seed=1), constant=3
        ),
        "xor-broadcast": trial("Xor", real(3, 1) > 0, real(4) > 0, constant=2),
        "add-broadcast-both": trial("Add", *pair, constant=2),
        "less-broadcast-both": trial("Less", *pair, constant=2),
        "add-dynamic": trial("Add", *pair, constant=2, dynamic=True),
        "prelu": trial("PRelu", real(2, 3, 4), real(3, 1, seed=1)),
        "elu": trial("Elu", real(20) * 9, alpha=0.3),
        "celu": trial("Celu", real(20) * 9, alpha=1.7),
        "gelu": trial("Gelu", real(50) * 3),
        "sin-large": trial("Sin", real(50) * 1e9),
        "sin-far": trial("Sin", real(50) * 1e30),
        "cos-large": trial("Cos", real(50) * 1e9),
        "cos-far": trial("Cos", real(50) * 1e30),
        "softplus-far": trial("Softplus", real(50) * 50),
        "softmax-inner": trial("Softmax", real(2, 5, 3) * 30, axis=1),
        "log-softmax-far": trial("LogSoftmax", real(2, 5, 3) * 90, axis=1),
        "softmax-old": trial("Softmax", real(2, 3, 4), axis=1, opset=11),
        "cumsum": trial("CumSum", real(3, 5), np.array(-1, np.int64), exclusive=1, reverse=1),
        "cumsum-integers": trial("CumSum", whole(3, 5), np.array(0, np.int64)),
    }


def _not_a_number() -> dict[str, Trial]:
    image = real(1, 2, 5, 5)
    image[0, 1, 2, 3] = np.nan
    odd = np.array([np.nan, -7, 3, 9, np.inf], np.float32)
    weight = real(3, 2, 3, 3, seed=1)
    return {
        "nan-conv": trial("Conv", image, weight, real(3)),
        "nan-depthwise": trial("Conv", image, real(2, 1, 3, 3, seed=1), group=2),
        "nan-average-pool": trial("AveragePool", image, kernel_shape=[2, 2]),
        "nan-matmul": trial("MatMul", image[0, 1], real(5, 4)),
        "nan-gemm": trial("Gemm", image[0, 1], real(5, 4), real(4)),
        "nan-clip-six": trial("Clip", odd, number(0), number(6)),
        "nan-sum": trial("ReduceSum", image, vector(2, 3)),
        "nan-softmax": trial("Softmax", image, axis=3),
        "nan-sigmoid": trial("Sigmoid", odd),
        "nan-tanh": trial("Tanh", odd),
        "nan-leaky": trial("LeakyRelu", odd, alpha=0.2),
        "nan-elu": trial("Elu", odd),
    }


def _reductions() -> dict[str, Trial]:
    x = real(3, 4, 5)
    found = {
        f"{op}-{key}": trial(op, x, *axes, keepdims=keep)
        for op in ("ReduceMean", "ReduceL2", "ReduceLogSumExp", "ReduceProd", "ReduceMin")
        for key, axes, keep in (
            ("all", (), 1),
            ("outer", (vector(0, -1),), 0),
            ("middle", (vector(1),), 1),
        )
    }
    return found | {
        "reduce-sum-integers": trial("ReduceSum", whole(3, 4), vector(1)),
        "reduce-mean-integers": trial("ReduceMean", whole(3, 4).astype(np.int32), vector(1)),
        "reduce-nothing": trial("ReduceSum", x, vector(), noop_with_empty_axes=1),
        "log-sum-exp-far": trial("ReduceLogSumExp", x * 300, vector(2)),
        "arg-max-ties": trial("ArgMax", whole(3, 9, low=0, high=3), axis=1),
        "arg-max-last": trial("ArgMax", whole(3, 9, low=0, high=3), axis=1, select_last_index=1),
        "arg-min-dynamic": trial("ArgMin", x, axis=-2, keepdims=0, dynamic=True),
    }


def _shapes() -> dict[str, Trial]:
    x = real(2, 3, 4)
    six = real(2, 1, 3, 2, 1, 2)
    return {
        "transpose-six": trial("Transpose", six, perm=[5, 3, 1, 0, 4, 2]),
        "add-six": trial("Add", six, real(3, 1, 5, 1, seed=1), constant=2),
        "expand": trial("Expand", real(3, 1), vector(2, 1, 6)),
        "expand-dynamic": trial("Expand", real(3, 1), vector(2, 1, 6), dynamic=True),
        "expand-to-nothing": trial("Expand", real(3, 1), vector(3, 0)),
        "reshape-keep": trial("Reshape", x, vector(0, -1)),
        "reshape-dynamic": trial("Reshape", x, vector(0, 0, 2, -1), dynamic=True),
        "flatten-dynamic": trial("Flatten", x, axis=2, dynamic=True),
        "pad-reflect": trial("Pad", x, vector(0, 1, 2, 0, 0, 3), mode="reflect"),
        "pad-edge": trial("Pad", x, vector(1, 0, 2, 0, 2, 3), mode="edge"),
        "pad-value": trial("Pad", x, vector(0, 1, 2, 1, 0, 0), number(2.5)),
        "pad-negative": trial("Pad", x, vector(0, -1, 2, 0, 0, -1)),
        "tile": trial("Tile", x, vector(2, 1, 3)),
        "split": trial("Split", x, vector(1, 3), axis=-1, outputs=2),
        "split-uneven": trial("Split", real(2, 7), axis=1, outputs=3, num_outputs=3),
        "squeeze-dynamic": trial("Squeeze", real(2, 1, 3, 1), vector(1, -1), dynamic=True),
        "trilu": trial("Trilu", real(2, 4, 5), np.array(-1, np.int64), upper=0),
        "trilu-dynamic": trial("Trilu", real(2, 4, 5), np.array(1, np.int64), dynamic=True),
        "depth-to-space": trial("DepthToSpace", real(2, 12, 2, 3), blocksize=2, mode="CRD"),
        "range": trial("Range", *(np.array(n, np.int64) for n in (9, -3, -2)), constant=3),
        "shape-part": trial("Shape", x, start=1, dynamic=True),
    }


def _normalisations() -> dict[str, Trial]:
    x = real(2, 6, 4, 3) * 5 + 20
    stored = (real(6, seed=1), real(6, seed=2), real(6, seed=3), np.abs(real(6, seed=4)) + 0.1)
    return {
        "batch": trial("BatchNormalization", x, *stored),
        "batch-flat": trial("BatchNormalization", real(5, 6), *stored),
        "layer": trial("LayerNormalization", x, real(4, 3, seed=1), real(4, 3, seed=2), axis=2),
        "instance": trial("InstanceNormalization", x, real(6, seed=1), real(6, seed=2)),
        "group": trial(
            "GroupNormalization", x, real(6, seed=1), real(6, seed=2), num_groups=3, opset=21
        ),
        "lp": trial("LpNormalization", x, axis=1, p=1),
        "lrn": trial("LRN", x, size=3),
    }


def _resizes() -> dict[str, Trial]:
    x = real(1, 2, 5, 6)
    found: dict[str, Trial] = {}
    for mode in ("nearest", "linear", "cubic"):
        for where in ("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"):
            sizes = vector(1, 2, 8, 4)
            found[f"resize-{mode}-{where}"] = trial(
                "Resize", x, None, None, sizes, mode=mode, coordinate_transformation_mode=where
            )
    scales = np.array([1, 1, 2, 2], np.float32)
    return found | {"resize-twice": trial("Resize", x, None, scales, mode="linear")}


TRIALS = {
    **_convolutions(),
    **_pools(),
    **_products(),
    **_indexing(),
    **_elementwise(),
    **_not_a_number(),
    **_reductions(),
    **_shapes(),
    **_normalisations(),
    **_resizes(),
}


_FAULTS = faults.read()

#: Not compiled: how large their results are depends on the numbers that are fed.
_AT_RUN_TIME = ("slice-at-run-time", "range")


@pytest.fixture(scope="session")
def results() -> dict[str, dict[str, harness.Result]]:
    """Every trial converted, and run in one Node process for each engine."""
    jobs = {key: harness.Job(compile_model(t.model()), t.feeds()) for key, t in TRIALS.items()}
    return {engine: harness.run(jobs, backend=engine) for engine in harness.ENGINES}


@pytest.mark.parametrize("key", TRIALS)
def test_agrees_with_onnxruntime(key: str, results: dict[str, dict[str, harness.Result]]) -> None:
    """The converted node gives what onnxruntime gives, on the second run and on every engine."""
    one = TRIALS[key]
    session = onnxruntime.InferenceSession(one.model().SerializeToString())
    names = [value.name for value in session.get_outputs()]
    expected = dict(zip(names, session.run(names, one.feeds()), strict=True))
    for backend in harness.ENGINES:
        result = results[backend][key]
        assert bool(result.declined) == (backend == "compiled" and key in _AT_RUN_TIME)
        if result.declined:
            continue
        wrong = result.error or harness.differences(result.outputs, expected)
        if backend == "wasm" and key in _FAULTS:
            assert wrong, f"{key} is mended: take it off the list of faults"
        else:
            assert wrong is None, backend
