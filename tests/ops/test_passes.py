"""The passes over a converted graph: what each is for, and that none changes a number."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import helper

from site_builder.tfjs import GraphModel
from site_builder.tfjs.affine import fold_scales
from site_builder.tfjs.conversion import compile_model
from site_builder.tfjs.fusion import fuse
from site_builder.tfjs.graph import Graph, Tensor
from site_builder.tfjs.images import from_last, to_last
from site_builder.tfjs.layout import keep_images_last
from site_builder.tfjs.passes import PASSES
from site_builder.tfjs.recognition import shorten
from tests.small_models import export, resnet18

from . import harness
from .random_graphs import Sample, samples
from .test_converter import build

# Every run of the runtime is a Node process; one worker does them in turn.
pytestmark = pytest.mark.xdist_group("ops")


def ops(graph: Graph) -> list[str]:
    """The operations of a graph, constants and inputs aside."""
    graph.prune()
    return [n.op for n in graph.nodes.values() if n.op not in ("Const", "Placeholder")]


def kernel(*sizes: int) -> np.ndarray:
    """Real numbers, the same at every call."""
    return np.random.default_rng(0).normal(size=sizes).astype(np.float32)


def image_graph(channels: int = 3) -> tuple[Graph, Tensor]:
    """A graph with an image `x`, batch and size open, channels second."""
    g = Graph()
    return g, g.placeholder("x", "float32", (None, channels, None, None))


def convolved(g: Graph, x: Tensor, filters: int = 4) -> Tensor:
    """A convolution as its converter writes it: channels second on both sides."""
    assert x.shape is not None
    channels = x.shape[1]
    assert channels is not None
    made = g.add(
        "Conv2D",
        g.transpose(x, to_last(4)),
        g.const(kernel(1, 1, channels, filters)),
        shape=(None, None, None, filters),
        strides=[1, 1, 1, 1],
        dilations=[1, 1, 1, 1],
        padding="VALID",
        data_format="NHWC",
    )
    return g.transpose(made, from_last(4))


# -- layout


def test_elementwise_between_convolutions_stays_channels_last() -> None:
    """Between two convolutions nothing transposes, whatever broadcasts in between."""
    g, x = image_graph()
    h = g.add("Relu", convolved(g, x))
    h = g.add("Mul", h, g.const(kernel(4, 1, 1)))
    h = g.add("AddV2", g.const(kernel(1, 4, 1, 1)), h)
    g.output("y", convolved(g, h))
    made = keep_images_last(g)
    assert ops(made) == ["Transpose", "Conv2D", "Relu", "Mul", "AddV2", "Conv2D", "Transpose"]
    shapes = {array.shape for array in made.constants.values()}
    assert (4,) in shapes


def test_residual_and_concatenation_stay_channels_last() -> None:
    """A sum of two branches and a concatenation on channels keep the layout."""
    g, x = image_graph()
    h = convolved(g, x)
    both = g.add("ConcatV2", convolved(g, h), h, g.const(1), N=2)
    g.output("y", convolved(g, g.add("AddV2", both, both)))
    made = keep_images_last(g)
    assert ops(made).count("Transpose") == 2
    axes = [made.constants[n.inputs[2]] for n in made.nodes.values() if n.op == "ConcatV2"]
    assert [int(axis) for axis in axes] == [3]


def test_padding_slices_and_reductions_move_their_axes() -> None:
    """What names axes names those of channels last; a global pooling needs no transpose after."""
    g, x = image_graph()
    h = g.add("PadV2", convolved(g, x), g.const([[0, 0], [1, 2], [3, 4], [5, 6]]), g.const(0.0))
    h = g.add("Slice", h, g.const([0, 1, 2, 3]), g.const([-1, 4, -1, -1]))
    g.output("y", g.add("Mean", h, g.const([2, 3]), keep_dims=False))
    made = keep_images_last(g)
    assert ops(made) == ["Transpose", "Conv2D", "PadV2", "Slice", "Mean"]
    pads, begin, _, axes = (
        made.constants[name].tolist()
        for op, place in (("PadV2", 1), ("Slice", 1), ("Slice", 2), ("Mean", 1))
        for name in [next(n.inputs[place] for n in made.nodes.values() if n.op == op)]
    )
    assert pads == [[0, 0], [3, 4], [5, 6], [1, 2]]
    assert begin == [0, 2, 3, 1]
    assert axes == [1, 2]


def test_flattened_image_reorders_the_weights() -> None:
    """A dense layer on a flattened image takes its rows in the order that they come in."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 2, 3, 3))
    h = g.reshape(convolved_to(g, x, (None, 3, 3, 4)), [-1, 36])
    g.output("y", g.add("MatMul", h, g.const(kernel(36, 5))))
    assert ops(keep_images_last(g)) == ["Transpose", "Conv2D", "Reshape", "MatMul"]


def convolved_to(g: Graph, x: Tensor, shape: tuple[int | None, ...]) -> Tensor:
    """A convolution whose result has a known size, channels last; it comes channels second."""
    h = convolved(g, x)
    return g.know(dataclasses.replace(h, shape=tuple(shape[i] for i in from_last(4))))


def test_grey_image_is_reshaped() -> None:
    """Where only axes of one element move, nothing is transposed."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 1, 5, 5))
    g.output("y", g.add("Relu", convolved_to(g, x, (None, 5, 5, 4))))
    assert ops(keep_images_last(g)) == ["Reshape", "Conv2D", "Relu", "Transpose"]


def test_operation_that_needs_channels_second_gets_them() -> None:
    """A softmax along the width is given the layout that it was written for."""
    g, x = image_graph()
    g.output("y", g.add("Softmax", convolved(g, x)))
    assert ops(keep_images_last(g)) == ["Transpose", "Conv2D", "Transpose", "Softmax"]


# -- scales


def test_scales_fold_into_the_weights() -> None:
    """Mean, scale and offset after a convolution become its weights and one bias."""
    g, x = image_graph()
    h = g.add("Sub", convolved(g, x), g.const(kernel(4, 1, 1)))
    h = g.add("Mul", h, g.const(kernel(4, 1, 1) + 2))
    g.output("y", g.add("AddV2", h, g.const(kernel(4, 1, 1) - 1)))
    made = fold_scales(keep_images_last(g))
    assert ops(made) == ["Transpose", "Conv2D", "AddV2", "Transpose"]
    mean, scale, offset = (v.astype(np.float64) for v in (kernel(4), kernel(4) + 2, kernel(4) - 1))
    weights = next(v for v in made.constants.values() if v.shape == (1, 1, 3, 4))
    shift = next(v for v in made.constants.values() if v.shape == (4,) and v.dtype == np.float32)
    np.testing.assert_allclose(weights, kernel(1, 1, 3, 4) * scale, rtol=1e-6)
    np.testing.assert_allclose(shift, offset - mean * scale, rtol=1e-6)


@pytest.mark.parametrize("scale", [1e-45, 1e38, np.inf])
def test_scale_that_loses_digits_stays(scale: float) -> None:
    """A scale that would leave float32's range in the weights is multiplied at run time."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 3))
    h = g.add("MatMul", x, g.const(kernel(3, 2) * 100))
    g.output("y", g.add("Mul", h, g.const(np.float32(scale))))
    assert ops(fold_scales(g)) == ["MatMul", "Mul"]


def test_shared_weights_are_not_scaled() -> None:
    """Weights that another product reads keep their numbers."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 3))
    weights = g.const(kernel(3, 2))
    h = g.add("MatMul", x, weights)
    g.output("y", g.add("Mul", h, g.const(kernel(2))))
    g.output("z", g.add("MatMul", g.add("Relu", x), weights))
    assert ops(fold_scales(g)) == ["MatMul", "Mul", "Relu", "MatMul"]


def test_step_that_something_else_reads_stays() -> None:
    """A product whose bare result is an output is not scaled."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 3))
    h = g.add("MatMul", x, g.const(kernel(3, 2)))
    g.output("h", h)
    g.output("y", g.add("Mul", h, g.const(kernel(2))))
    assert ops(fold_scales(g)) == ["MatMul", "Mul"]


def test_lone_normalisation_is_one_node() -> None:
    """Mean, scale and offset of channels with no weights ahead are a FusedBatchNormV3."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 5, 5, 4))
    h = g.add("Mul", g.add("Sub", x, g.const(kernel(4))), g.const(kernel(4)))
    g.output("y", g.add("AddV2", h, g.const(kernel(4) + 1)))
    assert ops(fold_scales(g)) == ["FusedBatchNormV3"]


# -- fusion


def test_padding_bias_and_activation_fuse() -> None:
    """PadV2, Conv2D, AddV2 and Relu become one node with explicit padding."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 5, 5, 3))
    padded = g.add("PadV2", x, g.const([[0, 0], [1, 2], [0, 1], [0, 0]]), g.const(0.0))
    h = g.add("Conv2D", padded, g.const(kernel(3, 3, 3, 4)), strides=[1] * 4, dilations=[1] * 4,
              padding="VALID", data_format="NHWC")  # fmt: skip
    g.output("y", g.add("Relu", g.add("AddV2", h, g.const(kernel(4)))))
    made = fuse(g)
    assert ops(made) == ["_FusedConv2D"]
    (node,) = (n for n in made.nodes.values() if n.op == "_FusedConv2D")
    assert node.attrs["fused_ops"] == ["BiasAdd", "Relu"]
    assert node.attrs["explicit_paddings"] == [0, 0, 1, 2, 0, 1, 0, 0]


@pytest.mark.parametrize(("value", "edge"), [(0.5, 0), (0.0, 1)])
def test_padding_that_a_convolution_cannot_do_stays(value: float, edge: int) -> None:
    """What is not zero, or not around the picture, is padded ahead of the convolution."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 5, 5, 3 - edge))
    padded = g.add("PadV2", x, g.const([[0, 0], [1, 1], [1, 1], [0, edge]]), g.const(value))
    h = g.add("Conv2D", padded, g.const(kernel(3, 3, 3, 4)), strides=[1] * 4, dilations=[1] * 4,
              padding="VALID", data_format="NHWC")  # fmt: skip
    g.output("y", h)
    assert ops(fuse(g)) == ["PadV2", "Conv2D"]


def test_activation_that_some_backend_lacks_is_not_fused() -> None:
    """A tanh stays a node of its own."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 3))
    h = g.add("AddV2", g.add("MatMul", x, g.const(kernel(3, 2))), g.const(kernel(2)))
    g.output("y", g.add("Tanh", h))
    assert ops(fuse(g)) == ["_FusedMatMul", "Tanh"]


def test_sum_of_images_is_no_bias() -> None:
    """Only a vector over channels is a bias: others broadcast in other ways."""
    g = Graph()
    x = g.placeholder("x", "float32", (4, 3))
    h = g.add("MatMul", x, g.const(kernel(3, 4)))
    g.output("y", g.add("AddV2", h, g.const(kernel(4, 1))))
    assert ops(fuse(g)) == ["MatMul", "AddV2"]


# -- formulas


def test_gelu_by_tanh_is_shorter() -> None:
    """x/2 (1 + tanh(c (x + k x^3))) is x times a logistic function."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 8))
    inner = g.add("AddV2", x, g.add("Mul", g.add("Pow", x, g.const(3.0)), g.const(0.044715)))
    tanh = g.add("Tanh", g.add("Mul", inner, g.const(0.7978846)))
    half = g.add("Mul", x, g.const(0.5))
    g.output("y", g.add("Mul", half, g.add("AddV2", tanh, g.const(1.0))))
    assert ops(shorten(g)) == ["Pow", "Mul", "AddV2", "Mul", "Sigmoid", "Mul"]


@pytest.mark.parametrize("half", ["beside", "across"])
@pytest.mark.parametrize("factor", [0.7978846, None])
def test_shorter_gelu_gives_the_same(half: str, factor: float | None) -> None:
    """Wherever the half stands, and with or without a factor to double, the numbers stay."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 8))
    inner = x if factor is None else g.add("Mul", x, g.const(factor))
    one = g.add("AddV2", g.const(1.0), g.add("Tanh", inner))
    if half == "beside":
        y = g.add("Mul", x, g.add("Mul", one, g.const(0.5)))
    else:
        y = g.add("Mul", one, g.add("Mul", g.const(0.5), x))
    g.output("y", y)
    value = np.linspace(-6, 6, 24, dtype=np.float32).reshape(3, 8)
    made = GraphModel.from_graph(shorten(g))
    assert made.ops["Tanh"] == 0
    result = harness.run({"gelu": harness.Job(made, {"x": value})})["gelu"]
    expected = value * (1 + np.tanh(value * (factor or 1))) / 2
    assert harness.differences(result.outputs, {"y": expected}, 1e-6) is None


def test_layer_norm_is_shorter() -> None:
    """Scale and offset of a layer normalisation are one node."""
    rng = np.random.default_rng(0)
    weights = {n: rng.normal(size=8).astype(np.float32) for n in ("scale", "bias")}
    node = helper.make_node("LayerNormalization", ["x", "scale", "bias"], ["y"])
    model = build([node], [("x", 1, [None, 8])], [("y", 1, [None, 8])], weights)
    before, after = compile_model(model, passes=()), compile_model(model)
    assert after.ops.total() == before.ops.total() - 1
    assert after.ops["FusedBatchNormV3"] == 1


# -- all of them


def test_resnet_transposes_at_its_door_only() -> None:
    """A ResNet-18 transposes its picture once and nothing else, and every convolution is fused."""
    torch.manual_seed(0)
    model, x, expected = export(resnet18(width=8, classes=10), (1, 3, 64, 64))
    made = compile_model(model)
    assert made.ops["Transpose"] == 1
    assert made.ops["_FusedConv2D"] == 20
    assert made.ops["Conv2D"] == 0
    for backend in harness.BACKENDS:
        result = harness.run({"resnet": harness.Job(made, {"x": x.numpy()})}, backend=backend)
        assert result["resnet"].error is None
        assert harness.differences(result["resnet"].outputs, {"y": expected.numpy()}) is None


def test_batch_norm_of_the_graph_folds_away() -> None:
    """ONNX's Conv, BatchNormalization and Relu are one node."""
    vectors = {n: kernel(4) ** 2 + 0.5 for n in ("s", "b", "m", "v")}
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("BatchNormalization", ["c", "s", "b", "m", "v"], ["n"]),
        helper.make_node("Relu", ["n"], ["y"]),
    ]
    ends: list[tuple[str, int, list[int | None]]] = [("x", 1, [1, 3, 5, 5]), ("y", 1, [1, 4, 5, 5])]
    model = build(nodes, ends[:1], ends[1:], {"w": kernel(4, 3, 3, 3), **vectors})
    assert list(compile_model(model).ops.elements()) == ["Transpose"] * 2 + ["_FusedConv2D"]


# Hypothesis shrinks inside of a batch, and a batch is two Node processes.
@settings(
    max_examples=4,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(samples(), min_size=15, max_size=15))
def test_no_pass_changes_a_result(batch: list[Sample]) -> None:
    """Random graphs give the same numbers without passes, after each alone, and after all."""
    choices = {"none": (), **{each.__name__: (each,) for each in PASSES}, "all": PASSES}
    jobs = {
        f"{i} {name}": harness.Job(compile_model(sample.model, passes=passes), sample.feeds, 1)
        for i, sample in enumerate(batch)
        for name, passes in choices.items()
    }
    results = harness.run(jobs)
    for key, result in results.items():
        plain = results[f"{key.partition(' ')[0]} none"]
        assert result.error is None, key
        assert harness.differences(result.outputs, plain.outputs, 1e-5) is None, key
    whole = {key: job for key, job in jobs.items() if key.endswith(" all")}
    for key, result in harness.run(whole, backend="wasm").items():
        assert result.error is None, key
        assert harness.differences(result.outputs, results[key].outputs, 1e-5) is None, key
