"""Places, points and intervals as inputs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from site_builder.axis import decimals, stops
from site_builder.errors import SiteBuilderError
from site_builder.inputs import Input
from site_builder.interval import Interval
from site_builder.placing import Placed, Point, Points

X, Y = (-6.0, 6.0), (0.0, 1.0)


class Owner:
    """Holds one input of each kind, as an explorable would."""

    start_at = Point(x=X, y=Y, default=(1, 0.25))
    own = Points(3, x=X, y=Y, labels=("orange", "blue"), default=[(1, 0, "blue"), (-2, 1)])
    bare = Points(2, x=X, y=Y)
    window = Interval(0, 24, default=(6, 9), step=0.5)


def test_a_point_is_two_numbers_and_tells_the_page_its_ranges() -> None:
    spec = Owner.start_at.spec()
    assert Owner.start_at.arrays([1, 0.25])["start_at"].tolist() == [1, 0.25]
    assert (spec["kind"], spec["dtype"], spec["shape"]) == ("point", "float32", [2])
    assert (spec["x"], spec["y"], spec["default"]) == ([-6, 6], [0, 1], [1, 0.25])


def test_a_point_is_tried_in_every_corner_and_at_places_inside() -> None:
    assert Owner.start_at.extremes() == [[-6, 0], [-6, 1], [6, 0], [6, 1]]
    x, y = np.transpose([Owner.start_at.sample(np.random.default_rng(n)) for n in range(20)])
    assert -6 <= x.min() < -2 < 2 < x.max() <= 6
    assert 0 <= y.min() < y.max() <= 1


def test_points_know_their_labels_by_word_and_tell_the_page_their_indices() -> None:
    spec = Owner.own.spec()
    assert spec["default"] == [[1, 0, 1], [-2, 1, 0]]
    assert (spec["capacity"], spec["labels"]) == (3, ["orange", "blue"])
    assert Owner.bare.spec()["labels"] is None
    assert Owner.bare.spec()["default"] == []


def test_a_value_takes_the_place_of_a_labels_index_and_labels_name_its_ends() -> None:
    valued = Points(
        3, x=X, y=Y, value=(-1, 1), labels=("low", "high"), default=[(1, 0, "high"), (2, 1, 0.25)]
    )
    valued.__set_name__(Owner, "valued")
    assert valued.spec()["value"] == [-1, 1]
    assert Owner.own.spec()["value"] is None
    own = valued.arrives([torch.as_tensor(a) for a in valued.arrays(valued.default).values()])
    assert own.label.dtype == torch.float32
    assert own.label.tolist() == [1, 0.25, 0]
    assert Points(1, x=X, y=Y, value=(2, 3), default=[(0, 0)]).default == [[0, 0, 2]]


def test_points_of_a_value_are_tried_at_its_ends_and_between() -> None:
    valued = Points(9, x=X, y=Y, value=(-1, 1))
    assert {point[2] for point in valued.extremes()[1]} == {-1, 1}
    random = np.random.default_rng(0)
    values = [point[2] for _ in range(20) for point in valued.sample(random)]
    assert -1 <= min(values) < -0.5 < 0.5 < max(values) <= 1


def test_points_arrive_as_tensors_of_the_full_capacity_with_the_present_ones_first() -> None:
    arrays = Owner.own.arrays(Owner.own.default)
    assert list(arrays) == ["own.xy", "own.label", "own.present"]
    own = Owner.own.arrives([torch.as_tensor(array) for array in arrays.values()])
    assert isinstance(own, Placed)
    assert own.xy.tolist() == [[1, 0], [-2, 1], [0, 0]]
    assert own.label.tolist() == [1, 0, 0]
    assert own.present.tolist() == [True, True, False]
    assert (own.xy.dtype, own.label.dtype, own.present.dtype) == (
        torch.float32,
        torch.int64,
        torch.bool,
    )


def test_points_are_tried_empty_and_full_with_every_label() -> None:
    large = Points(12, x=X, y=Y, labels=("a", "b", "c"))
    empty, full = large.extremes()
    assert empty == []
    assert len(full) == 12
    assert {point[2] for point in full} == {0, 1, 2}
    assert {tuple(point[:2]) for point in full} == {(x, y) for x in X for y in Y}


def test_random_points_are_of_every_number_up_to_the_capacity() -> None:
    random = np.random.default_rng(0)
    samples = [Owner.own.sample(random) for _ in range(60)]
    assert {len(sample) for sample in samples} == {0, 1, 2, 3}
    placed = np.array([point for sample in samples for point in sample])
    assert np.abs(placed[:, 0]).max() <= 6
    assert set(placed[:, 2]) == {0, 1}


def test_an_interval_is_ordered_and_shown_with_as_many_decimals_as_its_stops_need() -> None:
    spec = Owner.window.spec()
    assert spec["default"] == [6, 9]
    assert (spec["min"], spec["max"], spec["step"], spec["format"]) == (0, 24, 0.5, "6.0")
    random = np.random.default_rng(0)
    samples = [Owner.window.sample(random) for _ in range(50)]
    assert all(0 <= low <= high <= 24 for low, high in samples)
    assert all(end * 2 == round(end * 2) for sample in samples for end in sample)
    assert Owner.window.extremes() == [[0, 24], [0, 0], [24, 24]]


@pytest.mark.parametrize(
    ("low", "high", "step", "places"),
    [(-6, 6, 0.1, 1), (0, 1, 0.01, 2), (0, 300, 2, 0), (0, 0.0007, 5e-6, 6), (0, 90_000, 1000, 0)],
)
def test_arrow_keys_move_by_a_round_hundredth_of_the_range(
    low: float, high: float, step: float, places: int
) -> None:
    assert stops(low, high) == step
    assert decimals(step) == places


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Point(x=(1, 1), y=Y, default=(1, 1)), "range x=(1, 1) needs its lower end first"),
        (lambda: Point(x=X, y=(0, float("nan")), default=(1, 1)), "range y must be two finite"),
        (lambda: Point(x=X, y=5, default=(1, 1)), "range y must be two numbers, not 5"),  # type: ignore[arg-type]
        (lambda: Point(x=X, y=Y, default=(7, 0)), "x = 7, which lies outside -6 to 6"),
        (lambda: Point(x=X, y=Y, default=(1,)), "must be two numbers, not (1,)"),  # type: ignore[arg-type]
        (lambda: Points(0, x=X, y=Y), "whole number from 1 to 5000, not 0"),
        (lambda: Points(2.5, x=X, y=Y), "not 2.5"),  # type: ignore[arg-type]
        (lambda: Points(1, x=X, y=Y, default=[(0, 0), (1, 1)]), "room for 1"),
        (lambda: Points(2, x=X, y=Y, default=[(0, 0), (0, 2)]), "point 2 of the default has y = 2"),
        (lambda: Points(2, x=X, y=Y, default=[(0,)]), "(x, y) or (x, y, label)"),
        (lambda: Points(2, x=X, y=Y, labels=("a",)), "at least two different labels"),
        (lambda: Points(2, x=X, y=Y, labels="ab"), "at least two different labels"),
        (
            lambda: Points(2, x=X, y=Y, value=(1, -1)),
            "value=(1, -1) needs its lower end first",
        ),
        (lambda: Points(2, x=X, y=Y, value=(0, 1), labels=("a", "b", "c")), "two ends to be named"),
        (lambda: Points(2, x=X, y=Y, value=(0, 1), default=[(0, 0, 2)]), "has the value 2, which"),
        (lambda: Points(2, x=X, y=Y, value=(0, 1), default=[(0, 0, None)]), "has the value None"),
        (
            lambda: Points(2, x=X, y=Y, labels=("red", "blue"), default=[(0, 0, "rad")]),
            "unknown label 'rad'; known: blue, red. Did you mean 'red'?",
        ),
        (lambda: Points(2, x=X, y=Y, default=[(0, 0, "a")]), "unknown label 'a'; known: none"),
        (lambda: Points(2, x=X, y=Y, default=[(0, 0, 1)]), "no label has the index 1; there are 1"),
        (lambda: Interval(0, 1, default=(1, 0)), "lower end first"),
        (lambda: Interval(0, 1, default=(0, 2)), "Interval: the default 2.0 lies outside"),
        (lambda: Interval(1, 0, default=(0, 0)), "Interval(1, 0, 0.0) needs finite ends"),
        (lambda: Interval(0, 1, default=(0, 1), step=-1), "Interval: step must be above 0"),
    ],
)
def test_an_impossible_place_says_what_is_wrong(make: Callable[[], Input], said: str) -> None:
    with pytest.raises(SiteBuilderError) as raised:
        make()
    assert said in str(raised.value)
