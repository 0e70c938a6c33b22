"""The converter's part of ``make bench``: seconds, and memory, by itself: ``python -m``."""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from site_builder.tfjs import compile_model, convert
from tests.small_models import export, resnet18, small_models


def chain(nodes: int) -> onnx.ModelProto:
    """A model of so many nodes: products, sums, activations and shape arithmetic in turn."""
    weights = np.eye(8, dtype=np.float32)
    constants = {"w": weights, "b": np.ones(8, np.float32), "s": np.array([-1, 8])}
    kinds = [("MatMul", "w"), ("Add", "b"), ("Sigmoid", ""), ("Mul", "b"), ("Reshape", "s")]
    made, last = [], "x"
    for i in range(nodes):
        op, other = kinds[i % len(kinds)]
        inputs = [last, other] if other else [last]
        last = f"v{i}"
        made.append(helper.make_node(op, inputs, [last]))
    return _model(made, [2, 8], [last], constants)


def wide(nodes: int) -> onnx.ModelProto:
    """So many nodes side by side, each product with weights of its own, all of them outputs."""
    weights = {f"w{i}": np.full((40, 40), i, np.float32) for i in range(nodes)}
    made = [helper.make_node("MatMul", ["x", name], [f"v{name}"]) for name in weights]
    return _model(made, [40, 40], [f"v{name}" for name in weights], weights)


def images(nodes: int) -> onnx.ModelProto:
    """Convolutions with residual sums, two nodes a convolution."""
    made, weights, last = [], {}, "x"
    for i in range(nodes // 2):
        weights[f"w{i}"] = np.full((8, 8, 3, 3), i, np.float32)
        made.append(helper.make_node("Conv", [last, f"w{i}"], [f"c{i}"], pads=[1, 1, 1, 1]))
        made.append(helper.make_node("Add", [f"c{i}", last], [f"s{i}"]))
        last = f"s{i}"
    return _model(made, [1, 8, 8, 8], [last], weights)


def _model(
    nodes: list[onnx.NodeProto],
    shape: list[int],
    outputs: list[str],
    constants: Mapping[str, NDArray[Any]],
) -> onnx.ModelProto:
    """A model of float32 tensors of one shape."""
    graph = helper.make_graph(
        nodes,
        "bench",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
    model.ir_version = 10
    return model


def median_of(model: onnx.ModelProto, times: int = 5) -> float:
    """Median seconds of several conversions, after one that fills the registry."""
    compile_model(model)
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        compile_model(model)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def lengths() -> None:
    """Seconds a node, which should not depend on how many there are."""
    print("converter")
    for kind in (chain, wide, images):
        for count in (10, 100, 1000, 10_000):
            seconds = median_of(kind(count), 3)
            each = seconds / count * 1e6
            name = f"{kind.__name__} of {count}"
            print(f"  {name:<16} nodes {seconds * 1e3:9.1f} ms {each:7.0f} us a node")


def networks() -> None:
    """Seconds for the five small models, against 50 ms each."""
    print("converter, small models, ms (50 at most)")
    for name, (make, shape) in small_models().items():
        torch.manual_seed(0)
        model, _, _ = export(make(), shape)
        print(f"  {name:<32} {median_of(model) * 1e3:6.1f}")


def resnet() -> None:
    """Seconds and peak memory for a ResNet-18, files included, against 2 s and three times it."""
    model, _, _ = export(resnet18(), (1, 3, 224, 224))
    size = model.ByteSize()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "model")
        began = time.perf_counter()
        convert(model, out)
        seconds = time.perf_counter() - began
        gc.collect()
        tracemalloc.start()
        convert(model, out)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    print(f"converter, ResNet-18 of {size / 1e6:.0f} MB, files and payload included")
    print(f"  seconds (2 at most)              {seconds:6.2f}")
    print(f"  peak memory over the model (3)   {(size + peak) / size:6.2f}")


def main() -> None:
    """Everything."""
    lengths()
    networks()
    resnet()


if __name__ == "__main__":
    main()
