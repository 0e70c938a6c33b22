"""From an `Explorable` to ONNX, with eager PyTorch's answers beside it.

The errors of `torch.export` and of the ONNX exporter are long and speak of their own files; here
each becomes a sentence with the author's line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from site_builder.conditioning import settled
from site_builder.errors import SiteBuilderError, author_place, unknown
from site_builder.explorable import Explorable, check_name, place_of
from site_builder.graphs import example_state, examples, export, symbolic_sizes
from site_builder.hoisting import hoist
from site_builder.inputs import points
from site_builder.outputs import Field, Labels, Rows, Tiles
from site_builder.programs import Run, Variant, flatten, programs, variant_of, variants

if TYPE_CHECKING:
    import onnx

Arrays = dict[str, NDArray[Any]]
"""Output tensors by their name in the graph: ``caught``, ``logins.hour``."""

RANDOM_POINTS = 8
"""How many random points are compared beside the defaults and each input's extremes."""

FEW_STEPS, MANY_STEPS = 2, 20
"""How many steps a comparison takes at a random or extreme point, and at the defaults."""


@dataclass(frozen=True)
class Fixture:
    """One point at which the browser must agree with PyTorch.

    Attributes:
        inputs: The value of each input: a number, a bool, a list of them or a float32 array.
        outputs: What eager PyTorch returned.
        steps: How many steps were taken from the start; 0 where there is no time, and always
            `Explorable.ahead` where that is not 0.
    """

    inputs: Mapping[str, Any]
    outputs: Arrays
    steps: int = 0


@dataclass(frozen=True)
class Graph:
    """A program as ONNX, whole and in two parts.

    Attributes:
        whole: All of it.
        prologue: What is computed once; None where that is nothing.
        rest: What is computed whenever it runs.
    """

    whole: onnx.ModelProto
    prologue: onnx.ModelProto | None
    rest: onnx.ModelProto


@dataclass(frozen=True)
class Compiled:
    """One variant as it leaves PyTorch.

    Attributes:
        graphs: Its programs by method; inputs and outputs bear the names of the explorable's.
        fixture: The outputs at the default inputs in this variant, before any step.
        state: The names of the state's tensors; empty where there is no time.
    """

    graphs: dict[str, Graph]
    fixture: Arrays
    state: list[str]


@dataclass(frozen=True)
class Trace:
    """An explorable as it leaves PyTorch.

    Attributes:
        variants: What is compiled, by the variant's key; the default one first.
        outputs: What each output is, JSON all through, in `forward`'s order.
        fixtures: The points to be compared; the first is the defaults, and the last are those of
            the other variants.
    """

    variants: dict[str, Compiled]
    outputs: list[dict[str, Any]]
    fixtures: list[Fixture] = field(default_factory=list)


def trace(explorable: Explorable, root: Path) -> Trace:
    """Compiles an explorable's methods to ONNX and runs them eagerly at the points to compare.

    Args:
        explorable: An instance, in evaluation mode.
        root: The project's folder, for naming the author's lines.

    Raises:
        SiteBuilderError: If a method fails, returns what is no output or no state or not finite, or
            can't be compiled.
    """
    with _one_thread():
        return _trace(explorable, root)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Many small steps in a row go several times faster so."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _trace(explorable: Explorable, root: Path) -> Trace:
    cls = type(explorable)
    timed = "step" in cls.methods
    defaults = {name: spec.default for name, spec in cls.inputs.items()}
    ahead = cls.ahead
    first, outputs = _eager(explorable, defaults, ahead, root)
    specs = _specs(outputs, cls)
    _check_strides(cls, specs)
    fixtures = [first]
    if ahead and not settled(explorable, defaults, ahead, first.outputs):
        raise SiteBuilderError(
            f"{cls.__name__}: where {ahead} steps from the start end hangs on the last digit of "
            "float32 at the default inputs, so that a browser would show something else. Choose "
            "other defaults, fewer steps, or outputs that are not as delicate.",
            place=place_of(cls),
        )
    if timed and not ahead:
        fixtures.append(_eager(explorable, defaults, MANY_STEPS, root)[0])
    random = np.random.default_rng(0)
    every = list(points(cls.inputs, count=RANDOM_POINTS, random=random))
    few = ahead or FEW_STEPS * timed
    fixtures += [_eager(explorable, values, few, root)[0] for values in every[1:]]
    # Training may diverge where a reader goes too far: the page says so, and nothing is compared.
    later = [f for f in fixtures[1:] if not f.steps or _comparable(explorable, f)]
    fixtures = [first, *later]
    compiled = {}
    for variant in variants(cls):
        values = {**defaults, **variant.values}
        default = variant == variant_of(cls, defaults)
        fixture = first if default else _eager(explorable, values, ahead, root)[0]
        if not default:
            fixtures.append(fixture)
        compiled[variant.key] = _compile(explorable, variant, fixture.outputs, root)
    return Trace(compiled, specs, fixtures)


def _compile(explorable: Explorable, variant: Variant, fixture: Arrays, root: Path) -> Compiled:
    cls = type(explorable)
    tensors, sizes = examples(explorable, variant), symbolic_sizes(cls)
    state: dict[str, Tensor] = {}
    if "step" in cls.methods:
        made, grown = example_state(explorable, variant)
        state = {name.removeprefix("state."): tensor for name, tensor in made.items()}
        row, value = torch.zeros((), dtype=torch.int64), torch.zeros(())
        tensors, sizes = {**tensors, **made, "row": row, "value": value}, {**sizes, **grown}
    graphs: dict[str, Graph] = {}
    for program in programs(explorable, variant, state):
        model = export(program, tensors, sizes, root)
        keys = {f"state.{key}" for key in program.state_keys}
        fresh = {name for name, noise in cls.noises.items() if noise.every == "step"}
        varying = keys | fresh if keys else set(program.inputs)
        repeats = program.method in ("step", "forward")
        parts = hoist(model, varying, keys) if repeats else (None, model)
        graphs[program.method] = Graph(model, *parts)
    return Compiled(graphs, fixture, list(state))


def _eager(
    explorable: Explorable, values: Mapping[str, Any], steps: int, root: Path
) -> tuple[Fixture, dict[str, Any]]:
    """What eager PyTorch shows after some steps at these inputs, checked, and as it returned it."""
    cls = type(explorable)
    run = Run(explorable, values)
    if "step" in cls.methods:
        _check_state(_call("start", run.start, cls, root), None, "start", cls)
        for _ in range(steps):
            before = run.state
            _check_state(_call("step", run.step, cls, root), before, "step", cls)
    outputs = _call("forward", run.forward, cls, root)
    _check_outputs(outputs, cls)
    arrays = {name: _array(tensor) for name, tensor in flatten(outputs).items()}
    if steps == cls.ahead:
        _check_finite(arrays, values, cls)
    return Fixture(values, arrays, steps), outputs


def _call(method: str, run: Callable[[], Any], cls: type[Explorable], root: Path) -> Any:
    try:
        with torch.no_grad():
            return run()
    except Exception as error:
        raise SiteBuilderError(
            f"{cls.__name__}.{method} failed: {type(error).__name__}: {error}",
            place=author_place(error, root) or place_of(getattr(cls, method)),
        ) from error


def _check_state(state: Any, before: Any, method: str, cls: type[Explorable]) -> None:
    """The state is a dict of tensors whose names, shapes and dtypes stay."""
    place = place_of(getattr(cls, method))
    tensors = isinstance(state, dict) and all(isinstance(t, Tensor) for t in state.values())
    if not tensors or not state:
        raise SiteBuilderError(
            f"{cls.__name__}.{method} must return the state: a dict of tensors by name.",
            place=place,
        )
    told = {name: f"{tuple(t.shape)} {t.dtype}".replace("torch.", "") for name, t in state.items()}
    if before is None:
        return
    had = {name: f"{tuple(t.shape)} {t.dtype}".replace("torch.", "") for name, t in before.items()}
    for name in sorted(had.keys() | told.keys()):
        if had.get(name) != told.get(name):
            raise SiteBuilderError(
                f"{cls.__name__}.{method} must return a state like the one it was given: "
                f"'{name}' was {had.get(name, 'not there')} and is {told.get(name, 'not there')}.",
                place=place,
            )


def _check_strides(cls: type[Explorable], specs: list[dict[str, Any]]) -> None:
    scalars = [spec["name"] for spec in specs if spec["kind"] == "scalar"]
    for word, steps in cls.strides.items() if "step" in cls.methods else ():
        if isinstance(steps, str) and steps not in scalars:
            raise SiteBuilderError(
                f"{cls.__name__}.strides: '{word}' must be a number of steps or name a scalar "
                f"output; {unknown('output', steps, scalars)}",
                place=place_of(cls),
            )


def _check_outputs(outputs: Any, cls: type[Explorable]) -> None:
    place = place_of(cls.forward)
    if not isinstance(outputs, dict) or not outputs:
        raise SiteBuilderError(
            f"{cls.__name__}.forward must return a dict of named outputs, not "
            f"{type(outputs).__name__ if not isinstance(outputs, dict) else 'an empty one'}.",
            place=place,
        )
    for name, value in outputs.items():
        check_name(str(name), "output", cls)
        if name in cls.inputs:
            raise SiteBuilderError(
                f"{cls.__name__}: '{name}' names both an input and an output; they share one "
                "namespace, so rename the output.",
                place=place,
            )
        _check_value(name, value, cls, place)


def _check_value(name: str, value: Any, cls: type, place: str | None) -> None:
    if isinstance(value, (Rows, Field)):
        return
    tensor = value.index if isinstance(value, Labels) else value
    if not isinstance(tensor, Tensor) or tensor.shape != ():
        what = (
            f"a tensor of shape {tuple(tensor.shape)}"
            if isinstance(tensor, Tensor)
            else (type(tensor).__name__)
        )
        raise SiteBuilderError(
            f"{cls.__name__}: the output '{name}' is {what}; it must be a scalar tensor, Labels of "
            "one, Rows(column=tensor, ...) for many values, or a Field.",
            place=place,
        )


def _specs(outputs: Mapping[str, Any], cls: type) -> list[dict[str, Any]]:
    specs: list[dict[str, Any]] = []
    for name, value in outputs.items():
        if isinstance(value, Rows):
            for column in value.columns:
                check_name(column, "column", cls, reserved=frozenset())
            columns = [_column(name, *column) for column in value.columns.items()]
            specs.append({"kind": "rows", "name": name, "columns": columns})
        elif isinstance(value, Labels):
            specs.append(
                {"kind": "labels", "name": name, "tensor": name, "words": list(value.words)}
            )
        elif isinstance(value, Field):
            ends = {"x": [float(end) for end in value.x], "y": [float(end) for end in value.y]}
            shape = list(value.values.shape)
            specs.append({"kind": "field", "name": name, "tensor": name, "shape": shape, **ends})
        else:
            specs.append({"kind": "scalar", "name": name, "tensor": name})
    return specs


def _column(rows: str, name: str, item: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {"name": name, "tensor": f"{rows}.{name}", "words": None}
    if isinstance(item, Labels):
        spec["words"] = list(item.words)
    if isinstance(item, Tiles):
        spec["tile"] = list(item.values.shape[1:])
    return spec


def _array(tensor: Tensor) -> NDArray[Any]:
    """As the browser will hold it: float32, int32 or bool."""
    array = tensor.detach().cpu().numpy()
    if array.dtype == np.bool_:
        return array
    if array.dtype.kind in "iu":
        return array.astype(np.int32)
    return array.astype(np.float32)


def _comparable(explorable: Explorable, fixture: Fixture) -> bool:
    arrays = fixture.outputs.values()
    finite = all(np.isfinite(a).all() for a in arrays if a.dtype == np.float32)
    return finite and settled(explorable, fixture.inputs, fixture.steps, fixture.outputs)


def _check_finite(arrays: Arrays, values: Mapping[str, Any], cls: type[Explorable]) -> None:
    for name, array in arrays.items():
        if array.dtype == np.float32 and not np.isfinite(array).all():
            at = ", ".join(
                f"{key}={'a drawing' if isinstance(value, np.ndarray) else value}"
                for key, value in values.items()
            )
            bad = array[~np.isfinite(array)].flat[0]
            raise SiteBuilderError(
                f"{cls.__name__}: the output '{name}' is not finite ({bad}) at {at}. Guard the "
                "division, logarithm or root it comes from, for instance with torch.where or "
                ".clamp(min=...).",
                place=place_of(cls.forward),
            )
