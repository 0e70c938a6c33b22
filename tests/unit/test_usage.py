"""Which inputs do nothing in a variant."""

from __future__ import annotations

from typing import Any

from site_builder.usage import idle_inputs

INPUTS = [
    {"name": "growth"},
    {"name": "from"},
    {"name": "own"},
    {"name": "scale", "static": True},
]


def notes(**more: Any) -> dict[str, Any]:
    return {"inputs": INPUTS, "noises": [], "variants": ["0", "1"], **more}


def graph(takes: list[str], reads: list[str]) -> dict[str, Any]:
    """A program that takes some tensors and whose one node reads some of them."""
    signature = {
        "inputs": {name: {"name": f"{name}_node:0"} for name in takes},
        "outputs": {"out": {"name": "sum:0"}},
    }
    nodes = [{"name": "sum", "input": [f"{name}_node" for name in reads]}]
    model = {"signature": signature, "modelTopology": {"node": nodes}}
    return {"model": model, "prologue": None}


def test_an_input_that_a_graph_takes_and_never_reads_does_nothing() -> None:
    forward = graph(["growth", "from"], ["from"])
    assert idle_inputs(notes(), [], {"forward": forward}) == ["growth", "own"]


def test_any_program_and_any_prologue_may_read_it() -> None:
    forward = {**graph([], []), "prologue": graph(["growth"], ["growth"])}
    step = graph(["from"], ["from"])
    assert idle_inputs(notes(), [], {"forward": forward, "step": step}) == ["own"]


def test_points_are_read_by_any_of_their_tensors() -> None:
    forward = graph(["growth", "from", "own.present"], ["growth", "from", "own.present"])
    assert idle_inputs(notes(), [], {"forward": forward}) == []


def test_an_input_that_is_an_output_as_it_is_does_something() -> None:
    forward = graph(["growth", "from"], [])
    forward["model"]["signature"]["outputs"]["same"] = {"name": "growth_node:0"}
    assert idle_inputs(notes(), [], {"forward": forward}) == ["from", "own"]


def test_a_seed_does_something_where_its_noise_is_read() -> None:
    noises = [{"name": "jitter", "seed": "from"}]
    forward = graph(["jitter"], ["jitter"])
    assert idle_inputs(notes(noises=noises), [], {"forward": forward}) == ["growth", "own"]


def test_what_is_on_a_chart_does_something() -> None:
    figure = {"data": ["own"], "signals": ["growth"], "handles": [{"input": "from"}]}
    assert idle_inputs(notes(), [figure], {"forward": graph([], [])}) == []


def test_where_nothing_can_change_it_every_control_stays() -> None:
    assert idle_inputs(notes(variants=[""]), [], {"forward": graph([], [])}) == []
