"""What a reader can touch: each input is a native control and a tensor of known shape and dtype."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from site_builder.errors import SiteBuilderError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor


class Input(ABC):
    """One named argument of an explorable's methods, which the reader holds.

    Attributes:
        label: What the control is called on the page; the attribute's name where none is given.
        dtype: ``"float32"``, ``"int64"`` or ``"bool"``: the dtype of the tensor in `forward`.
        shape: The shape of that tensor; ``()`` for a scalar.
        static: Whether it arrives as a Python number, with one graph compiled for each value.
        symbolic: Whether its tensor is as long as the reader makes it: a size that graphs follow.
    """

    dtype: str = "float32"
    shape: tuple[int, ...] = ()
    kind: str
    static: bool = False
    symbolic: bool = False

    def __init__(self, label: str | None) -> None:
        self.label = label
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        if self.label is None:
            self.label = name.replace("_", " ").capitalize()

    @property
    @abstractmethod
    def default(self) -> Any:
        """The value with which the page opens."""

    @abstractmethod
    def extremes(self) -> list[Any]:
        """Values at the ends of the range, checked against PyTorch in the tests."""

    @abstractmethod
    def sample(self, random: np.random.Generator) -> Any:
        """A random value that a reader could have chosen."""

    def arrays(self, value: Any) -> dict[str, NDArray[Any]]:
        """A value as the graph takes it: each of its tensors by name."""
        import numpy as np

        return {self.name: np.asarray(value, dtype=self.dtype)}

    def arrives(self, tensors: Sequence[Tensor]) -> Any:
        """What a method of the explorable is given, from the tensors of `arrays` in order."""
        return tensors[0]

    def spec(self) -> dict[str, Any]:
        """The input as the page and the browser know it, JSON all through."""
        dtype = {"int64": "int32"}.get(self.dtype, self.dtype)  # the browser has no int64
        common: dict[str, Any] = {"kind": self.kind, "name": self.name, "label": self.label}
        if self.static:
            common["static"] = True
        return {**common, "dtype": dtype, "shape": list(self.shape), **self._spec()}

    @abstractmethod
    def _spec(self) -> dict[str, Any]: ...


class Slider(Input):
    """A number between two ends; a float32 scalar tensor.

    Args:
        minimum: Left end, inclusive.
        maximum: Right end, inclusive.
        default: Where the page opens.
        step: The distance between two stops; a hundredth of the range where none is given.
        label: The control's name on the page, with its unit.

    Raises:
        SiteBuilderError: If the ends are not finite and in order, the default lies outside them,
            or the step is not positive.
    """

    kind = "slider"

    def __init__(
        self,
        minimum: float,
        maximum: float,
        default: float,
        *,
        step: float | None = None,
        label: str | None = None,
    ) -> None:
        super().__init__(label)
        if not all(math.isfinite(x) for x in (minimum, maximum, default)) or minimum >= maximum:
            raise SiteBuilderError(
                f"Slider({minimum}, {maximum}, {default}) needs finite ends with minimum < maximum."
            )
        if not minimum <= default <= maximum:
            raise SiteBuilderError(
                f"Slider: the default {default} lies outside {minimum} to {maximum}."
            )
        if step is not None and not (math.isfinite(step) and 0 < step <= maximum - minimum):
            raise SiteBuilderError(
                f"Slider: step must be above 0 and at most {maximum - minimum:g}, not {step}."
            )
        self.minimum, self.maximum = float(minimum), float(maximum)
        self.step = float(step) if step is not None else (self.maximum - self.minimum) / 100
        self._default = float(default)

    @property
    def default(self) -> float:
        return self._default

    @property
    def decimals(self) -> int:
        """How many decimals tell two stops apart."""
        numbers = (self.minimum, self.step, self._default)
        return max(_decimals(number) for number in numbers)

    def extremes(self) -> list[float]:
        return [self.minimum, self.maximum]

    def sample(self, random: np.random.Generator) -> float:
        stops = int((self.maximum - self.minimum) / self.step + 1e-9)
        value = self.minimum + int(random.integers(0, stops + 1)) * self.step
        return min(round(value, self.decimals), self.maximum)

    def _spec(self) -> dict[str, Any]:
        return {
            "min": self.minimum,
            "max": self.maximum,
            "step": self.step,
            "default": self._default,
            "format": f"{self._default:.{self.decimals}f}",
        }


class Choice(Input):
    """One word of several; arrives in `forward` as an int64 scalar, the word's index.

    Args:
        *words: At least two different words, as the page shows them.
        default: The word, or its index, with which the page opens.
        label: The control's name on the page.
        static: Let it arrive as a Python int, the word's index: one graph is compiled for each
            word, so that an ``if`` may depend on it, and a page fetches the graph that is chosen.

    Raises:
        SiteBuilderError: If there are fewer than two words, a word comes twice, or the default is
            none of them.
    """

    kind = "choice"
    dtype = "int64"

    def __init__(
        self,
        *words: str,
        default: int | str = 0,
        label: str | None = None,
        static: bool = False,
    ) -> None:
        super().__init__(label)
        self.static = static
        if len(words) < 2 or len(set(words)) < len(words):
            raise SiteBuilderError(f"Choice needs at least two different words, not {words}.")
        if isinstance(default, str) and default not in words:
            raise SiteBuilderError(f"Choice: the default {default!r} is none of {words}.")
        index = words.index(default) if isinstance(default, str) else default
        if not 0 <= index < len(words):
            raise SiteBuilderError(
                f"Choice: no word has the index {index}; there are {len(words)}."
            )
        self.words = words
        self._default = index

    @property
    def default(self) -> int:
        return self._default

    def extremes(self) -> list[int]:
        return list(range(len(self.words)))

    def sample(self, random: np.random.Generator) -> int:
        return int(random.integers(0, len(self.words)))

    def _spec(self) -> dict[str, Any]:
        return {"options": list(self.words), "default": self._default}


class Toggle(Input):
    """On or off; a bool scalar tensor."""

    kind = "toggle"
    dtype = "bool"

    def __init__(self, default: bool = False, *, label: str | None = None) -> None:
        super().__init__(label)
        self._default = bool(default)

    @property
    def default(self) -> bool:
        return self._default

    def extremes(self) -> list[bool]:
        return [False, True]

    def sample(self, random: np.random.Generator) -> bool:
        return bool(random.integers(0, 2))

    def _spec(self) -> dict[str, Any]:
        return {"default": self._default}


def points(
    inputs: Mapping[str, Input], *, count: int, random: np.random.Generator
) -> Iterable[dict[str, Any]]:
    """The input values at which browser and PyTorch are compared.

    Yields:
        First the defaults; then each input at each of its extremes, the others at their defaults;
        then `count` random points.
    """
    defaults = {name: spec.default for name, spec in inputs.items()}
    yield defaults
    for name, spec in inputs.items():
        for value in spec.extremes():
            yield {**defaults, name: value}
    for _ in range(count):
        yield {name: spec.sample(random) for name, spec in inputs.items()}


def _decimals(number: float) -> int:
    exponent = Decimal(repr(round(number, 9))).normalize().as_tuple().exponent
    return max(0, -int(exponent))
