"""Names of what is known once a program is bound to its sizes."""

from __future__ import annotations

from collections.abc import Callable

from .extents import ZERO, Atom, Extent, text_of
from .values import Value


class Names:
    """Constants ahead of the kernels, each under one name.

    Attributes:
        lines: Their definitions in JavaScript, in an order in which they can stand.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._known: dict[object, str] = {}
        self._bases: dict[Value, str] = {}

    def size(self, size: Extent) -> str:
        """A literal, the name of an input's size, or a constant that is computed once."""
        number = size.number
        if number is not None:
            return str(number)
        if len(size.terms) == 1 and size.terms[0][1] == 1 and len(size.terms[0][0]) == 1:
            return self._atom(size.terms[0][0][0])
        return self._named(size, lambda: text_of(size, self._atom))

    def given(self, atom: Atom, text: str) -> None:
        """An input's size, as the caller of the program states it."""
        self._known[atom] = name = f"n{len(self._known)}"
        self.lines.append(f"const {name} = {text}; // {atom.text}")

    def base(self, value: Value, slot: str) -> None:
        """Where a tensor begins: at a slot, whose name counts words of memory."""
        self._bases[value] = slot

    def start(self, value: Value, offset: Extent) -> str:
        """Where in the arena something of a tensor begins, in elements."""
        base = self._bases[value]
        if value.dtype == "bool":
            base = f"{base} * 4"  # a word holds four of them
        elif offset == ZERO:
            return base
        if offset == ZERO:
            return self._named((value.name, offset), lambda: base)
        return self._named((value.name, offset), lambda: f"{base} + {text_of(offset, self._atom)}")

    def _atom(self, atom: Atom) -> str:
        known = self._known.get(atom)
        if known is None:
            render = atom.render
            assert render is not None, atom.text
            known = self._named(atom, lambda: render(*map(self.size, atom.parts)))
        return known

    def _named(self, key: object, text: Callable[[], str]) -> str:
        if key not in self._known:
            right = text()
            self._known[key] = name = f"n{len(self._known)}"
            self.lines.append(f"const {name} = {right};")
        return self._known[key]
