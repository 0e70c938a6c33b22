"""The native controls of inputs, written into the page before any script runs."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from site_builder import rich_controls
from site_builder.axis import decimals, stops
from site_builder.png import data_address
from site_builder.sizes import LAST_SEED

RADIOS = 5
"""Up to so many words stand as radio buttons; more of them become a drop-down list."""

FEW = 5
"""Up to so many controls stand beside the picture; more of them under it, in columns."""


def control(
    explorable: str, spec: Mapping[str, Any], src: str, instance: int, *, idle: bool = False
) -> str:
    """An input's ``<explorable-input>`` with its native control at the default value.

    Args:
        explorable: The explorable's name.
        spec: The input's spec, as in the payload.
        src: The payload's address, relative to the page.
        instance: How many controls of this input stood on the page before: ids are unique.
        idle: Whether the input does nothing at the default values; a script shows its control
            when it does.
    """
    ident = f"{explorable}--{spec['name']}" + (f"--{instance + 1}" if instance else "")
    inside = _KINDS[spec["kind"]](spec, escape(ident))
    name = escape(f"{explorable}.{spec['name']}")
    return (
        f'<explorable-input name="{name}" kind="{spec["kind"]}" src="{escape(src)}"'
        f"{' hidden' * idle}>{inside}</explorable-input>"
    )


def fieldset(controls: Sequence[str]) -> str:
    """The controls of a figure, which a script switches on; empty where there are none.

    Args:
        controls: Each one's HTML, as `control` gives it.
    """
    if not controls:
        return ""
    many = " explorable-many" * (len(controls) > FEW)
    return (
        f'<fieldset class="explorable-controls{many}" data-search-exclude disabled>'
        f'<legend class="explorable-hidden">Controls</legend>{"".join(controls)}</fieldset>'
        '<noscript><p class="explorable-note">The controls need JavaScript. The picture '
        "shows the model at its opening values.</p></noscript>"
    )


def editor(ident: str, column: str) -> str:
    """Where the numbers of a figure are typed anew without a pointer; a script fills the list.

    Args:
        ident: Begins the ids; unique on the page.
        column: What the numbers are called.
    """
    ident = escape(ident)
    return (
        '<details class="explorable-disclosure explorable-edits"><summary>Edit a number</summary>'
        f'<label for="{ident}--which">Which</label>'
        f'<select id="{ident}--which" autocomplete="off"></select>'
        f'<label for="{ident}--value">{escape(column)}</label>'
        f'<input type="number" id="{ident}--value" step="any" autocomplete="off"></details>'
    )


def _slider(spec: Mapping[str, Any], ident: str) -> str:
    return _range(ident, spec["label"], spec, spec["default"], spec["format"])


def _size(spec: Mapping[str, Any], ident: str) -> str:
    return _range(ident, spec["label"], {**spec, "step": 1}, spec["default"], str(spec["default"]))


def _range(ident: str, label: str, ends: Mapping[str, Any], value: float, shown: str) -> str:
    """A labelled slider with its value beside the label."""
    stops = f'min="{ends["min"]:g}" max="{ends["max"]:g}" step="{ends["step"]:.10g}"'
    return (
        f'<label for="{ident}">{escape(label)}</label>'
        f'<input type="range" id="{ident}" {stops} value="{value:.10g}" autocomplete="off">'
        f'<output for="{ident}">{escape(shown)}</output>'
    )


def _point(spec: Mapping[str, Any], ident: str) -> str:
    axes = "".join(
        _axis(f"{ident}--{axis}", axis, spec[axis], spec["default"][n])
        for n, axis in enumerate("xy")
    )
    return _group(spec["label"], ident, axes)


def _axis(ident: str, axis: str, ends: Sequence[float], value: float) -> str:
    low, high = ends
    step = stops(low, high)
    # A drag on the chart is finer than the stops of the slider: one more decimal.
    shown = f"{value:.{decimals(step) + 1}f}"
    slider = _range(ident, axis, {"min": low, "max": high, "step": step}, value, shown)
    return f'<div class="explorable-slider" data-axis="{axis}">{slider}</div>'


def _interval(spec: Mapping[str, Any], ident: str) -> str:
    places = len(spec["format"].partition(".")[2])
    both = "".join(
        '<div class="explorable-slider explorable-end">'
        f"{_range(f'{ident}--{word}', word, spec, end, f'{end:.{places}f}')}</div>"
        for word, end in zip(("from", "to"), spec["default"], strict=True)
    )
    return _group(spec["label"], ident, both)


def _group(label: str, ident: str, inside: str) -> str:
    return (
        f'<div role="group" aria-labelledby="{ident}--label">'
        f'<span id="{ident}--label">{escape(label)}</span>{inside}</div>'
    )


def _seed(spec: Mapping[str, Any], ident: str) -> str:
    return (
        f'<label for="{ident}">{escape(spec["label"])}</label><div class="explorable-row">'
        f'<input type="number" id="{ident}" min="0" max="{LAST_SEED}" step="1" '
        f'value="{spec["default"]}" inputmode="numeric" autocomplete="off">'
        '<button type="button" class="explorable-new-seed">New seed</button></div>'
    )


def _choices(spec: Mapping[str, Any], ident: str) -> str:
    boxes = "".join(
        f'<label><input type="checkbox" value="{n}" autocomplete="off"'
        f"{' checked' * (n in spec['default'])}> {escape(word)}</label>"
        for n, word in enumerate(spec["options"])
    )
    return (
        f'{_group(spec["label"], ident, boxes)}<p class="explorable-note" role="status" hidden></p>'
    )


def _points(spec: Mapping[str, Any], ident: str) -> str:
    """Where points are placed without a pointer: by number, or from a file."""
    labels = [escape(word) for word in spec["labels"] or []]
    radios = "".join(
        f'<label><input type="radio" name="{ident}" value="{n}" autocomplete="off"'
        f"{' checked' * (n == 0)}> {word}</label>"
        for n, word in enumerate(labels)
    )
    columns = f"x,y,label ({' or '.join(labels)})" if labels else "x,y"
    axes = ["x", "y"]
    value = ""
    if spec["value"]:
        axes.append("value")
        value = _next_value(spec, f"{ident}--next")
        words = [f"{end:g} is {word}" for end, word in zip(spec["value"], labels, strict=False)]
        columns = f"x,y,value ({', '.join(words)})" if words else "x,y,value"
    numbers = "".join(
        f'<label for="{ident}--{axis}">{axis}</label>'
        f'<input type="number" id="{ident}--{axis}" data-axis="{axis}" min="{spec[axis][0]:g}" '
        f'max="{spec[axis][1]:g}" step="any" autocomplete="off">'
        for axis in axes
    )
    next_one = (
        f'<div role="radiogroup" aria-label="{escape(spec["label"])}: label of the next point">'
        f"{radios}</div>"
    )
    return _group(
        spec["label"],
        ident,
        f"{next_one * bool(radios)}{value}"
        f'<p class="explorable-note" id="{ident}--how">Click the chart to add a point, drag one to '
        f"move it. A CSV file has {columns} in each line.</p>"
        '<div class="explorable-row">'
        '<button type="button" class="explorable-remove-all">Remove all</button>'
        '<label class="explorable-csv">Read a CSV<input type="file" '
        f'accept=".csv,.tsv,.txt,text/csv" aria-describedby="{ident}--how"></label>'
        # Last, so that nothing moves under the pointer when it comes and goes.
        '<button type="button" class="explorable-undo" hidden>Undo</button></div>'
        '<p class="explorable-note" role="status" hidden></p>'
        '<details class="explorable-disclosure"><summary>By number</summary>'
        f'<label for="{ident}--point">Point</label><select id="{ident}--point" autocomplete="off">'
        '<option value="">a new one</option></select>'
        f'<div class="explorable-numbers-of-a-point">{numbers}</div><div class="explorable-row">'
        '<button type="button" class="explorable-add">Add</button>'
        '<button type="button" class="explorable-remove">Remove</button></div>'
        "</details>",
    )


def _next_value(spec: Mapping[str, Any], ident: str) -> str:
    """A slider of the value that the next point bears."""
    low, high = spec["value"]
    ends = {"min": low, "max": high, "step": stops(low, high)}
    slider = _range(ident, "value", ends, low, f"{low:.3g}")
    return f'<div class="explorable-slider explorable-next">{slider}</div>'


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
    "choices": _choices,
    "toggle": _toggle,
    "size": _size,
    "seed": _seed,
    "point": _point,
    "points": _points,
    "interval": _interval,
    "sketch": _sketch,
    "text": rich_controls.text,
    "picture": rich_controls.picture,
}


def _png(levels: bytes, height: int, width: int) -> str:
    """A drawing as a data address: ink as opacity, so that it suits light and dark alike."""
    return data_address(b"".join(bytes((0, level)) for level in levels), height, width)
