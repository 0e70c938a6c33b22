"""The charts of the autoencoder that the reader fits."""

from typing import Any

import altair as alt

from explainers.anomaly.data import KINDS
from explainers.anomaly.verdicts import outcome, place, shares
from site_builder import live

SPLITS = ("training", "held out")

QUIET, RINGS, LOUD = "transparent", "rgba(224, 123, 0, 0.14)", "rgba(224, 123, 0, 0.42)"
"""The ground's colours below the threshold, just above it, and far above it."""


def region() -> alt.LayerChart | alt.FacetChart:
    """Draw the log-ins on the ground where they would ring, and what the network can rebuild."""
    where = place()
    strength = alt.Scale(domain=[-0.3, 0.3, 12], range=[QUIET, RINGS, LOUD])
    ground = (
        alt.Chart(live("ground"))
        .mark_rect()
        .encode(**place("x", "y"), color=alt.Color("value:Q", scale=strength).legend(None))
    )
    logins = (
        alt.Chart(live("logins")).mark_point(filled=True, opacity=0.9).encode(**where, **outcome())
    )
    line = (
        alt.Chart(live("line"))
        .mark_line(color="var(--explorable-ink)", strokeWidth=1.8, clip=True)
        .encode(**where, detail="strand:N", order="along:Q")
    )
    slipped = (
        alt.Chart(live("slips"))
        .transform_filter("datum.used")
        .mark_point(shape="cross", size=38, filled=True, color="var(--explorable-ink)")
        .encode(**where)
    )
    layers = alt.layer(ground, line, logins, slipped).properties(width=340, height=270)
    # The ground's colours are its own, so that the marks' shapes must be, to share their legend.
    chart: alt.LayerChart | alt.FacetChart = layers.resolve_scale(
        color="independent", shape="independent", size="independent"
    )
    return chart


def loss() -> alt.LayerChart | alt.FacetChart:
    """Draw the loss of training and held-out log-ins over time."""
    columns: list[str | alt.FieldName] = ["training", "held_out"]
    axis: dict[str, Any] = {
        "x": alt.X("epoch:Q")
        .title("Epoch")
        .scale(zero=True, nice=False)
        .axis(format="d", tickMinStep=1),
        "y": alt.Y("loss:Q").title("Loss").scale(type="log", nice=False).axis(tickCount=4),
    }
    colour = alt.Color("examples:N").scale(
        domain=list(SPLITS), range=["var(--explorable-c1)", "var(--explorable-c2)"]
    )
    dash = alt.StrokeDash("examples:N").scale(domain=list(SPLITS), range=[[1, 0], [5, 3]])
    lines = (
        alt.Chart(live("history"))
        .transform_fold(columns, as_=["split", "loss"])
        .transform_calculate(examples="datum.split === 'held_out' ? 'held out' : 'training'")
        .mark_line(strokeWidth=2)
        .encode(
            **axis,
            color=colour.legend(title=None, symbolType="stroke"),
            strokeDash=dash.legend(title=None),
        )
    )
    dots = (
        alt.Chart(live("now"))
        .mark_point(filled=True, size=45, opacity=1)
        .encode(**axis, color=colour.legend(title=None))
    )
    # Before anything is learned there is an axis all the same.
    first = alt.Chart(alt.InlineData(values=[{"epoch": 1, "loss": 1}])).encode(**axis)
    return alt.layer(lines, dots, first.mark_point(opacity=0)).properties(width=340, height=160)


def beside() -> alt.LayerChart | alt.FacetChart:
    """Draw which kinds of log-in ring the built autoencoder, and which the reader's."""
    return shares("groups", "model", ("built", "yours"), KINDS).properties(width=200, height=210)
