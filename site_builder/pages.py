"""The Markdown extension: ``/// explore | name.figure`` blocks and ``live:`` links.

It reads the manifest and nothing else, and knows no page generator: name it under
``markdown_extensions`` of any that runs Python-Markdown. `plugin` tells it about the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from markdown import Markdown
from markdown.preprocessors import Preprocessor
from markdown.util import AtomicString
from pymdownx.blocks import BlocksExtension, BlocksProcessor
from pymdownx.blocks.block import Block, type_string

from site_builder import colours, formulas
from site_builder import manifest as manifests
from site_builder.cards import ModelBlock
from site_builder.controls import control, editor, fieldset
from site_builder.errors import SiteBuilderError, unknown
from site_builder.guesses import GuessBlock, UnreadGuesses
from site_builder.live_links import LiveLinks, StateLinks
from site_builder.manifest import Manifest, Project, Record
from site_builder.markup import BLOCK, ExploreHeader, Markup, read
from site_builder.parts import Parts

PACES = {"1 a second": 1, "10 a second": 10}
"""Values of the option ``time`` that set the pace at which the page opens: strides a second."""


@dataclass(frozen=True)
class Page:
    """What the extension has to know about the page it is run on.

    Attributes:
        file: The Markdown file, relative to the project.
        first_line: How many lines of front matter stand above the text.
        asset: Gives an artifact's address relative to the page.
        part: Gives the address of a part of the runtime, such as a style sheet, likewise.
        colours: What the front matter gives under ``colours``, if anything.
    """

    file: str = "page"
    first_line: int = 0
    asset: Callable[[str], str] = "/assets/explorables/{}".format
    part: Callable[[str], str] = "/assets/explorables/runtime/{}".format
    colours: object = None


def _raise(problem: SiteBuilderError) -> None:
    raise problem


class Pages(BlocksExtension):
    """The extension.

    Args:
        project: The project whose manifest it reads; the one of the working folder by default.
        report: Takes each problem; raises it by default. Where it returns, the page shows a box.
        macros: TeX for each command of the author's own in formulas, by its name.

    Attributes:
        page: Set it before each page.
        manifest: The manifest; read from the project when first needed.
        formulas: Every formula set so far, as KaTeX's HTML.
        parts: The parts of the runtime that the pages so far need beside the usual ones.

    Raises:
        SiteBuilderError: If the macros are no such mapping, or an option is none.
    """

    def __init__(
        self,
        project: Project | None = None,
        report: Callable[[SiteBuilderError], None] = _raise,
        macros: object = None,
        **options: Any,
    ) -> None:
        for name in options:
            message = unknown("option of site_builder.pages", name, ("macros",))
            raise SiteBuilderError(message, place="mkdocs.yml")
        super().__init__()
        self.macros = formulas.checked_macros(macros)
        self.formulas: set[str] = set()
        self.parts: set[str] = set()
        self.project = project or manifests.find_project(Path.cwd())
        self.report = report
        self.page = Page()
        self.manifest: Manifest | None = None

    def extendMarkdownBlocks(  # noqa: N802 - pymdownx calls it
        self, md: Markdown, block_mgr: BlocksProcessor
    ) -> None:
        state = PageState(self, md)
        block_mgr.register(ExploreBlock, {"state": state})
        block_mgr.register(GuessBlock, {"state": state})
        formulas.register(md, state)
        block_mgr.register(ModelBlock, {"state": state})
        md.preprocessors.register(_Reader(md, state), "explore", 1000)
        md.treeprocessors.register(LiveLinks(md, state), "explore-live", 15)
        md.treeprocessors.register(colours.ColouredValues(md, state), "explore-colours", 14)
        md.treeprocessors.register(UnreadGuesses(md, state), "guess-unread", 13)
        md.postprocessors.register(StateLinks(md), "explore-state", 0)
        md.postprocessors.register(Parts(md, state), "explore-parts", -1)


class PageState:
    """One page on its way through Markdown."""

    def __init__(self, pages: Pages, md: Markdown) -> None:
        if pages.manifest is None:
            pages.manifest = manifests.load(pages.project)
        self.pages, self.md, self.page = pages, md, pages.page
        self.records = pages.manifest.explorables if pages.manifest else {}
        self.markup = Markup()
        self.shown: dict[tuple[str, str], int] = {}
        self.met: set[str] = set()
        self.lines: list[str] = []
        self.guesses = 0
        self.parts: set[str] = set()
        self.colours = colours.Colours({})

    def problem(self, line: int | None, message: str) -> None:
        place = self.page.file
        if line is not None:
            place += f":{line + self.page.first_line}"
        self.pages.report(SiteBuilderError(message, place=place))

    @property
    def project(self) -> Project:
        return self.pages.project

    def needs(self, part: str) -> None:
        """Notes a style sheet or a script that only some pages load."""
        self.parts.add(part)
        self.pages.parts.add(part)

    def read(self, lines: list[str]) -> None:
        self.lines = lines
        if self.page.colours is not None:
            self.colours = colours.read(self.page.colours, self)
        blocks = self.md.parser.blockprocessors["blocks"]
        assert isinstance(blocks, BlocksProcessor)
        self.markup = read(lines, set(blocks.blocks))
        for line, message in self.markup.problems:
            self.problem(line, message)

    def record(self, dotted: str) -> tuple[Record, str]:
        """The record and the second part of ``name.part``.

        Raises:
            SiteBuilderError: If it is not two names, or no explorable has the first.
        """
        name, _, part = dotted.partition(".")
        if not re.fullmatch(r"\w+\.\w+", dotted):
            figures = [f"{n}.{f}" for n, r in self.records.items() for f in r.figures]
            raise SiteBuilderError(
                f"'{dotted}' must be two names with a dot between; known: {', '.join(figures)}."
            )
        if name not in self.records:
            raise SiteBuilderError(unknown("explorable", name, self.records))
        return self.records[name], part

    def figure(self, header: ExploreHeader) -> str:
        """The figure's HTML up to its caption.

        Raises:
            SiteBuilderError: If the block names what is not there.
        """
        record, figure = self.record(header.argument)
        name = header.argument.partition(".")[0]
        if figure not in record.figures:
            known = [f"{name}.{known}" for known in record.figures]
            raise SiteBuilderError(unknown("figure", header.argument, known))
        first = name not in self.met
        chosen = self._inputs(record, header, first)
        timed = self._has_time(record, header, first)
        self.met.add(name)
        src = self.page.asset(record.payload)
        drawn = record.figures[figure]
        svg = self.pages.project.store.read(drawn.svg).decode()
        controls = [
            control(
                name,
                spec,
                src,
                self._instance(name, spec["name"]),
                idle=spec["name"] in record.idle,
            )
            for spec in chosen
        ]
        if drawn.edits:
            ident = f"{name}--{figure}--edit--{self._instance(name, f'{figure} edit')}"
            controls.append(editor(ident, drawn.edits))
        rate = PACES.get(header.time or "")
        pace = f' pace="{rate}"' if rate else ""
        time = f'<explorable-time name="{name}.time" src="{escape(src)}"{pace}></explorable-time>'
        return (
            f'<div class="explorable-picture" role="img" aria-label="{escape(drawn.alt)}" '
            f"data-search-exclude>{svg}</div>{time * timed}{fieldset(controls)}"
            '<p class="explorable-message" role="status" hidden></p>'
        )

    def _inputs(self, record: Record, header: ExploreHeader, first: bool) -> list[dict[str, Any]]:
        """The inputs whose controls stand with a figure: all with the page's first one."""
        name, option = header.argument.partition(".")[0], header.inputs
        if option in (None, "none"):
            return record.inputs if first and option is None else []
        known = {spec["name"]: spec for spec in record.inputs}
        names = [part.strip() for part in option.split(",")]
        for each in names:
            if each not in known:
                raise SiteBuilderError(unknown(f"input of '{name}'", each, known))
        return [known[each] for each in names]

    def _has_time(self, record: Record, header: ExploreHeader, first: bool) -> bool:
        """Whether play, pause and step stand with a figure: with the page's first one."""
        time, option = getattr(record, "time", None), header.time
        here = option in ("here", *PACES)
        if option is not None and option != "none" and not here:
            known = ("here", "none", *PACES)
            raise SiteBuilderError(unknown("value of the option 'time'", option, known))
        if here and time is None:
            raise SiteBuilderError(f"'{header.argument}' has no time: it lacks start and step.")
        if time is not None and time.get("ahead"):
            if here:
                raise SiteBuilderError(
                    f"'{header.argument}' has no time to play: it goes {time['ahead']} steps ahead "
                    "whenever an input changes."
                )
            return False
        return time is not None and (first if option is None else here)

    def _instance(self, name: str, spec: str) -> int:
        count = self.shown.get((name, spec), 0)
        self.shown[name, spec] = count + 1
        return count


class _Reader(Preprocessor):
    """Looks at the page's lines before anything changes them."""

    def __init__(self, md: Markdown, state: PageState) -> None:
        super().__init__(md)
        self.state = state

    def run(self, lines: list[str]) -> list[str]:
        self.state.read(lines)
        return lines


class ExploreBlock(Block):
    """A figure with its caption, and its explorable's controls."""

    NAME = BLOCK
    ARGUMENT = True
    OPTIONS = {"inputs": ("", type_string), "time": ("", type_string)}  # noqa: RUF012 - as pymdownx declares it

    def on_create(self, parent: ElementTree.Element) -> ElementTree.Element:
        state: PageState = self.config["state"]
        header = self._header(state)
        record = state.records.get(header.argument.partition(".")[0])
        element = ElementTree.SubElement(
            parent,
            "explorable-figure",
            {
                "name": header.argument,
                "src": state.page.asset(record.payload) if record else "",
                "state": "static",
            },
        )
        try:
            html = state.figure(header)
        except SiteBuilderError as error:
            state.problem(header.line or None, error.message)
            return _box(parent, element, error.message)
        figure = ElementTree.SubElement(element, "figure")
        figure.text = AtomicString(state.md.htmlStash.store(html))
        ElementTree.SubElement(figure, "figcaption")
        table = ElementTree.SubElement(
            figure, "details", {"class": "explorable-table", "data-search-exclude": ""}
        )
        ElementTree.SubElement(table, "summary").text = "The numbers in this picture"
        return element

    def _header(self, state: PageState) -> ExploreHeader:
        """What the reader of the page's lines noted of this block: they come in one order."""
        for index, header in enumerate(state.markup.headers):
            if header.argument == self.argument:
                return state.markup.headers.pop(index)
        inputs, time = (self.options[key] or None for key in ("inputs", "time"))
        return ExploreHeader(0, self.argument, inputs, time)

    def on_add(self, block: ElementTree.Element) -> ElementTree.Element:
        caption = block.find("figure/figcaption")
        return block if caption is None else caption


def _box(
    parent: ElementTree.Element, element: ElementTree.Element, message: str
) -> ElementTree.Element:
    """A box in the figure's stead; only a preview goes on after a problem."""
    parent.remove(element)
    box = ElementTree.SubElement(parent, "div", {"class": "admonition failure"})
    ElementTree.SubElement(box, "p", {"class": "admonition-title"}).text = AtomicString(message)
    return box


def makeExtension(**options: Any) -> Pages:  # noqa: N802 - the name Python-Markdown looks for
    """What Python-Markdown calls for ``markdown_extensions: - site_builder.pages``."""
    return Pages(**options)
