"""Counting of n-grams."""

from __future__ import annotations

import numpy as np

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import concat, expand


@converter("TfIdfVectorizer", since=9)
def tf_idf_vectorizer(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX TfIdfVectorizer of integers -> TF Slice, Equal, LogicalAnd, Sum, GatherV2, Mul."""
    if node.has("pool_strings"):
        raise node.refuse("there are no strings in a browser's tensors", "pool_strings")
    mode, skips = node.text("mode"), node.integer("max_skip_count")
    shortest, longest = node.integer("min_gram_length"), node.integer("max_gram_length")
    places = node.integers("ngram_indexes")
    weights = node.reals("weights", [1.0] * len(places)) if mode != "TF" else [1.0] * len(places)
    node.ignore("weights")
    pools = _pools(node.integers("pool_int64s"), node.integers("ngram_counts"))
    flat = node.rank() == 1
    x = expand(g, node[0], 0) if flat else node[0]
    length = node.static()[-1]
    counts = []
    for size, grams in pools:
        if not len(grams):
            continue
        total = g.add("Mul", g.add("Slice", x, g.const([0, 0]), g.const([-1, 1])), g.const(0))
        total = g.cast(g.add("Mul", total, g.const(np.zeros((1, len(grams))), "int32")), "float32")
        # A single token is counted once, however many may be skipped.
        distances = range(1, 2 if size == 1 else skips + 2)
        for distance in distances if shortest <= size <= longest else ():
            windows = length - (size - 1) * distance
            if windows > 0:
                found = _found(g, x, grams, distance, windows)
                total = g.add("AddV2", total, found)
        counts.append(total)
    every = concat(g, counts, 1)
    if mode == "IDF":
        every = g.add("Minimum", every, g.scalar(1.0, every))
    if mode != "TF":
        every = g.add("Mul", every, g.const(np.array(weights, np.float32)[None]))
    columns = np.zeros((len(places), max(places) + 1), np.float32)
    columns[np.arange(len(places)), places] = 1.0
    result = g.add("MatMul", every, g.const(columns))
    return g.reshape(result, [max(places) + 1]) if flat else result


def _pools(pool: list[int], starts: list[int]) -> list[tuple[int, np.ndarray]]:
    """The n-grams of each length: [n-grams, length]."""
    ends = [*starts[1:], len(pool)]
    return [
        (size, np.array(pool[start:end]).reshape(-1, size))
        for size, (start, end) in enumerate(zip(starts, ends, strict=True), start=1)
    ]


def _found(g: Graph, x: Tensor, grams: np.ndarray, distance: int, windows: int) -> Tensor:
    """How often each n-gram stands in each row, its tokens `distance` apart: [rows, n-grams]."""
    match: Tensor | None = None
    for i in range(grams.shape[1]):
        token = g.add("Slice", x, g.const([0, i * distance]), g.const([-1, windows]))
        same = g.add("Equal", expand(g, token, 2), g.const(grams[None, None, :, i], "int32"))
        match = same if match is None else g.add("LogicalAnd", match, same)
    assert match is not None
    return g.add("Sum", g.cast(match, "float32"), g.const([1]), keep_dims=False)
