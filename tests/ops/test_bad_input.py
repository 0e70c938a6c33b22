"""Files and models that are not what they should be: a sentence, or the right answer."""

from __future__ import annotations

import contextlib
import os
import re
import tracemalloc
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from site_builder.tfjs import ConversionError, compile_model, convert, read

from . import harness, node_suite
from .mutations import spoilt_bytes, spoilt_model
from .test_convert import cnn, mlp
from .test_converter import build, relu_model

pytestmark = pytest.mark.xdist_group("ops")

#: How many models are spoilt; set SITE_BUILDER_MUTATIONS for more than a quick look.
MUTATIONS = int(os.environ.get("SITE_BUILDER_MUTATIONS", "300"))


def refusal(model: onnx.ModelProto) -> str:
    """Why a model is refused; it must be."""
    with pytest.raises(ConversionError) as caught:
        compile_model(model)
    return str(caught.value)


# -- files


@pytest.mark.parametrize("data", [b"", b"# Not a model\n", b"\x89PNG\r\n\x1a\n", bytes(1000)])
def test_file_that_is_not_onnx_is_refused(tmp_path: Path, data: bytes) -> None:
    """Whatever is no model is named in a sentence."""
    path = tmp_path / "net.onnx"
    path.write_bytes(data)
    with pytest.raises(ConversionError, match=r"net\.onnx is not an ONNX file"):
        read(path)


def test_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    """At every length but the whole the model is refused, and nothing is written."""
    whole = mlp().SerializeToString()
    path = tmp_path / "net.onnx"
    for length in range(0, len(whole), len(whole) // 40):
        path.write_bytes(whole[:length])
        with pytest.raises(ConversionError):
            convert(read(path), tmp_path / "out")
    assert [left.name for left in tmp_path.iterdir()] == ["net.onnx"]


def test_weights_in_files_that_are_missing_are_refused(tmp_path: Path) -> None:
    """A model whose weights lie in another file is read with it, and refused without."""
    path = tmp_path / "net.onnx"
    onnx.save(mlp(), path, save_as_external_data=True, location="net.data", size_threshold=0)
    assert len(compile_model(read(path)).weights) == len(compile_model(mlp()).weights)
    assert "is in another file" in refusal(onnx.load(path, load_external_data=False))
    (tmp_path / "net.data").unlink()
    with pytest.raises(ConversionError, match=r"net\.onnx keeps its weights in other files"):
        read(path)


# -- models


def test_cycle_is_refused() -> None:
    """Two nodes that wait for each other are refused."""
    nodes = [
        helper.make_node("Add", ["x", "b"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
    ]
    assert "not a valid ONNX model" in refusal(build(nodes, [("x", 1, [2])], [("b", 1, [2])]))


@pytest.mark.parametrize("imported", [True, False])
def test_unknown_domain_is_refused(imported: bool) -> None:
    """An operator of a domain that nobody knows is refused with its domain."""
    node = helper.make_node("Relu", ["x"], ["y"], domain="com.acme")
    model = build([node], [("x", 1, [2])], [("y", 1, [2])])
    if imported:
        model.opset_import.add(domain="com.acme", version=3)
    assert "com.acme" in refusal(model)


@pytest.mark.parametrize("version", [-1, 0, 1000, 2**40])
def test_version_that_is_too_old_or_too_new_is_refused(version: int) -> None:
    """A set of operators before or after those that we know is refused, and says so."""
    model = build(
        [helper.make_node("Gemm", ["x", "x", "x"], ["y"])], [("x", 1, [2, 2])], [("y", 1, [2, 2])]
    )
    model.opset_import[0].version = version
    assert "version" in refusal(model).lower()


def test_negative_dimension_is_refused() -> None:
    """So is a negative size, of an input or of a constant."""
    model = relu_model()
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = -2
    assert "'x': has a negative dimension: [-2, 3]" in refusal(model)
    model = mlp()
    model.graph.initializer[0].dims[0] = -1
    assert "has a negative dimension" in refusal(model)


@pytest.mark.parametrize("sizes", [[10**5, 10**6], [2**40], [2**62, 2**62], [7]])
def test_large_constant_without_data_is_refused_at_once(sizes: list[int]) -> None:
    """A constant that only claims to be large takes no memory."""
    huge = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=sizes)
    node = helper.make_node("Add", ["x", "w"], ["y"])
    model = build([node], [("x", 1, [1])], [("y", 1, [None] * len(sizes))])
    model.graph.initializer.append(huge)
    tracemalloc.start()
    try:
        assert re.search("'?w'?.*(its data is damaged|one and only one value)", refusal(model))
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("op", ["ConstantOfShape", "Expand", "Tile"])
def test_constant_that_would_be_large_is_left_to_the_page(op: str) -> None:
    """What is made large out of little is not made at build."""
    sizes = np.array([30_000, 30_000])
    inputs = ["n"] if op == "ConstantOfShape" else ["one", "n"]
    nodes = [
        helper.make_node(op, inputs, ["big"]),
        helper.make_node("Add", ["big", "x"], ["y"]),
    ]
    constants = {"n": sizes, "one": np.ones((1, 1), np.float32)}
    model = build(nodes, [("x", 1, [1])], [("y", 1, [None, None])], constants)
    tracemalloc.start()
    try:
        assert len(compile_model(model).weights) < 1000
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()


def test_long_declared_vector_takes_no_memory() -> None:
    """Nor does an input that is declared long: ONNX's inference does not follow its numbers."""
    node = helper.make_node("Relu", ["x"], ["y"])
    model = build([node], [("x", 1, [2**31 - 1])], [("y", 1, [2**31 - 1])])
    assert compile_model(model).inputs[0].shape == (2**31 - 1,)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 2**40
    assert "which no browser holds" in refusal(model)


def test_name_that_is_not_text_is_refused() -> None:
    """Names that are not UTF-8 are refused before anything trips over them."""
    data = relu_model("xylophone").SerializeToString().replace(b"xylophone", b"xyl\xff\xfehone")
    try:
        model = onnx.load_from_string(data)
    except Exception:  # some of protobuf's backends refuse it themselves
        return
    assert "not text" in refusal(model)


@pytest.mark.parametrize(
    "name", ["a/b", 'say "x"', "it's", "a:0", "^a", "a b", "", "__proto__", "\n", "größe", "../x"]
)
def test_any_name_gives_the_right_answer(name: str) -> None:
    """Names of inputs, outputs and constants with signs in them work, or are refused."""
    nodes = [
        helper.make_node("MatMul", [name, f"{name} w"], [f"{name} h"], name=name),
        helper.make_node("Relu", [f"{name} h"], [f"{name}'"], name=name),
    ]
    weights = np.arange(6, dtype=np.float32).reshape(3, 2) - 2
    model = build(nodes, [(name, 1, [1, 3])], [(f"{name}'", 1, [1, 2])], {f"{name} w": weights})
    if name in ("", "__proto__"):
        assert refusal(model)
        return
    x = np.array([[1, -2, 3]], np.float32)
    result = harness.run({"job": harness.Job(compile_model(model), {name: x})})["job"]
    assert result.error is None
    assert np.array_equal(result.outputs[f"{name}'"], np.maximum(x @ weights, 0))


# -- at random

_VALID = [model.SerializeToString() for model in (mlp(), cnn(), relu_model())]
_CASES = [case.model.SerializeToString() for case in node_suite.cases()[::25]]


def _converts_or_refuses(model: onnx.ModelProto) -> None:
    with contextlib.suppress(ConversionError):
        compile_model(model)


_QUICK = settings(
    max_examples=MUTATIONS,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@_QUICK
@given(data=st.sampled_from(_VALID + _CASES).flatmap(spoilt_bytes))
def test_spoilt_bytes_are_refused_or_converted(data: bytes) -> None:
    """Whatever is done to the bytes of a model, nothing ends in a traceback."""
    try:
        model = onnx.load_from_string(data)
    except Exception:  # protobuf's DecodeError; `read` is tested on it above
        return
    _converts_or_refuses(model)


@_QUICK
@given(data=st.sampled_from(_VALID * 5 + _CASES).flatmap(spoilt_model))
def test_spoilt_models_are_refused_or_converted(data: bytes) -> None:
    """Nor does whatever is done to its operators, operands, attributes, shapes and constants."""
    _converts_or_refuses(onnx.load_from_string(data))
