"""Formulas that exporters write out and that can be written shorter."""

from __future__ import annotations

import numpy as np

from .graph import Graph, Node, Tensor
from .rewriting import Rewriter


def shorten(graph: Graph) -> Graph:
    """The same graph with fewer nodes where a known formula stands."""
    return _Recognition(graph).run()


class _Recognition(Rewriter):
    """(1 + tanh u) / 2 is the logistic function of 2u, which GELU and its kin write at length.

    The factor of a half stands beside the sum, or on the other operand of a product with it:
    https://arxiv.org/abs/1606.08415 writes GELU as x/2 (1 + tanh u).
    """

    def visit(self, node: Node) -> None:
        if node.op == "Mul" and (self._beside(node) or self._across(node)):
            return
        if node.op == "Pow" and self._power(node):
            return
        super().visit(node)

    def _power(self, node: Node) -> bool:
        """X ** 2 is a square, which is exact and quick."""
        exponent = self.known(node.inputs[1])
        if exponent.value is None or exponent.value.size != 1 or exponent.rank not in (0, None):
            return False
        if float(exponent.value.item()) != 2.0 or exponent.dtype != "float32":
            return False
        self.give(node.name, self.new.add("Square", self.tensor(node.inputs[0])))
        return True

    def _beside(self, node: Node) -> bool:
        """(1 + tanh u) * 0.5."""
        for place in (0, 1):
            inner = self._inner(node.inputs[place])
            if inner is not None and self._scalar(node.inputs[1 - place], 0.5):
                self.give(node.name, self._logistic(inner))
                return True
        return False

    def _across(self, node: Node) -> bool:
        """(x * 0.5) * (1 + tanh u)."""
        for place in (0, 1):
            inner = self._inner(node.inputs[place])
            half = self.old.nodes[self.known(node.inputs[1 - place]).node]
            if inner is None or half.op != "Mul" or self.reader(half.name) is None:
                continue
            for at in (0, 1):
                if self._scalar(half.inputs[at], 0.5):
                    x = self.tensor(half.inputs[1 - at])
                    shape = self.known(node.name).shape
                    self.give(node.name, self.new.add("Mul", x, self._logistic(inner), shape=shape))
                    return True
        return False

    def _inner(self, name: str) -> str | None:
        """The u of 1 + tanh u, where nothing else reads what lies between."""
        added = self.old.nodes[self.known(name).node]
        if added.op != "AddV2" or self.reader(name) is None:
            return None
        for place in (0, 1):
            if self._scalar(added.inputs[1 - place], 1.0):
                made = self.old.nodes[self.known(added.inputs[place]).node]
                if made.op == "Tanh" and self.reader(made.name) is not None:
                    return made.inputs[0]
        return None

    def _logistic(self, name: str) -> Tensor:
        """The logistic function of twice a tensor; the two goes into a factor that is there."""
        made = self.old.nodes[self.known(name).node]
        if made.op == "Mul" and self.reader(name) is not None:
            for place in (0, 1):
                factor = self.known(made.inputs[place])
                if factor.value is not None and factor.rank == 0:
                    doubled = self.new.const(2 * factor.value, factor.dtype)
                    x = self.tensor(made.inputs[1 - place])
                    return self.new.add("Sigmoid", self.new.add("Mul", x, doubled))
        x = self.tensor(name)
        return self.new.add("Sigmoid", self.new.add("Mul", x, self.new.scalar(2.0, x)))

    def _scalar(self, name: str, wanted: float) -> bool:
        value = self.known(name).value
        return value is not None and value.ndim == 0 and bool(value == np.float32(wanted))
