"""From one program of an explorable to ONNX, for every size that the reader may choose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch._subclasses import FakeTensorMode
from torch.export import Dim
from torch.fx.experimental.proxy_tensor import make_fx
from torch.fx.experimental.symbolic_shapes import (
    DimDynamic,
    ShapeEnv,
    StatelessSymbolicContext,
)

from site_builder.backwards import decompositions
from site_builder.errors import SiteBuilderError, author_place, place_in_text
from site_builder.explorable import Explorable, place_of
from site_builder.exporting import failed_node, plainly, random_nodes, to_onnx
from site_builder.programs import Program, Tensors, Variant, distinct, feeds

if TYPE_CHECKING:
    import onnx

Sizes = dict[str, frozenset[int]]
"""The dimensions of each tensor that follow the reader's choices, by the tensor's name."""


def examples(explorable: Explorable, variant: Variant, *, trial: int = 0) -> Tensors:
    """What the programs are traced with: the defaults, with sizes that are all different.

    Equal sizes would be taken for one size, and a size of a constant for that constant.

    Args:
        explorable: An instance.
        variant: The values of the static inputs.
        trial: Another number gives other sizes.
    """
    cls = type(explorable)
    values = {name: spec.default for name, spec in cls.inputs.items()} | dict(variant.values)
    tensors = feeds(cls, values)
    symbolic = [name for name, spec in cls.inputs.items() if spec.symbolic]
    sizes = distinct((trial + 1) * len(symbolic))[trial * len(symbolic) :]
    return tensors | {name: torch.arange(n) for name, n in zip(symbolic, sizes, strict=True)}


def symbolic_sizes(cls: type[Explorable]) -> Sizes:
    """The inputs whose length the reader chooses."""
    return {name: frozenset({0}) for name, spec in cls.inputs.items() if spec.symbolic}


def example_state(explorable: Explorable, variant: Variant) -> tuple[Tensors, Sizes]:
    """The state as the programs of a variant are traced with it, and its symbolic dimensions.

    A dimension follows the reader's choices if it differs for other sizes.
    """
    shapes: list[dict[str, tuple[int, ...]]] = []
    state: Tensors = {}
    for trial in (0, 1):
        tensors = examples(explorable, variant, trial=trial)
        program = Program(explorable, "start", variant, None)
        with FakeTensorMode(allow_non_fake_inputs=True) as mode, torch.no_grad():
            fake = {name: mode.from_tensor(tensors[name]) for name in program.inputs}
            made = program(fake)
        shapes.append({name: tuple(tensor.shape) for name, tensor in made.items()})
        if trial == 0:
            state = {n: torch.zeros(tuple(t.shape), dtype=t.dtype) for n, t in made.items()}
    sizes = {
        name: frozenset(at for at, (a, b) in enumerate(zip(one, two, strict=True)) if a != b)
        for (name, one), two in zip(shapes[0].items(), shapes[1].values(), strict=True)
    }
    return state, {name: dims for name, dims in sizes.items() if dims}


def export(
    program: Program, tensors: Mapping[str, Tensor], sizes: Sizes, root: Path
) -> onnx.ModelProto:
    """Compiles a program to ONNX.

    Args:
        program: The program.
        tensors: An example of every tensor it takes, by name.
        sizes: Which of their dimensions follow the reader's choices.
        root: The project's folder, for naming the author's lines.

    Raises:
        SiteBuilderError: If the method can't be compiled, with the author's line.
    """
    cls, method = type(program.explorable), program.method
    place = place_of(getattr(cls, method))
    arguments = tuple(tensors[name].clone() for name in program.inputs)
    dims = [sizes.get(name, frozenset()) for name in program.inputs]
    stacks: dict[str, str] = {}
    try:
        with plainly(), torch.no_grad():
            flat = _Flat(program).eval()
            module: nn.Module = flat
            if method == "step":  # torch.func.grad is traced by make_fx alone
                module, stacks = _differentiated(flat, arguments, dims)
            dynamic = tuple(dict.fromkeys(each, Dim.AUTO) or None for each in dims)
            # A flat program's arguments are one: *tensors. A start may take nothing at all.
            shapes = (dynamic,) if module is flat else dynamic
            traced = torch.export.export(
                module, arguments, dynamic_shapes=shapes if arguments else None, strict=False
            )
    except Exception as error:
        raise SiteBuilderError(
            _failed(cls, method, error), place=author_place(error, root) or place
        ) from error
    _refuse_chance(traced, cls, method, stacks, root)
    try:
        return to_onnx(traced, program.inputs, program.outputs)
    except Exception as error:
        node, stack = failed_node(error)
        stack = stack or next((s for target, s in stacks.items() if target == node), "")
        raise SiteBuilderError(
            f"{cls.__name__}: the operation {node} in {method} can't be compiled: ONNX has no "
            "function for it. Write it with other operations.",
            place=place_in_text(stack, root) or place,
        ) from error


class _Flat(nn.Module):
    """A program with inputs and outputs as plain tuples, which ONNX names in order."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.explorable = program.explorable
        self.program = program

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        made = self.program(dict(zip(self.program.inputs, tensors, strict=True)))
        # A clone is no alias: an output that is an input or a buffer keeps a name of its own.
        return tuple(tensor.clone() for tensor in made.values())


def _differentiated(
    flat: _Flat, arguments: tuple[Tensor, ...], dims: list[frozenset[int]]
) -> tuple[nn.Module, dict[str, str]]:
    """A step with its gradients written out, and where each operation was called."""
    mode = FakeTensorMode(shape_env=ShapeEnv(), allow_non_fake_inputs=True)
    fakes = []
    for tensor, symbolic in zip(arguments, dims, strict=True):
        kinds = [
            DimDynamic.DYNAMIC if at in symbolic else DimDynamic.STATIC for at in range(tensor.ndim)
        ]
        context: StatelessSymbolicContext[Any, Any] = StatelessSymbolicContext(dynamic_sizes=kinds)
        fakes.append(mode.from_tensor(tensor, symbolic_context=context))
    step = torch.func.functionalize(flat.forward)
    with mode:
        module = make_fx(
            step, decompositions(), _allow_non_fake_inputs=True, record_stack_traces=True
        )(*fakes)
    stacks = {
        str(node.target): node.meta["stack_trace"]
        for node in module.graph.nodes
        if node.meta.get("stack_trace")
    }
    return module, stacks


def _refuse_chance(
    traced: torch.export.ExportedProgram,
    cls: type,
    method: str,
    stacks: Mapping[str, str],
    root: Path,
) -> None:
    for node in random_nodes(traced.graph):
        stack = stacks.get(str(node.target)) or node.meta.get("stack_trace") or ""
        raise SiteBuilderError(
            f"{cls.__name__}.{method} draws random numbers ({node.target}), which would not be "
            "the same in the page. Declare them: weights = Noise((4, 2)), and take `weights` "
            "as an argument.",
            place=place_in_text(stack, root) or place_of(getattr(cls, method)),
        )


def _failed(cls: type, method: str, error: Exception) -> str:
    text = str(error)
    if "data-dependent" in text or "GuardOnDataDependent" in type(error).__name__:
        return (
            f"{cls.__name__}.{method} decides in Python on the value of a tensor: an if, a while, "
            "bool(), int(), float() or .item(). The reader will change that value, so the "
            "decision must be in the graph: use torch.where, masks or .clamp."
        )
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return f"{cls.__name__}.{method} can't be compiled: {type(error).__name__}: {first}"
