"""The controls of a text and of a picture, written into the page before any script runs."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape
from typing import Any

from site_builder.png import data_address
from site_builder.tokens import Token, Tokenizer

SHOWN = 100
"""So many tokens are shown; the others are counted. ``runtime/src/text-control.ts`` agrees."""


def text(spec: Mapping[str, Any], ident: str) -> str:
    """A field, examples, and how the text is cut."""
    label, length = escape(spec["label"]), spec["shape"][0]
    tokenizer = Tokenizer.of(spec)
    read = tokenizer.tokens(spec["default"])[:length]
    items = "".join(_token(token, tokenizer) for token in read[:SHOWN])
    room = f"room for {length - len(read)} more" if len(read) < length else "no room for more"
    count = f"{len(read)} token{'s' * (len(read) != 1)}; {room}."
    buttons = "".join(
        f'<button type="button" value="{n}"><bdi>{escape(example) or "no text"}</bdi></button>'
        for n, example in enumerate(spec["examples"])
    )
    examples = (
        f'<div role="group" class="explorable-row explorable-texts" aria-label="{label}: examples">'
        f"{buttons}</div>"
        if buttons
        else ""
    )
    return (
        f'<label for="{ident}">{label}</label>'
        f'<input type="text" id="{ident}" value="{escape(spec["default"])}" dir="auto" '
        f'maxlength="{spec["longest"]}" aria-describedby="{ident}--count" autocomplete="off" '
        f'autocapitalize="none" spellcheck="false">{examples}'
        f'<p class="explorable-note explorable-count" id="{ident}--count">{count}</p>'
        f'<ol class="explorable-tokens" aria-label="{label}: tokens"{" hidden" * (not items)}>'
        f'{items}</ol><p class="explorable-note" role="status" hidden></p>'
    )


def _token(token: Token, tokenizer: Tokenizer) -> str:
    """One token as the script shows it, too."""
    blank = token.text.strip() == ""
    strange = token.id == tokenizer.unknown
    word = f"<bdi>{escape(token.text)}</bdi>"
    if blank:
        word = (
            f'<bdi aria-hidden="true">{"␣" * len(token.text)}</bdi>'
            '<span class="explorable-hidden">space</span>'
        )
    said = '<span class="explorable-hidden"> (unknown)</span>' * strange
    odd = ' class="explorable-unknown"' * strange
    return f"<li{odd}>{word}{said} <small>{token.id}</small></li>"


def picture(spec: Mapping[str, Any], ident: str) -> str:
    """The picture, ways to bring another, and examples."""
    channels, height, width = spec["shape"]
    label, examples = escape(spec["label"]), spec["examples"]
    size = f'width="{width}" height="{height}"'
    opening = None if spec["default"] is None else examples[spec["default"]]
    levels = bytes(channels * height * width)
    name = "all black"
    if opening is not None:
        levels, name = base64.b64decode(opening["pixels"]), opening["label"]
    radios = "".join(
        f'<label><input type="radio" name="{ident}" value="{n}" autocomplete="off"'
        f'{" checked" * (n == spec["default"])}><canvas {size} aria-hidden="true"></canvas> '
        f"<span>{escape(example['label'])}</span></label>"
        for n, example in enumerate(examples)
    )
    group = (
        f'<div role="radiogroup" class="explorable-pictures" aria-label="{label}: examples">'
        f"{radios}</div>"
        if radios
        else ""
    )
    return (
        f'<span id="{ident}--label">{label}</span><div class="explorable-preview">'
        f'<img src="{_png(levels, channels, height, width)}" alt="{label}: {escape(name)}" {size}>'
        f'<canvas {size} role="img" aria-label="{label}: {escape(name)}" hidden></canvas>'
        '<video aria-label="What the camera shows" muted="" playsinline="" hidden></video></div>'
        f'<div role="group" aria-labelledby="{ident}--label" class="explorable-row">'
        '<label class="explorable-csv">Choose a picture'
        f'<input type="file" accept="image/*" aria-describedby="{ident}--how"></label>'
        '<button type="button" class="explorable-camera">Use the camera</button>'
        '<button type="button" class="explorable-take" hidden>Take the picture</button>'
        '<button type="button" class="explorable-stop" hidden>Stop the camera</button>'
        '<button type="button" class="explorable-clear">Clear</button></div>'
        f'<p class="explorable-note" id="{ident}--how">Or drop a picture here, or paste one while '
        "a control of this group has the focus. It stays on this machine: nothing is sent.</p>"
        f'{group}<p class="explorable-note" role="status" hidden></p>'
    )


def _png(levels: bytes, channels: int, height: int, width: int) -> str:
    """Levels of shape (channels, height, width) as a data address, for before the script."""
    count = height * width
    planes = [levels[at * count : (at + 1) * count] for at in range(channels)]
    red, green, blue = planes if channels == 3 else planes * 3
    opaque = b"\xff" * count
    pixels = b"".join(map(bytes, zip(red, green, blue, opaque, strict=True)))
    return data_address(pixels, height, width)
