"""The choice of a backend."""

import pytest

from site_builder.cost import choose, measure
from tests.bench_backends import chain


def test_a_small_graph_stays_in_plain_javascript_and_says_what_it_costs() -> None:
    backend = choose(93, 100_000)
    assert backend.name == "cpu"
    assert backend.why.startswith("93 nodes, 0.1 MFLOP: plain JavaScript 0.5 ms, WebAssembly ")


def test_much_arithmetic_goes_to_webassembly() -> None:
    assert choose(30, 20_000_000).name == "wasm"


def test_nodes_alone_never_load_webassembly() -> None:
    assert choose(2_000, 0).name == "cpu"


def test_the_author_wins_and_a_wrong_name_is_refused() -> None:
    assert choose(1, 1, "webgl").name == "webgl"
    with pytest.raises(ValueError, match="no backend 'gpu'; there are cpu, wasm, webgl"):
        choose(1, 1, "gpu")


def test_a_product_counts_two_operations_a_weight_and_row() -> None:
    """Of a product, a sum and a tanh on a square of 4."""
    assert measure(chain(3, 4)) == (3, 2 * 4**3 + 4**2 + 4**2)
