"""What `Explorable.forward` returns: scalar tensors, words, a chart's rows, and surfaces."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

from site_builder.errors import SiteBuilderError

if TYPE_CHECKING:
    import altair as alt
    from torch import Tensor


@dataclass(frozen=True)
class Labels:
    """An integer or bool tensor whose values are shown as words.

    As an output of its own the tensor is a scalar; as a column of `Rows` it is (rows,).

    Attributes:
        index: Which word, 0 to ``len(words) - 1``; False and True count as 0 and 1.
        words: The words.
    """

    index: Tensor
    words: Sequence[str]

    def __post_init__(self) -> None:
        if isinstance(self.words, str) or not self.words:
            raise SiteBuilderError(f"Labels needs a list of words, not {self.words!r}.")


@dataclass(frozen=True)
class Field:
    """A surface: values on a grid, painted as a smooth picture under a chart.

    Each value is that of the middle of a cell; with `width` columns the middles are at
    ``lo + (torch.arange(width) + 0.5) / width * (hi - lo)``.

    A chart draws it by a layer of its own, with the columns x, y and value::

        alt.Chart(live("surface")).mark_rect().encode(
            x="x:Q", y="y:Q", color=alt.Color("value:Q", scale=alt.Scale(domain=[-1, 1]))
        )

    Attributes:
        values: The grid, (height, width), of any real dtype; row 0 is at the top, where y is
            highest.
        x: The left and right edge, the lower one first.
        y: The bottom and top edge, the lower one first.

    Raises:
        SiteBuilderError: If the values are not two-dimensional or a range is not finite and in
            order.
    """

    values: Tensor
    x: tuple[float, float]
    y: tuple[float, float]

    def __post_init__(self) -> None:
        shape = _shape(self.values)
        if len(shape) != 2:
            raise SiteBuilderError(
                f"Field: the values must be a tensor (height, width), not of shape {shape}."
            )
        for name, ends in (("x", self.x), ("y", self.y)):
            if len(ends) != 2 or not all(map(math.isfinite, ends)) or ends[0] >= ends[1]:
                raise SiteBuilderError(
                    f"Field: {name} must be two finite numbers, the lower one first, not {ends}."
                )


@dataclass(frozen=True)
class Tiles:
    """A column of `Rows` that holds a small picture in each row, painted under a chart.

    A chart draws it by a layer of its own, whose size is in pixels::

        alt.Chart(live("units")).mark_image(width=36, height=36).encode(
            x="layer:Q",
            y="place:Q",
            url="picture:N",
            color=alt.Color("picture:Q", scale=alt.Scale(domain=[-1, 1])),
        )

    Attributes:
        values: The pictures, (rows, height, width); row 0 of a picture is at its top.

    Raises:
        SiteBuilderError: If the values are not three-dimensional.
    """

    values: Tensor

    def __post_init__(self) -> None:
        shape = _shape(self.values)
        if len(shape) != 3:
            raise SiteBuilderError(
                f"Tiles: the values must be a tensor (rows, height, width), not of shape {shape}."
            )


class Rows:
    """A chart's data: columns of one length, each a tensor (rows,), `Labels` of one, or `Tiles`.

    Args:
        **columns: The columns, in the order in which tables show them.

    Raises:
        SiteBuilderError: If there is no column, a column is not one-dimensional, or their lengths
            differ.
    """

    def __init__(self, **columns: Tensor | Labels | Tiles) -> None:
        lengths: dict[str, object] = {}
        for name, column in columns.items():
            if isinstance(column, Tiles):
                lengths[name] = column.values.shape[0]
                continue
            shape = _shape(column.index if isinstance(column, Labels) else column)
            if len(shape) != 1:
                raise SiteBuilderError(
                    f"Rows: the column '{name}' must be a tensor (rows,), not of shape {shape}."
                )
            lengths[name] = shape[0]
        # A length that follows what the reader chooses is a symbol while the graph is made, and to
        # compare it would fix it; the same lengths were compared as numbers when forward first ran.
        known = {length for length in lengths.values() if isinstance(length, int)}
        if len(known) > 1 or not columns:
            said = ", ".join(f"{name} {length}" for name, length in lengths.items()) or "none"
            raise SiteBuilderError(f"Rows: the columns must have one length; they have: {said}.")
        self.columns: Mapping[str, Tensor | Labels | Tiles] = columns


Output = Union["Tensor", Labels, Rows, Field]
"""What a name in the dict that `forward` returns may hold; a tensor of its own is a scalar."""


def live(name: str) -> alt.NamedData:
    """What bears that name as a chart's data, refilled whenever it changes.

    Args:
        name: A `Rows` or a `Field` output; or an input of kind `Point`, one row with the columns x
            and y, or `Points`, a row for each with the columns x, y, label and index.
    """
    import altair as alt

    return alt.NamedData(name=name)


def _shape(value: object) -> tuple[object, ...]:
    return tuple(getattr(value, "shape", ()))
