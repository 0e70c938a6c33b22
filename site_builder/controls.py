"""The native controls of inputs, written into the page before any script runs."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

RADIOS = 5
"""Up to so many words stand as radio buttons; more of them become a drop-down list."""


def control(explorable: str, spec: Mapping[str, Any], src: str, instance: int) -> str:
    """An input's ``<explorable-input>`` with its native control at the default value.

    Args:
        explorable: The explorable's name.
        spec: The input's spec, as in the payload.
        src: The payload's address, relative to the page.
        instance: How many controls of this input stood on the page before: ids are unique.
    """
    ident = f"{explorable}--{spec['name']}" + (f"--{instance + 1}" if instance else "")
    inside = _KINDS[spec["kind"]](spec, escape(ident))
    name = escape(f"{explorable}.{spec['name']}")
    return (
        f'<explorable-input name="{name}" kind="{spec["kind"]}" src="{escape(src)}">'
        f"{inside}</explorable-input>"
    )


def _slider(spec: Mapping[str, Any], ident: str) -> str:
    ends = f'min="{spec["min"]:g}" max="{spec["max"]:g}" step="{spec["step"]:.10g}"'
    return (
        f'<label for="{ident}">{escape(spec["label"])}</label>'
        f'<input type="range" id="{ident}" {ends} value="{spec["default"]:.10g}" '
        'autocomplete="off">'
        f'<output for="{ident}">{escape(spec["format"])}</output>'
    )


def _choice(spec: Mapping[str, Any], ident: str) -> str:
    label, words = escape(spec["label"]), [escape(word) for word in spec["options"]]
    if len(words) > RADIOS:
        options = "".join(
            f'<option value="{n}"{" selected" * (n == spec["default"])}>{word}</option>'
            for n, word in enumerate(words)
        )
        return (
            f'<label for="{ident}">{label}</label>'
            f'<select id="{ident}" autocomplete="off">{options}</select>'
        )
    radios = "".join(
        f'<label><input type="radio" name="{ident}" value="{n}" autocomplete="off"'
        f"{' checked' * (n == spec['default'])}> {word}</label>"
        for n, word in enumerate(words)
    )
    return (
        f'<div role="radiogroup" aria-labelledby="{ident}--label">'
        f'<span id="{ident}--label">{label}</span>{radios}</div>'
    )


def _toggle(spec: Mapping[str, Any], ident: str) -> str:
    checked = " checked" * bool(spec["default"])
    return (
        f'<label for="{ident}"><input type="checkbox" id="{ident}" autocomplete="off"{checked}> '
        f"{escape(spec['label'])}</label>"
    )


def _sketch(spec: Mapping[str, Any], ident: str) -> str:
    height, width = spec["shape"]
    label = escape(spec["label"])
    radios = "".join(
        f'<label title="{escape(example["label"])}">'
        f'<input type="radio" name="{ident}" value="{n}" autocomplete="off"'
        f"{' checked' * (n == spec['default'])}>"
        f'<img src="{_png(base64.b64decode(example["pixels"]), height, width)}" '
        f'alt="{escape(example["label"])}" width="{width}" height="{height}"></label>'
        for n, example in enumerate(spec["examples"])
    )
    examples = (
        f'<div role="radiogroup" class="explorable-examples" aria-label="{label}: examples">'
        f"{radios}</div>"
        if radios
        else ""
    )
    return (
        f'<span id="{ident}--label">{label}</span>'
        f'<canvas width="{width}" height="{height}" role="img" aria-labelledby="{ident}--label">'
        f'</canvas><button type="button" class="explorable-clear">Clear</button>{examples}'
    )


_KINDS: Mapping[str, Callable[[Mapping[str, Any], str], str]] = {
    "slider": _slider,
    "choice": _choice,
    "toggle": _toggle,
    "sketch": _sketch,
}


def _png(levels: bytes, height: int, width: int) -> str:
    """A drawing as a data address: ink as opacity, so that it suits light and dark alike.

    The format is PNG's greyscale with alpha (PNG specification, colour type 4).
    """

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(
        b"\0" + b"".join(bytes((0, level)) for level in levels[y * width : (y + 1) * width])
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 4, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    png += chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
