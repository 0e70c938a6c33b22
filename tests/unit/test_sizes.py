"""Sizes, several choices, and seeds as inputs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from site_builder.errors import SiteBuilderError
from site_builder.inputs import Input
from site_builder.sizes import Choices, Seed, Size


class Owner:
    """Holds one input of each kind, as an explorable would."""

    units_1 = Size(1, 8, 4, label="Units in layer 1")
    features = Choices("x1", "x2", "x1 x2", default=("x2", 0))
    seed = Seed()


def test_a_size_arrives_as_so_many_indices_and_graphs_follow_its_length() -> None:
    arrays = Owner.units_1.arrays(3)
    assert arrays["units_1"].tolist() == [0, 1, 2]
    assert arrays["units_1"].dtype == np.int64
    assert Owner.units_1.symbolic
    assert Owner.units_1.spec() == {
        "kind": "size",
        "name": "units_1",
        "label": "Units in layer 1",
        "dtype": "int32",
        "shape": [4],
        "min": 1,
        "max": 8,
        "default": 4,
    }


def test_a_size_is_tried_at_both_ends_and_between() -> None:
    random = np.random.default_rng(0)
    assert Owner.units_1.extremes() == [1, 8]
    assert {Owner.units_1.sample(random) for _ in range(100)} == set(range(1, 9))


def test_choices_are_indices_in_the_order_of_the_words() -> None:
    assert Owner.features.default == [0, 1]
    assert Owner.features.symbolic
    spec = Owner.features.spec()
    assert (spec["options"], spec["default"]) == (["x1", "x2", "x1 x2"], [0, 1])
    assert (spec["dtype"], spec["shape"]) == ("int32", [2])
    assert Owner.features.arrays([0, 2])["features"].dtype == np.int64
    assert Choices("a", "b").default == [0, 1]


def test_choices_are_never_empty_and_never_twice_the_same() -> None:
    random = np.random.default_rng(0)
    samples = [Owner.features.sample(random) for _ in range(100)]
    assert {tuple(sample) for sample in samples} == {
        (0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2),
    }  # fmt: skip
    assert Owner.features.extremes() == [[0], [1], [2], [0, 1, 2]]


def test_a_seed_is_a_whole_number_of_six_digits() -> None:
    assert Owner.seed.default == 1
    assert Owner.seed.spec()["kind"] == "seed"
    assert Owner.seed.extremes() == [0, 999_999]
    assert 0 <= Owner.seed.sample(np.random.default_rng(0)) <= 999_999


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Size(0, 8, 4), "1 <= minimum < maximum"),
        (lambda: Size(3, 3, 3), "1 <= minimum < maximum"),
        (lambda: Size(1, 8, 4.5), "whole numbers"),  # type: ignore[arg-type]
        (lambda: Size(1, 8, 9), "the default 9 lies outside 1 to 8"),
        (lambda: Choices("a"), "at least two different words"),
        (lambda: Choices("a", "a"), "at least two different words"),
        (lambda: Choices("a", "b", default=()), "at least one of ('a', 'b') in a tuple, not ()"),
        (lambda: Choices("a", "b", default="a"), "in a tuple, not 'a'"),
        (lambda: Choices("a", "b", default=("c",)), "unknown word 'c'; known: a, b."),
        (lambda: Choices("a", "b", default=(2,)), "no word has the index 2; there are 2"),
        (lambda: Choices("a", "b", default=("a", 0)), "names a word twice"),
        (lambda: Seed(-1), "from 0 to 999999, not -1"),
        (lambda: Seed(1_000_000), "not 1000000"),
        (lambda: Seed(True), "not True"),
    ],
)
def test_an_impossible_input_says_what_is_wrong(make: Callable[[], Input], said: str) -> None:
    with pytest.raises(SiteBuilderError) as raised:
        make()
    assert said in str(raised.value)
