"""Which tensors get memory: what is read once is computed where it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from .extents import is_product_of
from .lowering import Lowered
from .values import Value

#: An element that takes at most so many additions is computed again rather than stored.
CHEAP = 3
#: And so many, if it is then computed once for each place that it is broadcast to.
CHEAP_BROADCAST = 6
#: What takes more than so many is stored in any case: an expression is to be read.
LONG = 60


def needed(lowered: Lowered) -> list[Value]:
    """The tensors that outputs are computed from, in the order of the graph, and their helpers."""
    order: list[Value] = []
    seen: set[Value] = set()

    def visit(value: Value) -> None:
        ahead = [(value, iter(value.every_source))]
        seen.add(value)
        while ahead:
            top, sources = ahead[-1]
            for source in sources:
                if source not in seen:
                    seen.add(source)
                    ahead.append((source, iter(source.every_source)))
                    break
            else:
                order.append(top)
                ahead.pop()

    for output in lowered.outputs.values():
        if output not in seen:
            visit(output)
    return order


def inputs_behind(values: Sequence[Value]) -> dict[Value, frozenset[str]]:
    """By tensor, the inputs whose numbers it is computed from.

    Args:
        values: Each after its sources.
    """
    behind: dict[Value, frozenset[str]] = {}
    for value in values:
        own = frozenset({value.source} if value.source is not None else ())
        if value.symbols is None:
            own = own.union(*(behind[source] for source in value.every_source))
        behind[value] = own
    return behind


def choose_stored(
    values: Sequence[Value], outputs: Sequence[Value], varies: Mapping[Value, bool]
) -> set[Value]:
    """The tensors that get memory.

    Args:
        values: Each after its sources.
        outputs: Those that the graph gives.
        varies: Which of them change from run to run.
    """
    for value in reversed(values):
        # A float that something jumps on is exact only if all that it is made from is.
        if value.exact and value.dtype == "float32" and not value.stored:
            for source in value.sources:
                source.exact = True
    uses: Counter[Value] = Counter()
    broadcast: set[Value] = set()
    crossing: set[Value] = set()
    for value in values:
        for source in value.every_source:
            uses[source] += 1
            if varies[value] and not varies[source]:
                crossing.add(source)
            if not value.writes and len(source.shape) <= len(value.shape):
                wide = value.shape[len(value.shape) - len(source.shape) :]
                if wide != source.shape or len(source.shape) < len(value.shape):
                    broadcast.add(source)
    weight: dict[Value, int] = {}
    stored = {value for value in outputs if not value.is_leaf}
    for value in values:
        if value.is_leaf:
            continue
        # What is one number is computed ahead of the loops.
        one = is_product_of(value.shape, 1)
        inner = sum(
            weight.get(source, 0)
            for source in set(value.sources)
            if one or not is_product_of(source.shape, 1)
        )
        weight[value] = value.cost + inner
        limit = CHEAP if uses[value] > 1 else CHEAP_BROADCAST if value in broadcast else LONG
        if value.reread or value in crossing:
            limit = min(limit, 1)
        if value.flat:
            weight[value] = 0
        elif value.stored or value in stored or (weight[value] > limit and value.symbols is None):
            stored.add(value)
            weight[value] = 0
    return stored
