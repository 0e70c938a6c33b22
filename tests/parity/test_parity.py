"""The compiled models agree with eager PyTorch, and the check can tell when they don't."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from site_builder.manifest import Project, load
from site_builder.noise import Noise
from site_builder.parity import decode, disagreement, expectation
from tests.delivered import parts as parts_of
from tests.ops.harness import ENGINES, run_chains

PROJECT = Project(Path(__file__).parent.parent.parent)
MANY_STEPS = 20

Payload = dict[str, Any]
Arrays = dict[str, NDArray[Any]]
Values = Mapping[str, Any]
Call = tuple[str, Arrays]


@dataclass(frozen=True)
class Published:
    """An explorable as it was published.

    Attributes:
        payload: What its script delivers.
        variants: What is particular to each variant, by its key.
        programs: The programs by what they are written for and by variant.
        fixtures: The points to compare; the first is the defaults.
    """

    payload: Payload
    variants: dict[str, Payload]
    programs: dict[str, dict[str, Payload]]
    fixtures: list[dict[str, Any]]

    def key(self, values: Values) -> str:
        """Which variant runs at some values of the inputs."""
        static = [spec["name"] for spec in self.payload["inputs"] if spec.get("static")]
        return "-".join(str(values[name]) for name in static)

    def in_variant(self, key: str) -> list[dict[str, Any]]:
        return [fixture for fixture in self.fixtures if self.key(fixture["inputs"]) == key]


def published() -> dict[str, Published]:
    manifest = load(PROJECT)
    assert manifest, "nothing is built; run `make site` (as `make test` does)"
    found = {}
    for name, record in manifest.explorables.items():

        def read(path: str, files: Mapping[str, str] = record.files) -> list[Payload]:
            return parts_of(PROJECT.store.read(files[path]).decode())

        scripts = [read(record.payload)]
        payload = scripts[0][0]
        scripts += [read(path) for path in payload["variants"].values()]
        others = [p for paths in payload["elsewhere"].values() for p in paths.values()]
        programs: dict[str, dict[str, Payload]] = {}
        for (delivery,) in [*([each[1]] for each in scripts), *(read(path) for path in others)]:
            programs.setdefault(delivery["kind"], {})[delivery["variant"]] = delivery["programs"]
        variants = {each[0]["variant"]: each[0] for each in scripts}
        fixtures = json.loads(PROJECT.store.read(record.fixtures))
        found[name] = Published(payload, variants, programs, fixtures)
    return found


PUBLISHED = published()


def ahead_of(payload: Payload) -> int:
    """How many steps every course goes before it is shown."""
    return int((payload["time"] or {}).get("ahead", 0))


TIMED = [n for n, each in PUBLISHED.items() if each.payload["time"] and not ahead_of(each.payload)]
AHEAD = [n for n, each in PUBLISHED.items() if ahead_of(each.payload)]


def feeds(payload: Payload, values: Values, step: int) -> Arrays:
    """What the programs are fed after some steps, told from the payload alone."""
    made: Arrays = {}
    for spec in payload["inputs"]:
        name, kind = spec["name"], spec["kind"]
        value = values[name]
        if kind == "points":
            capacity, words = spec["capacity"], spec["labels"] or [""]
            ends = spec["value"]  # labels name the ends of a range, or are indices
            xy = np.zeros((capacity, 2), np.float32)
            label = np.zeros(capacity, np.float32 if ends else np.int32)
            for at, (x, y, word) in enumerate(value):
                number = words.index(word) if isinstance(word, str) else word
                xy[at], label[at] = (x, y), ends[number] if ends and word in words else number
            present = np.arange(capacity) < len(value)
            made |= {f"{name}.xy": xy, f"{name}.label": label, f"{name}.present": present}
        elif not spec.get("static"):
            made[name] = np.asarray(np.arange(value) if kind == "size" else value, spec["dtype"])
    for spec in payload["noises"]:
        noise = Noise(tuple(spec["shape"]), spec["kind"], spec["every"], seed=spec["seed"])
        noise.__set_name__(object, spec["name"])
        made[spec["name"]] = noise.draw(values[spec["seed"]], step).astype(spec["dtype"])
    return made


def parts(programs: Payload) -> dict[str, Payload]:
    """Every model of a variant: ``step.prologue``, ``step`` and so on."""
    found = {}
    for method, program in programs.items():
        found[method] = program
        if program["prologue"]:
            found[f"{method}.prologue"] = program["prologue"]
    return found


def chain(payload: Payload, programs: Payload, values: Values, steps: int) -> list[Call]:
    """What a page runs to show an explorable after some steps at the same inputs."""
    fresh = {spec["name"] for spec in payload["noises"] if spec["every"] == "step"}

    def run(method: str, step: int, *, afresh: bool) -> list[Call]:
        once = [f"{method}.prologue"] if programs[method]["prologue"] and afresh else []
        anew = feeds(payload, values, step) if fresh else {}
        return [(part, {name: anew[name] for name in fresh}) for part in (*once, method)]

    calls = run("start", 0, afresh=True) if payload["time"] else []
    for step in range(steps):
        calls += run("step", step, afresh=step == 0)
    calls += run("forward", steps, afresh=True)
    calls[0] = (calls[0][0], feeds(payload, values, 0))
    return calls


def disagreements(
    payload: Payload, programs: Payload, fixtures: list[dict[str, Any]]
) -> list[str | None]:
    """What differs from PyTorch at each fixture of one variant."""
    chains = [chain(payload, programs, each["inputs"], each["steps"]) for each in fixtures]
    found = []
    engine = ENGINES["compiled" if "code" in programs["forward"]["model"] else "cpu"]
    results = run_chains(parts(programs), chains, engine)
    for fixture, result in zip(fixtures, results, strict=True):
        truth = {name: decode(record) for name, record in fixture["outputs"].items()}
        found.append(result.error or disagreement(dict(result.outputs), truth))
    return found


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_points_compared_are_defaults_extremes_and_random_ones(name: str) -> None:
    each = PUBLISHED[name]
    ends = sum(2 for spec in each.payload["inputs"] if spec["kind"] in ("slider", "size"))
    assert len(each.fixtures) >= 1 + ends + 8


@pytest.mark.parametrize("kind", ["tfjs", "compiled"])
@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name, each in PUBLISHED.items() for key in each.variants]
)
def test_a_shipped_engine_agrees_at_every_point_of_a_variant(
    name: str, key: str, kind: str
) -> None:
    each = PUBLISHED[name]
    fixtures = each.in_variant(key)
    assert fixtures, f"no point is in the variant {key}"
    found = disagreements(each.payload, each.programs[kind][key], fixtures)
    assert [said for said in found if said] == []


@pytest.mark.parametrize("name", PUBLISHED)
def test_each_script_holds_a_sample_of_an_opening_state_that_is_compared_whole(name: str) -> None:
    """It is what a page compares when it tells whether its engine computes rightly."""
    each = PUBLISHED[name]
    static = [spec["name"] for spec in each.payload["inputs"] if spec.get("static")]
    for key, variant in each.variants.items():
        chosen = dict(zip(static, map(int, key.split("-")), strict=True)) if static else {}
        inputs = {**each.fixtures[0]["inputs"], **chosen}
        opening = next(
            fixture
            for fixture in each.in_variant(key)
            if fixture["inputs"] == inputs and fixture["steps"] == ahead_of(each.payload)
        )
        whole = {output: decode(record) for output, record in opening["outputs"].items()}
        assert variant["fixture"] == {output: expectation(whole[output]) for output in whole}


@pytest.mark.parametrize("name", TIMED)
def test_what_is_compared_after_many_steps_is_not_what_it_was_at_the_start(name: str) -> None:
    first, *others = PUBLISHED[name].fixtures
    (later,) = [f for f in others if f["inputs"] == first["inputs"] and f["steps"] == MANY_STEPS]
    # At none of them stand the opening states of other variants.
    assert {fixture["steps"] for fixture in others} - {0} == {2, MANY_STEPS}
    truth, opening = (
        {output: decode(record) for output, record in fixture["outputs"].items()}
        for fixture in (later, first)
    )
    assert disagreement(truth, opening)


@pytest.mark.parametrize("name", AHEAD)
def test_a_course_that_goes_ahead_is_compared_at_its_end(name: str) -> None:
    each = PUBLISHED[name]
    assert {fixture["steps"] for fixture in each.fixtures} == {ahead_of(each.payload)}


Change = Callable[[Payload], None]


def swap(method: str, old: str, new: str) -> Change:
    """Another activation, as an operation of its own or fused into the one before it."""
    was, becomes = (base64.b64encode(name.encode()).decode() for name in (old, new))

    def change(payload: Payload) -> None:
        for node in payload["programs"][method]["model"]["modelTopology"]["node"]:
            fused = node.get("attr", {}).get("fused_ops", {}).get("list", {}).get("s", [])
            if node["op"] == old:
                node["op"] = new
                return
            if was in fused:
                fused[fused.index(was)] = becomes
                return
        raise AssertionError(f"{payload['name']} has no {old} to change")

    return change


def drop_bias(payload: Payload) -> None:
    """Zeroes the bias of the first layer that has one."""
    program = payload["programs"]["forward"]
    offset, spans = 0, {}
    for spec in program["model"]["weightSpecs"]:
        size = int(np.prod(spec["shape"])) * {"float32": 4, "int32": 4, "bool": 1}[spec["dtype"]]
        spans[spec["name"]] = (offset, size)
        offset += size
    weights = bytearray(base64.b64decode(program["weights"]))
    for node in program["model"]["modelTopology"]["node"]:
        if node["op"] in ("_FusedMatMul", "_FusedConv2D"):
            start, size = spans[node["input"][2].split(":")[0]]
            assert any(weights[start : start + size])
            weights[start : start + size] = bytes(size)
            program["weights"] = base64.b64encode(weights).decode()
            return
    raise AssertionError(f"{payload['name']} has no bias to drop")


def ignore(method: str, name: str) -> Change:
    """Makes a program read a constant, the input's default, in the input's stead."""

    def change(payload: Payload) -> None:
        opening = PUBLISHED[payload["name"]].fixtures[0]["inputs"]
        value = feeds(payload, opening, 0)[name]
        uses = 0
        for part, program in parts(payload["programs"]).items():
            if part.split(".")[0] == method and name in program["model"]["signature"]["inputs"]:
                uses += _stick(program, name, value)
        assert uses, f"{name} is used by nothing"

    return change


def _stick(program: Payload, name: str, value: NDArray[Any]) -> int:
    """Puts a constant in the place of an input; how many nodes read it."""
    topology = program["model"]["modelTopology"]["node"]
    dtype = {"float32": "DT_FLOAT", "int32": "DT_INT32", "bool": "DT_BOOL"}[value.dtype.name]
    tensor = {"dtype": dtype, "tensorShape": {"dim": [{"size": str(n)} for n in value.shape]}}
    attributes = {"dtype": {"type": dtype}, "value": {"tensor": tensor}}
    # The loader pairs constants with bytes by order: a new one goes last.
    topology.insert(0, {"name": "stuck", "op": "Const", "attr": attributes})
    placeholder = program["model"]["signature"]["inputs"][name]["name"].split(":")[0]
    uses = 0
    for node in topology:
        sources = node.get("input", [])
        node["input"] = ["stuck" if s.split(":")[0] == placeholder else s for s in sources]
        uses += node["input"] != sources
    program["model"]["weightSpecs"].append(
        {"name": "stuck", "shape": list(value.shape), "dtype": value.dtype.name}
    )
    weights = base64.b64decode(program["weights"]) + value.tobytes()
    program["weights"] = base64.b64encode(weights).decode()
    return uses


def reseed(noise: str, seed: str) -> Change:
    """Draws a noise by another seed than PyTorch's."""

    def change(payload: Payload) -> None:
        (spec,) = [spec for spec in payload["noises"] if spec["name"] == noise]
        assert spec["seed"] != seed
        spec["seed"] = seed

    return change


def misspell(payload: Payload) -> None:
    """Calls another function in a compiled program."""
    for program in payload["programs"].values():
        for right, wrong in (("tanh(", "Math.atan("), ("Math.max(", "Math.min(")):
            if right in program["model"]["code"]:
                program["model"]["code"] = program["model"]["code"].replace(right, wrong)
                return
    raise AssertionError(f"{payload['name']} has no function to misspell")


def mutant(name: str, at: str | None, change: Change, what: str) -> Any:
    """A case: `at` is an input, and only points that differ from the defaults there are run."""
    return pytest.param(name, at, change, id=f"{name}: {what}")


@pytest.mark.parametrize(
    ("name", "at", "change"),
    [
        mutant("anomaly", None, swap("forward", "Tanh", "Sigmoid"), "tanh is sigmoid"),
        mutant("digits", None, swap("forward", "Relu", "Elu"), "relu is elu"),
        mutant("playground", "rate", swap("step", "Tanh", "Sigmoid"), "learns sigmoid"),
        mutant("anomaly", None, drop_bias, "a bias is dropped"),
        mutant("digits", None, drop_bias, "a bias is dropped"),
        *[mutant(name, None, misspell, "misspelt code") for name in ("anomaly", "digits")],
        *[
            mutant(name, None, ignore("forward", spec["name"]), f"{spec['name']} is ignored")
            for name in ("anomaly", "digits")
            for spec in PUBLISHED[name].payload["inputs"]
        ],
        *[
            mutant("playground", taken, ignore("step", taken), f"step ignores {taken}")
            for taken in ("rate", "optimiser", "penalty", "dataset")
        ],
        mutant("race", None, swap("step", "Sigmoid", "Tanh"), "the memory forgets nothing"),
        *[
            mutant("momentum", None, ignore("step", taken), f"step ignores {taken}")
            for taken in ("rate", "beta", "kappa", "place")
        ],
        *[
            mutant("race", None, ignore("step", taken), f"step ignores {taken}")
            for taken in ("surface", "pace", "noise")
        ],
        mutant("playground", "seed", reseed("weights", "data_seed"), "weights of another seed"),
        mutant("playground", "data_seed", reseed("order", "seed"), "order of another seed"),
    ],
)
def test_a_mutant_is_caught(name: str, at: str | None, change: Change) -> None:
    each = PUBLISHED[name]
    kind = "compiled" if change is misspell else "tfjs"
    programs = each.programs[kind][each.payload["variant"]]
    changed = copy.deepcopy({**each.payload, "programs": programs})
    change(changed)
    fixtures = each.in_variant(changed["variant"])
    if at is not None:
        usual = fixtures[0]["inputs"][at]
        fixtures = [fixture for fixture in fixtures if fixture["inputs"][at] != usual][:4]
    found = disagreements(changed, changed["programs"], fixtures)
    assert any(found), "no fixture tells this mutant from the model"
    # It is the numbers that differ: a mutant that can't even run would prove nothing.
    assert all(said is None or " is " in said for said in found), found
    assert not any("Error" in (said or "") for said in found), found
