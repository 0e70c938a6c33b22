"""The block ``/// guess | question``: the reader commits to an answer, then sees what lies behind.

Without scripts it is a ``<details>`` element. What the answer is comes from the build.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString
from pymdownx.blocks.block import Block, type_any

from site_builder.errors import SiteBuilderError, unknown
from site_builder.guess_axes import Curve
from site_builder.live_links import single_value
from site_builder.markup import GUESS, GUESS_OPTIONS, GuessHeader
from site_builder.values import NUMBER

if TYPE_CHECKING:
    from site_builder.pages import PageState

_NUMBER_ONLY = ("from", "to", "step", "unit")


@dataclass(frozen=True)
class Question:
    """What a question asks for.

    Attributes:
        spec: As the page's script reads it (``runtime/src/guess-words.ts``).
        control: The HTML of what the guess is made with.
        answer: The HTML of the answer, for readers without scripts and for paper.
    """

    spec: dict[str, Any]
    control: str
    answer: str


class GuessBlock(Block):
    """A question with its reveal."""

    NAME = GUESS
    ARGUMENT = True
    OPTIONS = dict.fromkeys(GUESS_OPTIONS, (None, type_any))

    def on_create(self, parent: ElementTree.Element) -> ElementTree.Element:
        state: PageState = self.config["state"]
        header = self._header(state)
        ident = f"guess-{state.guesses}"
        element = ElementTree.SubElement(parent, "explorable-guess")
        details = ElementTree.SubElement(element, "details", {"class": "explorable-question"})
        summary = ElementTree.SubElement(details, "summary", {"id": f"{ident}--question"})
        summary.text = self.argument
        reveal = ElementTree.SubElement(details, "div", {"class": "explorable-reveal"})
        try:
            question = ask(header, state, ident)
        except SiteBuilderError as error:
            message = f"the question '{self.argument}': {error.message}"
            state.problem(header.line or None, message)
            element.tag, element.attrib = "div", {"class": "admonition failure"}
            title = ElementTree.SubElement(element, "p", {"class": "admonition-title"})
            title.text = AtomicString(message)
            return element
        element.set("question", json.dumps(question.spec, ensure_ascii=False, sort_keys=True))
        answer = ElementTree.SubElement(reveal, "div", {"class": "explorable-answer"})
        answer.set("data-search-exclude", "")
        answer.text = AtomicString(state.md.htmlStash.store(question.answer))
        form = ElementTree.SubElement(element, "form", {"data-search-exclude": ""})
        form.text = AtomicString(state.md.htmlStash.store(_fieldset(question, ident)))
        ElementTree.SubElement(element, "p", {"class": "explorable-verdict", "role": "status"})
        state.needs("guess/guess.css")
        state.needs("guess/guess.js")
        return element

    def _header(self, state: PageState) -> GuessHeader:
        """What the reader of the page's lines noted of this block: they come in one order."""
        state.guesses += 1
        for index, header in enumerate(state.markup.guesses):
            if header.question == self.argument:
                return state.markup.guesses.pop(index)
        options = {key: str(value) for key, value in self.options.items() if value is not None}
        return GuessHeader(0, self.argument, options)

    def on_add(self, block: ElementTree.Element) -> ElementTree.Element:
        reveal = block.find("details/div")
        assert reveal is not None
        return reveal


class UnreadGuesses(Treeprocessor):
    """Reports the blocks that Markdown left as text: their options are no YAML."""

    def __init__(self, md: Markdown, state: PageState) -> None:
        super().__init__(md)
        self.state = state

    def run(self, root: ElementTree.Element) -> None:
        for header in self.state.markup.guesses:
            self.state.problem(
                header.line,
                f"the options of the question '{header.question}' can't be read: write each as "
                "'name: value' on an indented line under the question, with quotes around a value "
                "that holds a colon or begins with a sign such as %.",
            )


def ask(header: GuessHeader, state: PageState, ident: str) -> Question:
    """What a block asks for.

    Args:
        header: The block as written.
        state: The page.
        ident: Begins the ids; unique on the page.

    Raises:
        SiteBuilderError: If the options don't fit together or name what is not there.
    """
    options = header.options
    if "curve" in options:
        _refuse(options, ("answer", "choices", "step", "unit"), "a curve")
        return _curve(options, state, ident)
    if "answer" not in options:
        raise SiteBuilderError(
            "it has no answer; name a live value, as in 'answer: name.output', one of the "
            "'choices', or with 'curve: name.rows, x, y' what is to be drawn."
        )
    answer = options["answer"]
    words = [word.strip() for word in options.get("choices", "").split(",") if word.strip()]
    if "." not in answer or answer in words:
        return _word(answer, words, options, ident)
    record, part = single_value(state, answer)
    value = record.scalars[part]
    if isinstance(value, str):
        (spec,) = (s for s in (*record.inputs, *record.outputs) if s["name"] == part)
        return _word(value, words or list(spec.get("options") or spec["words"]), options, ident)
    if isinstance(value, bool) or words:
        raise SiteBuilderError(
            f"'{answer}' is {'on or off' if isinstance(value, bool) else 'a number'}, which is "
            "none of several choices; let the model return Labels, and name that."
        )
    return _number(float(value), options, ident)


def _refuse(options: dict[str, str], names: Sequence[str], what: str) -> None:
    for name in names:
        if name in options:
            raise SiteBuilderError(f"{what} takes no option '{name}'; take it out.")


def _word(answer: str, words: list[str], options: dict[str, str], ident: str) -> Question:
    _refuse(options, _NUMBER_ONLY, "a choice")
    if len(words) < 2:
        raise SiteBuilderError(
            f"the answer '{answer}' is a word and needs several to choose from, as in "
            f"'choices: {answer}, something else'; a number is named as a live value, as in "
            "'answer: name.output'."
        )
    if answer not in words:
        raise SiteBuilderError(unknown("answer", answer, words))
    labels = "".join(
        f'<label><input type="radio" name="{ident}" value="{escape(word)}" required '
        f'autocomplete="off">{escape(word)}</label>'
        for word in words
    )
    return Question(
        {"kind": "choice", "answer": answer},
        f'<div class="explorable-options">{labels}</div>',
        f"<p>The answer: <strong>{escape(answer)}</strong></p>",
    )


def _number(value: float, options: dict[str, str], ident: str) -> Question:
    unit = options.get("unit", "")
    if unit in ("%", "percent"):
        value, unit = value * 100, "%"
    step = _given(options, "step")
    if step is not None and step <= 0:
        raise SiteBuilderError(f"'step' must be more than 0, not {options['step']}.")
    low, high = _given(options, "from"), _given(options, "to")
    if low is not None and high is not None and low >= high:
        raise SiteBuilderError(f"'from' ({low:g}) must be less than 'to' ({high:g}).")
    if (low is not None and value < low) or (high is not None and value > high):
        raise SiteBuilderError(
            f"the answer, {value:g}, lies outside of what a reader can say: 'from' is "
            f"{'not given' if low is None else f'{low:g}'} and 'to' "
            f"{'not given' if high is None else f'{high:g}'}."
        )
    shown = _shown(value, options.get("step"))
    ends = {"min": low, "max": high}
    limits = "".join(f' {name}="{end:g}"' for name, end in ends.items() if end is not None)
    said = " ".join(
        [
            *([f"from {low:g}"] if low is not None else []),
            *([f"to {high:g}"] if high is not None else []),
        ]
    )
    how = f"A number {said}".strip() + (
        f", in {'percent' if unit == '%' else unit}" if unit else ""
    )
    whole = float(shown).is_integer() and step is None
    return Question(
        {"kind": "number", "answer": float(shown), "shown": shown, "unit": unit},
        f'<div class="explorable-typed"><label for="{ident}">Your guess</label>'
        f'<input type="number" id="{ident}"{limits} step="{"1" if whole else "any"}" required '
        f'autocomplete="off" aria-describedby="{ident}--how">'
        f"<span>{escape(unit)}</span></div>"
        f'<p class="explorable-how" id="{ident}--how">{escape(how)}.</p>',
        f"<p>The answer: <strong>{escape(_with_unit(shown, unit))}</strong></p>",
    )


def _given(options: dict[str, str], name: str) -> float | None:
    text = options.get(name)
    if text is None:
        return None
    match = NUMBER.fullmatch(text)
    if match is None or match[2]:
        raise SiteBuilderError(f"'{name}' must be a number, not '{text}'.")
    return float(text.replace(",", ""))


def _shown(value: float, step: str | None) -> str:
    """The answer as precise as a reader is asked to be: as the step, or to three digits."""
    if step is not None:
        return f"{value:.{len(step.partition('.')[2])}f}"
    if value.is_integer():
        return f"{value:.0f}"
    return f"{value:.{max(0, 2 - int(f'{value:e}'.partition('e')[2]))}f}"


def _with_unit(shown: str, unit: str) -> str:
    return f"{shown}%" if unit == "%" else f"{shown} {unit}".strip()


def _curve(options: dict[str, str], state: PageState, ident: str) -> Question:
    curve = Curve.of(options["curve"], _given(options, "from"), _given(options, "to"), state)
    key = (
        '<p class="explorable-key" aria-hidden="true">'
        '<span><svg viewBox="0 0 36 10" class="explorable-axes">'
        '<path class="explorable-yours" d="M3 5H33"/></svg>your curve</span>'
        '<span><svg viewBox="0 0 36 10" class="explorable-axes">'
        '<path class="explorable-true" d="M3 5H33"/></svg>the true curve</span></p>'
    )
    how = (
        f'<p class="explorable-how" id="{ident}--how">Draw from left to right with the mouse or a '
        "finger. With the keyboard, the arrows to the left and right go along the axis, up and "
        "down move the curve there.</p>"
    )
    return Question(
        curve.spec(),
        f"{how}{curve.svg('Empty axes to draw on')}{key}",
        curve.svg(curve.said(), true_curve=True),
    )


def _fieldset(question: Question, ident: str) -> str:
    clear = '<button type="button" class="explorable-clear">Clear</button>'
    return (
        f'<fieldset disabled aria-labelledby="{ident}--question">{question.control}'
        '<div class="explorable-commit"><button type="submit">That is my guess</button>'
        f"{clear if question.spec['kind'] == 'curve' else ''}"
        '<button type="button" class="explorable-peek">Show without guessing</button></div>'
        "</fieldset>"
    )
