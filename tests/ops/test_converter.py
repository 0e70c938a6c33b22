"""The converter itself, without running what it writes."""

from __future__ import annotations

import contextlib
import gc
import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from site_builder.errors import SiteBuilderError
from site_builder.tfjs import ConversionError, compile_model, convert
from site_builder.tfjs.graph import Graph, Tensor
from site_builder.tfjs.model import attr_json
from site_builder.tfjs.naming import safe_name
from site_builder.tfjs.narrowing import narrow
from site_builder.tfjs.onnx_node import STACK_TRACE, OnnxNode
from site_builder.tfjs.registry import Registry, converter, load_converters
from site_builder.tfjs.tfops import OPS
from site_builder.tfjs.weights import shards, unpack

from . import harness


def build(
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[tuple[str, int, list[int | None]]],
    outputs: Sequence[tuple[str, int, list[int | None]]],
    constants: dict[str, np.ndarray] | None = None,
) -> onnx.ModelProto:
    """A model of a few nodes; inputs and outputs are name, element type and shape."""
    initializers = [
        onnx.numpy_helper.from_array(array, name) for name, array in (constants or {}).items()
    ]
    ends = [[helper.make_tensor_value_info(*end) for end in side] for side in (inputs, outputs)]
    graph = helper.make_graph(list(nodes), "test", ends[0], ends[1], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
    model.ir_version = 10
    return model


def relu_model(source: str = "x", target: str = "y") -> onnx.ModelProto:
    """One Relu."""
    kind: list[int | None] = [2, 3]
    node = helper.make_node("Relu", [source], [target])
    return build([node], [(source, 1, kind)], [(target, 1, kind)])


def ops_of(model: onnx.ModelProto) -> list[str]:
    """The TensorFlow operations of the converted model, constants and inputs aside."""
    return [n.op for n in compile_model(model).nodes if n.op not in ("Const", "Placeholder")]


# -- registry


def identity(graph: Graph, node: OnnxNode) -> Tensor:
    """Nothing."""
    return node[0]


def test_two_converters_of_one_version_raise() -> None:
    """A converter whose versions overlap another's is refused when it is registered."""
    registry = Registry()
    converter("Foo", since=1, until=9, registry=registry)(identity)
    converter("Foo", since=9, registry=registry)(identity)
    with pytest.raises(ValueError, match="two converters for Foo from version 13"):
        converter("Foo", since=13, registry=registry)(identity)
    with pytest.raises(ValueError, match="two converters for Foo"):
        converter("Foo", since=5, until=6, registry=registry)(identity)


def test_lookup_goes_by_version_and_domain() -> None:
    """Each version finds the converter that covers it, in its own domain."""
    registry = Registry()
    converter("Foo", since=2, until=9, registry=registry)(identity)
    converter("Foo", since=3, domain="other", registry=registry)(identity)
    found = [registry.lookup("", "Foo", version) is not None for version in (1, 2, 8, 9)]
    assert found == [False, True, True, False]
    assert registry.lookup("other", "Foo", 9) is not None


def test_converter_without_docstring_raises() -> None:
    """Every converter says what it maps to what."""
    with pytest.raises(ValueError, match="no docstring"):
        converter("Foo", registry=Registry())(lambda g, n: n[0])


def test_every_converter_names_its_operator_or_family() -> None:
    """The first line of each docstring reads `ONNX ... -> ...`, or says what it is in ONNX."""
    for entry in load_converters().table():
        assert entry.summary.startswith("ONNX "), entry.function
        assert len(entry.summary) <= 95, entry.function


def test_runtime_knows_every_operation_that_may_be_emitted() -> None:
    """TF.js's own list, as it stands in the shipped bundle, has every name in ours."""
    known = re.findall(r'tfOpName:"(\w+)"', harness.ENGINE.read_text(encoding="utf-8"))
    assert set(OPS) - set(known) == set()


# -- names, order, bytes


def test_signature_keeps_names() -> None:
    """Names with dots, slashes, quotes and of JavaScript's own stay as they are."""
    for source, target in (
        ("threshold", "logins.hour"),
        ("constructor", "toString"),
        ("a/b:0", 'it\'s "so"'),
        ("größe", "0"),
    ):
        model = compile_model(relu_model(source, target))
        assert [port.name for port in model.inputs] == [source]
        assert [port.name for port in model.outputs] == [target]
        assert list(model.signature["inputs"]) == [source]
        assert list(model.signature["outputs"]) == [target]


def test_node_names_are_safe() -> None:
    """No node's name can be taken apart by TF.js or met in Object.prototype."""
    model = compile_model(relu_model("a/b:0", "constructor"))
    names = [node.name for node in model.nodes]
    assert len(set(names)) == len(names)
    assert not any(":" in name or name == "constructor" for name in names)
    assert safe_name("_x^y") == "n_x_y"


def test_same_model_gives_same_bytes() -> None:
    """Conversion is deterministic."""
    rng = np.random.default_rng(0)
    weights = {"w": rng.normal(size=(3, 4)).astype(np.float32), "b": np.zeros(4, np.float32)}
    nodes = [
        helper.make_node("Gemm", ["x", "w", "b"], ["h"]),
        helper.make_node("Elu", ["h"], ["y"]),
    ]
    model = build(nodes, [("x", 1, [None, 3])], [("y", 1, [None, 4])], weights)
    first, second = compile_model(model), compile_model(model)
    assert json.dumps(first.to_payload()) == json.dumps(second.to_payload())
    assert first.weights == second.weights


def test_unused_input_stays_and_unused_node_goes() -> None:
    """An input that nothing needs can still be fed; a node that nothing needs is dropped."""
    nodes = [helper.make_node("Relu", ["a"], ["y"]), helper.make_node("Exp", ["b"], ["unused"])]
    model = build(nodes, [("a", 1, [2]), ("b", 1, [2])], [("y", 1, [2])])
    assert [port.name for port in compile_model(model).inputs] == ["a", "b"]
    assert ops_of(model) == ["Relu"]


def test_output_never_is_an_input_or_a_weight() -> None:
    """Outputs that pass an input or a constant through are copies, each of its own."""
    same = [helper.make_node("Identity", ["x"], [name]) for name in ("p", "q")]
    model = build(
        same, [("x", 1, [2])], [("p", 1, [2]), ("q", 1, [2]), ("w", 1, [2])], {"w": np.ones(2, "f")}
    )
    compiled = compile_model(model)
    names = [entry["name"] for entry in compiled.signature["outputs"].values()]
    assert len(set(names)) == 3
    assert ops_of(model) == ["Identity"] * 3


# -- folding and peepholes


def test_shape_arithmetic_folds() -> None:
    """Shape, Gather, Concat, Reshape of a known shape leave one Reshape."""
    nodes = [
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Gather", ["s", "one"], ["n"]),
        helper.make_node("Concat", ["n", "rest"], ["to"], axis=0),
        helper.make_node("Reshape", ["x", "to"], ["y"]),
    ]
    constants = {"one": np.array([1]), "rest": np.array([-1])}
    model = build(nodes, [("x", 1, [2, 6])], [("y", 1, [6, 2])], constants)
    assert ops_of(model) == ["Reshape"]


@pytest.mark.parametrize(("count", "left"), [(128, ["AddV2"]), (129, ["Range", "AddV2"])])
def test_many_numbers_are_not_written_down_for_three(count: int, left: list[str]) -> None:
    """A range folds while it is short: a long one is made in the page, and what it leads to."""
    nodes = [
        helper.make_node("Range", ["first", "last", "one"], ["r"]),
        helper.make_node("Cast", ["r"], ["f"], to=1),
        helper.make_node("Add", ["x", "f"], ["y"]),
    ]
    constants = {name: np.array(n) for name, n in (("first", 0), ("last", count), ("one", 1))}
    model = build(nodes, [("x", 1, [count])], [("y", 1, [count])], constants)
    assert [op for op in ops_of(model) if op != "Cast"] == left


def test_arithmetic_on_weights_folds_where_the_result_takes_their_place() -> None:
    """As many numbers as there were cost no more to download."""
    long = np.linspace(0, 1, 1000, dtype=np.float32)
    nodes = [
        helper.make_node("Sub", ["a", "b"], ["d"]),
        helper.make_node("Add", ["x", "d"], ["y"]),
    ]
    model = build(nodes, [("x", 1, [1000])], [("y", 1, [1000])], {"a": long, "b": long[::-1]})
    assert ops_of(model) == ["AddV2"]


def test_shape_of_a_varying_batch_stays() -> None:
    """A batch that varies is asked for at run time, or left to -1."""
    nodes = [helper.make_node("Flatten", ["x"], ["y"])]
    model = build(nodes, [("x", 1, [None, 2, 3])], [("y", 1, [None, 6])])
    assert ops_of(model) == ["Reshape"]
    assert compile_model(model).outputs[0].shape == (None, 6)


def test_inverse_transposes_cancel() -> None:
    """Two convolutions in a row transpose once before and once after."""
    kernel = np.ones((3, 3, 3, 3), np.float32)
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["h"]),
        helper.make_node("Conv", ["h", "w"], ["y"]),
    ]
    model = build(nodes, [("x", 1, [1, 3, 9, 9])], [("y", 1, [1, 3, 5, 5])], {"w": kernel})
    assert ops_of(model) == ["Transpose", "Conv2D", "Conv2D", "Transpose"]


def test_equal_constants_are_stored_once() -> None:
    """Two constants of the same numbers share their bytes."""
    nodes = [helper.make_node("Add", ["x", "a"], ["h"]), helper.make_node("Mul", ["h", "b"], ["y"])]
    constants = {name: np.arange(4, dtype=np.float32) for name in "ab"}
    model = build(nodes, [("x", 1, [4])], [("y", 1, [4])], constants)
    assert len(compile_model(model).weights) == 16


# -- refusals


def test_misspelt_operator_names_the_nearest() -> None:
    """An operator that ONNX does not have is refused, with the known name most like it."""
    node = helper.make_node("Convolution", ["x"], ["y"])
    with pytest.raises(ConversionError, match=r"no such operator\. Did you mean 'Conv'"):
        compile_model(build([node], [("x", 1, [2])], [("y", 1, [2])]))


def test_operator_without_converter_is_refused() -> None:
    """The refusal names the operator and the node, and is an error that authors are shown."""
    node = helper.make_node("RandomUniformLike", ["x"], ["y"], name="where_is_it")
    model = build([node], [("x", 1, [2])], [("y", 1, [2])])
    with pytest.raises(ConversionError) as caught:
        compile_model(model)
    assert caught.value.op == "RandomUniformLike"
    assert caught.value.node == "where_is_it"
    assert isinstance(caught.value, SiteBuilderError)


def test_stack_trace_of_the_author_is_kept() -> None:
    """The lines that the exporter recorded for a node come with its refusal."""
    node = helper.make_node("RandomUniformLike", ["x"], ["y"])
    node.metadata_props.add(key=STACK_TRACE, value='File "explorable.py", line 7, in forward')
    with pytest.raises(ConversionError) as caught:
        compile_model(build([node], [("x", 1, [2])], [("y", 1, [2])]))
    assert caught.value.stack_trace == 'File "explorable.py", line 7, in forward'


def test_attribute_that_no_converter_reads_is_refused() -> None:
    """An attribute is never ignored by accident."""
    node = helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2])
    refused = OnnxNode(node, ())
    assert refused.unread() == ["kernel_shape"]
    assert str(refused.refuse("no", "mode")) == "ONNX MaxPool (node 'y'), 'mode': no"


def test_constant_past_int32_is_refused() -> None:
    """int64 becomes int32 only where no number changes."""
    node = helper.make_node("Add", ["x", "big"], ["y"])
    model = build([node], [("x", 7, [1])], [("y", 7, [1])], {"big": np.array([2**31])})
    with pytest.raises(ConversionError, match="2147483648 does not fit into int32"):
        compile_model(model)


def test_end_of_a_slice_past_int32_is_its_end() -> None:
    """Exporters write INT64_MAX for the end of an axis."""
    node = helper.make_node("Slice", ["x", "start", "end"], ["y"])
    constants = {"start": np.array([1]), "end": np.array([np.iinfo(np.int64).max])}
    model = build([node], [("x", 1, [5])], [("y", 1, [4])], constants)
    assert ops_of(model) == ["Slice"]


def test_narrowing_refuses_what_changes() -> None:
    """Doubles past float32 and unsigned integers past int32 are refused; the rest narrows."""
    with pytest.raises(ValueError, match="too large for float32"):
        narrow(np.array([1e300]))
    with pytest.raises(ValueError, match="does not fit"):
        narrow(np.array([2**32 - 1], np.uint32))
    assert narrow(np.array([np.inf])).dtype == np.float32
    assert narrow(np.array([2**40]), clamp=True).tolist() == [2**31 - 1]


@pytest.mark.parametrize("element", [TensorProto.STRING, TensorProto.BFLOAT16, TensorProto.UINT64])
def test_input_that_no_browser_holds_is_refused(element: int) -> None:
    """An input of such a type is named in the refusal."""
    node = helper.make_node("Identity", ["x"], ["y"])
    with pytest.raises(ConversionError, match=r"'x': is a tensor of \w+, which a browser"):
        compile_model(build([node], [("x", element, [1])], [("y", element, [1])]))


def test_invalid_model_is_refused() -> None:
    """What onnx's checker rejects is refused with its first line."""
    node = helper.make_node("Relu", ["missing"], ["y"])
    with pytest.raises(ConversionError, match="not a valid ONNX model"):
        compile_model(build([node], [("x", 1, [1])], [("y", 1, [1])]))


# -- files


def test_files_are_whole_and_replaced_whole(tmp_path: Path) -> None:
    """Convert writes model.json and shards, and leaves nothing beside them."""
    weights = np.random.default_rng(0).normal(size=(1100, 1024)).astype(np.float32)
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    model = build([node], [("x", 1, [1, 1100])], [("y", 1, [1, 1024])], {"w": weights})
    out = tmp_path / "model"
    for _ in range(2):
        convert(model, out)
        assert [path.name for path in tmp_path.iterdir()] == ["model"]
    document = json.loads((out / "model.json").read_text(encoding="utf-8"))
    group = document["weightsManifest"][0]
    assert group["paths"] == ["group1-shard1of2.bin", "group1-shard2of2.bin"]
    data = b"".join((out / path).read_bytes() for path in group["paths"])
    assert max((out / path).stat().st_size for path in group["paths"]) <= 4 * 1024 * 1024
    (stored,) = unpack(group["weights"], data).values()
    assert np.array_equal(stored, weights)


def test_refused_model_writes_nothing(tmp_path: Path) -> None:
    """A refusal leaves no folder behind."""
    node = helper.make_node("RandomUniformLike", ["x"], ["y"])
    with pytest.raises(ConversionError):
        convert(build([node], [("x", 1, [2])], [("y", 1, [2])]), tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_empty_weights_are_one_empty_file() -> None:
    """A model without constants still names a file, as TF.js's loaders expect."""
    assert shards(b"") == {"group1-shard1of1.bin": b""}


def test_attributes_take_the_form_of_protobuf_json() -> None:
    """Text is in base64, 64-bit integers are text, and nothing infinite is written."""
    assert attr_json("padding", "VALID") == {"s": "VkFMSUQ="}
    assert attr_json("T", "float32") == {"type": "DT_FLOAT"}
    assert attr_json("N", 2) == {"i": "2"}
    assert attr_json("flag", True) == {"b": True}
    assert attr_json("shape", (None, 3)) == {"shape": {"dim": [{"size": "-1"}, {"size": "3"}]}}
    with pytest.raises(ValueError, match="not finite"):
        attr_json("alpha", float("inf"))


def test_refusal_that_nobody_meant_is_told_from_one_that_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An exception in a converter is a refusal that says of itself that it was not expected."""
    with pytest.raises(ConversionError) as meant:
        compile_model(build([helper.make_node("Erfx", ["x"], ["y"])], [("x", 1, [1])], []))
    assert not meant.value.unexpected

    def fail(*_: object, **__: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(Graph, "add", fail)
    with pytest.raises(ConversionError) as caught:
        compile_model(relu_model())
    assert caught.value.unexpected


@pytest.mark.parametrize("node", ["Relu", "RandomUniformLike"])
def test_garbage_is_collected_again_after_a_conversion(node: str) -> None:
    """Whether a model is converted or refused, Python's collector is on afterwards."""
    model = build([helper.make_node(node, ["x"], ["y"])], [("x", 1, [2])], [("y", 1, [2])])
    with contextlib.suppress(ConversionError):
        compile_model(model)
    assert gc.isenabled()


def test_names_that_are_taken_are_counted_on() -> None:
    """Nodes of one name are numbered without gaps, around names that are numbered already."""
    graph = Graph()
    names = [graph.placeholder(name, "float32", ()).name for name in ("x", "x_2", *"xxxx")]
    assert names == ["x", "x_2", "x_1", "x_3", "x_4", "x_5"]
