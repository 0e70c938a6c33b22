"""Scikit-learn's handwritten digits, and the ways to bring a drawing into their form.

1,797 digits from 13 people, real handwriting, collected by E. Alpaydin and C. Kaynak ("Optical
Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998). Each was scanned to a
bitmap of 32 by 32 black or white dots; the bitmap was cut into blocks of 4 by 4 dots, and the dots
of each block were counted. So a digit is 8 by 8 numbers from 0 to 16. A drawing on the page is
32 by 32 as well, and goes through the same counting.
"""

from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from torch import Generator, Tensor
from torch.nn import functional

SIDE = 32
BLOCK = 4
CELLS = SIDE // BLOCK

INK = 0.25
"""A pixel at least this dark counts as drawn when the drawing is centred."""

SMALLEST = 8.0
"""A drawing is never magnified as if it were smaller than this many pixels."""


@dataclass(frozen=True)
class Handwriting:
    """Handwritten digits.

    Attributes:
        images: (N, 8, 8) float64 in [0, 1], the share of each block that is ink.
        labels: (N,) int64, the digit that the writer meant.
    """

    images: Tensor
    labels: Tensor


def handwriting() -> tuple[Handwriting, Handwriting]:
    """Split the digits into 1,437 to train on and 360 to test on, always the same ones."""
    bunch = load_digits()
    images = torch.from_numpy(bunch.images).double() / (BLOCK * BLOCK)
    labels = torch.from_numpy(bunch.target).long()
    order = torch.randperm(len(labels), generator=Generator().manual_seed(0))
    test, train = order[:360], order[360:]
    return Handwriting(images[train], labels[train]), Handwriting(images[test], labels[test])


def magnify(images: Tensor) -> Tensor:
    """Blow (..., 8, 8) images up to (..., 32, 32) by repeating each block's value."""
    return images.repeat_interleave(BLOCK, dim=-2).repeat_interleave(BLOCK, dim=-1)


def count_blocks(drawings: Tensor) -> Tensor:
    """Average (N, 32, 32) drawings over blocks of 4 by 4: (N, 8, 8)."""
    blocks = drawings.reshape(-1, CELLS, BLOCK, CELLS, BLOCK)
    return blocks.mean(dim=(2, 4))


def extent(inked: Tensor) -> tuple[Tensor, Tensor]:
    """Return where the ink of each drawing begins and ends along one axis, in pixels.

    Args:
        inked: (N, 32) bool, whether there is ink in that row or column.

    Returns:
        The first inked pixel's near edge and the last one's far edge, (N, 1) each; a blank drawing
        extends over the whole sheet.
    """
    steps = torch.arange(SIDE, device=inked.device)
    blank = ~inked.any(dim=1, keepdim=True)
    first = torch.where(inked | blank, steps, SIDE).amin(dim=1, keepdim=True)
    last = torch.where(inked | blank, steps, -1).amax(dim=1, keepdim=True)
    return first, last + 1


def resampling(middle: Tensor, length: Tensor) -> Tensor:
    """Return matrices that stretch a stretch of pixels over a whole side.

    Target pixel i takes its value from the place middle + (i + 1/2 - 16) length / 32, mixed
    linearly from the two pixels around it; beyond the sheet there is nothing to take.

    Args:
        middle: (N, 1), in pixels, of the stretch of the source that is to fill the side.
        length: (N, 1), in pixels, of that stretch.

    Returns:
        (N, 32, 32), from source pixels to target pixels.
    """
    steps = torch.arange(SIDE, device=middle.device).to(middle.dtype) + 0.5
    places = middle + (steps - SIDE / 2) * (length / SIDE)  # (N, 32)
    return (1.0 - (places[:, :, None] - steps).abs()).clamp(min=0.0)


def centre_and_scale(drawings: Tensor) -> Tensor:
    """Move and magnify (N, 32, 32) drawings until they fill the sheet, keeping their proportions.

    The smallest upright box around the ink is found, and the square around that box stretched over
    the whole sheet. Plain tensor code throughout: two matrix products do the stretching.
    """
    inked = drawings >= INK
    top, bottom = extent(inked.any(dim=2))
    left, right = extent(inked.any(dim=1))
    length = torch.maximum(bottom - top, right - left).to(drawings.dtype).clamp(min=SMALLEST)
    rows = resampling((top + bottom).to(drawings.dtype) / 2, length)
    columns = resampling((left + right).to(drawings.dtype) / 2, length)
    return rows @ drawings @ columns.transpose(1, 2)


def as_if_drawn(images: Tensor, generator: Generator) -> Tensor:
    """Redraw (N, 8, 8) digits by an unsteady hand with another pen: (N, 32, 32).

    Each is blown up smoothly, turned, slanted, squeezed and shifted a little, and inked where it
    passes a random darkness, which makes the pen thin or thick. So the network meets strokes like
    those of a mouse. Random numbers come from the CPU; the result lies where `images` do.
    """
    count = len(images)

    def draw(low: float, high: float) -> Tensor:
        value = torch.rand(count, generator=generator, dtype=torch.float64)
        return (low + (high - low) * value).to(images)

    turn, slant = draw(-0.2, 0.2), draw(-0.2, 0.2)
    wide, high = draw(0.9, 1.5), draw(0.9, 1.3)
    motion = torch.stack(
        [
            torch.stack([wide * turn.cos(), -high * turn.sin() + slant, draw(-0.2, 0.2)], dim=1),
            torch.stack([wide * turn.sin(), high * turn.cos(), draw(-0.2, 0.2)], dim=1),
        ],
        dim=1,
    )
    grid = functional.affine_grid(motion, [count, 1, SIDE, SIDE], align_corners=False)
    moved = functional.grid_sample(images[:, None], grid, align_corners=False)[:, 0]
    darkness = draw(0.25, 0.6)[:, None, None]
    return ((moved - darkness) * 12.0 + 0.5).clamp(0.0, 1.0)
