"""One graph as one JavaScript function: sizes, memory, kernels, and the order in which they run."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..tfjs.model import GraphModel
from .emission import ARRAYS, Names, Writer
from .extents import Extent
from .fusion import Kernel, Store, fuse, inputs_behind, needed
from .given import solutions
from .jamming import jam
from .lowering import Dims, Lowered, lower
from .memory import Plan, plan, size_of
from .values import Value

#: Bits of a JavaScript integer that can say which outputs are wanted.
_BITS = 30
#: The bit that is set in a first run: for what depends on no input at all.
_FIRST = -(1 << 31)


@dataclass(frozen=True)
class Program:
    """A compiled graph.

    Attributes:
        code: A JavaScript function of the runtime's functions and of the shapes of inputs, which
            returns what `CompiledProgram` in ``compiled.ts`` describes.
        weights: The bytes of its constants, one behind another.
        behind: By output, the inputs that it is computed from.
        kernels: How many nests of loops it has.
    """

    code: str
    weights: bytes
    behind: dict[str, list[str]]
    kernels: int


def compile_graph(
    model: GraphModel,
    dims: Dims | None = None,
    feedback: Mapping[str, str] | None = None,
    varying: Collection[str] | None = None,
) -> Program:
    """Compile a graph ahead of time.

    Args:
        model: The graph, as it is written for TF.js.
        dims: For some inputs the names of sizes; those of the same name are equal.
        feedback: Outputs, and the inputs that they become in the next run.
        varying: The inputs that change from run to run; all, where not given. What depends only
            on others is computed when one of those changes.

    Raises:
        Declined: The graph holds something that is not compiled.
    """
    lowered = lower(model, dims)
    back = (feedback or {}).values()
    kernels = fuse(lowered, set(lowered.inputs) if varying is None else {*varying, *back})
    memory = plan(lowered, kernels, feedback)
    for kernel in kernels:
        kernel.stores = [store for store in kernel.stores if not _stays(store, memory)]
    kernels = [kernel for kernel in kernels if kernel.stores]
    weights = b"".join(_bytes(value) for value in memory.constants)
    code = "\n".join(_code(lowered, kernels, memory, feedback or {}))
    return Program(code, weights, reached_inputs(lowered), len(kernels))


def _stays(store: Store, memory: Plan) -> bool:
    """Whether an element is there already: it is copied from a tensor of the same place."""
    scalar = store.scalar
    same = scalar.op == "load" and scalar.source is not None and scalar.index == store.index
    return same and memory.place[scalar.source] == memory.place[store.value]  # type: ignore[index]


def _bytes(value: Value) -> bytes:
    assert value.array is not None
    data = np.ascontiguousarray(value.array).tobytes()
    return data + bytes(-len(data) % 4)


def reached_inputs(lowered: Lowered) -> dict[str, list[str]]:
    """By output, the inputs that it is computed from, the sizes of inputs left aside."""
    behind = inputs_behind(needed(lowered))
    return {name: sorted(behind[value]) for name, value in lowered.outputs.items()}


def _code(
    lowered: Lowered, kernels: Sequence[Kernel], memory: Plan, feedback: Mapping[str, str]
) -> Iterator[str]:
    names = Names()
    yield "(m, given) => {"
    for atom, text in solutions({name: value.shape for name, value in lowered.inputs.items()}):
        names.given(atom, text)
        if atom.least:
            names.lines.append(
                f"if (!({names.size(Extent({(atom,): 1}))} >= {atom.least})) return null;"
            )
    ends = [*lowered.inputs.values(), *lowered.outputs.values()]
    shapes = {v: f"[{', '.join(names.size(size) for size in v.shape)}]" for v in ends}
    slots: list[str] = []
    for number, values in enumerate(memory.slots):
        words = list(dict.fromkeys(_words(value, names) for value in values))
        most = words[0] if len(words) == 1 else f"Math.max({', '.join(words)})"
        slots.append(f"const s{number} = take({most});")
    for value, slot in memory.place.items():
        names.base(value, f"s{slot} * 4" if value.dtype == "bool" else f"s{slot}")
    functions: list[str] = []
    for number, kernel in enumerate(kernels):
        functions.append(f"  // {title(kernel)}")
        functions.append(f"  function k{number}() {{")
        functions += [f"    {line}" for line in _nests(kernel, names)]
        functions.append("  }")
    called = sorted(set(re.findall(r"\bm\.(\w+)\(", "\n".join(functions))))
    # A constant of the program is called more quickly than a property of an object.
    functions = [re.sub(r"\bm\.(\w+)\(", r"\1(", line) for line in functions]
    if called:
        yield f"  const {{ {', '.join(called)} }} = m;"
    starts = {v: names.start(v, size_of(v) * 0) for v in memory.place}
    lengths = {v: names.size(size_of(v)) for v in [*ends, *memory.constants]}
    sizes = [line for line in names.lines if not _names_slot(line)]
    for line in sizes:
        yield f"  {line}"
    yield "  let top = 0;"
    yield "  const take = (words) => { top += words; return top - words; };"
    yield from (f"  {line}" for line in slots)
    yield from (f"  {line}" for line in names.lines if line not in sizes)
    yield "  const memory = new ArrayBuffer(4 * top);"
    yield "  const F = new Float32Array(memory), I = new Int32Array(memory);"
    yield "  const B = new Uint8Array(memory);"
    yield from functions
    yield "  return {"
    yield "    memory,"
    for side, values_ in (("inputs", lowered.inputs), ("outputs", lowered.outputs)):
        yield f"    {side}: {{"
        for name, value in values_.items():
            yield f"      {json.dumps(name)}: {_port(value, starts, lengths, shapes[value])},"
        yield "    },"
    parts = [_port(v, starts, lengths, "null") for v in memory.constants]
    yield f"    constants: [{', '.join(parts)}],"
    yield from _run(lowered, kernels)
    yield from _carry(lowered, memory, feedback, starts, lengths)
    yield "  };"
    yield "}"


def _nests(kernel: Kernel, names: Names) -> Iterator[str]:
    """The statements of a kernel; of several nests those whose loops run at all."""
    nests = jam(kernel)
    for nest, times in nests:
        lines = Writer(nest, names).lines()
        if len(nests) == 1:
            yield from lines
            continue
        yield f"if ({names.size(times)} > 0) {{"
        yield from (f"  {line}" for line in lines)
        yield "}"


def _names_slot(line: str) -> bool:
    """Whether a line needs to know where tensors stand."""
    return re.search(r"\bs\d+\b", line.partition("//")[0]) is not None


def _words(value: Value, names: Names) -> str:
    size = names.size(size_of(value))
    return f"({size} + 3 >> 2)" if value.dtype == "bool" else size


def _port(
    value: Value, starts: Mapping[Value, str], lengths: Mapping[Value, str], shape: str
) -> str:
    start = starts.get(value, "0")
    return f'{{ dtype: "{value.dtype}", start: {start}, length: {lengths[value]}, shape: {shape} }}'


def title(kernel: Kernel) -> str:
    """What a kernel computes, by the names that the graph has for it."""
    made = list(dict.fromkeys(value.name for value in kernel.values))
    text = ", ".join(made[:4])
    return text + (f" and {len(made) - 4} more" if len(made) > 4 else "")


def _run(lowered: Lowered, kernels: Sequence[Kernel]) -> Iterator[str]:
    """The kernels in turn: first what only changed inputs call for, then what outputs need."""
    bits = {name: 1 << min(at, _BITS) for at, name in enumerate(lowered.inputs)}
    yield "    run(wanted, changed) {"
    yield from _guarded(
        [
            (number, sum({bits[name] for name in kernel.inputs}) or _FIRST, "changed")
            for number, kernel in enumerate(kernels)
            if not kernel.varies
        ]
    )
    wanted: dict[Value, int] = {}
    for at, value in enumerate(lowered.outputs.values()):
        wanted[value] = wanted.get(value, 0) | 1 << min(at, _BITS)
    every = (1 << min(len(lowered.outputs), _BITS + 1)) - 1
    masks: list[tuple[int, int, str]] = []
    for number, kernel in reversed(list(enumerate(kernels))):
        mask = 0
        for value in kernel.values:
            mask |= wanted.get(value, 0)
        for value in kernel.loads():
            wanted[value] = wanted.get(value, 0) | mask
        if kernel.varies:
            masks.append((number, 0 if mask == every else mask, "wanted"))
    yield from _guarded(masks[::-1])
    yield "    },"


def _guarded(calls: Sequence[tuple[int, int, str]]) -> Iterator[str]:
    """Calls of kernels, those in a row with the same condition under one; 0 is none."""
    for (mask, what), group in itertools.groupby(calls, lambda call: call[1:]):
        names = [f"k{number}();" for number, _, _ in group]
        if not mask:
            yield from (f"      {name}" for name in names)
        else:
            yield f"      if ({what} & {mask}) {{"
            yield from (f"        {name}" for name in names)
            yield "      }"


def _carry(
    lowered: Lowered,
    memory: Plan,
    feedback: Mapping[str, str],
    starts: Mapping[Value, str],
    lengths: Mapping[Value, str],
) -> Iterator[str]:
    """Outputs become the inputs of the next run."""
    yield "    carry() {"
    for output, name in feedback.items():
        value, before = lowered.outputs[output], lowered.inputs[name]
        if memory.carried.get(value) is before:
            continue
        array = ARRAYS[value.dtype]
        start, length = starts.get(value), lengths[before]
        if start is None:
            continue
        yield f"      {array}.copyWithin({starts[before]}, {start}, {start} + {length});"
    yield "    },"
    overwritten = [before.source for before in memory.carried.values() if before.source]
    yield f"    carried: {json.dumps(sorted(feedback.values()))},"
    yield f"    overwritten: {json.dumps(sorted(overwritten))},"
