"""What the page shows of the race: paths, heights, who is ahead, and what was measured before."""

import torch
from torch import Tensor

from explainers.momentum.learned import EPOCHS, HIDDEN, Learned
from explainers.momentum.models import GOAL, STARTS, STEPS, League, Tuned
from explainers.momentum.racers import RACERS, WRITTEN, at_start, onward
from explainers.momentum.surfaces import EDGE, SURFACES, height, slope
from site_builder import Field, Labels, Output, Rows

State = dict[str, Tensor]

PACES = ("0.1", "0.3", "1", "3", "10")
"""What all learning rates are multiplied by."""

NOBODY = (*RACERS, "nobody")
CELLS = 120
"""Along each side of the painted ground."""

LOWEST, HIGHEST = 1e-7, 1e2
"""Heights are drawn no lower, and no higher, than these."""

EARLY, THIN = 50, 5
"""Of a path all the first steps are drawn, and then each fifth."""


def begun(begin: Tensor) -> State:
    """Return all racers at the start.

    Args:
        begin: (2,).

    Returns:
        ``count`` () int64; ``places`` (7, 2); ``track`` (STEPS + 1, 7, 2), where they were; and
        their memories, as `racers.at_start` has them.
    """
    places, slots = at_start(begin)
    track = places.expand(STEPS + 1, -1, -1).clone()
    return {"count": torch.zeros((), dtype=torch.int64), "places": places, "track": track, **slots}


def after_step(
    state: State,
    surface: Tensor,
    pace: Tensor,
    noise: Tensor,
    learned: Learned,
    rates: Tensor,
) -> State:
    """Let everybody take a step.

    Args:
        state: See `begun`.
        surface: () int64 index into `SURFACES`.
        pace: () int64 index into `PACES`.
        noise: (STEPS, 2), what is added to everybody's slope.
        learned: The learned optimiser.
        rates: (6,), learning rates of the others.
    """
    count = state["count"].reshape(1)
    slots = {name: slot for name, slot in state.items() if "." in name}
    slopes = slope(state["places"], surface) + noise.index_select(0, count)
    places, slots = onward(state["places"], slots, slopes, learned, rates, pace_of(pace))
    track = state["track"].index_put((count + 1,), places[None])
    return {"count": state["count"] + 1, "places": places, "track": track, **slots}


def pace_of(pace: Tensor) -> Tensor:
    """Return the number that a choice of `PACES` says: ()."""
    numbers = torch.tensor([float(word) for word in PACES])
    return numbers.index_select(0, pace.reshape(1))[0]


def ground_of(surface: Tensor) -> Field:
    """Return the chosen surface, as steps of its logarithm, so that contours are seen.

    Args:
        surface: () int64 index into `SURFACES`.
    """
    middles = ((torch.arange(CELLS) + 0.5) / CELLS * 2 - 1) * EDGE
    y, x = torch.meshgrid(-middles, middles, indexing="ij")
    levels = (height(torch.stack([x, y], dim=-1), surface) + 1e-3).log10()
    return Field((levels * 4).floor() / 4, (-EDGE, EDGE), (-EDGE, EDGE))


def course_of(state: State, surface: Tensor, moment: Tensor, field: Tensor) -> dict[str, Output]:
    """Show where everybody went, how low they were on the way, and who is lowest.

    Args:
        state: See `begun`.
        surface: () int64 index into `SURFACES`.
        moment: (), steps taken.
        field: (k,) int64, who is shown, as indices into `RACERS`.
    """
    at, racers = moment.long(), torch.arange(len(RACERS))
    shown = (field[None, :] == racers[:, None]).any(dim=1)  # (7,)
    track = state["track"]
    heights = height(track, surface)  # (STEPS + 1, 7)
    drawn = torch.cat([torch.arange(EARLY), torch.arange(EARLY, STEPS + 1, THIN)])
    path = track.index_select(0, drawn.minimum(at))
    sparse = torch.arange(0, STEPS + 1, THIN)
    curve = heights.index_select(0, sparse)
    now = track.index_select(0, at.reshape(1))[0]
    present = heights.index_select(0, at.reshape(1))[0]
    leader = torch.where(shown, present, torch.inf).argmin()
    step = torch.arange(STEPS + 1)[:, None]
    sooner = torch.where(heights < GOAL, step, STEPS + 1).amin(dim=0)  # (7,)
    soonest = torch.where(shown, sooner, STEPS + 1)
    winner = torch.where(soonest.amin(dim=0) > STEPS, len(RACERS), soonest.argmin())

    def words(count: int) -> Labels:
        return Labels(racers.repeat(count), RACERS)

    return {
        "ground": ground_of(surface),
        "path": Rows(
            step=drawn.minimum(at).repeat_interleave(len(RACERS)),
            x=path[..., 0].flatten(),
            y=path[..., 1].flatten(),
            racer=words(len(drawn)),
            shown=shown.repeat(len(drawn)),
        ),
        "now": Rows(
            x=now[:, 0],
            y=now[:, 1],
            step=at.expand(len(RACERS)),
            height=present.clamp(LOWEST, HIGHEST),
            racer=words(1),
            shown=shown,
        ),
        "curve": Rows(
            step=sparse.repeat_interleave(len(RACERS)),
            height=curve.clamp(LOWEST, HIGHEST).flatten(),
            racer=words(len(sparse)),
            shown=shown.repeat(len(sparse)),
        ),
        "leader": Labels(leader, RACERS),
        "winner": Labels(winner, NOBODY),
        **{f"height_{name.lower()}": present[i] for i, name in enumerate(RACERS)},
    }


def measured(tuned: Tuned, league: League, pace: Tensor) -> dict[str, Output]:
    """Show what was measured when the page was built: rates, scores, and who wins where.

    Args:
        tuned: Learning rates and scores on the practice ground.
        league: Who wins where.
        pace: () int64 index into `PACES`.
    """
    rates = tuned.rates * pace_of(pace)
    rows, count = torch.arange(len(SURFACES)), len(RACERS)
    most = league.first.argmax(dim=1)  # (4,), who is first most often
    numbers: dict[str, Output] = {"wins_learned": (most == RACERS.index("learned")).sum()}
    for at, name in enumerate(SURFACES):
        word = name.lower().replace(" ", "_")
        numbers[f"arrived_{word}"] = league.arrived[at, -1]
        numbers[f"first_{word}"] = league.first[at, -1]
        numbers[f"most_{word}"] = Labels(most[at], RACERS)
    return {
        "league": Rows(
            surface=Labels(rows.repeat_interleave(count), SURFACES),
            racer=Labels(torch.arange(count).repeat(len(SURFACES)), RACERS),
            arrived=(league.arrived / STARTS).flatten(),
            first=(league.first / STARTS).flatten(),
        ),
        "starts": torch.tensor(STARTS),
        "steps": torch.tensor(STEPS),
        "descents": torch.tensor(EPOCHS),
        "memory": torch.tensor(HIDDEN),
        **{f"rate_{name.lower()}": rates[i] for i, name in enumerate(WRITTEN)},
        **{f"score_{name.lower()}": tuned.scores[i] for i, name in enumerate(RACERS)},
        **numbers,
    }
