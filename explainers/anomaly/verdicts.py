"""What becomes of a log-in that is judged, in words, colours and shapes, for every picture."""

from collections.abc import Sequence
from typing import Any

import altair as alt
from torch import Tensor

from site_builder import live

LAST_HOUR, LAST_KM = 24.0, 70.0
"""Where pictures end."""

VERDICTS = ("quiet", "alarm")
TRUTHS = ("ordinary", "threat")
OUTCOMES = ("ordinary, left alone", "false alarm", "missed threat", "caught threat")

COLOURS = (
    "var(--explorable-muted)",
    "var(--explorable-c2)",
    "var(--explorable-c5)",
    "var(--explorable-c1)",
)
SHAPES = ("circle", "square", "diamond", "triangle-up")
SIZES = (16, 45, 55, 50)


def outcomes(alarm: Tensor, threat: Tensor) -> Tensor:
    """Return indices into `OUTCOMES`, int64, of bool tensors of one shape."""
    return alarm.long() + 2 * threat.long()


def place(hour: str = "hour", km: str = "km") -> dict[str, Any]:
    """Return the encodings of the columns that hold hours and distances."""
    across = alt.X(f"{hour}:Q").title("Hour of the day").scale(domain=[0, LAST_HOUR], nice=False)
    up = alt.Y(f"{km}:Q").title("Distance from the office (km)")
    return {
        "x": across.axis(values=list(range(0, 25, 4)), grid=False),
        "y": up.scale(domain=[0, LAST_KM], nice=False).axis(grid=False),
    }


def outcome(*, legend: bool = True) -> dict[str, Any]:
    """Return the encodings that tell the four outcomes apart, with and without colours."""
    words = alt.Legend(title=None, orient="top", columns=2, symbolSize=60, labelLimit=200)
    shown = words if legend else None
    domain = list(OUTCOMES)
    return {
        "color": alt.Color("outcome:N").scale(domain=domain, range=list(COLOURS)).legend(shown),
        "shape": alt.Shape("outcome:N").scale(domain=domain, range=list(SHAPES)).legend(shown),
        "size": alt.Size("outcome:N").scale(domain=domain, range=list(SIZES)).legend(None),
    }


def shares(
    data: str, across: str, words: Sequence[str], kinds: Sequence[str]
) -> alt.LayerChart | alt.FacetChart:
    """Draw a table of the share of each kind of log-in that rings, threats in another colour.

    Args:
        data: `Rows` with the columns kind, truth, share and the one named `across`.
        across: What is side by side.
        words: Its words, from left to right.
        kinds: The kinds, from top to bottom.
    """
    cell = alt.Chart(live(data)).encode(
        x=alt.X(f"{across}:N", sort=list(words))
        .title(None)
        .axis(orient="top", labelAngle=0, domain=False, ticks=False),
        y=alt.Y("kind:N", sort=list(kinds)).title(None).axis(domain=False, ticks=False),
    )
    colour = alt.Color("truth:N").scale(
        domain=list(TRUTHS), range=["var(--explorable-c2)", "var(--explorable-c1)"]
    )
    boxes = cell.mark_rect(stroke="var(--explorable-grid)").encode(
        color=colour.legend(title="Alarms among", orient="bottom"),
        opacity=alt.Opacity("share:Q").scale(domain=[0, 1], range=[0.0, 0.55]).legend(None),
    )
    text = cell.mark_text(color="var(--explorable-ink)").encode(
        text=alt.Text("share:Q", format=".0%")
    )
    return alt.layer(boxes, text)
