"""`Sketch`: a drawing as an input."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from site_builder.errors import SiteBuilderError
from site_builder.inputs import Input

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


class Sketch(Input):
    """A drawing: a float32 tensor (height, width), 0 for paper and 1 for ink.

    Args:
        height: Rows of the drawing, in pixels.
        width: Columns of the drawing, in pixels.
        label: The control's name on the page.
        examples: Drawings the reader can pick instead, by mouse or keyboard, as pairs of a name
            and an array (height, width) in 0..1. They are kept in 256 grey levels, in PyTorch and
            in the page alike.
        default: Index of the example with which the page opens; None opens with a blank sheet.

    Raises:
        SiteBuilderError: If an example has another shape or leaves 0..1, or the default is none.
    """

    kind = "sketch"

    def __init__(
        self,
        height: int,
        width: int,
        *,
        label: str | None = None,
        examples: Sequence[tuple[str, ArrayLike]] = (),
        default: int | None = None,
    ) -> None:
        super().__init__(label)
        if height < 1 or width < 1:
            raise SiteBuilderError(
                f"Sketch needs a height and width above 0, not {height}, {width}."
            )
        self.shape = (height, width)
        self.examples = [(name, self._levels(name, pixels)) for name, pixels in examples]
        if default is not None and not 0 <= default < len(self.examples):
            raise SiteBuilderError(
                f"Sketch: no example has the index {default}; there are {len(self.examples)}."
            )
        self.example = default

    def _levels(self, name: str, pixels: ArrayLike) -> NDArray[np.uint8]:
        import numpy as np

        array = np.asarray(pixels, dtype=np.float64)
        if array.shape != self.shape:
            raise SiteBuilderError(
                f"Sketch example '{name}' has the shape {array.shape}; the drawing is {self.shape}."
            )
        if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
            raise SiteBuilderError(f"Sketch example '{name}' has values outside 0..1.")
        return np.round(array * 255).astype(np.uint8)

    @property
    def default(self) -> NDArray[np.float32]:
        import numpy as np

        if self.example is None:
            return np.zeros(self.shape, np.float32)
        return self._floats(self.example)

    def _floats(self, index: int) -> NDArray[np.float32]:
        import numpy as np

        levels = self.examples[index][1].astype(np.float32)
        return np.asarray(levels / np.float32(255), np.float32)

    def extremes(self) -> list[NDArray[np.float32]]:
        import numpy as np

        blank, full = np.zeros(self.shape, np.float32), np.ones(self.shape, np.float32)
        return [blank, full, *(self._floats(index) for index in range(len(self.examples)))]

    def sample(self, random: np.random.Generator) -> NDArray[np.float32]:
        """A stroke of a few straight pieces, about two pixels wide, as a hand would draw it."""
        import numpy as np

        height, width = self.shape
        corners = random.uniform((0, 0), (height, width), size=(4, 2))
        along = np.linspace(0, 1, 4 * max(height, width))[:, None]
        points = np.concatenate([a + (b - a) * along for a, b in pairwise(corners)])
        rows, columns = np.mgrid[0:height, 0:width] + 0.5
        distance = np.hypot(rows[..., None] - points[:, 0], columns[..., None] - points[:, 1]).min(
            axis=-1
        )
        return np.asarray(np.clip(2.0 - distance, 0, 1), np.float32)

    def _spec(self) -> dict[str, Any]:
        return {
            "default": self.example,
            "examples": [
                {"label": name, "pixels": base64.b64encode(levels.tobytes()).decode("ascii")}
                for name, levels in self.examples
            ],
        }
