"""One graph as one JavaScript function: sizes, memory, kernels, and the order in which they run.

Kernels that WebAssembly can take are there as such, too. The program asks its caller for memory and
for those; where it gets no more than memory, JavaScript computes everything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from ..tfjs.model import GraphModel
from .fusion import fuse
from .kernel import Store
from .lowering import Dims, Lowered, lower
from .memory import Plan, plan
from .storing import inputs_behind, needed
from .values import Value
from .writing import Writer


@dataclass(frozen=True)
class Program:
    """A compiled graph.

    Attributes:
        code: A JavaScript function of the runtime's functions and of the shapes of inputs, which
            returns what `CompiledProgram` in ``compiled.ts`` describes.
        weights: The bytes of its constants, one behind another.
        native: Kernels as WebAssembly, in its text format; nothing where there are none.
        behind: By output, the inputs that it is computed from.
        kernels: How many nests of loops it has.
    """

    code: str
    weights: bytes
    native: str
    behind: dict[str, list[str]]
    kernels: int

    @property
    def module(self) -> bytes:
        """The kernels in WebAssembly, in its binary format; nothing where there are none."""
        from wasmtime import wat2wasm  # a library of many megabytes

        return _without_names(bytes(wat2wasm(self.native))) if self.native else b""


def compile_graph(
    model: GraphModel,
    dims: Dims | None = None,
    feedback: Mapping[str, str] | None = None,
    varying: Collection[str] | None = None,
    *,
    often: bool = True,
) -> Program:
    """Compile a graph ahead of time.

    Args:
        model: The graph, as it is written for TF.js.
        dims: For some inputs the names of sizes; those of the same name are equal.
        feedback: Outputs, and the inputs that they become in the next run.
        varying: The inputs that change from run to run; all, where not given. What depends only
            on others is computed when one of those changes.
        often: Whether it runs so often that kernels are worth writing as WebAssembly, too, and
            others for speed rather than in short.

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
    writer = Writer(lowered, kernels, memory, feedback or {}, often=often)
    code = "\n".join(writer.lines())
    return Program(code, weights, writer.native, reached_inputs(lowered), len(kernels))


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


def _without_names(module: bytes) -> bytes:
    """A module without its custom sections, which are for people: half of a small one."""
    kept, at = [module[:8]], 8
    while at < len(module):
        size, end = 0, at + 1
        while True:  # LEB128: seven bits a byte, the lowest first
            size |= (module[end] & 0x7F) << 7 * (end - at - 1)
            end += 1
            if module[end - 1] < 0x80:
                break
        if module[at] != 0:
            kept.append(module[at : end + size])
        at = end + size
    return b"".join(kept)
