"""A line of text as an input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from site_builder.controls import control
from site_builder.errors import SiteBuilderError
from site_builder.link_values import Refused, as_read
from site_builder.text import LONGEST, Text

ALPHABET = ["<pad>", "<unk>", *"abcdefghijklmnopqrstuvwxyz "]


def made(**options: Any) -> Text:
    arguments: dict[str, Any] = {"vocabulary": ALPHABET, "length": 8, "value": "hello"} | options
    text = Text(**arguments)
    text.__set_name__(object, "line")
    return text


def test_a_text_is_fed_as_ids_with_the_padding_behind_them() -> None:
    text = made()
    ids = text.arrays("hey")["line"]
    assert ids.dtype == np.int64
    assert ids.tolist() == [9, 6, 26, 0, 0, 0, 0, 0]
    assert (ids != text.pad_id).sum() == 3


def test_the_page_is_told_the_vocabulary_once_and_all_that_it_cuts_by() -> None:
    spec = made(cut="words", examples=["a", "b"]).spec()
    assert spec["vocabulary"].split("\n") == ALPHABET
    assert (spec["dtype"], spec["shape"], spec["kind"]) == ("int32", [8], "text")
    assert (spec["cut"], spec["lowercase"], spec["pad"], spec["unknown"]) == ("words", True, 0, 1)
    assert (spec["default"], spec["examples"]) == ("hello", ["a", "b"])


def test_words_are_lower_cased_unless_the_author_says_otherwise_and_characters_are_not() -> None:
    assert made(cut="words").spec()["lowercase"] is True
    assert made(cut="words", lowercase=False).spec()["lowercase"] is False
    assert made().spec()["lowercase"] is False


@pytest.mark.parametrize("cut", ["characters", "words", "pieces"])
def test_the_points_compared_are_empty_too_long_unknown_and_the_examples(cut: str) -> None:
    text = made(cut=cut, vocabulary=[*ALPHABET, "the"], examples=["the cat"])
    empty, full, odd, example = text.extremes()
    assert (empty, example) == ("", "the cat")
    assert len(text.tokenizer.parts(full)) > 8
    assert text.unknown_id not in text.tokenizer.ids(full, 8)
    assert set(text.tokenizer.ids(odd, 5)) == {text.unknown_id}


def test_random_texts_are_short_and_long_known_and_unknown() -> None:
    text, random = made(), np.random.default_rng(0)
    ids = np.array([text.arrays(text.sample(random))["line"] for _ in range(50)])
    assert (ids == text.pad_id).any()
    assert (ids[:, -1] != text.pad_id).any()
    assert (ids == text.unknown_id).any()
    assert len(np.unique(ids)) == len(ALPHABET)


def test_a_long_vocabulary_of_long_tokens_keeps_its_texts_within_what_a_line_may_have() -> None:
    words = [f"{'x' * 60}{n}" for n in range(500)]
    text = made(vocabulary=["<pad>", "<unk>", *words], length=1000, cut="words", value="")
    assert all(len(each) <= LONGEST for each in text.extremes())
    assert len(text.sample(np.random.default_rng(1))) <= LONGEST


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"length": 0}, "whole number of tokens from 1 to 1000, not 0"),
        ({"length": 2.5}, "whole number of tokens"),
        ({"cut": "letters"}, "unknown way to cut 'letters'; known: characters, pieces, words"),
        ({"vocabulary": "abc"}, "must be a list of tokens"),
        ({"vocabulary": [*ALPHABET, "a"]}, "'a' comes twice in the vocabulary, as token 2 and 29"),
        ({"vocabulary": [*ALPHABET, ""]}, "token 29 of the vocabulary must be text"),
        ({"vocabulary": [*ALPHABET, "a\nb"]}, "without line breaks"),
        ({"vocabulary": [*ALPHABET, 7]}, "not 7"),
        ({"vocabulary": ["a", "<pad>"]}, "lacks '<unk>'. Put it in, or name the token"),
        ({"pad": "<end>"}, "lacks '<end>'. Put it in, or name the token that is meant: Text("),
        ({"pad": "a", "unknown": "a"}, "can't be both"),
        ({"vocabulary": [*ALPHABET, "A"], "lowercase": True}, "'A', since it is read as 'a'"),
        ({"vocabulary": [*ALPHABET, "A"], "lowercase": True}, "or pass lowercase=False"),
        ({"vocabulary": [*ALPHABET, "e\u0301"]}, "'e\\u0301', since it is read as '\\xe9'"),
        ({"vocabulary": ["<pad>", "<unk>", "ab"]}, 'cut into "characters"'),
        ({"value": "a\nb"}, "the value must be one line of text"),
        ({"value": "a\n"}, "the value must be one line of text"),
        ({"examples": ["a", "b" * 10_001]}, "example 2 has 10001 characters; a line may have"),
        ({"examples": "abc"}, "examples must be a list"),
    ],
)  # fmt: skip
def test_a_text_that_cannot_be_says_what_is_wrong(options: dict[str, Any], said: str) -> None:
    with pytest.raises(SiteBuilderError) as raised:
        made(**options)
    assert said in str(raised.value)


def test_a_token_of_several_words_is_no_mistake_since_a_model_may_bring_its_own() -> None:
    assert made(vocabulary=[*ALPHABET, "[CLS]"], cut="words").extremes()


def test_the_page_shows_the_opening_text_cut_before_any_script_runs() -> None:
    text = made(value="hé <b", length=4, label="A <line>", examples=["<i>", ""])
    html = control("demo", text.spec(), "a.js", 0)
    assert 'value="hé &lt;b"' in html
    assert "4 tokens; no room for more." in html
    assert "<li><bdi>h</bdi> <small>9</small></li>" in html
    assert '<li class="explorable-unknown"><bdi>é</bdi>' in html
    assert '<span class="explorable-hidden">space</span> <small>28</small>' in html
    assert "<bdi>&lt;i&gt;</bdi>" in html
    assert "<bdi>no text</bdi>" in html
    assert "<i>" not in html
    assert "<line>" not in html


def test_a_link_may_hold_any_line_that_is_not_too_long() -> None:
    spec = made().spec()
    assert as_read(spec, "gr%C3%B6%C3%9Fe & mehr") == "gr%C3%B6%C3%9Fe%20%26%20mehr"
    with pytest.raises(Refused, match="at most 10000 characters"):
        as_read(spec, "a" * 10_001)
