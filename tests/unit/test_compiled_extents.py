"""Sizes that are polynomials: what they come to, and what can be told of them beforehand."""

from __future__ import annotations

import json
import operator
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.bundle import node
from site_builder.compiled.extents import (
    ONE,
    ZERO,
    Extent,
    broadcast,
    compare,
    extent,
    floor_div,
    floor_mod,
    least,
    maximum,
    minimum,
    named,
    product,
    select,
    strides,
    text_of,
)

N, M = named("n", 1), named("m", 1)
_RELATIONS: dict[str, Callable[[int, int], bool]] = {
    "===": operator.eq, "!==": operator.ne, "<": operator.lt,
    "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True)
class Both:
    """A size, and what it is for all n and m, worked out in integers."""

    size: Extent
    of: Callable[[int, int], int]


_LEAVES = st.one_of(
    st.integers(-6, 9).map(lambda k: Both(extent(k), lambda n, m: k)),
    st.sampled_from([Both(N, lambda n, m: n), Both(M, lambda n, m: m)]),
)


def _joined(children: st.SearchStrategy[Both]) -> st.SearchStrategy[Both]:
    def sums(a: Both, b: Both) -> Both:
        return Both(a.size + b.size, lambda n, m: a.of(n, m) + b.of(n, m))

    def differences(a: Both, b: Both) -> Both:
        return Both(a.size - b.size, lambda n, m: a.of(n, m) - b.of(n, m))

    def products(a: Both, b: Both) -> Both:
        return Both(a.size * b.size, lambda n, m: a.of(n, m) * b.of(n, m))

    def quotients(a: Both, k: int) -> Both:
        return Both(floor_div(a.size, extent(k)), lambda n, m: a.of(n, m) // k)

    def quotients_by_size(a: Both) -> Both:
        return Both(floor_div(a.size, N), lambda n, m: a.of(n, m) // n)

    def remainders(a: Both, k: int) -> Both:
        return Both(floor_mod(a.size, extent(k)), lambda n, m: a.of(n, m) % k)

    def larger(a: Both, b: Both) -> Both:
        return Both(maximum(a.size, b.size), lambda n, m: max(a.of(n, m), b.of(n, m)))

    def smaller(a: Both, b: Both) -> Both:
        return Both(minimum(a.size, b.size), lambda n, m: min(a.of(n, m), b.of(n, m)))

    def compared(a: Both, b: Both, relation: str) -> Both:
        holds = _RELATIONS[relation]
        return Both(
            compare(relation, a.size, b.size), lambda n, m: int(holds(a.of(n, m), b.of(n, m)))
        )

    def chosen(a: Both, b: Both, c: Both) -> Both:
        return Both(
            select(a.size, b.size, c.size), lambda n, m: b.of(n, m) if a.of(n, m) else c.of(n, m)
        )

    divisors = st.sampled_from([1, 2, 3, 5, -2])
    return st.one_of(
        *(st.builds(make, children, children) for make in (sums, differences, larger, smaller)),
        st.builds(products, children, _LEAVES),
        st.builds(quotients, children, divisors),
        st.builds(quotients_by_size, children),
        st.builds(remainders, children, st.sampled_from([2, 3])),
        st.builds(compared, children, children, st.sampled_from(sorted(_RELATIONS))),
        st.builds(chosen, children, children, children),
    )


_SIZES = st.recursive(_LEAVES, _joined, max_leaves=8)
_SETTINGS = settings(
    max_examples=20,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
_PLACES = [(n, m) for n in (1, 2, 3, 7) for m in (1, 2, 5)]


@_SETTINGS
@given(st.lists(_SIZES, min_size=40, max_size=40))
def test_javascript_comes_to_what_integers_do(sizes: list[Both]) -> None:
    """Whatever is folded on the way, the page computes the same whole numbers."""
    texts = [text_of(both.size) for both in sizes]
    script = (
        f"const [texts, places] = {json.dumps([texts, _PLACES])};"
        "const of = texts.map((text) => new Function('n', 'm', `return ${text}`));"
        "console.log(JSON.stringify(of.map((f) => places.map(([n, m]) => f(n, m)))));"
    )
    done = subprocess.run([str(node()), "-e", script], capture_output=True, text=True, check=True)
    for both, found in zip(sizes, json.loads(done.stdout), strict=True):
        assert found == [both.of(n, m) for n, m in _PLACES], both.size


@_SETTINGS
@given(st.lists(_SIZES, min_size=40, max_size=40))
def test_bound_holds(sizes: list[Both]) -> None:
    """No size is below what is told of it, and a size that is a number is that number."""
    for both in sizes:
        bound, number = least(both.size), both.size.number
        for n, m in _PLACES:
            assert bound is None or bound <= both.of(n, m), both.size
            assert number is None or number == both.of(n, m), both.size


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (N + M - N, M),
        ((N + 1) * (N - 1), N * N - 1),
        (N * 0, ZERO),
        (floor_div(N * 6 + 4, extent(2)), N * 3 + 2),
        (floor_div(N * 2 + 1, extent(2)), N),
        (floor_div(N, N), ONE),
        (floor_mod(N * 4, extent(2)), ZERO),
        (maximum(N, ZERO), N),
        (maximum(N + M, N), N + M),
        (minimum(N, N + 3), N),
        (minimum(N, extent(2**31 - 1)), N),
        (compare("===", N, N), ONE),
        (compare("===", N, ZERO), ZERO),
        (compare(">", N + M, ONE), ONE),
        (compare("<", N, ONE), ZERO),
        (select(compare("===", N, ZERO), M, N), N),
        (select(compare("===", N, M), N, N), N),
        (product([N, M, N]), N * N * M),
    ],
)
def test_what_can_be_told_is_told(found: Extent, wanted: Extent) -> None:
    """Sizes that are the same polynomial are equal, and need no arithmetic in the page."""
    assert found == wanted


def test_strides_are_row_major() -> None:
    """Neighbours along the last axis are next to each other."""
    assert strides((N, M, extent(3))) == (M * 3, extent(3), ONE)


def test_sizes_of_which_one_is_no_number_broadcast_to_the_number() -> None:
    """Beside 4 a size can only be 4 or 1; beside 1 it stays."""
    assert broadcast(N, extent(4)) == extent(4)
    assert broadcast(extent(1), N) == N
    assert broadcast(N, N) == N


def test_sizes_that_never_fit_do_not_broadcast() -> None:
    """3 beside 4 is an error."""
    with pytest.raises(ValueError, match="do not broadcast"):
        broadcast(extent(3), extent(4))


def test_equal_sizes_hash_alike() -> None:
    """A size made in another way finds its place in a table."""
    table: dict[Any, str] = {N * 2 + M: "here"}
    assert table[M + N + N] == "here"
