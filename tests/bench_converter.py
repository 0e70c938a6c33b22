"""The converter's part of ``make bench``: seconds, and memory, by itself: ``python -m``."""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np
import onnx
import torch
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
    graph = helper.make_graph(
        made,
        "chain",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 8])],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, [2, 8])],
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
    print("converter, chains")
    for count in (10, 100, 1000, 10_000):
        seconds = median_of(chain(count), 3)
        print(f"  {count:>6} nodes {seconds * 1e3:9.1f} ms {seconds / count * 1e6:7.0f} us a node")


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
