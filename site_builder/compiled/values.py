"""Tensors of a program, each with the way to compute any one element of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .extents import Extent
from .scalars import Index, Pool, Scalar

Shape = tuple[Extent, ...]
Place = tuple[Index, ...]
"""Where an element of a tensor is, axis by axis."""


class Reader(Protocol):
    """What an element is computed with; a kernel that is being built."""

    pool: Pool

    def read(self, value: Value, place: Place) -> Scalar:
        """An element of another tensor, loaded or computed on the spot."""

    def compute(self, value: Value, place: Place) -> Scalar:
        """An element of a tensor, from those of others."""

    def reduce(
        self,
        how: str,
        sizes: Sequence[Extent],
        body: Callable[[Place], Scalar],
        guards: Callable[[Place], Sequence[Scalar]] | None = None,
    ) -> Scalar:
        """What comes of all elements of a body: ``sum``, ``product``, ``max``, ``min`` or ``arg``.

        Args:
            how: Which; ``arg`` is the place along the only axis at which the first largest is.
            sizes: How often each loop runs.
            body: What is reduced, given the loops' places.
            guards: What has to be true for an element to count.
        """


Element = Callable[[Reader, Place], Scalar]


@dataclass(frozen=True, eq=False)
class Write:
    """A part of a tensor that is written by loops of its own.

    Attributes:
        sizes: How often each loop runs.
        element: The element to write, given the loops' places.
        place: Where it goes.
        sources: The tensors that both read.
        adds: Whether it is added to what stands there.
        over: Whether it goes over what an earlier part has written.
        scan: How the elements along the last loop are gathered up, ``sum`` or ``product``.
        exclusive: Whether a scan leaves out the element of its own place.
    """

    sizes: Shape
    element: Element
    place: Callable[[Reader, Place], Place]
    sources: tuple[Value, ...]
    adds: bool = False
    over: bool = False
    scan: str | None = None
    exclusive: bool = False


@dataclass(eq=False)
class Value:
    """A tensor.

    Attributes:
        name: The graph's name of it.
        dtype: ``float32``, ``int32`` or ``bool``.
        shape: Its dimensions.
        sources: The tensors that an element is computed from.
        element: How; None for inputs, constants, and what is written part by part.
        writes: How its parts are written, where it consists of such.
        cost: About how many additions an element takes, its sources aside.
        stored: Whether it must have memory of its own: it is expensive, or read out of order.
        reread: Whether each of its elements is read many times, as in a product of matrices.
        exact: Whether it must come out as if every operation had rounded to float32.
        symbols: Its elements as sizes, where those are known when a program starts.
        array: The numbers of a constant.
        source: The name of an input.
        flat: Whether it has the elements of its stored source in the same order, under a shape of
            other axes.
        same_order: Whether it is its source but for axes of length 1.
    """

    name: str
    dtype: str
    shape: Shape
    sources: tuple[Value, ...] = ()
    element: Element | None = None
    writes: tuple[Write, ...] = ()
    cost: int = 0
    stored: bool = False
    reread: bool = False
    exact: bool = False
    symbols: NDArray[Any] | None = field(default=None, repr=False)
    array: NDArray[Any] | None = field(default=None, repr=False)
    source: str | None = None
    flat: bool = False
    same_order: bool = False

    @property
    def is_leaf(self) -> bool:
        """Whether nothing computes it."""
        return self.array is not None or self.source is not None

    @property
    def every_source(self) -> tuple[Value, ...]:
        """What it is computed from, by its parts too."""
        parts = (source for write in self.writes for source in write.sources)
        return (*self.sources, *parts)


def symbolic(numbers: NDArray[Any]) -> NDArray[Any]:
    """Integers as sizes."""
    made = np.empty(numbers.shape, object)
    for place in np.ndindex(numbers.shape):
        made[place] = Extent({(): int(numbers[place])})
    return made
