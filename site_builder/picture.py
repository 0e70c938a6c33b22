"""`Picture`: a photograph as an input."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from site_builder.errors import SiteBuilderError, unknown
from site_builder.inputs import Input
from site_builder.sizes import is_whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

LARGEST_SIDE = 1024
FITS = ("cover", "contain")


class Picture(Input):
    """A picture: a float32 tensor (channels, height, width) in 0..1, channels first as in PyTorch.

    The reader picks an example, or brings a picture of their own: a file, one that is dropped or
    pasted, or one from the camera. It never leaves the reader's machine. It is made as small as the
    tensor by averaging areas: each pixel is the mean of what it covers, of the colours as they are
    stored (sRGB), and is kept in 256 levels. Transparent places are white. One channel is
    0.299 red + 0.587 green + 0.114 blue.

    Args:
        height: Rows of the tensor, in pixels.
        width: Columns of the tensor, in pixels.
        channels: 3 for red, green and blue, or 1 for grey.
        examples: Pictures that the reader can pick, as pairs of a name and an array of the tensor's
            shape in 0..1; (height, width) will do for one channel. They are kept in 256 levels, in
            PyTorch and in the page alike.
        default: Index of the example with which the page opens; None opens with all 0, black.
        fit: ``"cover"`` fills the tensor with the middle of a picture of other proportions,
            ``"contain"`` shows all of it with 0 on either side.
        label: The control's name on the page.

    Raises:
        SiteBuilderError: If a size is no whole number from 1 to 1024, the channels are not 1 or 3,
            an example has another shape or leaves 0..1, a name comes twice, or the default is none.
    """

    kind = "picture"

    def __init__(
        self,
        height: int,
        width: int,
        channels: int = 3,
        *,
        examples: Sequence[tuple[str, ArrayLike]] = (),
        default: int | None = None,
        fit: str = "cover",
        label: str | None = None,
    ) -> None:
        super().__init__(label)
        for what, size in (("height", height), ("width", width)):
            if not is_whole(size) or not 1 <= size <= LARGEST_SIDE:
                raise SiteBuilderError(
                    f"Picture: the {what} must be a whole number from 1 to {LARGEST_SIDE}, "
                    f"not {size!r}."
                )
        if channels not in (1, 3):
            raise SiteBuilderError(
                f"Picture: channels must be 3 for colours or 1 for grey, not {channels!r}."
            )
        if fit not in FITS:
            raise SiteBuilderError(f"Picture: {unknown('fit', fit, FITS)}")
        self.shape = (channels, height, width)
        self.fit = fit
        self.examples = [(name, self._levels(name, pixels)) for name, pixels in examples]
        names = [name for name, _ in self.examples]
        if len(set(names)) < len(names):
            raise SiteBuilderError(f"Picture: examples need names of their own, not {names}.")
        if default is not None and not (is_whole(default) and 0 <= default < len(self.examples)):
            raise SiteBuilderError(
                f"Picture: no example has the index {default}; there are {len(self.examples)}."
            )
        self.example = default

    def _levels(self, name: str, pixels: ArrayLike) -> NDArray[np.uint8]:
        import numpy as np

        array = np.asarray(pixels, dtype=np.float64)
        if array.shape == self.shape[1:] and self.shape[0] == 1:
            array = array[None]
        if array.shape != self.shape:
            raise SiteBuilderError(
                f"Picture example '{name}' has the shape {array.shape}; it must be {self.shape}: "
                "channels, height, width."
            )
        if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
            raise SiteBuilderError(
                f"Picture example '{name}' has values outside 0..1; divide bytes by 255."
            )
        return np.round(array * 255).astype(np.uint8)

    @property
    def default(self) -> NDArray[np.float32]:
        import numpy as np

        if self.example is None:
            return np.zeros(self.shape, np.float32)
        return _floats(self.examples[self.example][1])

    def extremes(self) -> list[NDArray[np.float32]]:
        """Black, white, each channel alone, and the examples."""
        import numpy as np

        black, white = np.zeros(self.shape, np.float32), np.ones(self.shape, np.float32)
        alone = np.eye(self.shape[0], dtype=np.float32)[:, :, None, None] * white
        return [black, white, *alone, *(_floats(levels) for _, levels in self.examples)]

    def sample(self, random: np.random.Generator) -> NDArray[np.float32]:
        """Areas of two colours with an edge between them, and a little noise, in 256 levels."""
        import numpy as np

        channels, height, width = self.shape
        rows, columns = np.mgrid[0:height, 0:width]
        slope, at = random.uniform(-1, 1, 2), random.uniform(0, 1)
        side = slope[0] * (rows / height - at) + slope[1] * (columns / width - at) > 0
        colours = random.uniform(0, 1, (2, channels, 1, 1))
        picture = np.where(side, colours[0], colours[1])
        picture = np.clip(picture + random.normal(0, 0.05, self.shape), 0, 1)
        return _floats(np.round(picture * 255).astype(np.uint8))

    def _spec(self) -> dict[str, Any]:
        return {
            "default": self.example,
            "fit": self.fit,
            "examples": [
                {"label": name, "pixels": base64.b64encode(levels.tobytes()).decode("ascii")}
                for name, levels in self.examples
            ],
        }


def _floats(levels: NDArray[np.uint8]) -> NDArray[np.float32]:
    import numpy as np

    return np.asarray(levels.astype(np.float32) / np.float32(255), np.float32)
