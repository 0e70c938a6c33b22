"""The desk at work: log-ins arrive one by one, and three detectors race to judge them."""

from typing import ClassVar

import altair as alt
import torch
from torch import Tensor

from explainers.anomaly import stream_pictures as pictures
from explainers.anomaly.arrivals import PER_DAY, arrive
from explainers.anomaly.data import FIRST_THREAT, KINDS
from explainers.anomaly.models import DETECTORS, detectors
from explainers.anomaly.verdicts import OUTCOMES, TRUTHS, outcomes
from site_builder import (
    Choice,
    Explorable,
    Labels,
    Noise,
    Output,
    Rows,
    Seed,
    Slider,
    figure,
    live,
)

WINDOW = 60
"""How many log-ins are shown, and how many have arrived when the page opens."""

USUAL_SHARE = 8.0
"""Threats among the log-ins with which the page opens, %."""

STOPS = 101
"""Thresholds for which alarms are counted: every stop of the slider."""


class Stream(Explorable):
    """An endless day at the desk.

    Alarms are counted for every threshold at once, so that the reader who moves the threshold sees
    what it would have done since the first midnight.
    """

    threshold = Slider(0.0, 10.0, 3.0, step=0.1, label="Alarm threshold")
    share = Slider(0.0, 30.0, USUAL_SHARE, step=1.0, label="Threats among new log-ins, %")
    detector = Choice(*DETECTORS, label="The map is judged by")
    seed = Seed(1, label="Seed")

    first_chance = Noise((WINDOW, 3), "uniform")
    first_bell = Noise((WINDOW, 2))
    chance = Noise((1, 3), "uniform", every="step")
    bell = Noise((1, 2), every="step")

    strides: ClassVar = {"log-in": 1}

    stops: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.detectors = detectors()
        self.register_buffer("stops", torch.arange(STOPS) / 10)

    def start(self, first_chance: Tensor, first_bell: Tensor) -> dict[str, Tensor]:
        """Return the desk in the early afternoon of the first day.

        Args:
            first_chance: (WINDOW, 3), even between 0 and 1.
            first_bell: (WINDOW, 2), from a bell curve.
        """
        number = torch.arange(WINDOW)
        share = torch.tensor(USUAL_SHARE / 100)
        events, kind = arrive(number, share, first_chance, first_bell)
        scores = self.detectors(events)
        return {
            "arrived": torch.tensor(WINDOW),
            "events": events,
            "kind": kind,
            "scores": scores,
            "seen": self.members(kind).sum(dim=0),
            "rung": self.rung(scores, kind),
        }

    def step(
        self, state: dict[str, Tensor], share: Tensor, chance: Tensor, bell: Tensor
    ) -> dict[str, Tensor]:
        """Let one log-in arrive, and have it judged.

        Args:
            state: See `start`: ``arrived`` () int64; of the last WINDOW log-ins ``events``
                (WINDOW, 2), ``kind`` (WINDOW,) int64 and ``scores`` (3, WINDOW); of all of them
                ``seen`` (kinds,) and ``rung`` (3, stops, kinds), float32 counts.
            share: () float32, %.
            chance: (1, 3), even between 0 and 1.
            bell: (1, 2), from a bell curve.
        """
        events, kind = arrive(state["arrived"].reshape(1), share / 100, chance, bell)
        scores = self.detectors(events)
        return {
            "arrived": state["arrived"] + 1,
            "events": torch.cat([state["events"][1:], events]),
            "kind": torch.cat([state["kind"][1:], kind]),
            "scores": torch.cat([state["scores"][:, 1:], scores], dim=1),
            "seen": state["seen"] + self.members(kind).sum(dim=0),
            "rung": state["rung"] + self.rung(scores, kind),
        }

    def members(self, kind: Tensor) -> Tensor:
        """Tell of which kind each log-in is, (N,) int64, as ones among zeros: (N, kinds)."""
        return (kind[:, None] == torch.arange(len(KINDS))).float()

    def rung(self, scores: Tensor, kind: Tensor) -> Tensor:
        """Count alarms for every detector, stop of the threshold and kind: (3, stops, kinds).

        Args:
            scores: (3, N).
            kind: (N,) int64.
        """
        rings = scores[:, None, :] > self.stops[:, None]  # (3, stops, N)
        return rings.float() @ self.members(kind)

    def forward(
        self, state: dict[str, Tensor], threshold: Tensor, detector: Tensor
    ) -> dict[str, Output]:
        """Show the last log-ins, what each detector did with them, and the score so far.

        Args:
            state: See `step`.
            threshold: () float32, in standard deviations above ordinary.
            detector: () int64 index into `DETECTORS`.
        """
        threats = state["kind"] >= FIRST_THREAT
        fates = outcomes(state["scores"] > threshold, threats.expand(3, -1))  # (3, WINDOW)
        watched = fates.index_select(0, detector.reshape(1))[0]
        ago = torch.arange(1 - WINDOW, 1)
        which = torch.arange(len(DETECTORS))
        lanes = pictures.lane(which)

        stop = (threshold * 10).round().long()
        rung = state["rung"].index_select(1, stop.reshape(1))[:, 0].round().long()  # (3, kinds)
        seen = state["seen"].round().long()
        caught = rung[:, FIRST_THREAT:].sum(dim=1)
        missed = seen[FIRST_THREAT:].sum() - caught
        false_alarms = rung[:, :FIRST_THREAT].sum(dim=1)
        precision = caught / (caught + false_alarms).clamp(min=1)
        counts = torch.stack([caught, missed, false_alarms], dim=1)  # (3, 3)
        left, right = pictures.bars(counts)

        return {
            "race": Rows(
                ago=ago.repeat(len(DETECTORS)),
                detector=Labels(which.repeat_interleave(WINDOW), DETECTORS),
                score=state["scores"].flatten(),
                base=lanes.repeat_interleave(WINDOW),
                height=(lanes[:, None] + pictures.clipped(state["scores"])).flatten(),
                kind=Labels(state["kind"].repeat(len(DETECTORS)), KINDS),
                outcome=Labels(fates.flatten(), OUTCOMES),
            ),
            "lanes": Rows(
                detector=Labels(which, DETECTORS),
                height=lanes + threshold,
                top=lanes + pictures.HIGHEST,
            ),
            "tally": Rows(
                detector=Labels(which.repeat_interleave(3), DETECTORS),
                count=counts.flatten(),
                what=Labels(torch.arange(3).repeat(len(DETECTORS)), pictures.WHATS),
                left=left.flatten(),
                right=right.flatten(),
            ),
            "places": Rows(
                ago=ago,
                hour=state["events"][:, 0],
                km=state["events"][:, 1],
                kind=Labels(state["kind"], KINDS),
                outcome=Labels(watched, OUTCOMES),
            ),
            "arrived": state["arrived"],
            "day": (state["arrived"] - 1) // PER_DAY + 1,
            "per_day": torch.tensor(PER_DAY),
            "clock": state["events"][-1, 0],
            "latest": Labels(threats[-1].long(), TRUTHS),
            "threats": seen[FIRST_THREAT:].sum(),
            "ordinary": seen[:FIRST_THREAT].sum(),
            "on_late_trains": seen[1],
            "k_means_caught": caught[0],
            "k_means_missed": missed[0],
            "k_means_false_alarms": false_alarms[0],
            "k_means_precision": precision[0],
            "svm_caught": caught[1],
            "svm_missed": missed[1],
            "svm_false_alarms": false_alarms[1],
            "svm_precision": precision[1],
            "autoencoder_caught": caught[2],
            "autoencoder_missed": missed[2],
            "autoencoder_false_alarms": false_alarms[2],
            "autoencoder_precision": precision[2],
            "k_means_late": rung[0, 1],
            "svm_late": rung[1, 1],
            "autoencoder_late": rung[2, 1],
        }

    @figure(
        alt="Three lanes, one for each detector, over the same sixty log-ins, the newest at the "
        "right. Each mark is as high as the detector's score; a line across the lane is the "
        "threshold. Marks tell ordinary log-ins left alone, false alarms, threats missed and "
        "threats caught."
    )
    def race(self) -> alt.LayerChart | alt.FacetChart:
        """Draw each detector's score of the last log-ins."""
        return pictures.race(live("race"), live("lanes"), WINDOW)

    @figure(
        alt="Bars for each of the three detectors: threats caught, threats missed and false alarms "
        "since the first midnight."
    )
    def tally(self) -> alt.LayerChart | alt.FacetChart:
        """Draw what each detector has caught, missed and rung for nothing."""
        return pictures.tally(live("tally"))

    @figure(
        alt="The last sixty log-ins by hour of the day and distance from the office; the older, "
        "the fainter. A ring marks the newest. Marks tell what the chosen detector did."
    )
    def whereabouts(self) -> alt.LayerChart | alt.FacetChart:
        """Draw when and where the last log-ins were."""
        return pictures.places(live("places"))
