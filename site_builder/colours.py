"""Colours of quantities: the same in a figure, in formulas and in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from site_builder.errors import SiteBuilderError, unknown
from site_builder.live_links import single_value

if TYPE_CHECKING:
    from site_builder.pages import PageState

COUNT = 6
"""The class ``c1`` is to text what ``var(--explorable-c1)`` is to charts, and so on."""


class Colours:
    """The colours of one page.

    Args:
        named: The number of the colour of each quantity, by its name.
    """

    def __init__(self, named: Mapping[str, int]) -> None:
        self.named = named

    def known(self, quantity: str) -> str | None:
        """The class of a quantity's colour, or None where it has none."""
        number = self.named.get(quantity)
        return f"c{number}" if number else None

    def of(self, what: str) -> str:
        """The class of a colour given by its number or by the quantity that has it.

        Raises:
            SiteBuilderError: If it is neither.
        """
        if what.isdigit():
            return f"c{checked(int(what))}"
        found = self.known(what)
        if found is None:
            raise SiteBuilderError(
                f"{unknown('quantity with a colour', what, self.named)} Give it one in the front "
                f"matter, as in 'colours: {{{what}: 2}}'."
            )
        return found


def checked(number: object) -> int:
    """The number of a colour.

    Raises:
        SiteBuilderError: If there is none of that number.
    """
    if isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= COUNT:
        return number
    raise SiteBuilderError(
        f"the colours of charts and text are numbered from 1 to {COUNT}, so that there is no "
        f"colour {number}."
    )


def read(front: object, state: PageState) -> Colours:
    """The colours of a page's front matter; what is wrong there is reported.

    Args:
        front: What stands under ``colours:``, by quantity.
        state: The page.
    """
    named: dict[str, int] = {}
    try:
        if not isinstance(front, Mapping):
            raise SiteBuilderError(
                "'colours' in the front matter must give each quantity a number, as in "
                "'colours: {momentum.beta: 2}'."
            )
        for quantity, number in front.items():
            single_value(state, str(quantity))
            named[str(quantity)] = checked(number)
    except SiteBuilderError as error:
        state.problem(None, f"in the front matter: {error.message}")
    return Colours(named)


class ColouredValues(Treeprocessor):
    """Gives the live values in sentences the colours of their quantities."""

    def __init__(self, md: Markdown, state: PageState) -> None:
        super().__init__(md)
        self.state = state

    def run(self, root: ElementTree.Element) -> None:
        for value in root.iter("explorable-value"):
            found = self.state.colours.known(value.get("name", ""))
            if found:
                value.set("class", f"{value.get('class', '')} {found}".strip())
