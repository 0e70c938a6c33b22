"""`site-builder convert` and `site_builder.tfjs.convert`: any ONNX file, and what is written."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from onnx import helper
from onnx.reference import ReferenceEvaluator

from site_builder.cli import main
from site_builder.tfjs import ConversionError, GraphModel, compile_model, convert
from site_builder.tfjs.lean import lean
from site_builder.tfjs.model import script_name
from site_builder.tfjs.quantization import SMALLEST, quantize
from site_builder.tfjs.weights import unpack

from . import harness
from .test_converter import build

pytestmark = pytest.mark.xdist_group("ops")
rng = np.random.default_rng(0)


def real(*shape: int) -> NDArray[np.float32]:
    return rng.normal(size=shape).astype(np.float32)


def mlp(batch: int | str | None = "batch") -> onnx.ModelProto:
    """A dense layer of 32 inputs, a mask, and a dense layer of 3 outputs."""
    nodes = [
        helper.make_node("Gemm", ["x", "a", "b"], ["h"]),
        helper.make_node("Add", ["h", "mask"], ["m"]),
        helper.make_node("Elu", ["m"], ["e"]),
        helper.make_node("MatMul", ["e", "c"], ["y"]),
    ]
    mask = np.where(np.arange(64) % 2, 0.0, -1e9).astype(np.float32)
    constants = {"a": real(32, 64), "b": real(64), "mask": mask, "c": real(64, 3)}
    model = build(nodes, [("x", 1, [None, 32])], [("y", 1, [None, 3])], constants)
    for value in (*model.graph.input, *model.graph.output):
        if isinstance(batch, str):
            value.type.tensor_type.shape.dim[0].dim_param = batch
    return model


def cnn() -> onnx.ModelProto:
    """A convolution, a pooling and a dense layer, of any batch."""
    nodes = [
        helper.make_node("Conv", ["x", "k", "b"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("MaxPool", ["r"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Gemm", ["f", "w"], ["y"]),
    ]
    constants = {"k": real(4, 1, 3, 3), "b": real(4), "w": real(4 * 16, 5)}
    return build(nodes, [("x", 1, [None, 1, 8, 8])], [("y", 1, [None, 5])], constants)


def reference(model: onnx.ModelProto, x: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """What ONNX's own evaluator gives."""
    names = [value.name for value in model.graph.output]
    found = ReferenceEvaluator(model).run(None, {"x": x})
    return dict(zip(names, map(np.asarray, found), strict=True))


def loaded(folder: Path) -> dict[str, Any]:
    """The payload of a folder as the page gets it."""
    text = (folder / "payload.js").read_text(encoding="utf-8")
    match = re.fullmatch(r"explorables\.define\((.*)\);\n", text)
    assert match is not None
    payload: dict[str, Any] = json.loads(match[1])
    return payload


# -- shapes


@pytest.mark.parametrize("backend", harness.BACKENDS)
def test_batch_stays_open(backend: str) -> None:
    """A model of an open batch takes batches of any size."""
    jobs, expected = {}, {}
    for name, model, shape in (("mlp", mlp(), (32,)), ("cnn", cnn(), (1, 8, 8))):
        compiled = compile_model(model)
        assert compiled.inputs[0].shape == (None, *shape)
        assert compiled.outputs[0].shape == (None, 3 if name == "mlp" else 5)
        for batch in (1, 7):
            x = real(batch, *shape)
            jobs[f"{name} {batch}"] = harness.Job(compiled, {"x": x})
            expected[f"{name} {batch}"] = reference(model, x)
    for key, result in harness.run(jobs, backend=backend).items():
        assert result.error is None
        assert harness.differences(result.outputs, expected[key]) is None, key


def test_open_length_stays_open() -> None:
    """So does the length of a sequence, through a product and a softmax along it."""
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["x", "t"], ["s"]),
        helper.make_node("Softmax", ["s"], ["a"], axis=-1),
        helper.make_node("MatMul", ["a", "x"], ["y"]),
    ]
    model = build(nodes, [("x", 1, [None, None, 4])], [("y", 1, [None, None, 4])])
    feeds = {str(n): real(2, n, 4) for n in (1, 6)}
    jobs = {key: harness.Job(compile_model(model), {"x": x}) for key, x in feeds.items()}
    for key, result in harness.run(jobs).items():
        assert harness.differences(result.outputs, reference(model, feeds[key])) is None


def test_shape_fixes_every_dimension_of_a_symbol() -> None:
    """A fixed input fixes the outputs that share its symbol."""
    compiled = compile_model(mlp(), shapes={"x": [6, 32]})
    assert compiled.inputs[0].shape == (6, 32)
    assert compiled.outputs[0].shape == (6, 3)


def test_shape_fixes_other_inputs_of_the_symbol() -> None:
    """Two inputs of the same symbol are fixed by one of them, and cannot be fixed apart."""
    node = helper.make_node("Concat", ["x", "z"], ["y"], axis=1)
    model = build([node], [("x", 1, [None, 2]), ("z", 1, [None, 3])], [("y", 1, [None, 5])])
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    assert compile_model(model, shapes={"x": [4, 2]}).inputs[1].shape == (4, 3)
    with pytest.raises(ConversionError, match="'batch' cannot be both 4 and 5"):
        compile_model(model, shapes={"x": [4, 2], "z": [5, 3]})


@pytest.mark.parametrize(
    ("shapes", "reason"),
    [
        ({"z": [1]}, "no such input.*inputs: 'x'"),
        ({"x": [1]}, "has 2 dimensions"),
        ({"x": [1, 31]}, "has 32 where"),
        ({"x": [-1, 32]}, "cannot have the shape"),
    ],
)
def test_shape_that_cannot_be_is_refused(shapes: dict[str, list[int]], reason: str) -> None:
    """A shape for no input, or against what the model says, is refused with what there is."""
    with pytest.raises(ConversionError, match=reason):
        compile_model(mlp(), shapes=shapes)


# -- weights in fewer bytes


@pytest.mark.parametrize(
    ("kind", "share", "tolerance"),
    [("float16", 0.6, 2e-3), ("uint16", 0.6, 2e-4), ("uint8", 0.4, 5e-2)],
)
def test_quantized_weights_are_small_and_near(kind: str, share: float, tolerance: float) -> None:
    """Fewer bytes, nearly the same numbers, and TF.js reads what our own reader reads."""
    model = cnn()
    whole = compile_model(model)
    small = whole.with_weights(kind)
    assert small.weight_bytes == len(small.weights) < share * whole.weight_bytes
    x = real(3, 1, 8, 8)
    exact = dataclass_with(whole, unpack(small.weight_specs, small.weights))
    jobs = {"small": harness.Job(small, {"x": x}), "read": harness.Job(exact, {"x": x})}
    results = harness.run(jobs)
    assert harness.differences(results["small"].outputs, reference(model, x), tolerance) is None
    assert harness.differences(results["small"].outputs, results["read"].outputs, 1e-6) is None


def dataclass_with(model: GraphModel, constants: dict[str, NDArray[Any]]) -> GraphModel:
    """A model with other numbers."""
    return dataclasses.replace(model, constants=constants)


@pytest.mark.parametrize("kind", ["float16", "uint16", "uint8"])
def test_only_real_weights_are_quantized(kind: str) -> None:
    """Masks, biases, shapes and small constants keep their bytes."""
    compiled = compile_model(mlp())
    changed = quantize(compiled.nodes, compiled.constants, kind)
    assert {compiled.constants[name].shape for name in changed} == {(32, 64), (64, 3)}


def test_zero_stays_zero_and_extremes_stay_near() -> None:
    """Zero is exact in integers, so that what is pruned stays so."""
    array = np.concatenate([real(SMALLEST), np.zeros(8, np.float32)]).reshape(-1, 8)
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    model = build([node], [("x", 1, [1, 9])], [("y", 1, [1, 8])], {"w": array})
    small = compile_model(model).with_weights("uint8")
    (back,) = unpack(small.weight_specs, small.weights).values()
    assert np.array_equal(back[-1], np.zeros(8))
    step = (array.max() - array.min()) / 255
    assert float(np.abs(back - array).max()) <= step


@pytest.mark.parametrize("kind", ["float16", "uint8"])
def test_mask_in_a_product_is_not_quantized(kind: str) -> None:
    """A matrix of two values, or one that interpolates between neighbours, stays as it is."""
    between = np.diag(np.linspace(0.1, 0.9, 16)) + np.diag(np.linspace(0.8, 0.2, 15), 1)
    for array in (np.tril(np.ones((16, 16), "f")), between.astype(np.float32)):
        node = helper.make_node("MatMul", ["x", "w"], ["y"])
        model = build([node], [("x", 1, [1, 16])], [("y", 1, [1, 16])], {"w": array})
        assert compile_model(model).with_weights(kind).quantized == {}


def test_unknown_kind_is_refused(tmp_path: Path) -> None:
    """The kinds that there are are named, and nothing is written."""
    with pytest.raises(ConversionError, match="'int4'; known: float16, uint16, uint8"):
        convert(mlp(), tmp_path / "out", weights="int4")
    assert list(tmp_path.iterdir()) == []


# -- files


def test_payload_carries_the_model(tmp_path: Path) -> None:
    """The script and the files hold the same, the script under a name of an explorable."""
    folder = tmp_path / "My Net (2)"
    made = convert(mlp(), folder, weights="uint8")
    payload = loaded(folder)
    assert payload["name"] == "my_net_2"
    assert base64.b64decode(payload["weights"]) == made.weights
    document = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    document["weightSpecs"] = document["weightsManifest"][0]["weights"]
    assert payload["model"].items() <= lean(document).items()
    x = real(2, 32)
    feeds = {"x": harness._encode(x)}
    jobs = {
        key: {"model": model, "weights": payload["weights"], "repeat": 1, "feeds": feeds}
        for key, model in (("script", payload["model"]), ("files", document))
    }
    for result in harness.run_documents(jobs).values():
        assert harness.differences(result.outputs, reference(mlp(), x), 10.0) is None


@pytest.mark.parametrize(
    ("stem", "name"), [("LeNet-5.v2", "lenet_5_v2"), ("2 nets", "model_2_nets"), ("é", "model")]
)
def test_script_name_is_plain(stem: str, name: str) -> None:
    """Whatever a file is called, its model has a name of letters, digits and underscores."""
    assert script_name(stem) == name


# -- the command


def command(*arguments: object) -> Any:
    return CliRunner().invoke(main, ["convert", *map(str, arguments)])


def test_command_needs_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder without a project it writes the model and says what it is."""
    monkeypatch.chdir(tmp_path)
    onnx.save(mlp(), "net.onnx")
    result = command("net.onnx", "out", "--shape", "x=5,32", "--weights", "float16")
    assert result.exit_code == 0, result.output
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert files == ["group1-shard1of1.bin", "model.json", "payload.js"]
    assert loaded(tmp_path / "out")["name"] == "net"
    for line in (
        "input   x  float32 [5, 32]",
        "output  y  float32 [5, 3]",
        "ops     Elu 1, MatMul 1, _FusedMatMul 1",
        "nodes   3, and 3 constants",
    ):
        assert line in result.output
    assert re.search(r"bytes +[\d,]+ of weights\ntime +\d+ ms", result.output)


def test_command_refuses_in_a_sentence(tmp_path: Path) -> None:
    """A refusal is its message, with no traceback and nothing written."""
    node = helper.make_node("RandomNormal", [], ["y"], shape=[2])
    onnx.save(build([node], [], [("y", 1, [2])]), tmp_path / "net.onnx")
    result = command(tmp_path / "net.onnx", tmp_path / "out")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ONNX RandomNormal (node 'y'): ")
    assert not (tmp_path / "out").exists()


def test_command_explains_a_bad_shape(tmp_path: Path) -> None:
    """A shape that cannot be read is shown beside one that can."""
    onnx.save(mlp(), tmp_path / "net.onnx")
    result = command(tmp_path / "net.onnx", tmp_path / "out", "--shape", "x:1")
    assert result.exit_code == 2
    assert "does not look like x=1,3,48,320" in result.output


def test_command_imports_no_torch(tmp_path: Path) -> None:
    """Converting starts fast, and works where PyTorch is not installed."""
    onnx.save(mlp(), tmp_path / "net.onnx")
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from site_builder.cli import main\n"
        f"main(['convert', {str(tmp_path / 'net.onnx')!r}, {str(tmp_path / 'out')!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "model.json").exists()
