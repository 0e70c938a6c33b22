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
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString
from pymdownx.blocks import BlocksExtension, BlocksProcessor
from pymdownx.blocks.block import Block, type_string

from site_builder import manifest as manifests
from site_builder.controls import control
from site_builder.errors import SiteBuilderError, unknown
from site_builder.manifest import Manifest, Project, Record
from site_builder.markup import BLOCK, ExploreHeader, Markup, read
from site_builder.values import show


@dataclass(frozen=True)
class Page:
    """What the extension has to know about the page it is run on.

    Attributes:
        file: The Markdown file, relative to the project.
        first_line: How many lines of front matter stand above the text.
        asset: Gives an artifact's address relative to the page.
    """

    file: str = "page"
    first_line: int = 0
    asset: Callable[[str], str] = "/assets/explorables/{}".format


def _raise(problem: SiteBuilderError) -> None:
    raise problem


class Pages(BlocksExtension):
    """The extension.

    Args:
        project: The project whose manifest it reads; the one of the working folder by default.
        report: Takes each problem; raises it by default. Where it returns, the page shows a box.

    Attributes:
        page: Set it before each page.
        manifest: The manifest; read from the project when first needed.
    """

    def __init__(
        self,
        project: Project | None = None,
        report: Callable[[SiteBuilderError], None] = _raise,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.project = project or manifests.find_project(Path.cwd())
        self.report = report
        self.page = Page()
        self.manifest: Manifest | None = None

    def extendMarkdownBlocks(  # noqa: N802 - pymdownx calls it
        self, md: Markdown, block_mgr: BlocksProcessor
    ) -> None:
        state = _PageState(self, md)
        block_mgr.register(ExploreBlock, {"state": state})
        md.preprocessors.register(_Reader(md, state), "explore", 1000)
        md.treeprocessors.register(_LiveLinks(md, state), "explore-live", 15)


class _PageState:
    """One page on its way through Markdown."""

    def __init__(self, pages: Pages, md: Markdown) -> None:
        if pages.manifest is None:
            pages.manifest = manifests.load(pages.project)
        self.pages, self.md, self.page = pages, md, pages.page
        self.records = pages.manifest.explorables if pages.manifest else {}
        self.markup = Markup()
        self.shown: dict[tuple[str, str], int] = {}
        self.met: set[str] = set()

    def problem(self, line: int | None, message: str) -> None:
        place = self.page.file
        if line is not None:
            place += f":{line + self.page.first_line}"
        self.pages.report(SiteBuilderError(message, place=place))

    def read(self, lines: list[str]) -> None:
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
        chosen = self._inputs(record, name, header.inputs)
        src = self.page.asset(record.payload)
        drawn = record.figures[figure]
        svg = self.pages.project.store.read(drawn.svg).decode()
        controls = "".join(
            control(name, spec, src, self._instance(name, spec["name"])) for spec in chosen
        )
        if controls:
            controls = (
                '<fieldset class="explorable-controls" data-search-exclude disabled>'
                f'<legend class="explorable-hidden">Controls</legend>{controls}</fieldset>'
                '<noscript><p class="explorable-note">The controls need JavaScript. The picture '
                "shows the model at its opening values.</p></noscript>"
            )
        return (
            f'<div class="explorable-picture" role="img" aria-label="{escape(drawn.alt)}" '
            f"data-search-exclude>{svg}</div>{controls}"
            '<p class="explorable-message" role="status" hidden></p>'
        )

    def _inputs(self, record: Record, name: str, option: str | None) -> list[dict[str, Any]]:
        """The inputs whose controls stand with a figure: all with the page's first one."""
        first = name not in self.met
        self.met.add(name)
        if option is None:
            return record.inputs if first else []
        if option == "none":
            return []
        known = {spec["name"]: spec for spec in record.inputs}
        names = [part.strip() for part in option.split(",")]
        for each in names:
            if each not in known:
                raise SiteBuilderError(unknown(f"input of '{name}'", each, known))
        return [known[each] for each in names]

    def _instance(self, name: str, spec: str) -> int:
        count = self.shown.get((name, spec), 0)
        self.shown[name, spec] = count + 1
        return count


class _Reader(Preprocessor):
    """Looks at the page's lines before anything changes them."""

    def __init__(self, md: Markdown, state: _PageState) -> None:
        super().__init__(md)
        self.state = state

    def run(self, lines: list[str]) -> list[str]:
        self.state.read(lines)
        return lines


class ExploreBlock(Block):
    """A figure with its caption, and its explorable's controls."""

    NAME = BLOCK
    ARGUMENT = True
    OPTIONS = {"inputs": ("", type_string)}  # noqa: RUF012 - as pymdownx declares it

    def on_create(self, parent: ElementTree.Element) -> ElementTree.Element:
        state: _PageState = self.config["state"]
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

    def _header(self, state: _PageState) -> ExploreHeader:
        """What the reader of the page's lines noted of this block: they come in one order."""
        for index, header in enumerate(state.markup.headers):
            if header.argument == self.argument:
                return state.markup.headers.pop(index)
        return ExploreHeader(0, self.argument, self.options["inputs"] or None)

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


class _LiveLinks(Treeprocessor):
    """Turns ``[12](live:name.output)`` into a value that follows the model."""

    def __init__(self, md: Markdown, state: _PageState) -> None:
        super().__init__(md)
        self.state = state

    def run(self, root: ElementTree.Element) -> None:
        for link in root.iter("a"):
            href = link.get("href", "")
            if href.startswith("live:"):
                self._turn(link, href.removeprefix("live:"))

    def _turn(self, link: ElementTree.Element, dotted: str) -> None:
        lines = self.state.markup.links.get(dotted, [])
        line = lines.pop(0) if lines else None
        text = "".join(link.itertext())
        try:
            value, src = self._value(dotted)
        except SiteBuilderError as error:
            self.state.problem(line, error.message)
            return
        now = show(value, text)
        if text != now:
            self.state.problem(
                line, f"the live link [{text}](live:{dotted}) is out of date: the value is {now}."
            )
        link.tag = "explorable-value"
        link.attrib.clear()
        link.attrib.update({"name": dotted, "src": src, "format": text})
        if text != now:
            for child in list(link):
                link.remove(child)
            link.text = AtomicString(now)

    def _value(self, dotted: str) -> tuple[float | int | bool | str, str]:
        record, part = self.state.record(dotted)
        if part not in record.scalars:
            name = dotted.partition(".")[0]
            specs = {spec["name"]: spec["kind"] for spec in (*record.inputs, *record.outputs)}
            if part in specs:
                raise SiteBuilderError(
                    f"'{dotted}' is a {specs[part]}: a sentence can only show a single value; "
                    f"known: {', '.join(sorted(record.scalars))}."
                )
            known = [f"{name}.{scalar}" for scalar in record.scalars]
            raise SiteBuilderError(unknown("live value", dotted, known))
        return record.scalars[part], self.state.page.asset(record.payload)


def makeExtension(**options: Any) -> Pages:  # noqa: N802 - the name Python-Markdown looks for
    """What Python-Markdown calls for ``markdown_extensions: - site_builder.pages``."""
    return Pages(**options)
