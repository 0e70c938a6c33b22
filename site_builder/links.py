"""Links that set the state of explorables: ``[the spiral](#playground.dataset=spiral)``.

A page reads such a link itself; here it is checked, so that none leads nowhere, and written as the
page reads it. The format is that of ``runtime/src/link.ts``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from site_builder.errors import SiteBuilderError, unknown
from site_builder.link_values import Refused, as_read

BACKENDS = ("compiled", "cpu", "wasm", "webgl")
STEPS = "steps"
"""What a link calls steps of time, where no input has that name."""
MOST_STEPS = 10_000
_PART = re.compile(r"([a-z_]\w*)\.([a-z_]\w*)=(.*)", re.IGNORECASE | re.DOTALL | re.ASCII)


@dataclass(frozen=True)
class Settable:
    """What a link may set of one explorable.

    Attributes:
        inputs: The inputs' specs.
        timed: Whether a link may also let it go on for some steps.
    """

    inputs: list[dict[str, Any]]
    timed: bool = False


def is_state(href: str) -> bool:
    """Whether an address sets a state, as that of a heading does not."""
    return href.startswith("#") and ("=" in href)


def checked_state(
    href: str, settable: Mapping[str, Settable], elsewhere: Collection[str] = ()
) -> str:
    """Checks what a link sets.

    Args:
        href: The address, such as ``"#playground.rate=4&playground.seed=7"``.
        settable: The explorables on the page, by name.
        elsewhere: The names of those on other pages.

    Returns:
        The address as the page reads it: an index where the author wrote a word.

    Raises:
        SiteBuilderError: If an explorable or an input is unknown, or a value is none it takes.
    """
    return "#" + "&".join(
        _checked(href, part, settable, elsewhere) for part in href.removeprefix("#").split("&")
    )


def _checked(
    href: str, part: str, settable: Mapping[str, Settable], elsewhere: Collection[str]
) -> str:
    match = _PART.fullmatch(part)
    if match is None:
        if part.startswith("backend=") and part.removeprefix("backend=") in BACKENDS:
            return part
        raise SiteBuilderError(
            f"the link '{href}' must be parts such as #name.input=value joined by '&', "
            f"not '{part}'."
        )
    name, wanted, text = match.groups()
    if name not in settable:
        if name in elsewhere:
            here = ", ".join(sorted(settable)) or "none"
            raise SiteBuilderError(
                f"the link '{href}': '{name}' is not on this page, so a link here can't set it; "
                f"on this page: {here}. Set one of its figures into the page, or link to its page."
            )
        known = unknown("explorable", name, {*settable, *elsewhere})
        raise SiteBuilderError(f"the link '{href}': {known}")
    specs = {spec["name"]: spec for spec in settable[name].inputs}
    if wanted == STEPS and wanted not in specs:
        _check_steps(href, name, text, timed=settable[name].timed)
        return part
    if wanted not in specs:
        known = unknown(f"input of '{name}'", wanted, specs)
        raise SiteBuilderError(f"the link '{href}': {known}")
    try:
        return f"{name}.{wanted}={as_read(specs[wanted], text)}"
    except Refused as refused:
        raise SiteBuilderError(
            f"the link '{href}': {name}.{wanted} takes {refused}; not '{text}'."
        ) from None


def _check_steps(href: str, name: str, text: str, *, timed: bool) -> None:
    if not timed:
        raise SiteBuilderError(
            f"the link '{href}': '{name}' has no time that a reader plays, so it takes no steps."
        )
    if not re.fullmatch(r"[0-9]+", text) or int(text) > MOST_STEPS:
        raise SiteBuilderError(
            f"the link '{href}': {name}.{STEPS} takes a whole number from 0 to {MOST_STEPS}; "
            f"not '{text}'."
        )
