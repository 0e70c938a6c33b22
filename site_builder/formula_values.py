"""The live values of a formula: numbers that follow the model, some of which can be moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from site_builder.errors import SiteBuilderError
from site_builder.live_links import LiveValue, live_value
from site_builder.values import show

if TYPE_CHECKING:
    from site_builder.pages import PageState

_EM = {**dict.fromkeys("0123456789", 0.5), ".": 0.278, ",": 0.278, "-": 0.333, "%": 0.833}
"""Widths of KaTeX's main font, in em."""

NARROW = 16
"""A formula of up to so many signs fits the narrowest phone; a longer one may have to scroll."""


@dataclass(frozen=True)
class FormulaValue:
    """A live value of a formula.

    Attributes:
        value: What stands there.
        width: Room for the widest that may stand there, em.
        colour: The class of its colour, or None.
    """

    value: LiveValue
    width: float
    colour: str | None

    @property
    def handle(self) -> bool:
        """Whether the reader can move it."""
        return "handle" in self.value.attributes

    def element(self, *, handle: bool) -> ElementTree.Element:
        """What shows the value, and where it is a handle and `handle` is true, moves it."""
        attributes = dict(self.value.attributes)
        if not handle:
            attributes.pop("handle", None)
        if self.colour:
            attributes["class"] = self.colour
        element = ElementTree.Element("explorable-value", attributes)
        element.text = self.value.shown
        return element


def formula_value(state: PageState, dotted: str, text: str | None) -> FormulaValue:
    """A live value of a formula.

    Args:
        state: The page.
        dotted: The name of an input or of an output.
        text: The value as the author typed it, which is its format; None for the input's own
            format, or for three digits.

    Raises:
        SiteBuilderError: If there is no such value, or the model gives another one.
    """
    record, part = state.record(dotted)
    spec: dict[str, Any] = next((s for s in record.inputs if s["name"] == part), {})
    if text is None:
        now = record.scalars.get(part, "")
        text = spec.get("format") or _three_digits(now) or show(now, "")
    text = text.replace("\\%", "%")
    value = live_value(state, dotted, text)
    if value.shown != text:
        raise SiteBuilderError(
            rf"\live[{text}]{{{dotted}}} in a formula is out of date: the value is {value.shown}."
        )
    ends = spec.get("options") or [spec[end] for end in ("min", "max") if end in spec]
    widths = [_width(shown) for shown in (text, *(show(end, text) for end in ends))]
    return FormulaValue(value, max(widths), state.colours.known(dotted))


def finish(made: ElementTree.Element, lives: Sequence[FormulaValue]) -> bool:
    """Puts live values into a set formula; returns whether it may be too long for a phone."""
    stand_ins = {stand_in(number): live for number, live in enumerate(lives)}
    for semantics in made.iter("semantics"):
        for note in semantics.findall("annotation"):
            semantics.remove(note)  # TeX with our stand-ins: nobody reads it
    for text in made.iter("mtext"):
        # A copy for screen readers, which follows the model too. The handle is in the other half.
        if live := stand_ins.get(text.text or ""):
            text.text = None
            text.append(live.element(handle=False))
    (seen,) = (e for e in made.iter("span") if e.get("class") == "katex-html")
    # Search would find each sign twice; it compares by tag, so that it needs one of its own.
    seen.tag = "explorable-glyphs"
    seen.set("data-search-exclude", "")
    for place in seen.iter("span"):
        if number := place.attrib.pop("data-live", None):
            live = lives[int(number)]
            for child in list(place):
                place.remove(child)
            place.set("class", "explorable-room")
            place.set("style", f"min-width:{live.width:.4g}em")
            place.append(live.element(handle=True))
    if any(live.handle for live in lives):
        del seen.attrib["aria-hidden"]
        _hide_but_handles(seen)
    return len("".join(seen.itertext())) > NARROW


def _hide_but_handles(element: ElementTree.Element) -> bool:
    """Hides from screen readers what is not on the way to a handle; the MathML says the rest."""
    ways = [child for child in element if _hide_but_handles(child)]
    if ways:
        for child in element:
            if child not in ways:
                child.set("aria-hidden", "true")
    return bool(ways) or "handle" in element.attrib


def stand_in(number: int) -> str:
    """What KaTeX gets in a live value's place: digits stand as high as any value."""
    return f"{number:09d}"


def _three_digits(value: object) -> str:
    """A number's text of three digits that count; empty for what is no broken number."""
    if not isinstance(value, float) or value.is_integer():
        return ""
    decimals = max(0, 2 - int(f"{value:e}".partition("e")[2]))
    return f"{value:.{decimals}f}"


def _width(text: str) -> float:
    """How wide a value stands, in em, with the room around it."""
    return sum(_EM.get(sign, 0.6) for sign in text) + 0.24
