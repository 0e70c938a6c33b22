"""Small graphs as the converter writes them, for the tests of the compiler's passes."""

from __future__ import annotations

import numpy as np

from site_builder.compiled.fusion import fuse
from site_builder.compiled.kernel import Kernel
from site_builder.compiled.lowering import Dims, Lowered, lower
from site_builder.tfjs import GraphModel
from site_builder.tfjs.graph import Graph, Tensor


def weights(*sizes: int) -> np.ndarray:
    """Real numbers, the same at every call."""
    return np.random.default_rng(0).normal(size=sizes).astype(np.float32)


def lowered(graph: Graph, dims: Dims | None = None, /, **outputs: Tensor) -> Lowered:
    """The graph with these outputs, taken apart."""
    for name, tensor in outputs.items():
        graph.output(name, tensor)
    return lower(GraphModel.from_graph(graph), dims)


def fused(graph: Graph, varying: set[str] | None = None, /, **outputs: Tensor) -> list[Kernel]:
    """The kernels of the graph with these outputs."""
    made = lowered(graph, **outputs)
    return fuse(made, set(made.inputs) if varying is None else varying)


def stored(kernels: list[Kernel]) -> list[list[str]]:
    """By kernel, the operations whose results it stores."""
    return [[value.name.removeprefix("graph/") for value in kernel.values] for kernel in kernels]


def dense(graph: Graph, x: Tensor, *sizes: int) -> Tensor:
    """A product with weights, a bias, and a rectifier."""
    product = graph.add("MatMul", x, graph.const(weights(*sizes)))
    return graph.add("Relu", graph.add("AddV2", product, graph.const(weights(sizes[-1]))))
