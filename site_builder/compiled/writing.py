"""A program's text: sizes, places in memory, kernels, and the order in which they run."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence

from . import javascript, webassembly
from .extents import ONE, ZERO, Extent
from .given import solutions
from .jamming import jam
from .javascript import ARRAYS
from .kernel import Kernel
from .lowering import Lowered
from .memory import Plan, size_of
from .names import Names
from .nest import nested
from .order import Group, order
from .values import Value


class Writer:
    """Writes one program.

    Attributes:
        native: Kernels as WebAssembly, in its text format; nothing where there are none.
    """

    def __init__(
        self,
        lowered: Lowered,
        kernels: Sequence[Kernel],
        memory: Plan,
        feedback: Mapping[str, str],
        *,
        often: bool,
    ) -> None:
        self.lowered, self.kernels, self.memory, self.feedback = lowered, kernels, memory, feedback
        self.names = names = Names()
        for atom, text in solutions({name: value.shape for name, value in lowered.inputs.items()}):
            names.given(atom, text)
            if atom.least:
                size = names.size(Extent({(atom,): 1}))
                names.lines.append(f"if (!({size} >= {atom.least})) return null;")
        ends = [*lowered.inputs.values(), *lowered.outputs.values()]
        self.shapes = {v: f"[{', '.join(names.size(size) for size in v.shape)}]" for v in ends}
        self.slots = [
            f"const s{number} = take({_most([_words(value, names) for value in values])});"
            for number, values in enumerate(memory.slots)
        ]
        for value, slot in memory.place.items():
            names.base(value, f"s{slot}")
        self.starts = {v: names.start(v, ZERO) for v in memory.place}
        self.lengths = {v: names.size(size_of(v)) for v in [*ends, *memory.constants]}
        wasm = webassembly.Writer(names)
        # What runs only when an input has changed is quick enough as JavaScript.
        numbers = [
            number
            for number, kernel in enumerate(kernels)
            if often and kernel.varies and wasm.add(f"k{number}", title(kernel), kernel)
        ]
        self.functions = [
            self._function(number, kernel, short=number in numbers or not (often and kernel.varies))
            for number, kernel in enumerate(kernels)
        ]
        groups = order(lowered, kernels, numbers)
        self.rows = [list(row) for _, row in itertools.groupby(groups, lambda group: group.native)]
        for at, row in enumerate(self.rows):
            if row[0].native:
                wasm.row(f"g{at}", row)
        module = wasm.module()
        self.native = module.text if numbers else ""
        self.imported = module.sizes

    def lines(self) -> Iterator[str]:
        """The program as JavaScript."""
        yield "(m, given, native) => {" if self.native else "(m, given) => {"
        functions = [line for function in self.functions for line in function]
        called = sorted(set(re.findall(r"\bm\.(\w+)\(", "\n".join(functions))))
        # A constant of the program is called more quickly than a property of an object.
        functions = [re.sub(r"\bm\.(\w+)\(", r"\1(", line) for line in functions]
        yield f"  const {{ {', '.join([*called, 'port'])} }} = m;"
        known = self.names.lines
        sizes = [line for line in known if not _names_slot(line)]
        yield from (f"  {line}" for line in sizes)
        yield "  let top = 0;"
        yield "  const take = (words) => { top += words; return top - words; };"
        yield from (f"  {line}" for line in self.slots)
        yield from (f"  {line}" for line in known if _names_slot(line))
        if self.native:
            yield "  // Kernels as WebAssembly; null where the browser has none."
            yield f"  const [memory, w] = native(4 * top, [{', '.join(self.imported)}]);"
        else:
            yield "  const memory = new ArrayBuffer(4 * top);"
        yield "  const F = new Float32Array(memory), I = new Int32Array(memory);"
        yield "  const B = new Uint8Array(memory);"
        yield from functions
        yield "  return {"
        yield "    memory,"
        yield from self._ports()
        yield "    run(wanted, changed) {"
        for at, row in enumerate(self.rows):
            yield from (f"      {line}" for line in _run(at, row))
        yield "    },"
        yield from self._carry()
        yield "  };"
        yield "}"

    def _function(self, number: int, kernel: Kernel, *, short: bool) -> list[str]:
        """A kernel in JavaScript; short unless it runs often, and as JavaScript everywhere."""
        nests = [(kernel, ONE)] if short else jam(kernel)
        body = [f"    {line}" for line in javascript.lines(nested(nests, self.names))]
        return [f"  // {title(kernel)}", f"  function k{number}() {{", *body, "  }"]

    def _ports(self) -> Iterator[str]:
        """Where inputs, outputs and constants are."""
        for side in ("inputs", "outputs"):
            yield f"    {side}: {{"
            for name, value in getattr(self.lowered, side).items():
                yield f"      {json.dumps(name)}: {self._port(value, self.shapes[value])},"
            yield "    },"
        parts = [self._port(value, f"[{self.lengths[value]}]") for value in self.memory.constants]
        yield f"    constants: [{', '.join(parts)}],"

    def _port(self, value: Value, shape: str) -> str:
        return f'port("{value.dtype}", {self.starts.get(value, "0")}, {shape})'

    def _carry(self) -> Iterator[str]:
        """Outputs become the inputs of the next run."""
        carried = self.memory.carried
        yield "    carry() {"
        for output, name in self.feedback.items():
            value, before = self.lowered.outputs[output], self.lowered.inputs[name]
            start = self.starts.get(value)
            if carried.get(value) is before or start is None:
                continue
            to, length = self.starts[before], self.lengths[before]
            yield f"      {ARRAYS[value.dtype]}.copyWithin({to}, {start}, {start} + {length});"
        yield "    },"
        overwritten = [before.source for before in carried.values() if before.source]
        yield f"    carried: {json.dumps(sorted(self.feedback.values()))},"
        yield f"    overwritten: {json.dumps(sorted(overwritten))},"


def title(kernel: Kernel) -> str:
    """What a kernel computes, by the names that the graph has for it."""
    made = list(dict.fromkeys(value.name for value in kernel.values))
    text = ", ".join(made[:4])
    return text + (f" and {len(made) - 4} more" if len(made) > 4 else "")


def _names_slot(line: str) -> bool:
    """Whether a line needs to know where tensors stand."""
    return re.search(r"\bs\d+\b", line.partition("//")[0]) is not None


def _words(value: Value, names: Names) -> str:
    size = names.size(size_of(value))
    return f"({size} + 3 >> 2)" if value.dtype == "bool" else size


def _most(words: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(words))
    return distinct[0] if len(distinct) == 1 else f"Math.max({', '.join(distinct)})"


def _run(at: int, row: Sequence[Group]) -> Iterator[str]:
    """Calls of kernels, under their conditions; those in WebAssembly all at once."""
    if row[0].native:
        yield f"if (w) w.g{at}(wanted);"
        yield "else {"
        yield from (f"  {line}" for group in row for line in _calls(group))
        yield "}"
    else:
        yield from (line for group in row for line in _calls(group))


def _calls(group: Group) -> Iterator[str]:
    calls = [f"k{number}();" for number in group.kernels]
    if not group.mask:
        yield from calls
        return
    yield f"if ({group.what} & {group.mask}) {{"
    yield from (f"  {call}" for call in calls)
    yield "}"
