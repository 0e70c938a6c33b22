"""The values of inputs as texts of a link: as authors write them, and as a page reads them.

A page reads indices, numbers and packed bytes (``runtime/src/link.ts``). An author may also write
the words of a `Choice`, ``on`` and ``off``, the name of a drawing's example, and points by number.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

from site_builder.sizes import LAST_SEED

Spec = Mapping[str, Any]

_NUMBER = re.compile(r"-?\d*\.?\d+(?:[eE][+-]?\d+)?", re.ASCII)
_PACKED = re.compile(r"[\w-]*", re.ASCII)


class Refused(Exception):  # noqa: N818 - it is news of what is taken, not an error of ours
    """The text is no value of the input; says what the input takes."""


def as_read(spec: Spec, text: str) -> str:
    """An author's text as a page reads it.

    Args:
        spec: The input, as in the payload.
        text: The text as it stands in the link, in which ``%20`` may stand for a space.

    Raises:
        Refused: If the input does not take it.
    """
    kind, said = spec["kind"], unquote(text)
    if kind == "sketch":
        return _drawing(spec, said)
    if kind == "points":
        return _points(spec, said)
    if kind == "toggle":
        return _toggle(said)
    if kind in ("choice", "choices"):
        return _indices(spec, said)
    if kind == "text":
        return _line(spec, said)
    if kind == "picture":
        return _picture(spec, said)
    return _numbers(spec, said)


def _toggle(text: str) -> str:
    if text not in ("0", "1", "on", "off"):
        raise Refused("on or off")
    return {"on": "1", "off": "0"}.get(text, text)


def _indices(spec: Spec, text: str) -> str:
    """Words or indices; digits are an index, also where a word has digits only."""
    options: Sequence[str] = spec["options"]
    several = spec["kind"] == "choices"
    parts = text.split(",") if several else [text]
    found = [options.index(p) if p in options and not p.isdecimal() else p for p in parts]
    fits = all(re.fullmatch(r"[0-9]+", str(n)) and int(n) < len(options) for n in found)
    if not fits or len({int(n) for n in found}) < len(found):
        what = "different words or indices joined by commas" if several else "a word or an index"
        words = ", ".join(f"{n} {word}" for n, word in enumerate(options))
        raise Refused(f"{what}, of {words}")
    return ",".join(str(int(n)) for n in found)


def _numbers(spec: Spec, text: str) -> str:
    """One number, or two where the input is a point or an interval."""
    kind = spec["kind"]
    texts = text.split(",") if kind in ("point", "interval") else [text]
    numbers = [float(t) for t in texts if _NUMBER.fullmatch(t)]
    if kind == "point":
        ends = [spec["x"], spec["y"]]
    elif kind == "seed":
        ends = [[0, LAST_SEED]]
    else:
        ends = [[spec["min"], spec["max"]]] * (2 if kind == "interval" else 1)
    if kind == "interval" and numbers:
        ends[1] = [max(spec["min"], numbers[0]), spec["max"]]  # the lower end comes first
    whole = kind in ("size", "seed") or spec.get("dtype") == "int32"
    fits = len(texts) == len(numbers) == len(ends)
    if fits:
        fits = all(low <= n <= high for n, (low, high) in zip(numbers, ends, strict=True))
    if not fits or (whole and not all(n.is_integer() for n in numbers)):
        what = "a whole number" if whole else "a number"
        raise Refused(" and ".join(f"{what} from {low:g} to {high:g}" for low, high in ends))
    return text


def _line(spec: Spec, text: str) -> str:
    if len(text) > spec["longest"]:
        raise Refused(f"a text of at most {spec['longest']} characters")
    return quote(text, safe="").replace("~", "%7E")


def _drawing(spec: Spec, text: str) -> str:
    """An example by its name, or a drawing packed by a page.

    It is packed as counts: of blank pixels, of inked ones, the levels of those, and so on.
    """
    labels = [example["label"] for example in spec["examples"]]
    if text in labels:
        pixels = base64.b64decode(spec["examples"][labels.index(text)]["pixels"])
        return _text(_pack_ink(pixels))
    packed = _bytes(text)
    count, at, to = math.prod(spec["shape"]), 0, 0
    while packed is not None and at + 1 < len(packed):
        blank, inked = packed[at], packed[at + 1]
        to, at = to + blank + inked, at + 2 + inked
    if packed is None or at != len(packed) or to > count:
        known = f"the name of an example ({', '.join(labels)}), or " * bool(labels)
        size = " by ".join(map(str, spec["shape"]))
        raise Refused(f"{known}a drawing of {size} pixels as the page's address holds it")
    return text


def _picture(spec: Spec, text: str) -> str:
    """An example by its name or index, or a picture packed by a page: ``p`` and its levels."""
    labels = [example["label"] for example in spec["examples"]]
    if text in labels:
        return str(labels.index(text))
    if re.fullmatch(r"[0-9]+", text) and int(text) < len(labels):
        return str(int(text))
    levels = _bytes(text[1:]) if text.startswith("p") else None
    if levels is None or len(levels) != math.prod(spec["shape"]):
        known = f"the name of an example ({', '.join(labels)}), or " * bool(labels)
        size = " by ".join(map(str, spec["shape"]))
        raise Refused(f"{known}a picture of {size} levels as the page's address holds it")
    return text


def _pack_ink(pixels: bytes) -> bytes:
    packed = bytearray()
    at = 0
    while at < len(pixels):
        blank = next((n for n in range(min(255, len(pixels) - at)) if pixels[at + n]), None)
        blank = min(255, len(pixels) - at) if blank is None else blank
        at += blank
        run = pixels[at : at + 255]
        inked = run.index(0) if 0 in run else len(run)
        packed += bytes((blank, inked)) + run[:inked]
        at += inked
    return bytes(packed)


def _points(spec: Spec, text: str) -> str:
    """Points by number, ``1,2,blue;-1.5,0.25,orange``, or packed by a page.

    Each is packed as x and y, float32, and its label as a byte or its value as float32.
    """
    value, labels = spec["value"], spec["labels"] or []
    form = "<fff" if value else "<ffB"
    packed = _bytes(text)
    placed: list[tuple[float, ...] | None]
    if packed is not None and len(packed) % struct.calcsize(form) == 0:
        placed = list(struct.iter_unpack(form, packed))
    else:
        placed = [_point(spec, part, labels) for part in text.split(";")]
    ends = [spec["x"], spec["y"], value or [0, max(len(labels) - 1, 0)]]
    points = [point for point in placed if point is not None and _inside(point, ends)]
    if len(points) < len(placed) or len(placed) > spec["capacity"]:
        third = f",value from {value[0]:g} to {value[1]:g}" if value else ""
        third = third or (f",label ({', '.join(labels)})" if labels else "")
        (left, right), (low, high) = spec["x"], spec["y"]
        raise Refused(
            f"at most {spec['capacity']} points such as x,y{',label' * bool(labels or value)};x,y… "
            f"with x from {left:g} to {right:g}, y from {low:g} to {high:g}{third}, "
            "or points as the page's address holds them"
        )
    return _text(b"".join(struct.pack(form, *point) for point in points))


def _inside(point: Sequence[float], ends: Sequence[Sequence[float]]) -> bool:
    """Whether a point lies within the ends; as a float32, one on an end may lie beyond it."""
    spans = zip(point, ends, strict=True)
    return all(low - 1e-6 * abs(low) <= n <= high + 1e-6 * abs(high) for n, (low, high) in spans)


def _point(spec: Spec, text: str, labels: Sequence[str]) -> tuple[float, ...] | None:
    parts = text.split(",")
    if len(parts) == 3 and parts[2] in labels and not spec["value"]:
        parts[2] = str(labels.index(parts[2]))
    if len(parts) == 2 and not labels and not spec["value"]:
        parts.append("0")
    if len(parts) != 3 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    x, y, third = map(float, parts)
    if spec["value"]:
        return x, y, third
    return (x, y, int(third)) if third in range(256) else None


def _text(packed: bytes) -> str:
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _bytes(text: str) -> bytes | None:
    if not _PACKED.fullmatch(text):
        return None
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None
