"""Which tensors are stored, and which loops compute them."""

from __future__ import annotations

from site_builder.tfjs.graph import Graph

from .compiled_graphs import dense, fused, stored, weights


def test_elementwise_chain_is_one_kernel() -> None:
    """What is read once is computed where it is read, whatever broadcasts."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 4))
    h = g.add("Mul", g.add("Tanh", g.add("AddV2", x, g.const(weights(4)))), g.const(2.0))
    kernels = fused(g, y=g.add("Relu", g.add("Sub", h, g.const(weights(4)))))
    assert stored(kernels) == [["Relu"]]


def test_transposes_and_reshapes_are_no_kernels() -> None:
    """They are other ways to count places."""
    g = Graph()
    x = g.placeholder("x", "float32", (2, 3, 4))
    turned = g.add("Transpose", x, g.const([2, 0, 1]))
    flat = g.add("Reshape", x, g.const([4, 2, 3]))
    kernels = fused(g, y=g.add("AddV2", turned, flat))
    assert stored(kernels) == [["AddV2"]]


def test_product_bias_and_activation_are_one_kernel() -> None:
    """A dense layer stores what it gives and nothing else."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 4))
    kernels = fused(g, y=dense(g, x, 4, 5))
    assert stored(kernels) == [["Relu"]]
    assert len(kernels[0].reductions) == 1


def test_function_that_is_called_follows_the_product() -> None:
    """Sums are taken several at a time, and calls one by one: a tanh has loops of its own."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 4))
    kernels = fused(g, y=g.add("Tanh", g.add("MatMul", x, g.const(weights(4, 5)))))
    assert stored(kernels) == [["MatMul"], ["Tanh"]]


def test_operand_of_a_product_is_stored_once() -> None:
    """A layer is not computed anew for each unit of the next."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 4))
    kernels = fused(g, y=dense(g, dense(g, x, 4, 5), 5, 2))
    assert stored(kernels) == [["Relu"], ["Relu_1"]]


def test_loops_over_the_same_sizes_are_shared() -> None:
    """Two outputs of one shape come from one nest of loops, which computes what they share once."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 4))
    root = g.add("Tanh", x)
    (kernel,) = fused(g, y=g.add("Neg", root), z=g.add("Square", root))
    assert [scalar.op for scalar in kernel.scalars()].count("Tanh") == 1


def test_sums_of_one_row_share_their_loops() -> None:
    """Mean and largest of each row are one kernel with two reductions."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 4))
    ends = {name: g.add(op, x, g.const([1]), keep_dims=False)
            for name, op in (("y", "Mean"), ("z", "Max"))}  # fmt: skip
    (kernel,) = fused(g, **ends)
    assert [reduction.how for reduction in kernel.reductions] == ["sum", "max"]


def test_what_seldom_changes_has_kernels_of_its_own() -> None:
    """A layer of an input that is not varying is computed apart from the rest."""
    g = Graph()
    x = g.placeholder("x", "float32", (3, 4))
    shift = g.placeholder("shift", "float32", (5,))
    kernels = fused(g, {"shift"}, y=g.add("AddV2", dense(g, x, 4, 5), shift))
    assert [(kernel.varies, kernel.inputs) for kernel in kernels] == [
        (False, frozenset({"x"})),
        (True, frozenset({"x", "shift"})),
    ]


def test_what_no_output_needs_is_left_out() -> None:
    """Nothing is computed for its own sake."""
    g = Graph()
    x = g.placeholder("x", "float32", (None, 4))
    dense(g, x, 4, 5)
    assert stored(fused(g, y=g.add("Neg", x))) == [["Neg"]]


def test_comparison_sees_what_would_have_been_stored() -> None:
    """A float on which something jumps is rounded to float32, and so is all that it is made of."""
    g = Graph()
    x = g.placeholder("x", "float32", (3,))
    third = g.add("Mul", g.add("AddV2", x, g.const(0.1)), g.const(0.3))
    (kernel,) = fused(g, y=g.add("Less", third, g.const(1.0)))
    assert [scalar.op for scalar in kernel.scalars()].count("round") == 2


def test_what_is_stored_is_compared_as_it_is_stored() -> None:
    """An output that the same loops compare is rounded for the comparison."""
    g = Graph()
    x = g.placeholder("x", "float32", (3,))
    square = g.add("Mul", x, x)
    (kernel,) = fused(g, y=square, z=g.add("IsInf", square))
    (question,) = (scalar for scalar in kernel.scalars() if scalar.op == "IsInf")
    assert question.args[0].op == "round"
