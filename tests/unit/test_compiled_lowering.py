"""Shapes of a graph that is taken apart, as polynomials of its inputs' sizes."""

from __future__ import annotations

import pytest

from site_builder.compiled import Declined
from site_builder.compiled.given import solutions
from site_builder.compiled.lowering import Dims, lowerings
from site_builder.tfjs.graph import Graph, Tensor
from site_builder.tfjs.tfops import OPS

from .compiled_graphs import lowered, weights

_N: Dims = {"x": ["n", 3], "y": ["m", 3]}


def _graph() -> tuple[Graph, Tensor, Tensor]:
    g = Graph()
    return g, g.placeholder("x", "float32", (None, 3)), g.placeholder("y", "float32", (None, 3))


def _shape(g: Graph, output: Tensor, dims: Dims = _N) -> str:
    return ", ".join(map(str, lowered(g, dims, z=output).outputs["z"].shape))


def test_product_takes_rows_and_columns() -> None:
    """(n, 3) times (3, 5) is (n, 5)."""
    g, x, _ = _graph()
    assert _shape(g, g.add("MatMul", x, g.const(weights(3, 5)))) == "n, 5"


def test_concatenation_adds_sizes_up() -> None:
    """Rows of n and of m are m + n."""
    g, x, y = _graph()
    assert _shape(g, g.add("ConcatV2", x, y, g.const(0), N=2)) == "m + n, 3"


def test_reshape_works_out_the_open_size() -> None:
    """(n, 3) under a row for each is 3 * n."""
    g, x, _ = _graph()
    assert _shape(g, g.add("Reshape", x, g.const([-1]))) == "3 * n"


def test_reshape_by_a_shape_keeps_it() -> None:
    """What takes the shape of another tensor has its sizes."""
    g, x, y = _graph()
    flat = g.add("Reshape", y, g.const([-1]))
    again = g.add("Reshape", flat, g.add("Shape", y))
    assert _shape(g, g.add("AddV2", again, g.add("Sum", x, g.const([0]), keep_dims=True))) == "m, 3"


def test_sizes_that_are_taken_apart_stay_sizes() -> None:
    """A shape can be split, turned and joined again, and still be a shape."""
    g, x, _ = _graph()
    rows, columns = g.add_many(
        "SplitV", g.add("Shape", x), g.const([1, 1]), g.const(0), num_split=2
    )
    pair = g.add("Pack", columns, rows, axis=1, N=2)
    turned = g.add("Transpose", pair, g.const([1, 0]))
    assert _shape(g, g.add("Fill", g.add("Reshape", turned, g.const([2])), g.const(1.0))) == "3, n"


def test_slice_of_a_known_part_has_a_known_size() -> None:
    """All but the first row of n are n - 1."""
    g, x, _ = _graph()
    part = g.add("Slice", x, g.const([1, 0]), g.const([-1, 2]))
    assert _shape(g, part) == "-1 + n, 2"


def test_reduction_keeps_or_drops_its_axis() -> None:
    """A sum along the rows is 3 long, or 1 by 3."""
    for keep, shape in ((False, "3"), (True, "1, 3")):
        g, x, _ = _graph()
        assert _shape(g, g.add("Sum", x, g.const([0]), keep_dims=keep)) == shape


def test_convolution_counts_its_windows() -> None:
    """Windows of 3 by 3 on n by 8, two apart, are (n - 1) / 2 rounded down by 3."""
    g = Graph()
    x = g.placeholder("x", "float32", (1, None, 8, 2))
    made = g.add("Conv2D", x, g.const(weights(3, 3, 2, 4)), strides=[1, 2, 2, 1],
                 dilations=[1, 1, 1, 1], padding="VALID", data_format="NHWC")  # fmt: skip
    assert _shape(g, made, {"x": [1, "2*n + 1", 8, 2]}) == "1, n, 3, 4"


def test_sizes_of_one_name_are_one() -> None:
    """Rows of both inputs that are told to be equal need no choice when they are added."""
    g, x, y = _graph()
    assert _shape(g, g.add("AddV2", x, y), {"x": ["n", 3], "y": ["n", 3]}) == "n, 3"


def test_sizes_of_which_nothing_is_told_may_be_1() -> None:
    """Otherwise the page decides which of the two is spread."""
    g, x, y = _graph()
    assert "?" in _shape(g, g.add("AddV2", x, y), {})


def test_name_is_found_from_the_plainest_size() -> None:
    """Of n and 2 * n + 1 the page reads n."""
    g, x, y = _graph()
    made = lowered(g, {"x": ["2*n + 1", 3], "y": ["n", 3]}, z=x, u=y)
    shapes = {name: value.shape for name, value in made.inputs.items()}
    assert [text for _, text in solutions(shapes)] == ['given["y"][0]']


def test_name_is_worked_out_where_it_never_stands_alone() -> None:
    """From 2 * n + 1 follows n."""
    g, x, _ = _graph()
    made = lowered(g, {"x": ["2*n + 1", 3]}, z=x)
    shapes = {name: value.shape for name, value in made.inputs.items() if name == "x"}
    assert [text for _, text in solutions(shapes)] == ['(given["x"][0] - 1) / 2']


def test_what_depends_on_numbers_is_declined() -> None:
    """As many rows as an input says are not known when the program starts."""
    g = Graph()
    count = g.placeholder("count", "int32", (1,))
    with pytest.raises(Declined, match="operand 0 is only known while it runs"):
        lowered(g, y=g.add("Fill", count, g.const(1.0)))


def test_input_of_any_rank_is_declined() -> None:
    """Loops have to be counted."""
    g = Graph()
    x = g.placeholder("x", "float32", None)
    with pytest.raises(Declined, match="'x' may have any number of dimensions"):
        lowered(g, y=g.add("Relu", x))


def test_every_operation_is_compiled() -> None:
    """Whatever the converter writes has a lowering; it writes no resizing of TensorFlow's."""
    others = {"Placeholder", "Const", "ResizeBilinear", "ResizeNearestNeighbor"}
    assert set(OPS) - set(lowerings()) <= others
