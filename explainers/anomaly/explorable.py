"""The anomaly desk, as a module that a reader can touch, and its three pictures."""

import altair as alt
import torch
from torch import Tensor

from explainers.anomaly.data import FIRST_THREAT, KINDS, desk_events, training_events
from explainers.anomaly.models import DETECTORS, detectors
from explainers.anomaly.refit import Refit
from explainers.anomaly.stream import Stream
from explainers.anomaly.verdicts import (
    LAST_HOUR,
    LAST_KM,
    OUTCOMES,
    TRUTHS,
    VERDICTS,
    outcome,
    outcomes,
    place,
    shares,
)
from site_builder import Choice, Explorable, Labels, Output, Rows, Slider, figure, live

__all__ = ["Anomaly", "Refit", "Stream"]

CELL_HOURS, CELL_KM = 1.0, 5.0


def cells() -> Tensor:
    """Return the lower corners, in hours and km, of the cells that tile the picture: (336, 2)."""
    hours = torch.arange(0.0, LAST_HOUR, CELL_HOURS)
    kms = torch.arange(0.0, LAST_KM, CELL_KM)
    return torch.cartesian_prod(hours, kms)


class Anomaly(Explorable):
    """Three detectors judge the same log-ins; the reader holds the alarm."""

    detector = Choice(*DETECTORS, label="Detector")
    threshold = Slider(0.0, 10.0, 3.0, step=0.1, label="Alarm threshold")
    hour = Slider(0.0, 24.0, 13.0, step=0.1, label="Your log-in: hour of the day")
    km = Slider(0.0, 70.0, 12.0, step=0.5, label="Your log-in: km from the office")

    events: Tensor
    kind: Tensor
    is_threat: Tensor
    corners: Tensor
    thresholds: Tensor
    training_count: Tensor

    def __init__(self) -> None:
        super().__init__()
        logins = desk_events()
        self.detectors = detectors()
        self.register_buffer("events", logins.events.float())
        self.register_buffer("kind", logins.kind)
        self.register_buffer("is_threat", logins.kind >= FIRST_THREAT)
        self.register_buffer("corners", cells())
        self.register_buffer("thresholds", torch.linspace(0.0, 10.0, 41))
        self.register_buffer("training_count", torch.tensor(len(training_events())))

    def forward(
        self, detector: Tensor, threshold: Tensor, hour: Tensor, km: Tensor
    ) -> dict[str, Output]:
        """Judge the desk's log-ins, every cell of the picture, and the reader's own log-in.

        Args:
            detector: (), int64 index into `DETECTORS`.
            threshold: (), float32, in standard deviations above ordinary.
            hour: (), float32, of the reader's own log-in.
            km: (), float32, of the reader's own log-in.
        """
        own = torch.stack([hour, km])[None, :]
        middles = self.corners + torch.tensor([CELL_HOURS / 2, CELL_KM / 2])
        every_score = self.detectors(torch.cat([self.events, middles, own]))  # (3, N + cells + 1)
        scores = every_score.index_select(0, detector.reshape(1))[0]
        alarms = scores > threshold
        count = len(self.events)
        alarm, own_alarm = alarms[:count], alarms[-1]

        # (3, N): what each detector, chosen or not, would do with the log-ins at this threshold.
        desk_scores = every_score[:, :count]
        rings = desk_scores > threshold
        caught = (rings & self.is_threat).sum(dim=1)
        false_alarms = (rings & ~self.is_threat).sum(dim=1)
        chosen = torch.arange(len(DETECTORS)) == detector

        return {
            "logins": Rows(
                hour=self.events[:, 0],
                km=self.events[:, 1],
                score=scores[:count],
                verdict=Labels(alarm.long(), VERDICTS),
                truth=Labels(self.is_threat.long(), TRUTHS),
                kind=Labels(self.kind, KINDS),
                outcome=Labels(outcomes(alarm, self.is_threat), OUTCOMES),
            ),
            "region": Rows(
                hour=self.corners[:, 0],
                hour_end=self.corners[:, 0] + CELL_HOURS,
                km=self.corners[:, 1],
                km_end=self.corners[:, 1] + CELL_KM,
                verdict=Labels(alarms[count:-1].long(), VERDICTS),
            ),
            "memory": self.remembered(detector),
            "mine": Rows(
                hour=own[:, 0],
                km=own[:, 1],
                score=scores[-1:],
                verdict=Labels(alarms[-1:].long(), VERDICTS),
            ),
            "curve": self.curve(desk_scores, chosen),
            "now": Rows(
                detector=Labels(torch.arange(len(DETECTORS)), DETECTORS),
                recall=caught / self.is_threat.sum(),
                precision=caught / (caught + false_alarms).clamp(min=1),
                alarms=caught + false_alarms,
                chosen=chosen,
            ),
            "groups": self.groups(rings),
            "score": scores[-1],
            "verdict": Labels(own_alarm.long(), VERDICTS),
            "caught": (alarm & self.is_threat).sum(),
            "missed": (~alarm & self.is_threat).sum(),
            "false_alarms": (alarm & ~self.is_threat).sum(),
            "alarms": alarm.sum(),
            "recall": (alarm & self.is_threat).sum() / self.is_threat.sum(),
            "precision": (alarm & self.is_threat).sum() / alarm.sum().clamp(min=1),
            "threats": self.is_threat.sum(),
            "ordinary": (~self.is_threat).sum(),
            "training_logins": self.training_count,
            "support_vectors": self.detectors.support_count,
            "k_means_caught": caught[0],
            "k_means_false_alarms": false_alarms[0],
            "k_means_score": every_score[0, -1],
            "svm_caught": caught[1],
            "svm_false_alarms": false_alarms[1],
            "svm_score": every_score[1, -1],
            "autoencoder_caught": caught[2],
            "autoencoder_false_alarms": false_alarms[2],
            "autoencoder_score": every_score[2, -1],
        }

    def remembered(self, detector: Tensor) -> Rows:
        """Return the places, in hours and km, that the chosen detector kept of its training."""
        places = self.detectors.memories.index_select(0, detector.reshape(1))[0]
        return Rows(hour=places[:, 0], km=places[:, 1])

    def curve(self, scores: Tensor, chosen: Tensor) -> Rows:
        """Follow precision and recall of all three detectors through the slider's whole range.

        Precision is the share of alarms that are threats, recall the share of threats that ring.
        Where nothing rings there is no precision; those rows have no alarms and are not drawn.

        Args:
            scores: (3, N), of the desk's log-ins.
            chosen: (3,) bool, the detector that the reader picked.
        """
        rings = scores[:, None, :] > self.thresholds[None, :, None]  # (3, 41, N)
        caught = (rings & self.is_threat).sum(dim=2)
        alarms = rings.sum(dim=2)
        steps = len(self.thresholds)
        return Rows(
            detector=Labels(torch.arange(len(DETECTORS)).repeat_interleave(steps), DETECTORS),
            threshold=self.thresholds.repeat(len(DETECTORS)),
            recall=(caught / self.is_threat.sum()).flatten(),
            precision=(caught / alarms.clamp(min=1)).flatten(),
            alarms=alarms.flatten(),
            chosen=chosen[:, None].expand(-1, steps).flatten(),
        )

    def groups(self, rings: Tensor) -> Rows:
        """Count, for each kind of log-in and each detector, the share that rings.

        Args:
            rings: (3, N) bool.
        """
        kinds = torch.arange(len(KINDS))
        members = self.kind[None, :] == kinds[:, None]  # (kinds, N)
        ringing = (rings[None, :, :] & members[:, None, :]).sum(dim=2)  # (kinds, 3)
        total = members.sum(dim=1)
        width = len(DETECTORS)
        return Rows(
            kind=Labels(kinds.repeat_interleave(width), KINDS),
            truth=Labels((kinds >= FIRST_THREAT).long().repeat_interleave(width), TRUTHS),
            detector=Labels(torch.arange(width).repeat(len(KINDS)), DETECTORS),
            alarms=ringing.flatten(),
            total=total.repeat_interleave(width),
            share=(ringing / total[:, None]).flatten(),
        )

    @figure(
        alt="Log-ins by hour of the day and distance from the office. A tinted region shows where "
        "the chosen detector would raise an alarm; marks show ordinary log-ins left alone, false "
        "alarms, threats missed and threats caught."
    )
    def scatter(self) -> alt.LayerChart | alt.FacetChart:
        """Draw the alarm region, the log-ins, what the detector remembers, and your log-in."""
        where = place()
        region = (
            alt.Chart(live("region"))
            .transform_filter("datum.verdict === 'alarm'")
            .mark_rect(color="var(--explorable-c2)", opacity=0.16)
            .encode(**where, x2="hour_end:Q", y2="km_end:Q")
        )
        logins = alt.Chart(live("logins")).mark_point(filled=True, opacity=0.9)
        memory = (
            alt.Chart(live("memory"))
            .mark_point(shape="cross", size=40, filled=True, color="var(--explorable-ink)")
            .encode(**where)
        )
        mine = alt.Chart(live("mine")).encode(**where)
        ring = mine.mark_point(size=190, strokeWidth=2.5, color="var(--explorable-ink)")
        you = mine.mark_text(text="you", dy=-16, fontSize=12, color="var(--explorable-ink)")
        layers = (region, logins.encode(**where, **outcome()), memory, ring, you)
        return alt.layer(*layers).properties(width=340, height=270)

    @figure(
        alt="Precision against recall for three detectors over all thresholds, with a dot on each "
        "curve at the present threshold. The chosen detector is drawn strongly."
    )
    def tradeoff(self) -> alt.LayerChart | alt.FacetChart:
        """Draw precision against recall, and where the threshold puts each detector on it."""
        colour = alt.Color("detector:N").scale(
            domain=list(DETECTORS),
            range=[f"var(--explorable-c{index})" for index in (1, 3, 4)],
        )
        strength = alt.Opacity("chosen:N").scale(domain=[False, True], range=[0.35, 1.0])
        place = {
            "x": alt.X("recall:Q")
            .title("Recall: share of threats caught")
            .scale(domain=[0, 1])
            .axis(format="%", tickCount=5),
            "y": alt.Y("precision:Q")
            .title("Precision: share of alarms that are threats")
            .scale(domain=[0, 1])
            .axis(format="%", tickCount=5),
            "color": colour.legend(title=None, orient="top", symbolOpacity=1),
            "opacity": strength.legend(None),
        }
        lines = (
            alt.Chart(live("curve"))
            .transform_filter("datum.alarms > 0")
            .mark_line(strokeWidth=2)
            .encode(order="threshold:Q", **place)
        )
        dots = (
            alt.Chart(live("now"))
            .transform_filter("datum.alarms > 0")
            .mark_point(filled=True, size=110)
            .encode(**place)
        )
        return alt.layer(lines, dots).properties(width=340, height=240)

    @figure(
        alt="A table of seven kinds of log-in by three detectors; each cell shows the share that "
        "rings the alarm at the present threshold."
    )
    def kinds(self) -> alt.LayerChart | alt.FacetChart:
        """Draw which kinds of log-in ring which detector."""
        return shares("groups", "detector", DETECTORS, KINDS).properties(width=285, height=210)
