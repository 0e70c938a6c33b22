"""Fourier transforms, as products with matrices of cosines and sines, and mel filters."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import along_last, expand
from .linear import product

# A longer transform would be a matrix too large to be shipped.
_LENGTH = 2048


@dataclasses.dataclass(frozen=True)
class _Transform:
    """What kind of Fourier transform is meant: back or forth, of half or of all frequencies."""

    inverse: bool
    onesided: bool

    def length(self, count: int) -> int:
        """The default length for `count` numbers along the axis."""
        return 2 * (count - 1) if self.inverse and self.onesided else count

    def outputs(self, length: int) -> int:
        """How many numbers come out along the axis."""
        return length // 2 + 1 if self.onesided and not self.inverse else length

    def matrices(self, count: int, length: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Cosines and sines: [used inputs, outputs]."""
        used = min(count, length // 2 + 1 if self.inverse and self.onesided else length)
        rows, columns = np.arange(used), np.arange(self.outputs(length))
        angle = 2 * np.pi * (np.outer(rows, columns) % length) / length
        weight = np.ones(used)
        if self.inverse and self.onesided:
            # Every frequency but the first, and the middle one, stands for two.
            weight = np.where((rows == 0) | (2 * rows == length), 1.0, 2.0)
        weight = weight / (length if self.inverse else 1)
        sign = 1 if self.inverse else -1
        cosines, sines = np.cos(angle) * weight[:, None], sign * np.sin(angle) * weight[:, None]
        return cosines.astype(np.float32), sines.astype(np.float32)


def _transformed(
    g: Graph, node: OnnxNode, x: Tensor, axis: int, length: int, kind: _Transform
) -> Tensor:
    """The transform along one axis of [..., 1 or 2], the last axis being parts of numbers."""
    assert x.shape is not None
    count, parts = x.shape[axis], x.shape[-1]
    if count is None or not 0 < length <= _LENGTH:
        raise node.refuse(f"needs a length that is known at build time, of at most {_LENGTH}")
    cosines, sines = (g.const(m) for m in kind.matrices(count, length))
    used = int(cosines.shape[0] or 0) if cosines.shape else 0
    last = len(x.shape) - 1

    def part(index: int) -> Tensor:
        taken = g.add("GatherV2", x, g.const(index), g.const(last), batch_dims=0)
        if used == count:
            return taken
        sizes = [-1] * last
        sizes[axis] = used
        return g.add("Slice", taken, g.const([0] * last), g.const(sizes))

    def times(y: Tensor, matrix: Tensor) -> Tensor:
        return along_last(g, y, axis, lambda z: product(g, z, matrix))

    real = times(part(0), cosines)
    imaginary = times(part(0), sines)
    if parts == 2:
        real = g.add("Sub", real, times(part(1), sines))
        imaginary = g.add("AddV2", imaginary, times(part(1), cosines))
    if kind.inverse and kind.onesided:
        return expand(g, real, last)
    return g.add("Pack", real, imaginary, axis=last, N=2)


@converter("DFT", since=17)
def dft(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX DFT -> TF GatherV2, BatchMatMulV2, Sub, AddV2, Pack."""
    x, rank = node[0], node.rank()
    kind = _Transform(node.flag("inverse"), node.flag("onesided"))
    given = node.get(1)
    fixed = None if given is None else node.ints_in(1, "dft_length")[0]
    if node.version < 20:
        axes = [node.axis(node.integer("axis", 1))]
    elif node.get(2) is None:
        axes = [rank - 2]
    elif node[2].value is not None:
        axes = [node.axis(int(node[2].value.ravel()[0]))]
    else:
        return _along_computed(g, node, kind, fixed)
    axis = axes[0]
    count = node.shape()[axis]
    if count is None:
        raise node.refuse(f"needs the size of axis {axis} at build time")
    return _transformed(g, node, x, axis, fixed or kind.length(count), kind)


def _along_computed(g: Graph, node: OnnxNode, kind: _Transform, fixed: int | None) -> Tensor:
    """The model computes the axis: every axis that gives the declared shape, and a choice."""
    x, sizes, declared = node[0], node.static(), node.declared()
    axis = g.add("FloorMod", g.reshape(node[2], []), g.const(node.rank()))
    result: Tensor | None = None
    for i in range(node.rank() - 1):
        length = fixed or kind.length(sizes[i])
        shape = list(sizes)
        shape[i] = kind.outputs(length)
        shape[-1] = 1 if kind.inverse and kind.onesided else 2
        if length < 1 or declared != tuple(shape):
            continue
        made = _transformed(g, node, x, i, length, kind)
        if result is not None:
            made = g.add("SelectV2", g.add("Equal", axis, g.const(i)), made, result)
        result = made
    if result is None:
        raise node.refuse("must be known at build time, but the model computes it", "axis")
    return result


@converter("STFT", since=17)
def stft(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX STFT -> TF GatherV2 of the frames, Mul by the window, and the products of DFT."""
    signal, window, declared = node[0], node.get(2), node.declared()
    length = node.static(2)[0] if window is not None else node.ints_in(3, "frame_length")[0]
    step, total = node[1], node.static()[1]
    if step.value is not None:
        frames = (total - length) // int(step.value.ravel()[0]) + 1
    elif declared is not None and declared[1] is not None:
        frames = declared[1]
    else:
        raise node.refuse("must be known at build time, but the model computes it", "frame_step")
    starts = g.add("Mul", g.const(np.arange(frames)[:, None], "int32"), g.reshape(step, []))
    places = g.add("AddV2", starts, g.const(np.arange(length)[None], "int32"))
    # [batch, frames, frame, parts]
    framed = g.add("GatherV2", signal, places, g.const(1), batch_dims=0)
    if window is not None:
        framed = g.add("Mul", framed, g.reshape(window, [1, 1, length, 1]))
    kind = _Transform(False, node.flag("onesided", True))
    return _transformed(g, node, framed, 2, length, kind)


@converter("MelWeightMatrix", since=17)
def mel_weight_matrix(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX MelWeightMatrix of known numbers -> a constant; the scale is 2595 log10(1 + f / 700)."""
    names = ("num_mel_bins", "dft_length", "sample_rate", "lower_edge_hertz", "upper_edge_hertz")
    node.ignore("output_datatype")
    bins, length, rate, low, high = (
        float(node.value(i, name).ravel()[0]) for i, name in enumerate(names)
    )
    count = int(bins)
    ends = [2595 * np.log10(1 + edge / 700) for edge in (low, high)]
    mels = ends[0] + np.arange(count + 2) * (ends[1] - ends[0]) / (count + 2)
    hertz = 700 * (10 ** (mels / 2595) - 1)
    edges = ((length + 1) * hertz // rate).astype(int)
    result = np.zeros((int(length) // 2 + 1, count))
    for i, (left, middle, right) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        if left == middle:
            result[middle, i] = 1
        else:
            rise = np.arange(left, middle + 1)
            result[rise, i] = (rise - left) / (middle - left)
        fall = np.arange(middle, right)
        result[fall, i] = (right - fall) / max(1, right - middle)
    return g.const(result.astype(np.float32))
