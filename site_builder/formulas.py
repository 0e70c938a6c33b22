r"""Formulas in Markdown: ``$...$`` in a sentence, ``$$...$$`` on lines of their own.

A formula may hold live values, ``\live{momentum.beta}``, and parts in one of the figures' colours,
``\colour{2}{\beta}``. It is set when the page is built and stands without scripts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.blockprocessors import BlockProcessor
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from site_builder.errors import SiteBuilderError
from site_builder.formula_values import FormulaValue, finish, formula_value, stand_in
from site_builder.katex import STYLE, Katex
from site_builder.markup import prose

if TYPE_CHECKING:
    from site_builder.pages import PageState

TAG = "explorable-formula"
"""The tag of a formula between its parsing and its setting."""

INLINE = r"(?<![\\$\w])\$(?![\s$])((?:\\.|[^\\$])+?)(?<![\s\\])\$(?![\w$])"
"""No digit follows and no letter stands before, so that "from $5 to $10" is no formula."""

_OPEN = re.compile(r"^ {0,3}\$\$", re.MULTILINE)
_BLOCK = re.compile(r"^ {0,3}\$\$(.+?)\$\$[ \t]*$", re.MULTILINE | re.DOTALL)
_LIVE = re.compile(r"\\live\s*(?:\[([^\]]*)\]\s*)?\{\s*([^{}]*?)\s*\}")
_COLOUR = re.compile(r"\\colour\s*\{\s*([^{}]*?)\s*\}(?=\s*\{)")
_UNREAD = re.compile(r"\\(live|colour)(?![a-zA-Z])")
_NAMESPACE = re.compile(r' xmlns="[^"]*"')
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def register(md: Markdown, state: PageState) -> None:
    """Adds formulas to a Markdown converter."""
    md.ESCAPED_CHARS = [*md.ESCAPED_CHARS, "$"]
    # After code spans, before backslashes and emphasis; blocks before paragraphs, after lists.
    md.inlinePatterns.register(_Inline(INLINE, md), "formula", 189)
    md.parser.blockprocessors.register(_Block(md.parser, state), "formula", 12)
    md.treeprocessors.register(_Formulas(md, state), "formula", 16)


def checked_macros(macros: object) -> dict[str, str]:
    """The author's own commands of the extension's options, from each name to its TeX.

    Raises:
        SiteBuilderError: If they are no such mapping.
    """
    found = macros or {}
    if isinstance(found, dict) and all(
        isinstance(name, str)
        and re.fullmatch(r"\\([a-zA-Z]+|[^a-zA-Z])", name)
        and isinstance(tex, str)
        for name, tex in found.items()
    ):
        return found
    raise SiteBuilderError(
        "the option 'macros' of site_builder.pages must give each command its TeX, as in "
        r"'macros: {\loss: \mathcal{L}}'; names begin with a backslash, and both are texts.",
        place="mkdocs.yml",
    )


def _placeholder(tex: str, display: bool) -> ElementTree.Element:
    element = ElementTree.Element(TAG, {"display": "block"} if display else {})
    element.text = AtomicString(tex)
    return element


class _Inline(InlineProcessor):
    def handleMatch(  # type: ignore[override]  # noqa: N802 - Python-Markdown's name
        self, m: re.Match[str], data: str
    ) -> tuple[ElementTree.Element, int, int]:
        return _placeholder(m[1], display=False), m.start(), m.end()


class _Block(BlockProcessor):
    def __init__(self, parser: BlockParser, state: PageState) -> None:
        super().__init__(parser)
        self.state = state

    def test(self, parent: ElementTree.Element, block: str) -> bool:
        return _OPEN.search(block) is not None

    def run(self, parent: ElementTree.Element, blocks: list[str]) -> bool:
        found = _BLOCK.search(blocks[0])
        if found is None:
            self._unclosed(blocks[0])
            return False  # goes on as a paragraph
        block = blocks.pop(0)
        before, after = block[: found.start()].strip("\n"), block[found.end() :].strip("\n")
        if before:
            self.parser.parseBlocks(parent, [before])
        parent.append(_placeholder(found[1].strip(), display=True))
        if after:
            blocks.insert(0, after)
        return True

    def _unclosed(self, block: str) -> None:
        begin, below = (*_from_dollars(block), "")[:2]
        lines = [(number, line.strip()) for number, line in prose(self.state.lines)]
        after = [line for _, line in lines[1:]] + [""]
        fits = (
            (line, under) == (begin, below) for (_, line), under in zip(lines, after, strict=True)
        )
        number = next((lines[at][0] for at, fit in enumerate(fits) if fit), None)
        self.state.problem(
            number,
            "the formula that begins here with '$$' isn't closed: end it with '$$' at the end of a "
            "line, and leave no empty line in it.",
        )


def _from_dollars(block: str) -> list[str]:
    """The lines of a block from its first dollars on."""
    found = _OPEN.search(block)
    return [line.strip() for line in block[found.start() if found else 0 :].splitlines()]


class _Formulas(Treeprocessor):
    """Sets what the two above have found."""

    def __init__(self, md: Markdown, state: PageState) -> None:
        super().__init__(md)
        self.state = state

    def run(self, root: ElementTree.Element) -> None:
        found = list(root.iter(TAG))
        if not found:
            return
        headings = {
            formula
            for tag in _HEADINGS
            for heading in root.iter(tag)
            for formula in heading.iter(TAG)
        }
        with Katex(self.state.project.store, self.state.pages.macros) as katex:
            for element in found:
                tex = element.text or ""
                try:
                    if element in headings:
                        raise SiteBuilderError(
                            f"the formula '{tex}' stands in a heading, which the table of contents "
                            "repeats as plain text; write it in words or signs, such as β."
                        )
                    self._set(element, tex, katex)
                except SiteBuilderError as error:
                    self.state.problem(self._line(tex, element in headings), error.message)
                    element.tag, element.attrib, element.text = "code", {}, AtomicString(tex)
        self.state.needs(STYLE)

    def _set(self, element: ElementTree.Element, tex: str, katex: Katex) -> None:
        """Turns a placeholder into the formula's HTML."""
        display = element.get("display") == "block"
        prepared, lives = self._prepared(tex)
        try:
            html = katex.html(prepared, display=display)
        except SiteBuilderError as error:
            raise SiteBuilderError(f"the formula '{tex}' can't be set: {error.message}") from None
        self.state.pages.formulas.add(html)
        made = ElementTree.fromstring(_NAMESPACE.sub("", html))
        long = finish(made, lives)
        if display:
            frame = ElementTree.Element("div", {"class": "explorable-formula"})
            if long:  # it may scroll, and then the keyboard must reach it
                frame.attrib |= {"tabindex": "0", "role": "group", "aria-label": "Formula"}
            frame.append(made)
            made = frame
        element.tag, element.attrib = made.tag, made.attrib
        inside = "".join(ElementTree.tostring(e, "unicode", method="html") for e in made)
        # Kept from Markdown, which would read the braces of a set as attributes.
        element.text = AtomicString(self.state.md.htmlStash.store(inside))

    def _prepared(self, tex: str) -> tuple[str, list[FormulaValue]]:
        """A formula as KaTeX gets it, with a number of nine digits in each live value's place."""
        lives: list[FormulaValue] = []

        def live(found: re.Match[str]) -> str:
            lives.append(formula_value(self.state, found[2], found[1]))
            number = len(lives) - 1
            return rf"\htmlData{{live={number}}}{{\text{{{stand_in(number)}}}}}"

        def colour(found: re.Match[str]) -> str:
            return rf"\htmlClass{{{self.state.colours.of(found[1])}}}"

        prepared = _COLOUR.sub(colour, _LIVE.sub(live, tex))
        left = _UNREAD.search(prepared)
        if left:
            usage = {
                "live": r"\live{name.value} or \live[0.90]{name.value}",
                "colour": r"\colour{2}{\beta} or \colour{name.value}{\beta}",
            }[left[1]]
            raise SiteBuilderError(rf"the formula '{tex}': write {usage}.")
        return prepared, lives

    def _line(self, tex: str, heading: bool) -> int | None:
        """The first line on which a formula stands: the same formula has the same fault."""
        start = tex.partition("\n")[0]
        lines = [each for each in prose(self.state.lines) if not heading or "#" in each[1]]
        for sought in (f"${start}", start):  # a block's dollars may stand on a line of their own
            for number, line in lines:
                if sought in line:
                    return number
        return None
