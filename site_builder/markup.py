"""The author's Markdown as text: where blocks and live links stand, and which blocks are wrong.

Markdown's own parsers let a misspelt or unclosed block leak as text, and they keep no line numbers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from site_builder.errors import unknown

_FENCE = re.compile(r"^\s*(?:>\s*)*(`{3,}|~{3,})")
_HEADER = re.compile(
    r"^(?P<indent>\s*)(?P<slashes>/{3,})\s*(?P<name>[^\s|/][^\s|]*)?\s*(?P<bar>\|)?\s*(?P<argument>.*?)\s*$"
)
_OPTION = re.compile(r"^\s*(?P<key>[\w-]+)\s*:\s*(?P<value>.*?)\s*$")
_LIVE = re.compile(r"\]\(\s*<?live:([^)>\s]*)|\]:\s*live:(\S+)")
_STATE = re.compile(r"\]\(\s*(?:<(#[^>]*=[^>]*)>|(#[^)\s]*=[^)\s]*))")
_CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
BLOCK = "explore"
OPTIONS = ("inputs", "time")
GUESS = "guess"
GUESS_OPTIONS = ("answer", "choices", "curve", "from", "to", "step", "unit")
MODEL = "model"


@dataclass(frozen=True)
class ExploreHeader:
    """One ``/// explore | name.figure`` as written.

    Attributes:
        line: Its line in the text, from 1.
        argument: What stands after the bar.
        inputs: The value of the option ``inputs``, or None.
        time: The value of the option ``time``, or None.
    """

    line: int
    argument: str
    inputs: str | None = None
    time: str | None = None


@dataclass(frozen=True)
class GuessHeader:
    """One ``/// guess | question`` as written.

    Attributes:
        line: Its line in the text, from 1.
        question: What stands after the bar.
        options: The values of its options, by name.
    """

    line: int
    question: str
    options: dict[str, str]


@dataclass
class Markup:
    """What a page's text holds.

    Attributes:
        headers: The explore blocks, in order.
        guesses: The guess blocks, in order.
        links: The lines on which each live name stands, in order.
        states: The lines on which each link to a state stands, in order.
        models: The lines on which each explorable's model card stands, in order.
        problems: What is wrong with blocks, as (line, message).
    """

    headers: list[ExploreHeader] = field(default_factory=list)
    guesses: list[GuessHeader] = field(default_factory=list)
    links: dict[str, list[int]] = field(default_factory=dict)
    states: dict[str, list[int]] = field(default_factory=dict)
    models: dict[str, list[int]] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)


def read(lines: Sequence[str], known_blocks: Collection[str]) -> Markup:
    """Reads a page's lines.

    Args:
        lines: The text, without its front matter.
        known_blocks: The names of every block that some extension answers to.
    """
    markup = Markup()
    opened: list[tuple[int, int, str]] = []  # line, number of slashes, name
    for number, line in prose(lines):
        bare = _CODE_SPAN.sub("", line)
        for match in _LIVE.finditer(bare):
            markup.links.setdefault(match[1] or match[2] or "", []).append(number)
        for match in _STATE.finditer(bare):
            markup.states.setdefault(match[1] or match[2], []).append(number)
        header = _HEADER.match(line)
        if header is None:
            if re.search(rf"\|\s*/{{3,}}\s*{BLOCK}\b", bare):
                markup.problems.append(
                    (number, "a block can't stand in a table; put it on lines of its own.")
                )
            continue
        slashes, name = len(header["slashes"]), header["name"] or ""
        if not name:
            if opened and slashes in {length for _, length, _ in opened}:
                while opened.pop()[1] != slashes:
                    pass
            else:
                markup.problems.append(
                    (number, f"'{header['slashes']}' closes a block that was never opened.")
                )
            continue
        opened.append((number, slashes, name))
        if name == BLOCK:
            _read_explore(lines, number, header["bar"], header["argument"], markup)
        elif name == GUESS:
            _read_guess(lines, number, header["argument"] if header["bar"] else "", markup)
        elif name == MODEL:
            markup.models.setdefault(header["argument"], []).append(number)
        elif name not in known_blocks:
            markup.problems.append((number, unknown("block", name, known_blocks)))
    for number, slashes, name in opened:
        close = "/" * slashes
        markup.problems.append(
            (number, f"the block '{close} {name}' is never closed; end it with a line '{close}'.")
        )
    markup.problems.sort()
    return markup


def _read_explore(
    lines: Sequence[str], number: int, bar: str | None, argument: str, markup: Markup
) -> None:
    if not bar or not argument:
        markup.problems.append(
            (number, f"the block names no figure; write '/// {BLOCK} | name.figure'.")
        )
        return
    options = _options(lines, number, OPTIONS, markup)
    markup.headers.append(ExploreHeader(number, argument, **options))


def _read_guess(lines: Sequence[str], number: int, question: str, markup: Markup) -> None:
    if not question:
        markup.problems.append(
            (number, f"the block asks nothing; write '/// {GUESS} | What do you think?'.")
        )
        return
    problems = len(markup.problems)
    options = _options(lines, number, GUESS_OPTIONS, markup)
    if len(markup.problems) == problems:  # Markdown leaves a block with a wrong option as text
        markup.guesses.append(GuessHeader(number, question, options))


def _options(
    lines: Sequence[str], number: int, known: Sequence[str], markup: Markup
) -> dict[str, str]:
    """The options on the indented lines under a block's header, which is line `number`."""
    options: dict[str, str] = {}
    for at in range(number, len(lines)):
        option = _OPTION.match(lines[at]) if lines[at].startswith("    ") else None
        if option is None:
            break
        if option["key"] not in known:
            markup.problems.append((at + 1, unknown("option", option["key"], known)))
        else:
            options[option["key"]] = option["value"].strip("\"'")
    return options


def prose(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines that are neither in a fence nor in a comment, numbered from 1."""
    fence: str | None = None
    comment = False
    for number, line in enumerate(lines, start=1):
        mark = _FENCE.match(line)
        if fence is None and mark:
            fence = mark[1]
            continue
        if fence is not None:
            if mark and mark[1].startswith(fence) and line.strip(" >") == mark[1]:
                fence = None
            continue
        if comment or "<!--" in line:
            comment = "-->" not in line
            continue
        yield number, line
