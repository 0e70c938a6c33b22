"""`Noise`: random numbers that are the same in PyTorch and in the page.

The generator counts instead of remembering: each number is a function of the seed, the noise's
name, the step and its place, so that any state of a page can be had again from its link. The page
has the same functions in ``runtime/src/noise.ts``, equal to the last bit.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from site_builder.errors import SiteBuilderError, unknown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KINDS = {"normal": "float32", "uniform": "float32", "permutation": "int64"}
EVERY = ("start", "step")

_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_MASK = 0xFFFFFFFF

# Wichura's PPND16 (algorithm AS 241, Applied Statistics 37, 1988): numerator and denominator for
# the middle and for the tails on either side of r = 5, highest power first.
_MIDDLE = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)  # fmt: skip
_NEAR = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
     1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055,
     4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
     0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494,
     2.05319162663775882187, 1.0),
)  # fmt: skip
_FAR = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
     0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
     5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
     7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531,
     0.59983220655588793769, 1.0),
)  # fmt: skip
_LN2 = 0.6931471805599453


class Noise:
    """Random numbers as an argument of an explorable's methods.

    They come from one seeded generator, the same in PyTorch and in the page, and the seed is an
    input that the reader sees and that links carry. An explorable with noise and no input of that
    name gets a `Seed` called ``seed``.

    Args:
        shape: The shape of the tensor, of whole numbers.
        kind: ``"normal"`` (mean 0, deviation 1) and ``"uniform"`` (0 up to but not 1) are float32;
            ``"permutation"`` is int64, the whole numbers below its one size in random order.
        every: ``"start"`` for numbers that stay until the seed changes, ``"step"`` for new ones
            at each step of time.
        seed: The name of the `Seed` input to use.

    Raises:
        SiteBuilderError: If the kind or the time is unknown, or the shape does not suit.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        kind: str = "normal",
        every: str = "start",
        *,
        seed: str = "seed",
    ) -> None:
        if kind not in KINDS:
            raise SiteBuilderError(unknown("kind of Noise", kind, KINDS))
        if every not in EVERY:
            raise SiteBuilderError(unknown("time of Noise", every, EVERY))
        if not isinstance(shape, tuple) or not all(isinstance(n, int) and n > 0 for n in shape):
            raise SiteBuilderError(f"Noise needs a shape of whole numbers above 0, not {shape!r}.")
        if kind == "permutation" and len(shape) != 1:
            raise SiteBuilderError(
                f"Noise: a permutation has one size, as in Noise((500,)), not {shape}."
            )
        self.shape, self.kind, self.every, self.seed = shape, kind, every, seed
        self.dtype = KINDS[kind]
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def spec(self) -> dict[str, Any]:
        """The noise as the page knows it, JSON all through."""
        return {
            "name": self.name,
            "kind": self.kind,
            "shape": list(self.shape),
            "every": self.every,
            "dtype": {"int64": "int32"}.get(self.dtype, self.dtype),
            "seed": self.seed,
        }

    def draw(self, seed: int, step: int = 0) -> NDArray[Any]:
        """The numbers of a seed.

        Args:
            seed: The value of the seed's input.
            step: How many steps were taken since the start; without effect for ``every="start"``.
        """
        moment = step + 1 if self.every == "step" else 0
        words = random_words(prod(self.shape), seed, _fnv1a(self.name), moment)
        make = {"normal": _normal, "uniform": _uniform, "permutation": _permutation}[self.kind]
        return make(words).reshape(self.shape).astype(self.dtype)


def random_words(count: int, seed: int, stream: int, moment: int) -> NDArray[np.uint64]:
    """Random 32-bit words: Philox4x32-10 (Salmon et al., "Parallel random numbers", 2011).

    Args:
        count: How many.
        seed: First half of the key.
        stream: Second half of the key.
        moment: Second word of the counter, whose first counts blocks of four.

    Returns:
        Words below 2^32, (count,).
    """
    import numpy as np

    blocks = -(-count // 4)
    counter = [np.arange(blocks, dtype=np.uint64), *(np.zeros(blocks, np.uint64) for _ in "123")]
    counter[1] += np.uint64(moment & _MASK)
    words = philox(counter, (seed & _MASK, stream))
    return np.stack(words, axis=1).reshape(-1)[:count]


def philox(counter: list[NDArray[np.uint64]], key: tuple[int, int]) -> list[NDArray[np.uint64]]:
    """Ten rounds of Philox on four arrays of 32-bit words, held in 64 bits."""
    import numpy as np

    a, b, c, d = counter
    low, high, mask = *key, np.uint64(_MASK)
    shift = np.uint64(32)
    for _ in range(10):
        left, right = a * np.uint64(_MULTIPLIERS[0]), c * np.uint64(_MULTIPLIERS[1])
        a, b, c, d = (
            (right >> shift) ^ b ^ np.uint64(low),
            right & mask,
            (left >> shift) ^ d ^ np.uint64(high),
            left & mask,
        )
        low, high = (low + _WEYL[0]) & _MASK, (high + _WEYL[1]) & _MASK
    return [a, b, c, d]


def _fnv1a(text: str) -> int:
    """32 bits of a name: Fowler, Noll and Vo's hash, 1a."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & _MASK
    return value


def _uniform(words: NDArray[np.uint64]) -> NDArray[np.float64]:
    import numpy as np

    return (words >> np.uint64(8)).astype(np.float64) * 2.0**-24


def _permutation(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    import numpy as np

    return np.argsort(words, kind="stable")


def _normal(words: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Normal numbers by the inverse of their distribution (AS 241, good to 1e-16)."""
    import numpy as np

    u = _uniform(words) + 2.0**-25
    q = u - 0.5
    middle = np.abs(q) <= 0.425
    r = 0.180625 - q * q
    inside = q * (_horner(_MIDDLE[0], r) / _horner(_MIDDLE[1], r))
    r = np.sqrt(-_log(np.where(q < 0, u, 1.0 - u)))
    near = _horner(_NEAR[0], r - 1.6) / _horner(_NEAR[1], r - 1.6)
    far = _horner(_FAR[0], r - 5.0) / _horner(_FAR[1], r - 5.0)
    tail = np.where(r <= 5.0, near, far)
    return np.asarray(np.where(middle, inside, np.where(q < 0, -tail, tail)))


def _log(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The natural logarithm by its own series: a library's may differ in the last bit.

    x = m 2^e with m near 1, and ln m = 2 artanh((m - 1) / (m + 1)).
    """
    import numpy as np

    m, e = np.frexp(x)  # 0.5 <= m < 1
    small = m < np.sqrt(0.5)
    m, e = np.where(small, m * 2.0, m), np.where(small, e - 1, e)
    s = (m - 1.0) / (m + 1.0)
    series = _horner(tuple(1.0 / n for n in range(21, 0, -2)), s * s)
    return np.asarray(2.0 * s * series + e * _LN2)


def _horner(coefficients: tuple[float, ...], x: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    value = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value = value * x + coefficient
    return value
