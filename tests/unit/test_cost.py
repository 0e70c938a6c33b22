"""The choice of a backend."""

import re

import pytest

from site_builder.cost import choose, measure
from tests.bench_backends import chain


def test_a_small_graph_runs_compiled_and_says_what_each_engine_takes() -> None:
    backend = choose(93, 100_000)
    assert backend.name == "compiled"
    words = r"93 nodes, 0\.1 MFLOP: compiled [\d.]+ ms, TensorFlow\.js [\d.]+ ms, .* in WebAssembly"
    assert re.match(words, backend.why)


def test_what_the_compiler_declines_runs_on_tensorflow_js_and_the_reason_is_kept() -> None:
    backend = choose(93, 100_000, declined="Range 'r': its bounds are not known")
    assert backend.name == "cpu"
    assert backend.why.endswith("Not compiled ahead of time: Range 'r': its bounds are not known.")
    with pytest.raises(ValueError, match="can't be compiled ahead of time: Range"):
        choose(93, 100_000, "compiled", "Range 'r': its bounds are not known")


def test_the_steps_of_a_course_are_told() -> None:
    assert choose(64_605, 1_000, steps=300).why.startswith("64,605 nodes, 0.0 MFLOP in 300 steps:")


def test_much_arithmetic_goes_to_webassembly() -> None:
    assert choose(30, 2_000_000_000).name == "wasm"
    assert choose(30, 200_000_000, declined="Range 'r'").name == "wasm"
    assert choose(30, 200_000_000).name == "compiled"


def test_nodes_alone_never_load_webassembly() -> None:
    assert choose(2_000, 0).name == "compiled"


def test_the_author_wins_and_a_wrong_name_is_refused() -> None:
    assert choose(1, 1, "webgl").name == "webgl"
    with pytest.raises(ValueError, match="no backend 'gpu'; there are compiled, cpu, wasm, webgl"):
        choose(1, 1, "gpu")


def test_a_product_counts_two_operations_a_weight_and_row() -> None:
    """Of a product, a sum and a tanh on a square of 4."""
    assert measure(chain(3, 4)) == (3, 2 * 4**3 + 4**2 + 4**2)
