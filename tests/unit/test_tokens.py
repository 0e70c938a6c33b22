"""A text is cut in PyTorch as it is in the page, to the last code point."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from py_mini_racer import MiniRacer

from site_builder.letters import stretches
from site_builder.manifest import RUNTIME
from site_builder.text import Text
from site_builder.tokens import Tokenizer

CASES = Path(__file__).parents[1] / "token_cases.json"
VOCABULARY = [
    "<pad>", "<unk>", *"abcdefghijklmnopqrstuvwxyz éßσ.'0🦄字", "the", "there", "re", " is",
    "café", "na", "\u1e05\u0307", "한국어", "𝐀",
]  # fmt: skip
TEXTS = (
    "", "hello there", "The café is the cafe\u0301.", "Don't STOP", "İSTANBUL ΟΔΟΣ", "ẞß",
    "🦄字🦄", "❤\ufe0f ☃\ufe0e", "b\u0307\u0323 b\u0323\u0307", "𝐀 𝐚", "=\u0338 ≠",
    "\u1112\u1161\u11ab국어 한국어", "x\U0001fae8y \U0001e08f\u0301", "<pad><unk>",
    "\u00a0\u2009\u3000a\u200bb", "thereisthere is", "a\u0301\u0327 \u212b \u2126",
    "__proto__ constructor",
)  # fmt: skip
INPUTS = [
    Text(VOCABULARY, 12, cut=cut, lowercase=lowercase)
    for cut in ("characters", "words", "pieces")
    for lowercase in (False, True)
]
for made in INPUTS:
    made.__set_name__(object, "line")


Page = Callable[[Text, str], list[int]]


@pytest.fixture(scope="module")
def page() -> Page:
    """What the page's own script makes of a text."""
    context = MiniRacer()
    context.eval("var kind; var explorables = { provide: (name, given) => { kind = given; } };")
    context.eval((RUNTIME / "input-text.js").read_text())
    context.eval("var specs = [];")
    context.eval(
        "var read = (n, text) => { const value = kind.accept(specs[n], text);"
        "return JSON.stringify([...kind.feed(specs[n], value).data]); };"
    )
    known: list[Text] = []

    def read(made: Text, text: str) -> list[int]:
        if made not in known:
            known.append(made)
            context.eval(f"specs.push({json.dumps(made.spec())});")
        found: list[int] = json.loads(str(context.call("read", known.index(made), text)))
        return found

    return read


ODD = st.sampled_from(
    [*VOCABULARY, "e\u0301", "İ", "ΣΑΣ", "K", "Å", "ﬁ", "❤\ufe0f", "=\u0338", "\u200d", "Ǆ", "ẞ",
     "\u0345", "\u1eed\u0302", "\U00011d44\u0307", "\U0001e08f", "\u0300\u0316", "각",
     "\uac00\u11a8", "\u2028"]
)  # fmt: skip
POINTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(INPUTS), st.lists(ODD | POINTS, max_size=8).map("".join))
@example(INPUTS[3], "İSTANBUL ΟΔΟΣ")
def test_the_page_reads_any_text_as_the_build_does(page: Page, made: Text, text: str) -> None:
    line = "".join(" " if c in "\r\n\u2028\u2029" else c for c in text)
    assert page(made, line) == made.arrays(line)["line"].tolist()


def test_the_page_and_the_build_fold_every_letter_alike(page: Page) -> None:
    """Each by itself, brought to small letters; ideographs and Hangul have only one form."""
    every = [
        chr(point)
        for first, last in stretches()
        for point in range(first, last + 1)
        if last - first < 3000
    ]
    assert len(every) > 20_000
    folded = Tokenizer((), "characters", True, 1, 0)
    small = dict.fromkeys(part for letter in every for part in folded.parts(letter))
    made = Text(["<pad>", "<unk>", *small], 1000, lowercase=True)
    made.__set_name__(object, "line")
    for at in range(0, len(every), 300):
        text = "\u200b".join(every[at : at + 300])  # nothing is composed across it
        assert page(made, text) == made.arrays(text)["line"].tolist()


def test_the_stored_cases_hold_which_the_page_is_tested_with() -> None:
    assert json.loads(CASES.read_text()) == cases()


@pytest.mark.skipif(unicodedata.unidata_version != "14.0.0", reason="another Unicode than 14")
def test_the_letters_are_the_letters_marks_and_digits_of_unicode_14() -> None:
    known = {point for first, last in stretches() for point in range(first, last + 1)}
    assert known == {p for p in range(0x110000) if unicodedata.category(chr(p))[0] in "LMN"}


@pytest.mark.parametrize(
    ("cut", "lowercase", "text", "parts"),
    [
        ("characters", False, "Zoe\u0308!", ["Z", "o", "ë", "!"]),
        ("characters", True, "🦄 A", ["🦄", " ", "a"]),
        ("characters", False, "❤\ufe0f", ["❤"]),
        ("characters", False, "a\ud800b", ["a", "\ufffd", "b"]),
        (
            "words",
            True,
            "Don't  STOP, café-goer 3.5",
            ["don", "'", "t", "stop", ",", "café", "-", "goer", "3", ".", "5"],
        ),
        ("words", True, "ΟΔΟΣ", ["οδοσ"]),
        ("words", False, " \t\u3000", []),
        ("words", False, "x\U0001fae8y", ["x", "\U0001fae8", "y"]),
        ("pieces", False, "there is the", ["there", " is", " ", "the"]),
        ("pieces", False, "thereis", ["there", "i", "s"]),
    ],
)
def test_a_text_is_cut(cut: str, lowercase: bool, text: str, parts: list[str]) -> None:
    tokenizer = Tokenizer(VOCABULARY, cut, lowercase, 1, 0)
    assert tokenizer.parts(text) == parts


def test_what_the_vocabulary_lacks_is_unknown_and_a_short_text_is_filled_up() -> None:
    tokenizer = Tokenizer(["<pad>", "<unk>", "a", "b"], "characters", False, 1, 0)
    assert tokenizer.ids("aßb", 5) == [2, 1, 3, 0, 0]
    assert tokenizer.ids("abab", 2) == [2, 3]


@pytest.mark.parametrize("cut", ["characters", "words", "pieces"])
def test_no_text_gives_the_padding_or_asks_for_the_unknown_token(cut: str) -> None:
    tokenizer = Tokenizer(["p", "u", "a"], cut, False, 1, 0)
    assert tokenizer.ids("p", 1) == [1]
    assert 0 not in tokenizer.ids("p u a", 3)


def cases() -> list[dict[str, Any]]:
    """What `token_cases.json` holds; written by ``python -m tests.unit.test_tokens``."""
    return [
        {
            "spec": made.spec(),
            "texts": {
                text: [[token.text, token.id] for token in made.tokenizer.tokens(text)]
                for text in TEXTS
            },
        }
        for made in INPUTS
    ]


if __name__ == "__main__":
    CASES.write_text(json.dumps(cases(), indent=0) + "\n")
