"""Names of nodes that TensorFlow and TF.js can take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

# TF.js keeps nodes in plain objects, where these names are already taken by Object.prototype.
_RESERVED = (
    *("constructor", "toString", "toLocaleString", "valueOf", "hasOwnProperty", "__proto__"),
    *("isPrototypeOf", "propertyIsEnumerable", "__defineGetter__", "__defineSetter__"),
    *("__lookupGetter__", "__lookupSetter__"),
)


def safe_name(name: str) -> str:
    """`name` with what TensorFlow or TF.js cannot take in a node's name replaced."""
    cleaned = re.sub(r"[^A-Za-z0-9_./]", "_", name)
    return cleaned if re.match(r"[A-Za-z0-9.]", cleaned) else f"n{cleaned}"


class Names:
    """The names of one graph, none of them twice.

    Attributes:
        scope: what the nodes that are being made are named after.
    """

    def __init__(self) -> None:
        self.scope = "graph"
        self._taken: set[str] = set(_RESERVED)
        # The first number after a name that may be free: none before it is.
        self._counts: dict[str, int] = {}

    @contextmanager
    def within(self, name: str) -> Iterator[None]:
        """Name the nodes made inside after `name`, made safe for TensorFlow."""
        before, self.scope = self.scope, safe_name(name)
        try:
            yield
        finally:
            self.scope = before

    def unique(self, wanted: str) -> str:
        """`wanted`, with a number where it is taken; it is taken from here on."""
        name = wanted
        if name in self._taken:
            count = self._counts.get(wanted, 1)
            while (name := f"{wanted}_{count}") in self._taken:
                count += 1
            self._counts[wanted] = count + 1
        self._taken.add(name)
        return name
