"""The charts of the desk at work, and where in them things stand."""

import altair as alt
import torch
from torch import Tensor

from explainers.anomaly.models import DETECTORS
from explainers.anomaly.verdicts import outcome, place

LOWEST, HIGHEST = -1.5, 12.5
"""The scores where a lane ends; what is beyond stands at its edge."""

LANE = 18.0
"""From one lane to the next, in deviations: a score is as high in each of them."""

WHATS = ("threats caught", "threats missed", "false alarms")

BAR = 0.66
"""Length of the longest bar, where columns are 1 apart."""


def lane(which: Tensor) -> Tensor:
    """Return the height at which a score of 0 stands in a detector's lane, the first on top."""
    return (len(DETECTORS) - 1 - which) * LANE


def clipped(scores: Tensor) -> Tensor:
    """Keep scores in their lane."""
    return scores.clamp(LOWEST, HIGHEST)


def bars(counts: Tensor) -> tuple[Tensor, Tensor]:
    """Return the left and right ends of bars, (3, columns) each, as long as counts are large."""
    left = torch.arange(counts.shape[1]).float().expand_as(counts)
    return left, left + counts * (BAR / counts.max().clamp(min=1))


def race(
    scores: alt.NamedData, lanes: alt.NamedData, window: int
) -> alt.LayerChart | alt.FacetChart:
    """Draw each detector's score of the last log-ins, in lanes, with the threshold across."""
    x = alt.X("ago:Q").title("Log-ins ago").scale(domain=[1 - window, 1], nice=False)
    x = x.axis(values=[-60, -50, -40, -30, -20, -10, 0], labelExpr="-datum.value", grid=False)
    ticks = [LANE * at + score for at in range(len(DETECTORS)) for score in (0, 5, 10)]
    y = alt.Y("height:Q").title("Score, in deviations above ordinary")
    y = y.scale(domain=[LOWEST - 0.5, 2 * LANE + HIGHEST + 2.5], nice=False)
    y = y.axis(values=ticks, labelExpr=f"datum.value % {LANE:g}", grid=False)
    chart = alt.Chart(scores)
    stems = chart.mark_rule(color="var(--explorable-grid)").encode(x=x, y=y, y2="base:Q")
    marks = chart.mark_point(filled=True, opacity=0.9).encode(x=x, y=y, **outcome())
    lines = alt.Chart(lanes)
    bar = lines.mark_rule(color="var(--explorable-ink)", strokeDash=[5, 3], strokeWidth=1.2)
    names = lines.mark_text(
        color="var(--explorable-ink)", align="left", baseline="bottom", fontWeight="bold", dy=-3
    )
    layers = (
        stems,
        bar.encode(y=y),
        marks,
        names.encode(x=alt.value(4), y="top:Q", text="detector:N"),
    )
    return alt.layer(*layers).properties(width=340, height=330)


def tally(counts: alt.NamedData) -> alt.LayerChart | alt.FacetChart:
    """Draw three columns of bars, a row for each detector."""
    heads = " : ".join(f"datum.value === {at} ? '{what}'" for at, what in enumerate(WHATS))
    x = alt.X("left:Q").title(None).scale(domain=[0, len(WHATS)], nice=False)
    x = x.axis(
        orient="top", values=[0, 1, 2], labelExpr=f"{heads} : ''", labelAlign="left",
        grid=False, domain=False, ticks=False,
    )  # fmt: skip
    y = alt.Y("detector:N", sort=list(DETECTORS)).title(None).axis(domain=False, ticks=False)
    chart = alt.Chart(counts)
    colour = alt.Color("what:N").scale(
        domain=list(WHATS), range=[f"var(--explorable-c{n})" for n in (1, 5, 2)]
    )
    boxes = chart.mark_bar(height=20).encode(x=x, x2="right:Q", y=y, color=colour.legend(None))
    text = chart.mark_text(color="var(--explorable-ink)", align="left", dx=5, fontSize=13)
    numbers = text.encode(x="right:Q", y=y, text="count:Q")
    return alt.layer(boxes, numbers).properties(width=290, height=110)


def places(logins: alt.NamedData) -> alt.LayerChart | alt.FacetChart:
    """Draw when and where the last log-ins were, the older, the fainter."""
    where = place()
    fresh = alt.Opacity("ago:Q").scale(domain=[-59, 0], range=[0.12, 1]).legend(None)
    marks = alt.Chart(logins).mark_point(filled=True).encode(**where, **outcome(), opacity=fresh)
    newest = alt.Chart(logins).transform_filter("datum.ago === 0")
    ring = newest.mark_point(size=190, strokeWidth=2.5, color="var(--explorable-ink)")
    return alt.layer(marks, ring.encode(**where)).properties(width=340, height=230)
