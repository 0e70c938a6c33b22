"""Explorable explanations of deep learning: write PyTorch, Altair and Markdown; readers touch it.

Everything an author needs is here. Importing the package costs nothing: each name brings its module
when it is first used, so that reading a page never imports torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from site_builder.errors import SiteBuilderError
    from site_builder.explorable import Explorable, figure
    from site_builder.inputs import Choice, Slider, Toggle
    from site_builder.interval import Interval
    from site_builder.noise import Noise
    from site_builder.outputs import Field, Labels, Output, Rows, Tiles, live
    from site_builder.picture import Picture
    from site_builder.placing import Placed, Point, Points
    from site_builder.progress import track
    from site_builder.reference import device, reference_model
    from site_builder.sizes import Choices, Seed, Size
    from site_builder.sketch import Sketch
    from site_builder.text import Text

_HOME = {
    "Choice": "inputs",
    "Choices": "sizes",
    "Explorable": "explorable",
    "Field": "outputs",
    "Interval": "interval",
    "Labels": "outputs",
    "Noise": "noise",
    "Output": "outputs",
    "Picture": "picture",
    "Placed": "placing",
    "Point": "placing",
    "Points": "placing",
    "Rows": "outputs",
    "Seed": "sizes",
    "SiteBuilderError": "errors",
    "Size": "sizes",
    "Sketch": "sketch",
    "Slider": "inputs",
    "Text": "text",
    "Tiles": "outputs",
    "Toggle": "inputs",
    "device": "reference",
    "figure": "explorable",
    "live": "outputs",
    "reference_model": "reference",
    "track": "progress",
}

__all__ = [
    "Choice",
    "Choices",
    "Explorable",
    "Field",
    "Interval",
    "Labels",
    "Noise",
    "Output",
    "Picture",
    "Placed",
    "Point",
    "Points",
    "Rows",
    "Seed",
    "SiteBuilderError",
    "Size",
    "Sketch",
    "Slider",
    "Text",
    "Tiles",
    "Toggle",
    "device",
    "figure",
    "live",
    "reference_model",
    "track",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'site_builder' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"site_builder.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
