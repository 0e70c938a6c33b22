"""No garbage collection while many small objects are made that all stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Pause Python's cyclic garbage collector; what no cycle holds is freed as ever.

    A collector that looks through every node again and again, and through whatever else the program
    holds, takes more time for each the more there are.
    """
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()
