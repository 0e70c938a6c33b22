"""What becomes of a page's links to live values and to states, once Markdown has read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from markdown import Markdown
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from site_builder.errors import SiteBuilderError, unknown
from site_builder.links import Settable, checked_state, is_state
from site_builder.values import show

if TYPE_CHECKING:
    from site_builder.manifest import Record
    from site_builder.pages import PageState

STATE = "explorable-state"
"""The tag of a link to a state while MkDocs looks at the links."""

HANDLES = ("slider", "size", "choice", "toggle")
"""The kinds of inputs that a reader sets in the sentence itself."""


@dataclass(frozen=True)
class LiveValue:
    """A value in a sentence or a formula.

    Attributes:
        attributes: Those of its ``<explorable-value>``.
        shown: Its text at the default inputs.
    """

    attributes: dict[str, str]
    shown: str


def live_value(state: PageState, dotted: str, text: str) -> LiveValue:
    """The live value of a name.

    Args:
        state: The page.
        dotted: ``explorable.input`` or ``explorable.output``.
        text: The text that the author wrote, which is its format.

    Raises:
        SiteBuilderError: If there is no such name, or it is no single value.
    """
    record, part = single_value(state, dotted)
    attributes = {"name": dotted, "src": state.page.asset(record.payload), "format": text}
    if any(spec["name"] == part and spec["kind"] in HANDLES for spec in record.inputs):
        attributes["handle"] = ""
    return LiveValue(attributes, show(record.scalars[part], text))


def single_value(state: PageState, dotted: str) -> tuple[Record, str]:
    """The explorable that has a value, and the value's name in it.

    Raises:
        SiteBuilderError: If there is no such name, or it is no single value.
    """
    record, part = state.record(dotted)
    kinds = {spec["name"]: spec["kind"] for spec in (*record.inputs, *record.outputs)}
    if part not in record.scalars:
        if part in kinds:
            raise SiteBuilderError(
                f"'{dotted}' is a {kinds[part]}: a sentence can only show a single value; "
                f"known: {', '.join(sorted(record.scalars))}."
            )
        name = dotted.partition(".")[0]
        known = [f"{name}.{scalar}" for scalar in record.scalars]
        raise SiteBuilderError(unknown("live value", dotted, known))
    return record, part


class LiveLinks(Treeprocessor):
    """Turns ``[12](live:name.output)`` into a value that follows the model."""

    def __init__(self, md: Markdown, state: PageState) -> None:
        super().__init__(md)
        self.state = state

    def run(self, root: ElementTree.Element) -> None:
        links = [(link, link.get("href", "")) for link in root.iter("a")]
        named = {href.removeprefix("live:") for _, href in links if href.startswith("live:")}
        here = self.state.met | {dotted.partition(".")[0] for dotted in named}
        for link, href in links:
            if href.startswith("live:"):
                self._turn(link, href.removeprefix("live:"))
            elif is_state(href):
                self._check(link, href, here)

    def _check(self, link: ElementTree.Element, href: str, here: set[str]) -> None:
        lines = self.state.markup.states.get(href, [])
        line = lines.pop(0) if lines else None
        records = self.state.records
        settable = {
            name: Settable(record.inputs, _is_played(record))
            for name, record in records.items()
            if name in here
        }
        try:
            link.set("href", checked_state(href, settable, records))
        except SiteBuilderError as error:
            self.state.problem(line, error.message)
            return
        link.set("class", "explorable-link")
        # MkDocs looks for a heading of that name behind every <a>: this is none for a while.
        link.tag = STATE

    def _turn(self, link: ElementTree.Element, dotted: str) -> None:
        lines = self.state.markup.links.get(dotted, [])
        line = lines.pop(0) if lines else None
        text = "".join(link.itertext())
        try:
            value = live_value(self.state, dotted, text)
        except SiteBuilderError as error:
            self.state.problem(line, error.message)
            return
        now = value.shown
        if text != now:
            self.state.problem(
                line, f"the live link [{text}](live:{dotted}) is out of date: the value is {now}."
            )
        link.tag = "explorable-value"
        link.attrib.clear()
        link.attrib.update(value.attributes)
        if text != now:
            for child in list(link):
                link.remove(child)
            link.text = AtomicString(now)


def _is_played(record: Record) -> bool:
    return record.time is not None and not record.time.get("ahead")


class StateLinks(Postprocessor):
    """Makes the links that set a state links again."""

    def run(self, text: str) -> str:
        return text.replace(f"<{STATE} ", "<a ").replace(f"</{STATE}>", "</a>")
