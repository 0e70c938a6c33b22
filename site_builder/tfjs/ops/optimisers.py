"""Steps of optimisers, as ONNX's preview of training defines them."""

from __future__ import annotations

from collections.abc import Callable

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter

_DOMAIN = "ai.onnx.preview.training"


def _each(node: OnnxNode, kinds: int, step: Callable[[list[Tensor]], list[Tensor]]) -> list[Tensor]:
    """Apply a step to every tensor; operands and results are grouped by kind."""
    count = (len(node.inputs) - 2) // kinds
    made = [step([node[2 + kind * count + i] for kind in range(kinds)]) for i in range(count)]
    return [results[kind] for kind in range(len(made[0])) for results in made]


def _scaled(g: Graph, x: Tensor, factor: float) -> Tensor:
    return g.add("Mul", x, g.scalar(factor, x))


def _steps(g: Graph, node: OnnxNode) -> tuple[Tensor, Tensor]:
    """The number of steps so far, as float32, and whether there were any."""
    count = g.cast(node[1], "float32")
    return count, g.add("Greater", count, g.scalar(0.0, count))


@converter("Adagrad", domain=_DOMAIN)
def adagrad(g: Graph, node: OnnxNode) -> list[Tensor]:
    """ONNX Adagrad -> TF Mul, AddV2, Sqrt, RealDiv, Sub."""
    norm, epsilon = node.real("norm_coefficient", 0.0), node.real("epsilon", 0.0)
    count, _ = _steps(g, node)
    decay = _scaled(g, count, node.real("decay_factor", 0.0))
    rate = g.add("RealDiv", node[0], g.add("AddV2", decay, g.scalar(1.0, decay)))

    def step(operands: list[Tensor]) -> list[Tensor]:
        x, gradient, squares = operands
        gradient = g.add("AddV2", _scaled(g, x, norm), gradient)
        squares = g.add("AddV2", squares, g.add("Square", gradient))
        root = g.add("AddV2", g.add("Sqrt", squares), g.scalar(epsilon, x))
        change = g.add("RealDiv", g.add("Mul", rate, gradient), root)
        return [g.add("Sub", x, change), squares]

    return _each(node, 3, step)


@converter("Momentum", domain=_DOMAIN)
def momentum(g: Graph, node: OnnxNode) -> list[Tensor]:
    """ONNX Momentum, plain or Nesterov's -> TF Mul, AddV2, Sub."""
    alpha, norm = node.real("alpha"), node.real("norm_coefficient")
    nesterov = node.text("mode") == "nesterov"
    _, later = _steps(g, node)
    one = g.scalar(1.0, "float32")
    beta = g.add("SelectV2", later, g.scalar(node.real("beta"), "float32"), one)

    def step(operands: list[Tensor]) -> list[Tensor]:
        x, gradient, velocity = operands
        gradient = g.add("AddV2", _scaled(g, x, norm), gradient)
        velocity = g.add("AddV2", _scaled(g, velocity, alpha), g.add("Mul", beta, gradient))
        change = velocity
        if nesterov:
            change = g.add("AddV2", gradient, _scaled(g, velocity, alpha))
        return [g.add("Sub", x, g.add("Mul", node[0], change)), velocity]

    return _each(node, 3, step)


@converter("Adam", domain=_DOMAIN)
def adam(g: Graph, node: OnnxNode) -> list[Tensor]:
    """ONNX Adam -> TF Mul, AddV2, Square, Sqrt, Pow, RealDiv, Sub."""
    alpha, beta = node.real("alpha", 0.9), node.real("beta", 0.999)
    norm, after = node.real("norm_coefficient", 0.0), node.real("norm_coefficient_post", 0.0)
    epsilon = node.real("epsilon", 0.0)
    count, later = _steps(g, node)
    one = g.scalar(1.0, "float32")
    # Before the first step both corrections would be 0 over 0.
    some = g.add("SelectV2", later, count, one)
    first, second = (
        g.add("Sub", one, g.add("Pow", g.scalar(rate, "float32"), some)) for rate in (alpha, beta)
    )
    corrected = g.add("RealDiv", g.add("Mul", node[0], g.add("Sqrt", second)), first)
    rate = g.add("SelectV2", later, corrected, node[0])

    def step(operands: list[Tensor]) -> list[Tensor]:
        x, gradient, mean, squares = operands
        gradient = g.add("AddV2", _scaled(g, x, norm), gradient)
        mean = g.add("AddV2", _scaled(g, mean, alpha), _scaled(g, gradient, 1 - alpha))
        share = _scaled(g, g.add("Square", gradient), 1 - beta)
        squares = g.add("AddV2", _scaled(g, squares, beta), share)
        root = g.add("AddV2", g.add("Sqrt", squares), g.scalar(epsilon, x))
        x = g.add("Sub", x, g.add("Mul", rate, g.add("RealDiv", mean, root)))
        return [_scaled(g, x, 1 - after) if after else x, mean, squares]

    return _each(node, 4, step)
