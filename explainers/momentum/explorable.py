"""Three modules that a reader can touch: a ravine and its parts, a chain of springs, and a race."""

import altair as alt
from torch import Tensor

from explainers.momentum import chain, lanes, pictures, race, race_pictures
from explainers.momentum.chain import BEADS
from explainers.momentum.lanes import HEIGHT, WIDTH
from explainers.momentum.learned import learned_optimiser
from explainers.momentum.models import STEPS, league, tuned
from explainers.momentum.race import PACES
from explainers.momentum.racers import RACERS
from explainers.momentum.surfaces import EDGE, SURFACES
from site_builder import Choice, Choices, Explorable, Noise, Output, Point, Slider, figure

State = dict[str, Tensor]


class Momentum(Explorable):
    """A ravine in its own axes: its curvature is 1 across and 1 / kappa along."""

    rate = Slider(0.05, 4.0, 0.6, step=0.05, label="Step size s")
    beta = Slider(0.0, 0.99, 0.8, step=0.01, label="Momentum β")
    kappa = Slider(2.0, 200.0, 50.0, step=1.0, label="Condition number κ")
    moment = Slider(0.0, float(lanes.STEPS), 40.0, step=1.0, label="Steps taken")
    begin = Point(
        x=(-WIDTH, WIDTH), y=(-HEIGHT, HEIGHT), default=(-1.7, 0.3), label="Where it begins"
    )
    place = Point(x=(0, 4), y=(0, 1), default=(0.3, 0.7), label="Place on the map")

    ahead = lanes.STEPS

    def start(self) -> State:
        """Return all courses at their beginning."""
        return lanes.at_start()

    def step(
        self, state: State, rate: Tensor, beta: Tensor, kappa: Tensor, moment: Tensor, place: Tensor
    ) -> State:
        """Take a step in every lane."""
        a, betas = lanes.settings(rate, beta, kappa, place)
        return lanes.after_step(state, a, betas, moment)

    def forward(
        self,
        state: State,
        rate: Tensor,
        beta: Tensor,
        kappa: Tensor,
        moment: Tensor,
        begin: Tensor,
        place: Tensor,
    ) -> dict[str, Output]:
        """Show the ravine, its parts, the map, the spectrum and the rates."""
        return {
            **lanes.ravine_of(state, kappa, begin, moment),
            **lanes.map_of(state, rate, beta, kappa, place),
            **lanes.spectrum_of(state, kappa, moment),
            **lanes.rates_of(state, rate, beta, kappa),
        }

    @figure(
        alt="A long tilted ravine with contours. Two paths begin at a ring: one with momentum, "
        "which swings across and runs along the floor, and one without, which lags behind."
    )
    def ravine(self) -> alt.LayerChart | alt.FacetChart:
        """Draw both paths on the ground."""
        return pictures.ravine()

    @figure(
        alt="The size of the error's two parts, along and across the ravine, step by step on a "
        "logarithmic scale, with momentum and without."
    )
    def parts(self) -> alt.LayerChart | alt.FacetChart:
        """Draw how each part of the error shrinks."""
        return pictures.parts()

    @figure(
        alt="A map of step size times curvature against momentum, darker where the error shrinks "
        "faster, with regions named ripples, monotone decrease, bounces and divergence, a ring "
        "that can be moved, and below it the course of the error at the ring."
    )
    def map(self) -> alt.VConcatChart:
        """Draw the map of regimes and the course at the reader's place."""
        return pictures.regimes()

    @figure(
        alt="What is left of the error at each curvature between 0 and 1, on a logarithmic scale: "
        "with momentum as set, with the best plain descent, and at the bound of all methods."
    )
    def spectrum(self) -> alt.LayerChart | alt.FacetChart:
        """Draw the polynomials over the spectrum."""
        return pictures.spectrum()


class Chain(Explorable):
    """Beads on springs: news of the pulled end travels one link a step."""

    size = Slider(0.1, 1.2, 0.95, step=0.05, label="Step size s")
    push = Slider(0.0, 0.99, 0.9, step=0.01, label="Momentum β")
    moment = Slider(0.0, float(chain.STEPS), 12.0, step=1.0, label="Steps taken")

    ahead = chain.STEPS

    def start(self) -> State:
        """Return a chain at rest."""
        return chain.at_start()

    def step(self, state: State, size: Tensor, push: Tensor) -> State:
        """Take a step of descent with momentum."""
        return chain.after_step(state, size, push)

    def forward(self, state: State, moment: Tensor) -> dict[str, Output]:
        """Show the chain now, and at every step."""
        return chain.shown(state, moment)

    @figure(
        alt=f"Above, the heights of {BEADS} beads at one step: those far from the pulled end have "
        "not moved. Below, all heights step by step: a slanted front, beyond which all is still."
    )
    def beads(self) -> alt.VConcatChart:
        """Draw the beads, and the front over time."""
        return pictures.beads()


class Race(Explorable):
    """Seven optimisers go down one surface from one place."""

    surface = Choice(*SURFACES, default="Rosenbrock", label="Surface")
    begin = Point(x=(-EDGE, EDGE), y=(-EDGE, EDGE), default=(-1.5, 0.3), label="Start")
    moment = Slider(0.0, float(STEPS), float(STEPS), step=1.0, label="Steps taken")
    pace = Choice(*PACES, default="1", label="All learning rates times")
    noise = Slider(0.0, 1.0, 0.0, step=0.05, label="Noise on the slopes")
    racers = Choices(*RACERS, default=RACERS, label="On the track")

    chance = Noise((STEPS, 2))

    ahead = STEPS

    def __init__(self) -> None:
        super().__init__()
        self.learned = learned_optimiser()
        self.tuned = tuned()
        self.league = league()

    def start(self, begin: Tensor) -> State:
        """Return everybody at the start."""
        return race.begun(begin)

    def step(
        self, state: State, surface: Tensor, pace: Tensor, noise: Tensor, chance: Tensor
    ) -> State:
        """Let everybody take a step."""
        rates = self.tuned.rates
        return race.after_step(state, surface, pace, noise * chance, self.learned, rates)

    def forward(
        self, state: State, surface: Tensor, moment: Tensor, pace: Tensor, racers: Tensor
    ) -> dict[str, Output]:
        """Show the race so far."""
        return {
            **race.course_of(state, surface, moment, racers),
            **race.measured(self.tuned, self.league, pace),
        }

    @figure(
        alt="A surface with contours, and the paths of the optimisers down it from a common start, "
        "each with a mark where it is now."
    )
    def paths(self) -> alt.LayerChart | alt.FacetChart:
        """Draw the paths on the surface."""
        return race_pictures.paths()

    @figure(
        alt="How high each optimiser is at every step, on a logarithmic scale; a dashed line marks "
        "the height that counts as arrived."
    )
    def heights(self) -> alt.LayerChart | alt.FacetChart:
        """Draw the heights over the steps."""
        return race_pictures.heights()

    @figure(
        alt="A table of four surfaces by seven optimisers: from which share of the starts each "
        "arrives in time, and from which share it is first."
    )
    def standings(self) -> alt.LayerChart | alt.FacetChart:
        """Draw who wins where."""
        return race_pictures.standings()
