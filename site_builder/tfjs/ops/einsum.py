"""Einstein summation, taken apart at build: TF.js's own has no kernel on WebAssembly."""

from __future__ import annotations

import functools

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .linear import product


class _Labelled:
    """A tensor with a letter for each of its dimensions."""

    def __init__(self, tensor: Tensor, letters: str) -> None:
        self.tensor = tensor
        self.letters = letters


@converter("Einsum", since=12)
def einsum(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Einsum -> TF Transpose, Reshape, BatchMatMulV2, Sum."""
    operands, result = _parsed(node)
    for operand in operands:
        if len(set(operand.letters)) != len(operand.letters):
            raise node.refuse("takes a diagonal, which is not supported", "equation")
    for i, operand in enumerate(operands):
        elsewhere = result + "".join(o.letters for o in operands[:i] + operands[i + 1 :])
        operands[i] = _summed(g, operand, elsewhere)

    def combine(a: _Labelled, at: int) -> _Labelled:
        later = result + "".join(o.letters for o in operands[at + 1 :])
        return _contracted(g, a, operands[at], later)

    total = functools.reduce(combine, range(1, len(operands)), operands[0])
    total = _summed(g, total, result)
    if set(total.letters) != set(result):
        raise node.refuse("has a letter in its result that no operand has", "equation")
    return g.transpose(total.tensor, [total.letters.index(letter) for letter in result])


def _parsed(node: OnnxNode) -> tuple[list[_Labelled], str]:
    """The operands with their letters, and those of the result; `...` becomes Greek letters."""
    text = node.text("equation").replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(node.inputs):
        raise node.refuse("does not fit the number of operands", "equation")
    free = [chr(c) for c in range(0x3B1, 0x3B1 + 16)]
    widest, operands = 0, []
    for i, term in enumerate(terms):
        extra = node.rank(i) - len(term.replace("...", "")) if "..." in term else 0
        widest = max(widest, extra)
    for i, term in enumerate(terms):
        extra = node.rank(i) - len(term.replace("...", ""))
        if extra < 0 or (extra and "..." not in term):
            raise node.refuse(f"does not fit the rank of operand {i}", "equation")
        letters = term.replace("...", "".join(free[widest - extra : widest]))
        operands.append(_Labelled(node[i], letters))
    dots = "".join(free[:widest])
    if arrow:
        return operands, right.replace("...", dots)
    every = "".join(o.letters for o in operands)
    once = sorted(c for c in set(every) if every.count(c) == 1 and c not in dots)
    return operands, dots + "".join(once)


def _summed(g: Graph, x: _Labelled, keep: str) -> _Labelled:
    """Without the letters that nothing else needs."""
    gone = [i for i, letter in enumerate(x.letters) if letter not in keep]
    if not gone:
        return x
    letters = "".join(letter for letter in x.letters if letter in keep)
    return _Labelled(g.add("Sum", x.tensor, g.const(gone), keep_dims=False), letters)


def _contracted(g: Graph, a: _Labelled, b: _Labelled, later: str) -> _Labelled:
    """The product of two operands, summed over what only they share."""
    shared = [c for c in a.letters if c in b.letters]
    batch = [c for c in shared if c in later]
    inner = [c for c in shared if c not in later]
    rows = [c for c in a.letters if c not in b.letters]
    columns = [c for c in b.letters if c not in a.letters]
    letters = "".join(batch + rows + columns)
    if not inner or not _alike(a, b, shared):
        return _summed(g, _multiplied(g, a, b), later)
    left, right = _dims(g, a), _dims(g, b)
    heights, widths = [left[c] for c in rows], [right[c] for c in columns]
    deep = g.product([left[c] for c in inner])
    outer = [left[c] for c in batch]
    x = g.transpose(a.tensor, [a.letters.index(c) for c in batch + rows + inner])
    y = g.transpose(b.tensor, [b.letters.index(c) for c in batch + inner + columns])
    x = g.reshape(x, [*outer, g.product(heights), deep])
    y = g.reshape(y, [*outer, deep, g.product(widths)])
    return _Labelled(g.reshape(product(g, x, y), [*outer, *heights, *widths]), letters)


def _alike(a: _Labelled, b: _Labelled, shared: list[str]) -> bool:
    """Whether the shared dimensions are known to be the same, so that none is broadcast."""
    assert a.tensor.shape is not None
    assert b.tensor.shape is not None
    pairs = [
        (a.tensor.shape[a.letters.index(c)], b.tensor.shape[b.letters.index(c)]) for c in shared
    ]
    return all(p == q and p is not None for p, q in pairs)


def _multiplied(g: Graph, a: _Labelled, b: _Labelled) -> _Labelled:
    """The product without any sum, by broadcasting."""
    letters = a.letters + "".join(c for c in b.letters if c not in a.letters)

    def spread(x: _Labelled) -> Tensor:
        order = [x.letters.index(c) for c in letters if c in x.letters]
        sizes = _dims(g, x)
        moved = g.transpose(x.tensor, order)
        return g.reshape(moved, [sizes.get(c, 1) for c in letters])

    return _Labelled(g.add("Mul", spread(a), spread(b)), letters)


def _dims(g: Graph, x: _Labelled) -> dict[str, int | Tensor]:
    return dict(zip(x.letters, g.dims(x.tensor), strict=True))
