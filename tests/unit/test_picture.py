"""A picture as an input."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np
import pytest

from site_builder.controls import control
from site_builder.errors import SiteBuilderError
from site_builder.link_values import Refused, as_read
from site_builder.picture import Picture

FLAG = np.array([[[0, 1]], [[0.2, 0]], [[0, 0.4]]])


def made(*shape: int, **options: Any) -> Picture:
    picture = Picture(*(shape or (1, 2)), **options)
    picture.__set_name__(object, "photo")
    return picture


def test_a_picture_is_channels_first_as_pytorch_has_it() -> None:
    picture = made(examples=[("a flag", FLAG)], default=0)
    array = picture.arrays(picture.default)["photo"]
    assert array.shape == (3, 1, 2)
    assert array.dtype == np.float32
    assert np.allclose(array, FLAG)


def test_an_example_is_in_python_exactly_what_the_page_gets() -> None:
    picture = made(examples=[("a flag", FLAG * 0.999)], default=0)
    levels = base64.b64decode(picture.spec()["examples"][0]["pixels"])
    in_page = np.frombuffer(levels, np.uint8).astype(np.float32) / np.float32(255)
    assert np.array_equal(picture.default.ravel(), in_page)


def test_a_grey_picture_may_be_given_without_its_channel() -> None:
    picture = made(2, 2, 1, examples=[("one", [[0, 1], [1, 0]])], default=0)
    assert picture.default.tolist() == [[[0, 1], [1, 0]]]


def test_a_picture_without_an_opening_example_opens_black() -> None:
    assert made().default.max() == 0
    assert made().spec()["default"] is None


def test_the_points_compared_are_black_white_each_channel_and_the_examples() -> None:
    found = made(examples=[("a flag", FLAG)]).extremes()
    assert [each.mean() for each in found[:2]] == [0, 1]
    assert [each.mean((1, 2)).tolist() for each in found[2:5]] == np.eye(3).tolist()
    assert np.allclose(found[5], FLAG)


def test_a_random_picture_has_areas_and_whole_levels() -> None:
    picture = made(16, 16, 3).sample(np.random.default_rng(0))
    assert picture.shape == (3, 16, 16)
    assert picture.dtype == np.float32
    assert np.allclose(picture * 255, np.round(picture * 255), atol=1e-4)
    assert picture.std() > 0.05


@pytest.mark.parametrize(
    ("shape", "options", "said"),
    [
        ((0, 2), {}, "the height must be a whole number from 1 to 1024, not 0"),
        ((2, 1025), {}, "the width must be a whole number"),
        ((2, 2, 4), {}, "channels must be 3 for colours or 1 for grey, not 4"),
        ((2, 2), {"fit": "stretch"}, "unknown fit 'stretch'; known: contain, cover"),
        ((2, 2), {"examples": [("a", np.zeros((2, 2, 3)))]}, "has the shape (2, 2, 3); it must be"),
        ((1, 2), {"examples": [("a", FLAG * 255)]}, "outside 0..1; divide bytes by 255"),
        ((1, 2), {"examples": [("a", FLAG * np.nan)]}, "outside 0..1"),
        ((1, 2), {"examples": [("a", FLAG), ("a", FLAG)]}, "need names of their own"),
        ((1, 2), {"examples": [("a", FLAG)], "default": 1}, "no example has the index 1; there"),
    ],
)  # fmt: skip
def test_a_picture_that_cannot_be_says_what_is_wrong(
    shape: tuple[int, ...], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(SiteBuilderError) as raised:
        made(*shape, **options)
    assert said in str(raised.value)


def pixels_of(html: str) -> bytes:
    """The bytes of the PNG in a control, row by row, each behind a zero."""
    png = base64.b64decode(html.partition("base64,")[2].partition('"')[0])
    start = png.index(b"IDAT") + 4
    return zlib.decompress(png[start : png.index(b"IEND") - 8])


def test_the_page_shows_the_opening_picture_before_any_script_runs() -> None:
    picture = made(examples=[("a <flag>", FLAG)], default=0, label="A & B")
    html = control("demo", picture.spec(), "a.js", 0)
    assert pixels_of(html) == bytes((0, 0, 51, 0, 255, 255, 0, 102, 255))
    assert 'alt="A &amp; B: a &lt;flag&gt;"' in html
    assert "<flag>" not in html
    assert 'accept="image/*"' in html
    assert "It stays on this machine" in html


def test_a_grey_picture_is_shown_in_grey() -> None:
    html = control("demo", made(1, 1, 1, examples=[("x", [[0.4]])], default=0).spec(), "a.js", 0)
    assert pixels_of(html) == bytes((0, 102, 102, 102, 255))


@pytest.mark.parametrize(
    ("written", "read"),
    [("0", "0"), ("a%20flag", "0"), ("pAQID_v8A", "pAQID_v8A")],
)
def test_a_link_holds_an_example_by_name_or_number_or_a_packed_picture(
    written: str, read: str
) -> None:
    assert as_read(made(examples=[("a flag", FLAG)]).spec(), written) == read


@pytest.mark.parametrize("written", ["1", "", "flag", "pAQID", "p<svg>", "p"])
def test_a_link_to_no_picture_is_refused(written: str) -> None:
    with pytest.raises(Refused, match=r"the name of an example \(a flag\), or a picture of 3 by 1"):
        as_read(made(examples=[("a flag", FLAG)]).spec(), written)
