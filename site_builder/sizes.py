"""`Size`, `Choices` and `Seed`: how many, which ones, and which chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from site_builder.errors import SiteBuilderError, unknown
from site_builder.inputs import Input

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LAST_SEED = 999_999


class Size(Input):
    """A whole number that is the length of a tensor's dimension, as the units of a layer are.

    It arrives as ``torch.arange(n)``, an int64 tensor (n,): index with it, or take its length, and
    the compiled graph follows the reader without being compiled anew.

    Args:
        minimum: The smallest size, at least 1.
        maximum: The largest size.
        default: The size with which the page opens.
        label: The control's name on the page.

    Raises:
        SiteBuilderError: If these are not whole numbers with 1 <= minimum <= default <= maximum
            and minimum < maximum.
    """

    kind = "size"
    dtype = "int64"
    symbolic = True

    def __init__(
        self, minimum: int, maximum: int, default: int, *, label: str | None = None
    ) -> None:
        super().__init__(label)
        given = (minimum, maximum, default)
        if not all(is_whole(number) for number in given) or not 1 <= minimum < maximum:
            raise SiteBuilderError(f"Size{given} needs whole numbers with 1 <= minimum < maximum.")
        if not minimum <= default <= maximum:
            raise SiteBuilderError(
                f"Size: the default {default} lies outside {minimum} to {maximum}."
            )
        self.minimum, self.maximum = minimum, maximum
        self._default = default
        self.shape = (default,)

    @property
    def default(self) -> int:
        return self._default

    def extremes(self) -> list[int]:
        return [self.minimum, self.maximum]

    def sample(self, random: np.random.Generator) -> int:
        return int(random.integers(self.minimum, self.maximum + 1))

    def arrays(self, value: int) -> dict[str, NDArray[Any]]:
        import numpy as np

        return {self.name: np.arange(value, dtype=np.int64)}

    def _spec(self) -> dict[str, Any]:
        return {"min": self.minimum, "max": self.maximum, "default": self._default}


class Choices(Input):
    """Several words of several, at least one; arrives as an int64 tensor (k,), their indices.

    The indices come in the order of the words, whatever the order in which they were chosen.

    An Altair selection ``selection_point(name="...", fields=["..."])`` of its name picks the marks
    whose field holds these words. A `Choice`, a `Toggle`, a `Slider` and a `Size` are picked so,
    too, by their words, truth and numbers.

    Args:
        *words: At least two different words, as the page shows them.
        default: The words, or their indices, with which the page opens; all of them where none
            are given.
        label: The control's name on the page.

    Raises:
        SiteBuilderError: If there are fewer than two words, a word comes twice, or the default is
            empty or holds what is none of them or comes twice.
    """

    kind = "choices"
    dtype = "int64"
    symbolic = True

    def __init__(
        self,
        *words: str,
        default: Sequence[int | str] | None = None,
        label: str | None = None,
    ) -> None:
        super().__init__(label)
        if len(words) < 2 or len(set(words)) < len(words):
            raise SiteBuilderError(f"Choices needs at least two different words, not {words}.")
        self.words = words
        chosen = words if default is None else default
        if isinstance(chosen, str) or not chosen:
            raise SiteBuilderError(
                f"Choices: the default must name at least one of {words} in a tuple, "
                f"not {default!r}."
            )
        indices = [self._index(item) for item in chosen]
        if len(set(indices)) < len(indices):
            raise SiteBuilderError(f"Choices: the default {default!r} names a word twice.")
        self._default = sorted(indices)
        self.shape = (len(indices),)

    def _index(self, item: int | str) -> int:
        if isinstance(item, str):
            if item not in self.words:
                raise SiteBuilderError(f"Choices: {unknown('word', item, self.words)}")
            return self.words.index(item)
        if not is_whole(item) or not 0 <= item < len(self.words):
            raise SiteBuilderError(
                f"Choices: no word has the index {item!r}; there are {len(self.words)}."
            )
        return item

    @property
    def default(self) -> list[int]:
        return list(self._default)

    def extremes(self) -> list[list[int]]:
        """Each word alone, and all of them."""
        every = list(range(len(self.words)))
        return [*([index] for index in every), every]

    def sample(self, random: np.random.Generator) -> list[int]:
        count = int(random.integers(1, len(self.words) + 1))
        return sorted(int(i) for i in random.choice(len(self.words), count, replace=False))

    def _spec(self) -> dict[str, Any]:
        return {"options": list(self.words), "default": self.default}


class Seed(Input):
    """The number that every `Noise` of an explorable starts from; not taken by its methods.

    An explorable with a `Noise` and without an input ``seed`` has ``seed = Seed(1)``.

    Args:
        default: The seed with which the page opens, from 0 to 999999.
        label: The control's name on the page.

    Raises:
        SiteBuilderError: If the default is no such number.
    """

    kind = "seed"
    dtype = "int64"

    def __init__(self, default: int = 1, *, label: str | None = None) -> None:
        super().__init__(label)
        if not is_whole(default) or not 0 <= default <= LAST_SEED:
            raise SiteBuilderError(
                f"Seed: the default must be a whole number from 0 to {LAST_SEED}, not {default!r}."
            )
        self._default = default

    @property
    def default(self) -> int:
        return self._default

    def extremes(self) -> list[int]:
        return [0, LAST_SEED]

    def sample(self, random: np.random.Generator) -> int:
        return int(random.integers(0, LAST_SEED + 1))

    def _spec(self) -> dict[str, Any]:
        return {"default": self._default}


def is_whole(number: object) -> bool:
    """Whether a number is an int; a bool is none."""
    return isinstance(number, int) and not isinstance(number, bool)
