"""How a pass rewrites a graph: node by node into a new one, whose builder folds constants again."""

from __future__ import annotations

import dataclasses
from collections import Counter

from .graph import Graph, Node, Tensor
from .shapes import Shape, ints

# These give other numbers each time they run, so that two of them are never the same.
_IMPURE = ("Random", "Multinomial", "StatelessRandom", "TruncatedNormal")


class Rewriter:
    """Copies a graph; a pass overrides `visit` for the nodes that it writes differently.

    Nodes on which nothing depends are not copied, and equal nodes become one.

    Args:
        old: the graph; it is used up.
    """

    def __init__(self, old: Graph) -> None:
        old.prune()
        self.old = old
        self.new = Graph()
        self._made: dict[str, Tensor] = {}
        self._seen: dict[tuple[object, ...], list[Tensor]] = {}
        self.readers: dict[str, list[tuple[Node, int]]] = {}
        for node in old.nodes.values():
            for i, name in enumerate(node.inputs):
                self.readers.setdefault(name, []).append((node, i))
        self.exits = Counter(tensor.name for tensor in old.outputs.values())

    def run(self) -> Graph:
        """The rewritten graph."""
        for key, tensor in self.old.inputs.items():
            self._made[tensor.name] = self.new.placeholder(key, tensor.dtype, tensor.shape)
        for node in self.old.nodes.values():
            if node.op not in ("Placeholder", "Const"):
                with self.new.scope(node.name.rpartition("/")[0] or node.name):
                    self.visit(node)
        for key, tensor in self.old.outputs.items():
            self.new.output(key, self.tensor(tensor.name))
        self.new.prune()
        return self.new

    def visit(self, node: Node) -> None:
        """Write one node of the old graph into the new one; a pass's own rules come first."""
        self.copy(node, [self.tensor(name) for name in node.inputs])

    def copy(self, node: Node, inputs: list[Tensor]) -> list[Tensor]:
        """The same operation on other operands, as the result of `node`."""
        if node.op == "Identity":
            # Outputs get theirs again where they need one.
            self.give(node.name, inputs[0])
            return inputs
        shapes: list[Shape] = []
        while (name := _output(node.name, len(shapes))) in self.old.tensors:
            shapes.append(self.old.tensors[name].shape)
        key = (node.op, tuple(x.name for x in inputs), repr(node.attrs))
        made = None if node.op.startswith(_IMPURE) else self._seen.get(key)
        if made is None:
            made = self.new.add_many(node.op, *inputs, shapes=shapes, **node.attrs)
            self._seen[key] = made
        for i, tensor in enumerate(made):
            self.give(_output(node.name, i), tensor)
        return made

    def give(self, name: str, tensor: Tensor) -> None:
        """Let `tensor` of the new graph stand for `name` of the old one."""
        self._made[name] = tensor

    def tensor(self, name: str) -> Tensor:
        """What stands for a tensor of the old graph; constants move when they are asked for."""
        if name not in self._made:
            self._made[name] = self.new.keep(self.old.tensors[name])
        return self._made[name]

    def spend(self, name: str) -> None:
        """Let go of a constant of the old graph that was written in another form."""
        self.old.constants.pop(name, None)
        self.old.tensors[name] = dataclasses.replace(self.old.tensors[name], value=None)

    # -- what passes ask of the old graph

    def known(self, name: str) -> Tensor:
        """What is known of a tensor of the old graph."""
        return self.old.tensors[name]

    def ints(self, name: str) -> list[int] | None:
        """The numbers of an integer constant of the old graph, flattened."""
        return ints(self.old.tensors[name])

    def reader(self, name: str) -> tuple[Node, int] | None:
        """The one node that reads a tensor, and as which operand; None where there are more.

        A tensor that is an output of the graph has a reader that is no node.
        """
        readers = self.readers.get(name, ())
        return readers[0] if len(readers) == 1 and not self.exits[name] else None


def _output(node: str, index: int) -> str:
    return f"{node}:{index}" if index else node
