"""The functions that an explorable is compiled to, in terms of flat tensors with names."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from site_builder.explorable import LEADING, Explorable
from site_builder.outputs import Field, Labels, Rows, Tiles

Tensors = dict[str, Tensor]
"""Tensors by their names in the graphs: ``rate``, ``own.xy``, ``state.w1``, ``logins.hour``."""


@dataclass(frozen=True)
class Variant:
    """One value for each static input: the graphs are compiled for each variant.

    Attributes:
        values: The static inputs' values by name.
    """

    values: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Its name in files: the values in order, such as ``"2-0"``; empty with no static input."""
        return "-".join(str(value) for value in self.values.values())


def variants(cls: type[Explorable]) -> list[Variant]:
    """Every variant of an explorable, the default one first."""
    static = {name: spec for name, spec in cls.inputs.items() if spec.static}
    default = variant_of(cls, {name: spec.default for name, spec in static.items()})
    every = itertools.product(*(dict.fromkeys(spec.extremes()) for spec in static.values()))
    found = [Variant(dict(zip(static, values, strict=True))) for values in every]
    return [default, *(variant for variant in found if variant != default)]


def variant_of(cls: type[Explorable], values: Mapping[str, Any]) -> Variant:
    """The variant in which an explorable is at these input values."""
    return Variant({name: values[name] for name, spec in cls.inputs.items() if spec.static})


def feeds(cls: type[Explorable], values: Mapping[str, Any], step: int = 0) -> Tensors:
    """What the graphs are fed at some values of the inputs.

    Args:
        cls: The explorable's class.
        values: A value for each input.
        step: How many steps were taken, for the noise of every step.
    """
    tensors: Tensors = {}
    for name, spec in cls.inputs.items():
        if not spec.static:
            for part, array in spec.arrays(values[name]).items():
                tensors[part] = torch.as_tensor(array)
    for name, noise in cls.noises.items():
        tensors[name] = torch.from_numpy(noise.draw(values[noise.seed], step))
    return tensors


class Program:
    """One method of an explorable in one variant, as a function of tensors in a fixed order.

    Args:
        explorable: An instance.
        method: One of `LEADING`.
        variant: The values of the static inputs.
        state: An example of the state; None where there is no time, and for ``start``.

    Attributes:
        inputs: The names of the tensors it takes, in order.
        outputs: The names of what it gave when it was last called or traced, in order.
    """

    def __init__(
        self, explorable: Explorable, method: str, variant: Variant, state: Tensors | None
    ) -> None:
        self.explorable, self.method, self.variant = explorable, method, variant
        cls = type(explorable)
        self.state_keys = list(state or {})
        self.leading = LEADING[method] if "step" in cls.methods else ()
        self.inputs: list[str] = []
        self.outputs: list[str] = []
        for name in self.leading:
            parts = [f"state.{key}" for key in self.state_keys] if name == "state" else [name]
            self.inputs += parts
        for name in cls.methods[method]:
            spec = cls.inputs.get(name)
            if spec is None:
                self.inputs.append(name)
            elif not spec.static:
                self.inputs += list(spec.arrays(spec.default))

    def __call__(self, tensors: Mapping[str, Tensor]) -> Tensors:
        """Runs the method; what it returns, flat and under the names of the graph."""
        made = self.flat(self.run(tensors))
        self.outputs = list(made)
        return made

    def run(self, tensors: Mapping[str, Tensor]) -> Any:
        """What the method returns."""
        cls = type(self.explorable)
        arguments: list[Any] = []
        for name in self.leading:
            state = {key: tensors[f"state.{key}"] for key in self.state_keys}
            arguments.append(state if name == "state" else tensors[name])
        for name in cls.methods[self.method]:
            spec = cls.inputs.get(name)
            if spec is None:
                arguments.append(tensors[name])
            elif spec.static:
                arguments.append(self.variant.values[name])
            else:
                arguments.append(spec.arrives([tensors[p] for p in spec.arrays(spec.default)]))
        return getattr(self.explorable, self.method)(*arguments)

    def flat(self, returned: Mapping[str, Any]) -> Tensors:
        """Every tensor in what the method returned, by its name in the graph."""
        if self.method == "forward":
            return flatten(returned)
        prefix = "state" if self.method == "start" else "next"
        keys = self.state_keys or list(returned)
        return {f"{prefix}.{key}": returned[key] for key in keys}


def flatten(outputs: Mapping[str, Any]) -> Tensors:
    """Every tensor in a dict of outputs, by its name in the graph."""
    tensors: Tensors = {}
    for name, value in outputs.items():
        if isinstance(value, Rows):
            for column, item in value.columns.items():
                tensors[f"{name}.{column}"] = _tensor(item)
        else:
            tensors[name] = _tensor(value)
    return tensors


def _tensor(value: Any) -> Tensor:
    if isinstance(value, Labels):
        return value.index
    found: Tensor = value.values if isinstance(value, (Field, Tiles)) else value
    return found


class Run:
    """An explorable in eager PyTorch, from its start and step by step.

    Args:
        explorable: An instance.
        values: A value for each input.
    """

    def __init__(self, explorable: Explorable, values: Mapping[str, Any]) -> None:
        self.explorable, self.values = explorable, values
        self.variant = variant_of(type(explorable), values)
        self.steps = 0
        self.state: Tensors | None = None
        self.given: Tensors = {}

    def start(self) -> Any:
        """The first state; what ``start`` returned, unchecked."""
        returned = self._program("start", None).run(self._feeds())
        self.state = returned
        return returned

    def step(self) -> Any:
        """One step on; what ``step`` returned, unchecked."""
        returned = self._program("step", self.state).run(self._feeds())
        self.state, self.steps = returned, self.steps + 1
        return returned

    def forward(self) -> Any:
        """What ``forward`` returns now, unchecked."""
        return self._program("forward", self.state).run(self._feeds())

    def _program(self, method: str, state: Tensors | None) -> Program:
        return Program(self.explorable, method, self.variant, state)

    def _feeds(self) -> Tensors:
        state = {f"state.{key}": tensor for key, tensor in (self.state or {}).items()}
        cls = type(self.explorable)
        fresh = any(noise.every == "step" for noise in cls.noises.values())
        if fresh or not self.given:  # drawing noise would be most of the time of many steps
            self.given = feeds(cls, self.values, self.steps)
        return {**state, **self.given}


def programs(explorable: Explorable, variant: Variant, state: Tensors | None) -> Iterator[Program]:
    """The programs of a variant, in the order of `LEADING`."""
    for method in type(explorable).methods:
        yield Program(explorable, method, variant, None if method == "start" else state)


def distinct(count: int) -> Sequence[int]:
    """Sizes that no constant of a program is likely to have: primes above 1000."""
    found: list[int] = []
    number = 1009
    while len(found) < count:
        if all(number % divisor for divisor in range(2, int(number**0.5) + 1)):
            found.append(number)
        number += 2
    return found
