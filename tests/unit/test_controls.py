"""Native controls, as they stand in the page before any script runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

import pytest

from site_builder.controls import FEW, control, editor, fieldset
from site_builder.inputs import Choice, Input, Slider, Toggle
from site_builder.interval import Interval
from site_builder.picture import Picture
from site_builder.placing import Point, Points
from site_builder.sizes import Choices, Seed, Size
from site_builder.sketch import Sketch
from site_builder.text import Text


def html(made: Input, name: str = "thing", instance: int = 0) -> str:
    made.__set_name__(object, name)
    return control("demo", made.spec(), "a.js", instance)


def tree(made: Input, **options: Any) -> ElementTree.Element:
    """The control as a tree: HTML without what XML lacks."""
    text = re.sub(r"<((?:input|img)\b[^>]*)>", r"<\1/>", html(made, **options))
    text = re.sub(r" (checked|hidden|selected)(?=[ >/])", r' \1=""', text)
    return ElementTree.fromstring(text)


def ids(element: ElementTree.Element) -> list[str]:
    return [each.attrib["id"] for each in element.iter() if "id" in each.attrib]


EVERY = [
    Slider(0, 1, 0.5),
    Choice("a", "b"),
    Choice(*"abcdef"),
    Choices("a", "b", "c", default=("a", "c")),
    Toggle(),
    Size(1, 8, 4),
    Seed(7),
    Point(x=(-6, 6), y=(0, 1), default=(1, 0.5)),
    Points(5, x=(-6, 6), y=(0, 1), labels=("or<ange", "blue")),
    Points(5, x=(-6, 6), y=(0, 1)),
    Interval(0, 24, (6, 9), step=0.5),
    Points(5, x=(-6, 6), y=(0, 1), value=(-1, 1), labels=("low", "high")),
    Sketch(2, 2, examples=[("dot", [[0, 1], [0, 0]])]),
    Text(["<pad>", "<unk>", "a"], 4, "a <b", examples=["<a>", ""]),
    Picture(1, 2, 1, examples=[("a <dot>", [[0, 1]])], default=0),
]


@pytest.mark.parametrize("made", EVERY, ids=lambda made: made.kind)
def test_every_field_of_a_control_has_a_label_of_its_own(made: Input) -> None:
    element = tree(made)
    wrapped = {field for label in element.iter("label") for field in label.iter()}
    named = {label.attrib.get("for") for label in element.iter("label")}
    fields = [each for each in element.iter() if each.tag in ("input", "select")]
    assert all(field in wrapped or field.attrib["id"] in named for field in fields)
    assert fields


@pytest.mark.parametrize("made", EVERY, ids=lambda made: made.kind)
def test_a_control_that_stands_twice_shares_no_id_with_itself(made: Input) -> None:
    both = ids(tree(made)) + ids(tree(made, instance=1))
    assert len(set(both)) == len(both)


@pytest.mark.parametrize("made", EVERY, ids=lambda made: made.kind)
def test_every_reference_inside_a_control_leads_somewhere(made: Input) -> None:
    element = tree(made)
    for each in element.iter():
        for attribute in ("for", "aria-labelledby", "aria-describedby"):
            if attribute in each.attrib:
                assert each.attrib[attribute] in ids(element)


def values(element: ElementTree.Element, kind: str) -> Sequence[str | None]:
    return [e.attrib.get("value") for e in element.iter("input") if e.attrib["type"] == kind]


def test_a_size_is_a_slider_of_whole_numbers_with_its_value_beside_it() -> None:
    text = html(Size(1, 8, 4))
    assert 'min="1" max="8" step="1" value="4"' in text
    assert ">4</output>" in text


def test_the_chosen_ones_of_several_are_checked() -> None:
    boxes = list(tree(EVERY[3]).iter("input"))
    assert [(box.attrib["type"], "checked" in box.attrib) for box in boxes] == [
        ("checkbox", True),
        ("checkbox", False),
        ("checkbox", True),
    ]


def test_a_seed_is_a_number_that_a_button_makes_anew() -> None:
    element = tree(Seed(7))
    assert values(element, "number") == ["7"]
    assert [button.text for button in element.iter("button")] == ["New seed"]


def test_a_point_is_two_sliders_named_by_their_axis() -> None:
    element = tree(EVERY[7])
    assert values(element, "range") == ["1", "0.5"]
    assert [label.text for label in element.iter("label")] == ["x", "y"]
    assert [output.text for output in element.iter("output")] == ["1.00", "0.500"]


def test_an_interval_is_two_sliders_over_one_range() -> None:
    element = tree(EVERY[10])
    sliders = list(element.iter("input"))
    assert [(s.attrib["min"], s.attrib["max"], s.attrib["step"]) for s in sliders] == [
        ("0", "24", "0.5")
    ] * 2
    assert [output.text for output in element.iter("output")] == ["6.0", "9.0"]


def test_points_offer_their_labels_a_file_and_a_way_by_number() -> None:
    text = html(EVERY[8])
    assert "or&lt;ange" in text
    assert text.count('type="radio"') == 2
    assert 'type="file"' in text
    assert "x,y,label (or&lt;ange or blue)" in text
    for word in ("Remove all", "Undo", "Add", "Remove"):
        assert f">{word}</button>" in text
    assert 'type="radio"' not in html(EVERY[9])


def test_points_of_a_value_have_a_slider_and_a_field_for_it_and_words_for_its_ends() -> None:
    element = tree(EVERY[11])
    slider, *_ = [each for each in element.iter("input") if each.attrib["type"] == "range"]
    assert [slider.attrib[end] for end in ("min", "max", "value")] == ["-1", "1", "-1"]
    fields = [e.attrib.get("data-axis") for e in element.iter("input") if "data-axis" in e.attrib]
    assert fields == ["x", "y", "value"]
    assert "x,y,value (-1 is low, 1 is high)" in html(EVERY[11])


def test_undoing_is_offered_only_once_there_is_something_to_undo() -> None:
    assert '<button type="button" class="explorable-undo" hidden>' in html(EVERY[8])


def test_a_control_that_does_nothing_yet_is_hidden_until_a_script_shows_it() -> None:
    size = Size(1, 8, 4)
    size.__set_name__(object, "width")
    assert control("demo", size.spec(), "a.js", 0, idle=True).startswith(
        '<explorable-input name="demo.width" kind="size" src="a.js" hidden>'
    )
    assert " hidden" not in control("demo", size.spec(), "a.js", 0)


def test_the_numbers_of_a_figure_are_edited_by_a_labelled_list_and_field() -> None:
    text = editor("demo--net--edit--0", "we<ight")
    element = ElementTree.fromstring(re.sub(r"<(input\b[^>]*)>", r"<\1/>", text))
    labels = {label.attrib["for"]: label.text for label in element.iter("label")}
    assert element.findtext("summary") == "Edit a number"
    assert labels == {"demo--net--edit--0--which": "Which", "demo--net--edit--0--value": "we<ight"}
    assert set(labels) == set(ids(element))


def test_many_controls_stand_under_the_picture_in_columns() -> None:
    assert fieldset([]) == ""
    assert "explorable-many" not in fieldset(["x"] * FEW)
    assert 'class="explorable-controls explorable-many"' in fieldset(["x"] * (FEW + 1))
