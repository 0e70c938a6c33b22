"""Links that set the state of explorables: ``[the spiral](#playground.dataset=3)``.

A page reads such a link itself; here it is checked, so that none leads nowhere. The format is that
of ``runtime/src/link.ts``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from site_builder.errors import SiteBuilderError, unknown

BACKENDS = ("compiled", "cpu", "wasm", "webgl")
_PART = re.compile(r"([a-z_]\w*)\.([a-z_]\w*)=(.*)", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"-?\d*\.?\d+(?:[eE][+-]?\d+)?")


def is_state(href: str) -> bool:
    """Whether an address sets a state, as that of a heading does not."""
    return href.startswith("#") and ("=" in href)


def check_state(href: str, inputs: Mapping[str, list[dict[str, Any]]]) -> None:
    """Checks what a link sets.

    Args:
        href: The address, such as ``"#playground.rate=4&playground.seed=7"``.
        inputs: The inputs' specs of each explorable, by its name.

    Raises:
        SiteBuilderError: If an explorable or an input is unknown, or a value is none it takes.
    """
    for part in href.removeprefix("#").split("&"):
        match = _PART.fullmatch(part)
        if match is None:
            if part.removeprefix("backend=") in BACKENDS and part.startswith("backend="):
                continue
            raise SiteBuilderError(
                f"the link '{href}' must be parts such as #name.input=value joined by '&', "
                f"not '{part}'."
            )
        name, wanted, text = match.groups()
        if name not in inputs:
            raise SiteBuilderError(f"the link '{href}': {unknown('explorable', name, inputs)}")
        specs = {spec["name"]: spec for spec in inputs[name]}
        if wanted not in specs:
            known = unknown(f"input of '{name}'", wanted, specs)
            raise SiteBuilderError(f"the link '{href}': {known}")
        said = _refused(specs[wanted], text)
        if said:
            raise SiteBuilderError(
                f"the link '{href}': {name}.{wanted} takes {said}, not '{text}'."
            )


def _refused(spec: Mapping[str, Any], text: str) -> str:
    """What an input takes, where it doesn't take the text; empty where it does."""
    kind = spec["kind"]
    if kind in ("sketch", "points"):
        return "" if re.fullmatch(r"[\w-]*", text) else "a drawing or points as a page writes them"
    if kind == "toggle":
        return "" if text in ("0", "1") else "0 or 1"
    if kind in ("choice", "choices"):
        options = spec["options"]
        texts = text.split(",") if kind == "choices" else [text]
        fits = all(t.isdigit() and int(t) < len(options) for t in texts)
        several = "indices joined by commas" if kind == "choices" else "an index"
        return "" if fits else f"{several} from 0 to {len(options) - 1} ({', '.join(options)})"
    texts = text.split(",") if kind in ("point", "interval") else [text]
    numbers = [float(t) for t in texts if _NUMBER.fullmatch(t)]
    if kind == "point":
        ends = [spec["x"], spec["y"]]
    elif kind == "seed":
        ends = [[0, 999_999]]
    else:
        ends = [[spec["min"], spec["max"]]] * (2 if kind == "interval" else 1)
    if kind == "interval" and numbers:
        ends[1] = [max(spec["min"], numbers[0]), spec["max"]]  # the lower end comes first
    whole = kind in ("size", "seed")
    fits = all(n.is_integer() for n in numbers) or not whole
    fits = (
        fits
        and len(texts) == len(numbers) == len(ends)
        and all(low <= number <= high for number, (low, high) in zip(numbers, ends, strict=False))
    )
    what = "a whole number" if whole else "a number"
    said = " and ".join(f"{what} from {low:g} to {high:g}" for low, high in ends)
    return "" if fits else said
