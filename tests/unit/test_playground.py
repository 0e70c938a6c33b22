"""The playground trains as PyTorch does, whatever the reader has chosen."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  # the field's name for it

from explainers.playground import history
from explainers.playground.data import (
    COUNT,
    DATASETS,
    FEATURES,
    OWN,
    OWN_REGRESSION,
    Examples,
    examples,
    hills,
)
from explainers.playground.explorable import Playground
from explainers.playground.layout import PLACES
from explainers.playground.network import (
    ACTIVATIONS,
    LOSSES,
    PENALTIES,
    RATES,
    STRENGTHS,
    names,
)
from site_builder import Labels, Rows, Tiles
from site_builder.optimisers import Chosen

PAGE = Path(__file__).parents[2] / "content/educate/playground.md"
UNITS = (5, 3, 4, 2, 8, 1)

State = dict[str, Tensor]


class Reader:
    """Somebody who has chosen; inputs that are not named are as the page opens."""

    def __init__(self, **chosen: Any) -> None:
        self.chosen = chosen
        self.playground = Playground().eval()

    def value(self, name: str) -> Any:
        return self.chosen.get(name, Playground.inputs[name].default)

    def inputs(self, method: str) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for name in Playground.methods[method]:
            if name in Playground.noises:
                noise = Playground.noises[name]
                given[name] = torch.as_tensor(noise.draw(self.value(noise.seed)))
                continue
            spec, value = Playground.inputs[name], self.value(name)
            tensors = [torch.as_tensor(array) for array in spec.arrays(value).values()]
            given[name] = int(value) if spec.static else spec.arrives(tensors)
        return given

    def start(self) -> State:
        return self.playground.start(**self.inputs("start"))

    def steps(self, state: State, count: int) -> State:
        inputs = self.inputs("step")
        for _ in range(count):
            state = self.playground.step(state, **inputs)
        return state

    def outputs(self, state: State) -> dict[str, Any]:
        return self.playground.forward(state, **self.inputs("forward"))

    def examples(self) -> Examples:
        order = ("dataset", "noise", "ratio", "own", "spread", "bell", "drift", "order")
        inputs = self.inputs("step")
        return examples(*(inputs[name] for name in order))


class PyTorch:
    """The same network and training, as one writes them with `torch.nn` and `torch.optim`."""

    def __init__(self, reader: Reader, state: State) -> None:
        self.reader, self.known = reader, reader.examples()
        depth = reader.value("depth")
        layers: list[nn.Module] = []
        for name in names(depth):
            matrix = state[name]
            linear = nn.Linear(len(matrix) - 1, matrix.shape[1])
            linear.weight.data = matrix[:-1].T.clone()
            linear.bias.data = matrix[-1].clone()
            layers += [linear, MODULES[reader.value("activation")]()]
        self.net = nn.Sequential(*layers[:-1])
        rate = float(RATES[reader.value("rate")])
        weights = [p for name, p in self.net.named_parameters() if name.endswith("weight")]
        biases = [p for name, p in self.net.named_parameters() if name.endswith("bias")]
        self.strength = float(STRENGTHS[reader.value("strength")])
        self.penalty = reader.value("penalty")
        decay = self.strength if PENALTIES[self.penalty] == "L2" else 0.0
        groups = [{"params": weights, "weight_decay": decay}, {"params": biases}]
        self.weights = weights
        self.optimiser = OPTIMISERS[reader.value("optimiser")](groups, rate)

    def loss(self, inputs: Tensor, labels: Tensor) -> Tensor:
        logits = self.net(inputs)[:, 0]
        if LOSSES[self.reader.value("criterion")] == "cross-entropy":
            return F.binary_cross_entropy_with_logits(logits, (labels + 1) / 2)
        return F.mse_loss(logits if self.known.regression else logits.tanh(), labels)

    def train(self, steps: int) -> None:
        known = self.known
        inputs = told(known.xy)[:, self.reader.value("features")]
        batch, count = self.reader.value("batch"), int(known.train_count)
        first = 0
        for _ in range(steps):
            rows = torch.arange(first, first + batch) % count
            loss = self.loss(inputs[rows], known.label[rows, 0])
            if PENALTIES[self.penalty] == "L1":
                loss = loss + self.strength * sum(w.abs().sum() for w in self.weights)
            self.optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimiser.step()
            first = first + batch if first + batch < count else 0

    def matrices(self) -> list[Tensor]:
        linears = [layer for layer in self.net if isinstance(layer, nn.Linear)]
        return [torch.cat([one.weight.T, one.bias[None]]).detach() for one in linears]


def trained(reader: Reader, epochs: int) -> dict[str, Any]:
    """The outputs after many epochs, taken by PyTorch, which is quicker without a graph.

    Twenty steps of both are compared below, and `step` as it is compiled against `step`.
    """
    state, batches = reader.start(), int(reader.outputs(reader.start())["batches"])
    pytorch = PyTorch(reader, state)
    pytorch.train(epochs * batches)
    learned = zip(names(reader.value("depth")), pytorch.matrices(), strict=True)
    return reader.outputs({**state, **dict(learned)})


MODULES: list[Callable[[], nn.Module]] = [
    nn.Tanh, nn.ReLU, nn.Sigmoid, nn.Identity, nn.LeakyReLU, nn.SiLU,
]  # fmt: skip

OPTIMISERS: list[Callable[[Iterable[Any], float], torch.optim.Optimizer]] = [
    lambda groups, rate: torch.optim.SGD(groups, lr=rate),
    lambda groups, rate: torch.optim.SGD(groups, lr=rate, momentum=0.9),
    lambda groups, rate: torch.optim.RMSprop(groups, lr=rate),
    lambda groups, rate: torch.optim.Adagrad(groups, lr=rate),
    lambda groups, rate: torch.optim.Adam(groups, lr=rate),
]


def told(xy: Tensor) -> Tensor:
    """All seven features, one by one."""
    x, y = xy.unbind(dim=1)
    return torch.stack([x, y, x**2, y**2, x * y, torch.sin(x), torch.sin(y)], dim=1)


def chosen(words: tuple[str, ...], word: str) -> int:
    return words.index(word)


def cases() -> dict[str, dict[str, Any]]:
    """The page as it opens, and each choice beside others that are not the first of their kind."""
    found: dict[str, dict[str, Any]] = {"as it opens": {}}
    found |= {f"{depth} layers": {"depth": depth, "optimiser": 4} for depth in range(7)}
    found |= {f"activation {word}": {"activation": n} for n, word in enumerate(ACTIVATIONS)}
    found |= {
        f"{word}, {loss}": {"optimiser": n, "criterion": m, "activation": 2}
        for n, word in enumerate(Chosen.CHOICES)
        for m, loss in enumerate(LOSSES)
    }
    found |= {
        f"{word} on {loss}": {"penalty": n, "criterion": m, "strength": chosen(STRENGTHS, "0.03")}
        for n, word in enumerate(PENALTIES)
        for m, loss in enumerate(LOSSES)
    }
    found |= {
        f"data {word}, {loss}": {"dataset": n, "criterion": m, "noise": 20.0}
        for n, word in enumerate(DATASETS)
        for m, loss in enumerate(LOSSES)
    }
    # Raw squares reach 36: the rate that suits the two coordinates is too fast for them.
    found["all features"] = {"features": list(range(7)), "rate": chosen(RATES, "0.001")}
    found["one feature"] = {"features": [5]}
    found["batches of 1"] = {"batch": 1}
    found["a last batch that is filled up"] = {"batch": 30, "ratio": 10.0, "seed": 3}
    return found


@pytest.mark.parametrize("name", cases())
def test_twenty_steps_are_those_of_torch_nn_and_torch_optim(name: str) -> None:
    reader = Reader(**{f"units_{n}": width for n, width in enumerate(UNITS, 1)} | cases()[name])
    state = reader.start()
    pytorch = PyTorch(reader, state)
    state = reader.steps(state, 20)
    pytorch.train(20)
    for key, wanted in zip(names(reader.value("depth")), pytorch.matrices(), strict=True):
        torch.testing.assert_close(state[key], wanted, rtol=1e-5, atol=1e-5)


def test_the_code_in_the_page_trains_the_network_that_the_page_trains() -> None:
    """Two epochs of the code as it is printed, from the same weights, on the same points."""
    block = re.search(r"```python\n(.*?)```", re.sub(r"(?m)^ {4}", "", PAGE.read_text()), re.DOTALL)
    assert block is not None
    names_in_page: dict[str, Any] = {}
    exec(block.group(1), names_in_page)
    reader = Reader()
    state, net = reader.start(), names_in_page["net"]
    for name, linear in zip(names(2), [net[0], net[2], net[4]], strict=True):
        linear.weight.data, linear.bias.data = state[name][:-1].T.clone(), state[name][-1].clone()
    known = reader.examples()
    count = int(known.train_count)
    names_in_page["train"](net, known.xy[:count], known.label[:count], epochs=2)
    state = reader.steps(state, 100)
    for name, linear in zip(names(2), [net[0], net[2], net[4]], strict=True):
        torch.testing.assert_close(state[name][:-1].T, linear.weight.data, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(state[name][-1], linear.bias.data, rtol=1e-5, atol=1e-5)


def test_the_step_quoted_in_the_page_is_that_of_the_playground() -> None:
    block = re.search(r"```text\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert block is not None
    source = inspect.getsource(Playground.step)
    quoted = [line.strip() for line in block.group(1).strip().splitlines()]
    assert len(quoted) == 4
    assert all(line in source for line in quoted)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("chosen", "lowest", "highest"),
    [
        ({"depth": 1, "units_1": 2}, 0.75, 0.87),
        ({"depth": 1, "units_1": 3}, 0.98, 1.0),
        ({"depth": 1, "units_1": 3, "seed": 5}, 0.75, 0.87),
        ({"depth": 1, "units_1": 4, "seed": 5}, 0.98, 1.0),
        ({"rate": RATES.index("0.1")}, 0.99, 1.0),
        ({"rate": RATES.index("0.1"), "optimiser": 1}, 0.4, 0.7),
        ({"dataset": 3}, 0.6, 0.79),
        (
            {"dataset": 3, "features": [0, 1, 5, 6], "units_1": 8, "units_2": 8}
            | {"optimiser": 4, "rate": RATES.index("0.01")},
            0.98,
            1.0,
        ),
        ({"depth": 0}, 0.4, 0.75),
        ({"depth": 0, "features": [2, 3]}, 0.98, 1.0),
        ({"rate": RATES.index("3")}, 0.4, 0.68),
    ],
    ids=str,
)
def test_after_sixty_epochs_the_network_is_as_right_as_the_page_says(
    chosen: dict[str, Any], lowest: float, highest: float
) -> None:
    outputs = trained(Reader(**chosen), 60)
    assert lowest <= float(outputs["test_accuracy"]) <= highest


@pytest.mark.slow
def test_few_noisy_examples_are_memorised_and_l2_helps() -> None:
    memorising = {"noise": 40.0, "ratio": 10.0, "units_1": 8, "units_2": 8}
    losses = []
    for chosen in (memorising, memorising | {"penalty": 2, "strength": STRENGTHS.index("0.03")}):
        outputs = trained(Reader(**chosen), 300)
        losses.append((float(outputs["train_loss"]), float(outputs["test_loss"])))
    (train, test), (_, pulled_test) = losses
    assert test > 1.7 * train
    assert pulled_test < test


def test_the_page_opens_on_500_training_points_and_a_net_of_2_4_2_1() -> None:
    reader = Reader()
    state = reader.start()
    outputs = reader.outputs(state)
    assert [tuple(state[name].shape) for name in names(2)] == [(3, 4), (5, 2), (3, 1)]
    assert (int(outputs["train_points"]), int(outputs["batches"])) == (500, 50)
    assert int(outputs["numbers"]) == 12 + 10 + 3


@pytest.mark.slow
def test_the_opening_net_learns_the_circle() -> None:
    reader = Reader()
    assert float(reader.outputs(reader.start())["test_accuracy"]) < 0.7
    outputs = trained(reader, 50)
    assert float(outputs["test_accuracy"]) > 0.98
    assert float(outputs["test_loss"]) < 0.05


def test_an_epoch_is_as_many_steps_as_there_are_batches() -> None:
    reader = Reader()
    outputs = reader.outputs(reader.steps(reader.start(), 2 * 50 + 1))
    assert (int(outputs["epoch"]), int(outputs["position"])) == (2, 1)


def test_the_losses_shown_are_those_of_pytorch() -> None:
    reader = Reader(criterion=1)
    state = reader.steps(reader.start(), 7)
    known, outputs = reader.examples(), reader.outputs(state)
    pytorch = PyTorch(reader, state)
    inputs = told(known.xy)[:, :2]
    for rows, key in ((slice(0, 500), "train_loss"), (slice(500, None), "test_loss")):
        wanted = pytorch.loss(inputs[rows], known.label[rows, 0]).detach()
        torch.testing.assert_close(outputs[key], wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dataset", range(OWN))
def test_every_data_set_is_balanced_and_stays_in_the_picture(dataset: int) -> None:
    known = Reader(dataset=dataset, noise=50.0).examples()
    assert known.xy.shape == (COUNT, 2)
    assert float(known.xy.abs().max()) <= 6.0
    assert float(known.label.abs().max()) <= 1.0
    assert abs(float(known.label.mean())) < 0.1
    assert bool(known.regression) == (dataset in (4, 5))


def test_noise_moves_points_and_leaves_their_labels() -> None:
    quiet, loud = Reader().examples(), Reader(noise=50.0).examples()
    assert torch.equal(quiet.label, loud.label)
    moved = (loud.xy - quiet.xy).abs().mean()
    assert 0.8 < float(moved) < 1.4


def test_without_noise_circle_exclusive_or_and_hills_are_what_they_are_called() -> None:
    inside = Reader().examples()
    assert torch.equal(inside.xy.norm(dim=1) < 3, inside.label[:, 0] > 0)
    crossed = Reader(dataset=1).examples()
    assert torch.equal(crossed.xy.prod(dim=1) > 0, crossed.label[:, 0] > 0)
    tops = torch.tensor([[-4.0, 2.5], [0.0, 2.5], [0.0, -2.5]])
    torch.testing.assert_close(hills(tops), torch.tensor([1.0, -1.0, 1.0]), rtol=0, atol=1e-3)


def test_the_seed_of_the_data_and_that_of_the_weights_are_apart() -> None:
    first, weights, data = Reader(), Reader(seed=2), Reader(data_seed=2)
    assert torch.equal(first.examples().xy, weights.examples().xy)
    assert not torch.equal(first.start()["w1"], weights.start()["w1"])
    assert torch.equal(first.start()["w1"], data.start()["w1"])
    assert not torch.equal(first.examples().xy, data.examples().xy)


def test_own_points_are_all_used_and_parted_by_the_ratio() -> None:
    points = [[float(n % 11 - 5), float(n // 11 - 5), n / 40 - 0.75] for n in range(60)]
    known = Reader(dataset=OWN_REGRESSION, own=points, ratio=30.0, noise=50.0).examples()
    assert (int(known.total), int(known.train_count)) == (60, 18)
    found = torch.cat([known.xy, known.label], dim=1)[:60]
    wanted = torch.tensor(points)
    assert sorted(found.tolist()) == sorted(wanted.tolist())
    assert found.tolist() != wanted.tolist()


def test_own_points_are_classes_by_their_sign_or_amounts_as_the_reader_chooses() -> None:
    points = [[1.0, 1.0, 0.25], [2.0, 2.0, -0.5], [3.0, 3.0, -1.0]]
    for dataset, wanted in ((OWN, {1.0, -1.0}), (OWN_REGRESSION, {0.25, -0.5, -1.0})):
        known = Reader(dataset=dataset, own=points).examples()
        assert set(known.label[:3, 0].tolist()) == wanted
        assert bool(known.regression) == (dataset == OWN_REGRESSION)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_points_do_no_harm(count: int) -> None:
    reader = Reader(dataset=OWN, own=[[1.0, 2.0, 1.0], [3.0, -1.0, -1.0]][:count])
    outputs = reader.outputs(reader.steps(reader.start(), 3))
    scalars = [value for value in outputs.values() if isinstance(value, Tensor)]
    assert all(bool(torch.isfinite(value).all()) for value in scalars)
    assert int(outputs["test_points"]) == max(count - 1, 0)


def test_an_edited_link_is_the_one_that_was_clicked() -> None:
    reader = Reader(features=[0, 2, 6])
    state = reader.steps(reader.start(), 3)
    links = column(reader.outputs(state)["links"].columns["weight"])
    for row in range(len(links)):
        edited = reader.playground.edit(
            state, torch.tensor(row), torch.tensor(0.5), **reader.inputs("edit")
        )
        wanted = links.clone()
        wanted[row] = 0.5
        assert torch.equal(reader.outputs(edited)["links"].columns["weight"], wanted)
        assert all(torch.equal(edited[name][-1], state[name][-1]) for name in names(2))


def test_links_and_units_stand_at_the_same_places() -> None:
    reader = Reader(features=[1, 3, 4], depth=3)
    outputs = reader.outputs(reader.start())
    units, links = outputs["units"].columns, outputs["links"].columns
    places = set(zip(units["x"].tolist(), units["y"].tolist(), strict=True))
    left = set(zip(links["x1"].tolist(), links["y1"].tolist(), strict=True))
    right = set(zip(links["x2"].tolist(), links["y2"].tolist(), strict=True))
    assert len(places) == 3 + 4 + 2 + 2
    assert left == places
    assert right == {place for place in places if place[0] > 0} | {(1.0, 0.0)}


def test_links_are_named_by_the_units_at_their_ends() -> None:
    reader = Reader(features=[1, 4], depth=2, units_1=2, units_2=1)
    links = reader.outputs(reader.start())["links"].columns
    names = [[PLACES[n] for n in links[end].index.tolist()] for end in ("from", "to")]
    assert list(zip(*names, strict=True)) == [
        ("x2", "unit 1 of layer 1"),
        ("x2", "unit 2 of layer 1"),
        ("x1 · x2", "unit 1 of layer 1"),
        ("x1 · x2", "unit 2 of layer 1"),
        ("unit 1 of layer 1", "unit 1 of layer 2"),
        ("unit 2 of layer 1", "unit 1 of layer 2"),
        ("unit 1 of layer 2", "output"),
    ]


def test_units_are_named_by_feature_or_by_layer_and_place() -> None:
    reader = Reader(features=[6], depth=6, units_6=8)
    names = [PLACES[n] for n in reader.outputs(reader.start())["units"].columns["name"].index]
    assert (names[0], names[1], names[-1]) == ("sin x2", "unit 1 of layer 1", "unit 8 of layer 6")


def test_the_picture_at_the_end_of_the_network_is_its_answer() -> None:
    reader = Reader(discretise=True)
    outputs = reader.outputs(reader.steps(reader.start(), 50))
    picture = outputs["outcome"].columns["picture"].values[0]
    surface = outputs["surface"].values
    assert set(picture.unique().tolist()) == {-1.0, 1.0}
    assert float(picture.mean()) == pytest.approx(float(surface.mean()), abs=0.1)


def test_a_units_picture_shows_its_value_with_the_top_row_highest() -> None:
    reader = Reader(features=list(range(len(FEATURES))))
    units = reader.outputs(reader.start())["units"]
    pictures = units.columns["picture"].values
    assert pictures.shape == (7 + 4 + 2, 20, 20)
    assert float(pictures[0, 0, 0]) == -1.0  # x1 at the left edge
    assert float(pictures[1, 0, 0]) == 1.0  # x2 at the top
    assert float(pictures[1, -1, 0]) == -1.0


def test_weights_are_kept_while_units_come_and_go() -> None:
    narrow, wide = Reader(units_1=3).start()["w1"], Reader(units_1=6).start()["w1"]
    torch.testing.assert_close(narrow, wide[:, :3])


def curve_after(epochs: int, batches: int = 2) -> tuple[Tensor, Tensor]:
    """The curve where the loss of each batch is the number of its epoch, from 1."""
    state = history.empty()
    for epoch in range(1, epochs + 1):
        for _ in range(batches):
            losses = torch.tensor([float(epoch), 0.0])
            state = history.after_batch(state, losses, torch.tensor(batches))
    return history.curve(state, state["epoch"], torch.tensor([epochs, 0.0]))


@pytest.mark.parametrize("epochs", [1, 199, 200, 201, 1000, 1603])
def test_the_history_covers_all_epochs_evenly(epochs: int) -> None:
    at, losses = curve_after(epochs)
    torch.testing.assert_close(losses[:, 0], at)
    assert float(at[-1]) == epochs
    gaps = set(at.diff().tolist()) - {0.0}
    assert len(gaps) <= 2
    assert max(gaps, default=0.0) <= max(1.0, 2 * epochs / history.ENTRIES)


def test_an_epochs_entry_is_the_mean_of_its_batches() -> None:
    state = history.empty()
    for loss in (3.0, 1.0, 2.0):
        state = history.after_batch(state, torch.tensor([loss, 2 * loss]), torch.tensor(3))
    assert torch.equal(state["entries"][0], torch.tensor([2.0, 4.0]))
    assert (int(state["epoch"]), int(state["position"])) == (1, 0)


def test_larger_batches_in_the_middle_of_an_epoch_end_it() -> None:
    reader = Reader()
    state = reader.steps(reader.start(), 40)
    state = Reader(batch=30).steps(state, 1)
    assert (int(state["epoch"]), int(state["position"])) == (1, 0)


def test_columns_have_one_length_at_every_depth() -> None:
    for depth in range(7):
        reader = Reader(depth=depth)
        outputs = reader.outputs(reader.steps(reader.start(), 1))
        rows = [value for value in outputs.values() if isinstance(value, Rows)]
        assert len(rows) == 6
        for one in rows:
            lengths = {len(column(item)) for item in one.columns.values()}
            assert len(lengths) == 1


def column(item: Tensor | Labels | Tiles) -> Tensor:
    if isinstance(item, Labels):
        return item.index
    return item.values if isinstance(item, Tiles) else item
