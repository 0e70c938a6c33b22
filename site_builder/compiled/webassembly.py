"""Kernels as WebAssembly, four elements at a time where that helps.

What is taken is what every browser computes alike and safely: places that are sure to be within
their tensors, and the operations of `wasm_operators`. Other kernels stay JavaScript, and where a
browser refuses WebAssembly, all of them do. Floats are float32 throughout; sums of single numbers
are gathered up as float64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import wasm_functions
from .jamming import jam
from .kernel import Kernel
from .names import Names
from .order import Group
from .vectors import stays_within, vectorize
from .wasm_kernel import Function, Needs, indented
from .wasm_operators import Unsupported


@dataclass(frozen=True)
class Module:
    """Kernels of a program.

    Attributes:
        text: In WebAssembly's text format.
        sizes: What it imports, as JavaScript: places in bytes, and how often loops run.
    """

    text: str
    sizes: list[str]


class Writer:
    """Writes the kernels of one program, in the order in which they are given."""

    def __init__(self, names: Names) -> None:
        self.names, self.needs = names, Needs()
        self.functions: list[str] = []
        self.rows: list[str] = []

    def add(self, name: str, title: str, kernel: Kernel) -> bool:
        """Writes a kernel as a function; False if it has to stay JavaScript."""
        if kernel.scan or not stays_within(kernel):
            return False
        for nests in (vectorize(kernel), jam(kernel)):
            if nests is None:
                continue
            needs = Needs()
            try:
                text = Function(self.names, needs).text(name, nests)
            except Unsupported:
                continue
            self.needs.add(needs)
            self.functions.append(f";; {title}\n{text}")
            return True
        return False

    def row(self, name: str, groups: Sequence[Group]) -> None:
        """A function for JavaScript that runs kernels in turn, given which outputs are wanted."""
        lines = [f'(func (export "{name}") (param $wanted i32)']
        for group in groups:
            calls = [f"(call $k{number})" for number in group.kernels]
            if group.mask:
                test = f"(i32.and (local.get $wanted) (i32.const {group.mask}))"
                calls = [f"(if {test} (then", *indented(calls), "))"]
            lines += indented(calls)
        self.rows.append("\n".join([*lines, ")"]))

    def module(self) -> Module:
        """All that was written."""
        imports = [
            f'(import "n" "{at}" (global ${name} i32))' for at, name in enumerate(self.needs.sizes)
        ]
        library = wasm_functions.definitions(self.needs.functions)
        parts = [*imports, '(import "m" "m" (memory 0))', *library, *self.functions, *self.rows]
        body = "\n".join(f"  {line}" for part in parts for line in part.splitlines())
        return Module(f"(module\n{body}\n)\n", list(self.needs.sizes.values()))
