"""The passes over a converted graph, and their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .affine import fold_scales
from .fusion import fuse
from .graph import Graph
from .layout import keep_images_last
from .recognition import shorten

Pass = Callable[[Graph], Graph]

#: Scales are next to their weights only once the transposes between are gone, and a bias is one
#: constant only once the scales are folded.
PASSES: tuple[Pass, ...] = (keep_images_last, shorten, fold_scales, fuse)


def improve(graph: Graph, passes: Sequence[Pass] = PASSES) -> Graph:
    """The graph after every pass; it computes the same."""
    for each in passes:
        graph = each(graph)
    return graph
