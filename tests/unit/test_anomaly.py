"""The anomaly desk: log-ins arrive as they were drawn, and the reader trains as PyTorch does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from explainers.anomaly import arrivals, refit, stream
from explainers.anomaly.arrivals import LATE_EVERY, PER_DAY, arrive
from explainers.anomaly.data import (
    FIRST_THREAT,
    HOME_KM,
    KINDS,
    THREATS,
    desk_events,
    late_train,
    ordinary_day,
    train_in,
    training_events,
)
from explainers.anomaly.models import Autoencoder, Detectors, KMeans, OneClassSVM
from explainers.anomaly.network import NAMES, initial, losses, rebuilt, squeezed, strands
from explainers.anomaly.refit import BATCH, COUNT, RATES, SLIPS, Refit
from explainers.anomaly.stream import WINDOW, Stream
from explainers.anomaly.verdicts import OUTCOMES
from site_builder.programs import Run

DAYS = 3000


@pytest.fixture(autouse=True)
def fitted(monkeypatch: pytest.MonkeyPatch) -> Detectors:
    """Detectors that nobody has trained, in place of the reference model."""
    torch.manual_seed(0)
    places = torch.tensor([[-1.5, 0.6], [0.0, -1.0], [1.4, 0.6], [-0.2, 2.5]])
    machine = OneClassSVM(places, torch.full((4,), 0.25), torch.tensor(0.1))
    events = training_events().float()
    built = Detectors(KMeans(places), machine, Autoencoder(), events).eval()
    for module in (refit, stream):
        monkeypatch.setattr(module, "detectors", lambda: built)
    return built


def inputs(cls: Any, **chosen: Any) -> dict[str, Any]:
    return {name: spec.default for name, spec in cls.inputs.items()} | chosen


class Reader:
    """Somebody who has chosen, plays, and looks."""

    def __init__(self, cls: Any, **chosen: Any) -> None:
        self.run = Run(cls().eval(), inputs(cls, **chosen))
        self.state: dict[str, Tensor] = self.run.start()

    def play(self, steps: int) -> Reader:
        for _ in range(steps):
            self.state = self.run.step()
        return self

    def look(self, **chosen: Any) -> Mapping[str, Any]:
        self.run.values = {**self.run.values, **chosen}
        outputs: Mapping[str, Any] = self.run.forward()
        return outputs


def drawn(days: int, share: float, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Events (N, 2) and kinds (N,) of whole days."""
    generator = torch.Generator().manual_seed(seed)
    count = days * PER_DAY
    chance = torch.rand(count, 3, generator=generator)
    bell = torch.randn(count, 2, generator=generator)
    return arrive(torch.arange(count), torch.tensor(share), chance, bell)


def alike(found: Tensor, wanted: Tensor) -> None:
    """Two samples (N, 2) have the same means and deviations, but for chance."""
    assert len(found) > 500
    deviation = wanted.std(dim=0)
    assert ((found.mean(dim=0) - wanted.mean(dim=0)) / deviation).abs().max() < 0.1
    assert (found.std(dim=0) / deviation - 1).abs().max() < 0.1


def test_log_ins_arrive_in_the_order_of_the_day() -> None:
    events, _ = drawn(200, 0.2)
    hours = events[:, 0].reshape(200, PER_DAY)
    assert bool((hours.diff(dim=1) >= 0).all())
    assert 0 <= float(hours.min()) < float(hours.max()) < 24


def test_what_arrives_on_many_days_is_what_the_desk_was_drawn_from() -> None:
    generator = torch.Generator().manual_seed(1)
    events, kind = drawn(DAYS, 0.15)
    punctual = torch.arange(len(kind)) // PER_DAY % LATE_EVERY != 1
    alike(events[(kind == 0) & punctual], ordinary_day(20_000, generator))
    for at, threat in enumerate(THREATS, FIRST_THREAT):
        alike(events[kind == at], threat(20_000, generator))
    # The jitter of a late train is in its place here, and not in its hour.
    late = events[kind == 1].mean(dim=0)
    assert torch.allclose(late.double(), late_train(20_000, generator).mean(dim=0), atol=0.4)


def test_trains_are_as_punctual_as_those_of_the_data() -> None:
    """Half-way through the ride, the distance is spread around the timetable's as it is there."""
    events, kind = drawn(DAYS, 0.0)
    wanted = train_in(200_000, torch.Generator().manual_seed(1))

    def spread(rides: Tensor) -> float:
        hour, km = rides.unbind(dim=1)
        middle = ((hour - 7.75).abs() < 0.1) & (km < 30)
        return float((km - HOME_KM * (8.5 - hour) / 1.5)[middle].std())

    assert spread(events[kind == 0]) == pytest.approx(spread(wanted), rel=0.1)


@pytest.mark.parametrize("share", [0.0, 0.08, 0.3])
def test_as_many_are_threats_as_was_asked_for_and_of_every_kind_alike(share: float) -> None:
    _, kind = drawn(DAYS, share)
    shares = torch.bincount(kind, minlength=len(KINDS)) / len(kind)
    assert float(shares[FIRST_THREAT:].sum()) == pytest.approx(share, abs=0.004)
    assert shares[FIRST_THREAT:].tolist() == pytest.approx([share / 5] * 5, abs=0.003)


def test_on_the_second_of_three_days_the_evening_train_is_late() -> None:
    events, kind = drawn(DAYS, 0.0)
    late_day = torch.arange(len(kind)) // PER_DAY % LATE_EVERY == 1
    assert bool(late_day[kind == 1].all())
    evening = (events[:, 0] > 17.6) & (events[:, 0] < 18.9)
    assert not bool((evening & late_day).any())
    assert bool((evening & ~late_day).any())


def test_every_habit_of_the_data_is_in_the_day() -> None:
    shares = sum(habit.share for habit in arrivals.DAY if habit.kind == 0)
    assert shares == pytest.approx(1.0)
    assert arrivals.DAY[arrivals.LATE].share == arrivals.DAY[arrivals.ON_TIME].share
    assert {habit.kind for habit in arrivals.DAY} == set(range(len(KINDS)))


class PyTorch:
    """The same autoencoder and training, as one writes them with `torch.nn` and `torch.optim`."""

    def __init__(self, state: Mapping[str, Tensor], rate: float) -> None:
        linears = []
        for name in NAMES:
            matrix = state[name]
            linear = nn.Linear(len(matrix) - 1, matrix.shape[1])
            linear.weight.data, linear.bias.data = matrix[:-1].T.clone(), matrix[-1].clone()
            linears.append(linear)
        first, second, third, fourth = linears
        self.net = nn.Sequential(first, nn.Tanh(), second, third, nn.Tanh(), fourth)
        self.adam = torch.optim.Adam(self.net.parameters(), lr=rate)

    def train(self, events: Tensor, steps: int) -> PyTorch:
        for step in range(steps):
            rows = (step * BATCH + torch.arange(BATCH)) % len(events)
            self.adam.zero_grad()
            loss = (self.net(events[rows]) - events[rows]).square().sum(dim=1).mean()
            loss.backward()
            self.adam.step()
        return self

    def matrices(self) -> dict[str, Tensor]:
        linears = [layer for layer in self.net if isinstance(layer, nn.Linear)]
        joined = [torch.cat([one.weight.T, one.bias[None]]).detach() for one in linears]
        return dict(zip(NAMES, joined, strict=True))


def lessons(reader: Reader) -> Tensor:
    """What a reader's autoencoder is trained on: (COUNT, 2), standardised."""
    explorable, values = reader.run.explorable, reader.run.values
    assert isinstance(explorable, Refit)
    noises = [Refit.noises[n].draw(values["seed"]) for n in ("order", "slots")]
    share, slipped = torch.tensor(values["share"]), torch.tensor(values["slipped"])
    return explorable.lessons(share, slipped, *map(torch.as_tensor, noises))


def trained(epochs: int, **chosen: Any) -> Mapping[str, Any]:
    """What the page shows after many epochs, taken by PyTorch, which is quicker without a graph.

    Twenty steps of both are compared below.
    """
    reader = Reader(Refit, **chosen)
    rate = float(RATES[reader.run.values["rate"]])
    torch.set_num_threads(1)
    learned = PyTorch(reader.state, rate).train(lessons(reader), epochs * COUNT // BATCH)
    reader.run.state = {**reader.state, **learned.matrices()}
    return reader.look()


CASES: dict[str, dict[str, Any]] = {
    "as it opens": {},
    "two numbers": {"bottleneck": 1},
    "one unit": {"hidden": 1},
    "sixteen units": {"hidden": 16, "bottleneck": 1},
    "a fast rate": {"rate": RATES.index("0.1")},
    "threats of every kind": {"share": 10.0},
    "one kind of threat": {"share": 5.0, "slipped": 3},
    "another seed": {"seed": 9},
}


@pytest.mark.parametrize("name", CASES)
def test_twenty_steps_are_those_of_torch_nn_and_torch_optim(name: str) -> None:
    reader = Reader(Refit, **CASES[name])
    pytorch = PyTorch(reader.state, float(RATES[reader.run.values["rate"]]))
    pytorch.train(lessons(reader), 20)
    reader.play(20)
    for key, wanted in pytorch.matrices().items():
        torch.testing.assert_close(reader.state[key], wanted, rtol=1e-4, atol=1e-5)


def test_weights_start_as_those_of_pytorchs_layers_do() -> None:
    draws = torch.rand(4, 17, 16)
    for hidden, codes in ((1, 1), (8, 1), (16, 2)):
        found = initial(draws, torch.arange(hidden), codes)
        sizes = [(2, hidden), (hidden, codes), (codes, hidden), (hidden, 2)]
        for matrix, (before, after) in zip(found.values(), sizes, strict=True):
            assert tuple(matrix.shape) == (before + 1, after)
            assert float(matrix.abs().max()) <= before**-0.5
    few, many = (initial(draws, torch.arange(n), 1)["squeeze_in"] for n in (3, 9))
    assert torch.equal(few, many[:, :3])


@pytest.mark.parametrize("codes", [1, 2])
def test_copies_lie_on_the_line_or_in_the_net_that_is_drawn(codes: int) -> None:
    weights = initial(torch.rand(4, 17, 16) * 2, torch.arange(8), codes)
    events = torch.randn(50, 2)
    copies = rebuilt(weights, squeezed(weights, events))
    wanted = (events - copies).square().sum(dim=1)
    torch.testing.assert_close(losses(weights, events), wanted)
    places, strand = strands(weights, events, codes)
    assert len(strand) == len(places)
    assert len(set(strand.tolist())) == (1 if codes == 1 else 14)
    if codes == 1:
        steps = (places[1:] - places[:-1]).norm(dim=1).max()
        assert float(torch.cdist(copies, places).amin(dim=1).max()) <= float(steps)


def test_scores_and_counts_are_those_of_the_network_counted_in_deviations() -> None:
    reader = Reader(Refit, share=4.0, slipped=1, threshold=1.5).play(30)
    outputs, desk = reader.look(), desk_events()
    net = PyTorch(reader.state, 0.1).net
    events, explorable = lessons(reader), reader.run.explorable
    assert isinstance(explorable, Refit)
    with torch.no_grad():
        usual = (net(events) - events).norm(dim=1)
        met = (desk.events.float() - explorable.mean) / explorable.deviation
        scores = ((net(met) - met).norm(dim=1) - usual.mean()) / usual.std()
    torch.testing.assert_close(outputs["logins"].columns["score"], scores, rtol=1e-3, atol=1e-3)
    alarm, threat = scores > 1.5, desk.kind >= FIRST_THREAT
    assert int(outputs["caught"]) == int((alarm & threat).sum())
    assert int(outputs["false_alarms"]) == int((alarm & ~threat).sum())
    torch.testing.assert_close(outputs["train_loss"], usual.square().mean(), rtol=1e-4, atol=1e-5)
    held_out = met[desk.kind == 0]
    with torch.no_grad():
        wanted = (net(held_out) - held_out).square().sum(dim=1).mean()
    torch.testing.assert_close(outputs["held_loss"], wanted, rtol=1e-4, atol=1e-5)


def test_the_ground_is_judged_where_it_is_drawn() -> None:
    """A field's first row is at the top; each value is that of the middle of its cell."""
    reader = Reader(Refit, threshold=1.0).play(40)
    ground = reader.look()["ground"]
    explorable, net = reader.run.explorable, PyTorch(reader.state, 0.1).net
    assert isinstance(explorable, Refit)
    rows, columns = ground.values.shape
    corners = [(0, 0), (0, columns - 1), (rows - 1, 0), (rows - 1, columns - 1), (9, 30)]
    (left, right), (bottom, top) = ground.x, ground.y
    for row, column in corners:
        hour = left + (column + 0.5) / columns * (right - left)
        km = top - (row + 0.5) / rows * (top - bottom)
        place = (torch.tensor([[hour, km]]) - explorable.mean) / explorable.deviation
        with torch.no_grad():
            events = lessons(reader)
            usual = (net(events) - events).norm(dim=1)
            score = ((net(place) - place).norm() - usual.mean()) / usual.std()
        wanted = float((score - 1.0).clamp(-1, 12))
        assert float(ground.values[row, column]) == pytest.approx(wanted, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("slipped", range(len(SLIPS)))
def test_threats_of_the_chosen_kind_take_the_places_of_ordinary_log_ins(slipped: int) -> None:
    few, more = (Reader(Refit, share=share, slipped=slipped) for share in (3.0, 10.0))
    clean, some, many = (lessons(r) for r in (Reader(Refit), few, more))
    changed = [(one != clean).any(dim=1) for one in (some, many)]
    assert [int(each.sum()) for each in changed] == [12, 40]
    assert int(few.look()["slipped_in"]) == 12
    assert bool(changed[1][changed[0]].all())
    assert torch.equal(some[changed[0]], many[changed[0]])
    explorable = few.run.explorable
    assert isinstance(explorable, Refit)
    kinds = [int((explorable.threats == each).all(dim=1).nonzero()) // 40 for each in
             many[changed[1]]]  # fmt: skip
    wanted = range(5) if slipped == 0 else [slipped - 1]
    assert sorted(kinds) == sorted(40 // len(wanted) * list(wanted))
    shown = more.look()["slips"].columns
    assert int(shown["used"].sum()) == 40


def test_clean_training_data_holds_every_ordinary_log_in_once() -> None:
    explorable, found = Refit(), lessons(Reader(Refit))
    assert sorted(found.tolist()) == sorted(explorable.ordinary.tolist())


def share_of(outputs: Mapping[str, Any], kind: str) -> float:
    """The share of a kind of log-in that rings the reader's autoencoder."""
    return float(outputs["groups"].columns["share"][2 * KINDS.index(kind) + 1])


@pytest.mark.slow
def test_stopping_early_gives_fewer_false_alarms_as_the_page_says() -> None:
    early, late = trained(50), trained(200)
    assert int(early["caught"]) >= 21
    assert 3 <= int(early["false_alarms"]) <= 6
    assert int(late["caught"]) == 25
    assert int(late["false_alarms"]) > 2 * int(early["false_alarms"])
    for loss in ("train_loss", "held_loss"):
        assert 0.2 < float(late[loss] / early[loss]) < 0.45
    assert share_of(early, "late train") < 0.3
    assert share_of(late, "late train") > 0.6


@pytest.mark.slow
def test_an_autoencoder_learns_to_repeat_threats_as_the_page_says() -> None:
    assert share_of(trained(200, share=5.0, slipped=3), "before dawn") == 0
    assert share_of(trained(200, share=2.0, slipped=2), "desk at night") < 0.5


@pytest.mark.slow
def test_two_numbers_copy_better_and_catch_less_as_the_page_says() -> None:
    one, two = trained(200), trained(200, bottleneck=1)
    assert float(two["train_loss"]) < 0.25 * float(one["train_loss"])
    assert int(two["caught"]) < int(one["caught"])
    assert share_of(two, "midday gap") < 0.5


@pytest.mark.slow
def test_two_units_and_seed_three_do_what_the_page_says() -> None:
    two_units, third = trained(200, hidden=2), trained(200, seed=3)
    assert int(two_units["caught"]) < 15
    assert share_of(third, "late train") <= 0.2


def events_of(seed: int, count: int, share: float) -> tuple[Tensor, Tensor]:
    """Everything that has arrived after some ticks, drawn again from the noise."""
    opening = [torch.as_tensor(Stream.noises[n].draw(seed)) for n in ("first_chance", "first_bell")]
    found = [arrive(torch.arange(WINDOW), torch.tensor(0.08), *opening)]
    for step in range(count):
        noise = [torch.as_tensor(Stream.noises[n].draw(seed, step)) for n in ("chance", "bell")]
        found.append(arrive(torch.tensor([WINDOW + step]), torch.tensor(share / 100), *noise))
    events, kinds = zip(*found, strict=True)
    return torch.cat(events), torch.cat(kinds)


@pytest.mark.parametrize("threshold", [0.0, 1.3, 3.0, 10.0])
def test_the_streams_counts_are_those_of_judging_every_log_in_again(
    threshold: float, fitted: Detectors
) -> None:
    """Until the second evening is over, when the train is late."""
    steps = 2 * PER_DAY - WINDOW
    reader = Reader(Stream, share=20.0, seed=5, threshold=threshold).play(steps)
    outputs = reader.look()
    events, kinds = events_of(5, steps, 20.0)
    rings, threat = fitted(events) > threshold, kinds >= FIRST_THREAT
    assert int(outputs["arrived"]) == len(kinds) == 2 * PER_DAY
    assert int(outputs["on_late_trains"]) == int((kinds == 1).sum()) > 5
    assert int(outputs["threats"]) == int(threat.sum())
    assert int(outputs["ordinary"]) == int((~threat).sum())
    for at, name in enumerate(("k_means", "svm", "autoencoder")):
        assert int(outputs[f"{name}_caught"]) == int((rings[at] & threat).sum())
        assert int(outputs[f"{name}_missed"]) == int((~rings[at] & threat).sum())
        assert int(outputs[f"{name}_false_alarms"]) == int((rings[at] & ~threat).sum())
        assert int(outputs[f"{name}_late"]) == int((rings[at] & (kinds == 1)).sum())
        worth = threat[rings[at]].float().mean() if rings[at].any() else torch.tensor(0.0)
        torch.testing.assert_close(outputs[f"{name}_precision"], worth)


def test_a_tick_adds_one_log_in_at_the_right_and_drops_the_oldest() -> None:
    reader = Reader(Stream)
    before = reader.state
    after = reader.play(1).state
    assert int(after["arrived"]) == int(before["arrived"]) + 1
    for name, dim in (("events", 0), ("kind", 0), ("scores", 1)):
        kept = before[name].narrow(dim, 1, WINDOW - 1)
        assert torch.equal(after[name].narrow(dim, 0, WINDOW - 1), kept)
    assert int(after["seen"].sum()) == WINDOW + 1


def test_the_race_and_the_map_tell_what_becomes_of_each_log_in(fitted: Detectors) -> None:
    reader = Reader(Stream, detector=2, threshold=0.5).play(7)
    outputs = reader.look()
    rings, threat = reader.state["scores"] > 0.5, reader.state["kind"] >= FIRST_THREAT
    wanted = rings.long() + 2 * threat.long()
    race = outputs["race"].columns
    assert race["outcome"].index.tolist() == wanted.flatten().tolist()
    assert race["outcome"].words == OUTCOMES
    assert outputs["places"].columns["outcome"].index.tolist() == wanted[2].tolist()
    counts = outputs["tally"].columns["count"].reshape(3, 3)
    assert counts[:, :2].sum(dim=1).tolist() == [int(outputs["threats"])] * 3


def test_every_mark_of_the_race_is_in_the_lane_of_its_detector(fitted: Detectors) -> None:
    outputs = Reader(Stream).play(200).look(threshold=10.0)
    race, lanes = outputs["race"].columns, outputs["lanes"].columns
    base, height, detector = race["base"], race["height"], race["detector"].index
    # The next lane's lowest mark is above the highest of this one.
    for lane in range(2):
        assert height[detector == lane].min() > height[detector == lane + 1].max()
    assert torch.equal(lanes["height"], base.unique().flip(0) + 10.0)
    assert bool((height >= base - 1.5).all())
