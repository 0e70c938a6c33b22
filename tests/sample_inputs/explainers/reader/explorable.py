"""A text whose letters are counted, words that are looked up, and pictures with their edges."""

import altair as alt
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  # the field's name for it

from site_builder import (
    Explorable,
    Field,
    Labels,
    Output,
    Picture,
    Rows,
    Slider,
    Text,
    figure,
    live,
)

ALPHABET = tuple("abcdefghijklmnopqrstuvwxyz")
WORDS = ["<pad>", "<unk>", "the", "café", "is", "good", "bad", "not", ".", "'"]


class Letters(Explorable):
    """How often each letter comes."""

    line = Text(
        ["<pad>", "<unk>", *ALPHABET, " "],
        12,
        "hello there",
        lowercase=True,
        examples=["abracadabra", "Zoë", '<b onclick="x">\'&amp;'],
        label="A line",
    )
    words = Text(WORDS, 5, "The café is good.", cut="words", label="A sentence")
    least = Slider(0.0, 3.0, 0.0, step=1.0, label="Least count")

    def forward(self, line: Tensor, words: Tensor, least: Tensor) -> dict[str, Output]:
        places = torch.arange(len(ALPHABET))
        counts = (line[:, None] == places + 2).sum(0)
        worth = torch.tensor([0.0, 0.0, 0.0, 0.0, 0.0, 1.0, -1.0, 0.0, 0.0, 0.0])
        return {
            "letters": Rows(letter=Labels(places, ALPHABET), count=counts * (counts >= least)),
            "length": (line != self.line.pad_id).sum(),
            "unknown": (line == self.line.unknown_id).sum(),
            "mood": worth[words].sum(),
            "said": (words != self.words.pad_id).sum(),
        }

    @figure(alt="A bar for each letter of the alphabet, as high as it is often.")
    def bars(self) -> alt.Chart:
        x, y = alt.X("letter:N", sort=None), alt.Y("count:Q", scale=alt.Scale(domain=[0, 6]))
        return alt.Chart(live("letters")).mark_bar().encode(x=x, y=y).properties(height=120)


def _pictures() -> list[tuple[str, np.ndarray]]:
    rows, columns = np.mgrid[0:12, 0:16] / 12
    sun = np.hypot(rows - 0.5, columns - 0.66) < 0.3
    sky = np.stack([0.2 + 0.8 * sun, 0.5 + 0.4 * sun, 0.9 - 0.6 * sun])
    stripes = np.stack([columns % 0.5 < 0.25, rows % 0.5 < 0.25, rows > 2]).astype(float)
    return [("a sun", sky), ("stripes", stripes)]


class Photo(Explorable):
    """The mean colour of a picture, and its edges."""

    photo = Picture(12, 16, examples=_pictures(), default=0, label="Photo")
    big = Picture(120, 120, 1, fit="contain", label="Large one")

    def forward(self, photo: Tensor, big: Tensor) -> dict[str, Output]:
        grey = photo.mean(0)
        sobel = torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])
        kernels = torch.stack([sobel, sobel.T])[:, None]
        slopes = F.conv2d(F.pad(grey[None, None], (1, 1, 1, 1), mode="replicate"), kernels)[0]
        red, green, blue = photo.mean((1, 2))
        return {
            "edges": Field(slopes.square().sum(0), (0.0, 16.0), (0.0, 12.0)),
            "red": red,
            "green": green,
            "blue": blue,
            "light": big.mean(),
        }

    @figure(alt="The edges of the picture.")
    def outline(self) -> alt.Chart:
        colour = alt.Color("value:Q", scale=alt.Scale(domain=[0, 4], scheme="greys"), legend=None)
        x, y = alt.X("x:Q", title="column"), alt.Y("y:Q", title="row")
        picture = alt.Chart(live("edges")).mark_rect().encode(x=x, y=y, color=colour)
        return picture.properties(width=256, height=192)
