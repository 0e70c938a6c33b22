"""What becomes of a page's links to live values and to states, once Markdown has read them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from markdown import Markdown
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from site_builder.errors import SiteBuilderError, unknown
from site_builder.links import check_state, is_state
from site_builder.values import show

if TYPE_CHECKING:
    from site_builder.pages import PageState

STATE = "explorable-state"
"""The tag of a link to a state while MkDocs looks at the links."""


class LiveLinks(Treeprocessor):
    """Turns ``[12](live:name.output)`` into a value that follows the model."""

    def __init__(self, md: Markdown, state: PageState) -> None:
        super().__init__(md)
        self.state = state

    def run(self, root: ElementTree.Element) -> None:
        for link in root.iter("a"):
            href = link.get("href", "")
            if href.startswith("live:"):
                self._turn(link, href.removeprefix("live:"))
            elif is_state(href):
                self._check(link, href)

    def _check(self, link: ElementTree.Element, href: str) -> None:
        lines = self.state.markup.states.get(href, [])
        try:
            records = self.state.records.items()
            check_state(href, {name: record.inputs for name, record in records})
        except SiteBuilderError as error:
            self.state.problem(lines.pop(0) if lines else None, error.message)
            return
        # MkDocs looks for a heading of that name behind every <a>: this is none for a while.
        link.tag = STATE

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


class StateLinks(Postprocessor):
    """Makes the links that set a state links again."""

    def run(self, text: str) -> str:
        return text.replace(f"<{STATE} ", "<a ").replace(f"</{STATE}>", "</a>")
