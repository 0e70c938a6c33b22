"""What a reader can touch."""

import base64
from collections.abc import Callable

import numpy as np
import pytest

from site_builder.errors import SiteBuilderError
from site_builder.inputs import Choice, Input, Slider, Toggle, points
from site_builder.sketch import Sketch


class Owner:
    """Holds one input of each kind, as an explorable would."""

    rate = Slider(0.0, 1.0, 0.25, step=0.05)
    kind_of = Choice("a", "b", "c", default="b", label="Kind")
    shown = Toggle(True)
    drawing = Sketch(2, 3, examples=[("dot", np.array([[0, 1, 0], [0, 0, 0.5]]))], default=0)


def test_an_input_without_a_label_is_called_by_its_name() -> None:
    assert Owner.rate.label == "Rate"
    assert Owner.kind_of.label == "Kind"


def test_a_slider_tells_the_page_its_range_and_as_many_decimals_as_its_stops_need() -> None:
    assert Owner.rate.spec() == {
        "kind": "slider",
        "name": "rate",
        "label": "Rate",
        "dtype": "float32",
        "shape": [],
        "min": 0.0,
        "max": 1.0,
        "step": 0.05,
        "default": 0.25,
        "format": "0.25",
    }


def test_a_choice_is_an_index_and_the_browser_has_no_int64() -> None:
    assert Owner.kind_of.default == 1
    assert Owner.kind_of.dtype == "int64"
    assert Owner.kind_of.spec()["dtype"] == "int32"


def test_a_sketch_holds_in_python_exactly_the_grey_levels_that_the_page_gets() -> None:
    levels = base64.b64decode(Owner.drawing.spec()["examples"][0]["pixels"])
    in_page = np.frombuffer(levels, np.uint8).astype(np.float32) / np.float32(255)
    assert np.array_equal(Owner.drawing.default.ravel(), in_page)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Slider(1, 0, 0), "minimum < maximum"),
        (lambda: Slider(0, float("inf"), 0), "finite"),
        (lambda: Slider(0, 1, 2), "outside"),
        (lambda: Slider(0, 1, 0, step=0), "step must be above 0"),
        (lambda: Choice("only"), "at least two"),
        (lambda: Choice("a", "a"), "different"),
        (lambda: Choice("a", "b", default="c"), "none of"),
        (lambda: Choice("a", "b", default=2), "index 2"),
        (lambda: Sketch(0, 3), "above 0"),
        (lambda: Sketch(1, 1, examples=[("wide", [[0, 1]])]), "shape (1, 2)"),
        (lambda: Sketch(1, 1, examples=[("loud", [[2]])]), "outside 0..1"),
        (lambda: Sketch(1, 1, default=0), "no example"),
    ],
)
def test_an_impossible_input_says_what_is_wrong(make: Callable[[], Input], said: str) -> None:
    with pytest.raises(SiteBuilderError, match=said.replace("(", r"\(").replace(")", r"\)")):
        make()


def test_points_are_the_defaults_then_every_extreme_then_random_ones() -> None:
    inputs = {"rate": Owner.rate, "kind_of": Owner.kind_of, "shown": Owner.shown}
    found = list(points(inputs, count=3, random=np.random.default_rng(0)))
    assert found[0] == {"rate": 0.25, "kind_of": 1, "shown": True}
    assert {"rate": 1.0, "kind_of": 1, "shown": True} in found
    assert {"rate": 0.25, "kind_of": 2, "shown": True} in found
    assert len(found) == 1 + 2 + 3 + 2 + 3


def test_random_points_stay_on_the_stops_of_a_slider() -> None:
    random = np.random.default_rng(0)
    values = [Owner.rate.sample(random) for _ in range(50)]
    assert all(0 <= v <= 1 and abs(v / 0.05 - round(v / 0.05)) < 1e-9 for v in values)
    assert len(set(values)) > 10


def test_a_random_drawing_has_ink_and_paper() -> None:
    drawing = Sketch(16, 16).sample(np.random.default_rng(0))
    assert drawing.shape == (16, 16)
    assert drawing.min() == 0
    assert drawing.max() == 1
