"""Fusion: padding, bias and activation belong to the convolution or product that they surround.

Every backend that we ship runs these fusions; others do not run everywhere. An activation must not
hide what is not a number, as ReLU does in WebAssembly in a depthwise convolution or a product, and
ReLU6 in any of the three. On its own ReLU hides none but those in `tests/ops/wasm_faults.txt`, and
is as quick: a block like MobileNetV2's takes 3.8 ms in place of 3.7.
"""

from __future__ import annotations

import numpy as np

from .affine import bias_of
from .detours import scales
from .graph import Graph, Node, Tensor
from .odd_numbers import undefined
from .rewriting import Rewriter
from .shapes import Attrs

#: TF's name of the fused operation. TF.js adds an activation only where there is a bias. Of
#: products only those of two single matrices, none of them transposed: for others the WebAssembly
#: kernel adds the bias to wrong places.
FUSED = {
    "Conv2D": "_FusedConv2D",
    "DepthwiseConv2dNative": "FusedDepthwiseConv2dNative",
    "MatMul": "_FusedMatMul",
}
CONVOLUTIONS = ("Conv2D", "DepthwiseConv2dNative")


def fuse(graph: Graph) -> Graph:
    """The same graph with padding, bias and activation in their convolutions and products."""
    return _Fusion(graph).run()


class _Fusion(Rewriter):
    def __init__(self, old: Graph) -> None:
        super().__init__(old)
        self._planned: dict[str, tuple[Node, str, str | None]] = {}
        self._skipped: set[str] = set()
        self._undefined = undefined(self.old)

    def visit(self, node: Node) -> None:
        if node.name in self._planned:
            self._write(node, *self._planned[node.name])
        elif node.name in self._skipped or (node.op in FUSED and self._plan(node)):
            return
        elif node.op in CONVOLUTIONS:
            inputs, attrs = self._padded(node)
            made = self.new.add(node.op, *inputs, shape=self.known(node.name).shape, **attrs)
            self.give(node.name, made)
        else:
            super().visit(node)

    def _plan(self, node: Node) -> bool:
        """Find a bias that only this node's result gets, and an activation after it."""
        reader, weight = self.reader(node.name), self.known(node.inputs[1])
        if reader is None or reader[0].op != "AddV2" or weight.static is None:
            return False
        if node.attrs.get("T") != "float32":
            return False
        if node.attrs.get("transpose_a") or node.attrs.get("transpose_b"):
            return False
        if node.op in CONVOLUTIONS and scales(weight, node):
            return False
        added, place = reader
        channels = weight.static[-1]
        if node.op == "DepthwiseConv2dNative":
            channels *= weight.static[-2]
        bias = added.inputs[1 - place]
        if bias == node.name or not bias_of(self.known(bias), channels):
            return False
        end, activation = added.name, None
        after = self.reader(end)
        if after is not None and self._may_activate(node, weight.static, after[0].op):
            end, activation = after[0].name, after[0].op
        self._planned[end] = node, bias, activation
        self._skipped.update((node.name, added.name))
        return True

    def _may_activate(self, node: Node, weight: tuple[int, ...], activation: str) -> bool:
        if node.name in self._undefined:
            return False
        # One channel by one channel is a depthwise convolution to WebAssembly.
        return activation == "Relu" and node.op == "Conv2D" and weight[2:] != (1, 1)

    def _write(self, end: Node, node: Node, bias: str, activation: str | None) -> None:
        inputs, attrs = self._padded(node)
        made = self.new.add(
            FUSED[node.op],
            *inputs,
            self.tensor(bias),
            shape=self.known(end.name).shape,
            **attrs,
            fused_ops=["BiasAdd", activation] if activation else ["BiasAdd"],
            num_args=1,
        )
        self.give(end.name, made)

    def _padded(self, node: Node) -> tuple[list[Tensor], Attrs]:
        """Operands and attributes, with the zeros that are put around an image as attributes."""
        inputs = [self.tensor(name) for name in node.inputs]
        source = self.old.nodes[self.known(node.inputs[0]).node]
        if node.op not in CONVOLUTIONS or source.op != "PadV2" or node.attrs["padding"] != "VALID":
            return inputs, node.attrs
        pads, value = (self.known(name).value for name in source.inputs[1:])
        if pads is None or value is None or np.any(value != 0) or np.any(pads < 0):
            return inputs, node.attrs
        if pads.shape != (4, 2) or np.any(pads[[0, 3]] != 0):
            return inputs, node.attrs
        explicit = [int(pad) for pad in pads.ravel()]
        image = self.tensor(source.inputs[0])
        return [image, *inputs[1:]], {
            **node.attrs,
            "padding": "EXPLICIT",
            "explicit_paddings": explicit,
        }
