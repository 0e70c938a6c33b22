"""Draw a digit, as a module that a reader can touch, and its pictures."""

import altair as alt
import torch
from torch import Tensor

from explainers.digits.data import (
    CELLS,
    INK,
    SIDE,
    centre_and_scale,
    count_blocks,
    handwriting,
    magnify,
)
from explainers.digits.models import CLASSES, MAPS, reader
from site_builder import Explorable, Labels, Output, Rows, Sketch, Toggle, figure, live

GUESSES = (*(str(digit) for digit in range(CLASSES)), "nothing yet")
NOTHING = CLASSES

OFFERED = (11, 18, 15, 14, 7, 1, 8, 3, 6, 4)
"""For each digit from 0 to 9, the place in the test set of one that the page offers."""

ODD = {7: 49, 8: 265, 9: 229}
"""Places in the test set of three that are hard to read, by what their writers meant."""

SIGNS = ("paper wanted", "ink wanted")


def examples() -> list[tuple[str, list[list[float]]]]:
    """Return test images that the reader can pick, named by what their writers meant."""
    images = magnify(handwriting()[1].images)
    plain = [(f"a{'n' * (digit == 8)} {digit}", place) for digit, place in enumerate(OFFERED)]
    odd = [(f"an odd {digit}", place) for digit, place in ODD.items()]
    return [(name, images[place].tolist()) for name, place in plain + odd]


def square(side: int) -> tuple[Tensor, Tensor]:
    """Return the row and the column of a square's cells, row after row: (side * side,) each."""
    cells = torch.arange(side)
    return cells.repeat_interleave(side), cells.repeat(side)


class Digits(Explorable):
    """A network reads what is drawn, and shows what its first layer makes of it."""

    drawing = Sketch(SIDE, SIDE, label="Your drawing", examples=examples(), default=8)
    centre = Toggle(True, label="Centre and scale")

    trained_count: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.network = reader()
        self.register_buffer("trained_count", torch.tensor(len(handwriting()[0].labels)))

    def forward(self, drawing: Tensor, centre: Tensor) -> dict[str, Output]:
        """Read one drawing.

        Args:
            drawing: (32, 32) float32, 0 for paper and 1 for ink.
            centre: () bool, whether to centre and scale it first.
        """
        sheet = drawing[None]
        image = count_blocks(torch.where(centre, centre_and_scale(sheet), sheet))  # (1, 8, 8)
        maps = self.network.maps(image)  # (1, 8, 8, 8)
        drawn = (drawing >= INK).any()
        # The network would answer even to an empty sheet; the page does not ask it.
        probabilities = self.network.logits_from(maps).softmax(dim=1)[0] * drawn
        best = probabilities.argmax()
        classes = torch.arange(CLASSES)
        second = torch.where(classes == best, -1.0, probabilities).argmax()

        guesses, labels = self.network.test_guesses, self.network.test_labels
        right = (guesses == labels).sum()
        row, column = square(CELLS)
        cells = CELLS * CELLS
        return {
            "probabilities": Rows(
                digit=classes,
                probability=probabilities,
                best=(classes == best) & drawn,
            ),
            "seen": Rows(row=row, column=column, ink=image.flatten()),
            "maps": Rows(
                map=torch.arange(1, MAPS + 1).repeat_interleave(cells),
                row=row.repeat(MAPS),
                column=column.repeat(MAPS),
                strength=(maps / self.network.brightest).clamp(max=1.0).flatten(),
            ),
            "patterns": self.patterns(),
            "guess": Labels(torch.where(drawn, best, NOTHING), GUESSES),
            "confidence": probabilities.max(),
            "runner_up": Labels(torch.where(drawn, second, NOTHING), GUESSES),
            "runner_up_probability": torch.where(classes == best, 0.0, probabilities).max(),
            "accuracy": right / len(labels),
            "tested": torch.tensor(len(labels)),
            "right": right,
            "wrong": len(labels) - right,
            "trained_on": self.trained_count,
            "weights": torch.tensor(sum(weight.numel() for weight in self.network.parameters())),
            "odd_seven_guess": Labels(guesses[ODD[7]], GUESSES),
            "odd_eight_guess": Labels(guesses[ODD[8]], GUESSES),
            "odd_nine_guess": Labels(guesses[ODD[9]], GUESSES),
        }

    def patterns(self) -> Rows:
        """Return the eight 3-by-3 patterns that the first layer looks for, scaled to [0, 1]."""
        kernels = self.network.first.weight.detach()[:, 0]  # (8, 3, 3)
        row, column = square(kernels.shape[-1])
        return Rows(
            map=torch.arange(1, MAPS + 1).repeat_interleave(len(row)),
            row=row.repeat(MAPS),
            column=column.repeat(MAPS),
            strength=(kernels.abs() / kernels.abs().max()).flatten(),
            wants=Labels((kernels > 0).long().flatten(), SIGNS),
        )

    @figure(
        alt="Ten bars, one for each digit from 0 to 9: how probable the network holds it that this "
        "digit was drawn. The highest bar is in colour."
    )
    def probabilities(self) -> alt.Chart:
        """Draw the ten probabilities as bars."""
        bars: alt.Chart = (
            alt.Chart(live("probabilities"))
            .mark_bar(cornerRadiusEnd=2)
            .encode(
                x=alt.X("digit:O").title("Digit").axis(labelAngle=0),
                y=alt.Y("probability:Q")
                .title("Probability")
                .scale(domain=[0, 1])
                .axis(format="%", tickCount=5),
                color=alt.Color("best:N")
                .scale(
                    domain=[False, True],
                    range=["var(--explorable-muted)", "var(--explorable-c1)"],
                )
                .legend(None),
            )
            .properties(width=320, height=200)
        )
        return bars

    @figure(
        alt="Left, the 8 by 8 squares that the network sees of the drawing. Right, eight feature "
        "maps of its first layer: the stronger the colour, the more of a pattern is there."
    )
    def maps(self) -> alt.HConcatChart:
        """Draw what the network sees, and the first layer's eight feature maps."""
        seen = (
            alt.Chart(live("seen"), title=alt.Title("what it sees", anchor="middle"))
            .mark_rect(color="var(--explorable-ink)")
            .encode(**tiles("ink"))
            .properties(width=96, height=96)
        )
        found = (
            alt.Chart(live("maps"))
            .mark_rect(color="var(--explorable-c1)")
            .encode(**tiles("strength"), facet=panels())
            .properties(width=56, height=56)
        )
        return alt.hconcat(seen, found, spacing=16)

    @figure(
        alt="Eight patterns of 3 by 3 squares. In one colour where the pattern wants ink, in "
        "another where it wants paper; the stronger the colour, the more it matters."
    )
    def filters(self) -> alt.Chart:
        """Draw the eight patterns that the first layer has learned to look for."""
        wants = alt.Color("wants:N").scale(
            domain=list(SIGNS), range=["var(--explorable-c2)", "var(--explorable-c1)"]
        )
        kernels: alt.Chart = (
            alt.Chart(live("patterns"))
            .mark_rect()
            .encode(
                **tiles("strength"),
                color=wants.legend(title=None, orient="bottom"),
                facet=panels(),
            )
            .properties(width=56, height=56)
        )
        return kernels


def tiles(strength: str) -> dict[str, alt.X | alt.Y | alt.Opacity]:
    """Return the encodings of a picture made of tiles whose opacity is the column `strength`."""
    return {
        "x": alt.X("column:O").axis(None),
        "y": alt.Y("row:O").axis(None),
        "opacity": alt.Opacity(f"{strength}:Q").scale(domain=[0, 1], range=[0, 1]).legend(None),
    }


def panels() -> alt.Facet:
    """Return the facets: four panels to a line, each named by its number."""
    return alt.Facet("map:O", columns=4).title(None).header(labelPadding=2)
