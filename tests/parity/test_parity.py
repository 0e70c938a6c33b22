"""The compiled models agree with eager PyTorch, and the check can tell when they don't."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from site_builder.manifest import Project, load
from site_builder.parity import decode, disagreement, encode
from tests.ops.harness import run_documents

PROJECT = Project(Path(__file__).parent.parent.parent)
Payload = dict[str, Any]


def payloads() -> dict[str, tuple[Payload, list[dict[str, Any]]]]:
    """Each explorable's payload as published, and its fixtures."""
    manifest = load(PROJECT)
    assert manifest, "nothing is built; run `make site` (as `make test` does)"
    found = {}
    for name, record in manifest.explorables.items():
        text = PROJECT.store.read(record.files[record.payload]).decode()
        payload = json.loads(text.removeprefix("explorables.define(").removesuffix(");\n"))
        found[name] = payload, json.loads(PROJECT.store.read(record.fixtures))
    return found


PAYLOADS = payloads()


def disagreements(payload: Payload, fixtures: list[dict[str, Any]]) -> list[str | None]:
    """What differs from PyTorch at each fixture."""
    documents = {
        str(n): {
            "model": payload["model"],
            "weights": payload["weights"],
            "feeds": {
                spec["name"]: encode(np.asarray(fixture["inputs"][spec["name"]], spec["dtype"]))
                for spec in payload["inputs"]
            },
        }
        for n, fixture in enumerate(fixtures)
    }
    results = run_documents(documents)
    found = []
    for n, fixture in enumerate(fixtures):
        truth = {name: decode(record) for name, record in fixture["outputs"].items()}
        result = results[str(n)]
        found.append(result.error or disagreement(dict(result.outputs), truth))
    return found


@pytest.mark.parametrize("name", PAYLOADS)
def test_the_shipped_engine_agrees_at_defaults_extremes_and_random_points(name: str) -> None:
    payload, fixtures = PAYLOADS[name]
    sliders = sum(2 for spec in payload["inputs"] if spec["kind"] == "slider")
    assert len(fixtures) >= 1 + sliders + 8
    assert [found for found in disagreements(payload, fixtures) if found] == []


def swap(old: str, new: str) -> Callable[[Payload], None]:
    """Another activation, as an operation of its own or fused into the one before it."""
    was, becomes = (base64.b64encode(name.encode()).decode() for name in (old, new))

    def change(payload: Payload) -> None:
        for node in payload["model"]["modelTopology"]["node"]:
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
    offset, spans = 0, {}
    for spec in payload["model"]["weightSpecs"]:
        size = int(np.prod(spec["shape"])) * {"float32": 4, "int32": 4, "bool": 1}[spec["dtype"]]
        spans[spec["name"]] = (offset, size)
        offset += size
    weights = bytearray(base64.b64decode(payload["weights"]))
    for node in payload["model"]["modelTopology"]["node"]:
        if node["op"] in ("_FusedMatMul", "_FusedConv2D"):
            start, size = spans[node["input"][2].split(":")[0]]
            assert any(weights[start : start + size])
            weights[start : start + size] = bytes(size)
            payload["weights"] = base64.b64encode(weights).decode()
            return
    raise AssertionError(f"{payload['name']} has no bias to drop")


def ignore(name: str) -> Callable[[Payload], None]:
    """Makes the model read a constant, the input's default, in the input's stead."""

    def change(payload: Payload) -> None:
        (spec,) = [spec for spec in payload["inputs"] if spec["name"] == name]
        topology = payload["model"]["modelTopology"]["node"]
        dtype = {"float32": "DT_FLOAT", "int32": "DT_INT32", "bool": "DT_BOOL"}[spec["dtype"]]
        dims = [{"size": str(size)} for size in spec["shape"]]
        constant = {
            "name": "stuck",
            "op": "Const",
            "attr": {
                "dtype": {"type": dtype},
                "value": {"tensor": {"dtype": dtype, "tensorShape": {"dim": dims}}},
            },
        }
        # The loader pairs constants with bytes by order: a new one goes last.
        topology.insert(0, constant)
        placeholder = payload["model"]["signature"]["inputs"][name]["name"].split(":")[0]
        uses = 0
        for node in topology:
            sources = node.get("input", [])
            node["input"] = ["stuck" if s.split(":")[0] == placeholder else s for s in sources]
            uses += node["input"] != sources
        assert uses, f"{name} is used by nothing"
        payload["model"]["weightSpecs"].append(
            {"name": "stuck", "shape": spec["shape"], "dtype": spec["dtype"]}
        )
        opening = PAYLOADS[payload["name"]][1][0]["inputs"][name]
        data = np.asarray(opening, spec["dtype"]).tobytes()
        weights = base64.b64decode(payload["weights"]) + data
        payload["weights"] = base64.b64encode(weights).decode()

    return change


@pytest.mark.parametrize(
    ("name", "change"),
    [
        pytest.param("anomaly", swap("Tanh", "Sigmoid"), id="anomaly: tanh is sigmoid"),
        pytest.param("digits", swap("Relu", "Elu"), id="digits: relu is elu"),
        pytest.param("anomaly", drop_bias, id="anomaly: a bias is dropped"),
        pytest.param("digits", drop_bias, id="digits: a bias is dropped"),
        *[
            pytest.param(name, ignore(spec["name"]), id=f"{name}: {spec['name']} is ignored")
            for name, (payload, _) in PAYLOADS.items()
            for spec in payload["inputs"]
        ],
    ],
)
def test_a_mutant_is_caught(name: str, change: Callable[[Payload], None]) -> None:
    payload, fixtures = PAYLOADS[name]
    mutant = copy.deepcopy(payload)
    change(mutant)
    found = disagreements(mutant, fixtures)
    assert any(found), "no fixture tells this mutant from the model"
    # It is the numbers that differ: a mutant that can't even run would prove nothing.
    assert all(said is None or " is " in said for said in found), found
    assert not any("Error" in (said or "") for said in found), found
