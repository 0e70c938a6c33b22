"""What `Explorable.forward` returns: scalar tensors, words, and the rows of a chart's data."""

from __future__ import annotations

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


class Rows:
    """A chart's data: named columns of one length, each a tensor (rows,) or `Labels` of one.

    Args:
        **columns: The columns, in the order in which tables show them.

    Raises:
        SiteBuilderError: If there is no column, a column is not one-dimensional, or their lengths
            differ.
    """

    def __init__(self, **columns: Tensor | Labels) -> None:
        lengths: dict[str, int] = {}
        for name, column in columns.items():
            tensor = column.index if isinstance(column, Labels) else column
            shape = tuple(getattr(tensor, "shape", ()))
            if len(shape) != 1:
                raise SiteBuilderError(
                    f"Rows: the column '{name}' must be a tensor (rows,), not of shape {shape}."
                )
            lengths[name] = int(shape[0])
        if len(set(lengths.values())) != 1:
            said = ", ".join(f"{name} {length}" for name, length in lengths.items()) or "none"
            raise SiteBuilderError(f"Rows: the columns must have one length; they have: {said}.")
        self.columns: Mapping[str, Tensor | Labels] = columns


Output = Union["Tensor", Labels, Rows]
"""What a name in the dict that `forward` returns may hold; a tensor of its own is a scalar."""


def live(name: str) -> alt.NamedData:
    """The `Rows` output of that name as a chart's data, refilled whenever the model runs again."""
    import altair as alt

    return alt.NamedData(name=name)
