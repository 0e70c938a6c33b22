"""What a payload holds of a model: short names, and no attribute that the loader does not read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper

from site_builder.tfjs import compile_model
from site_builder.tfjs.lean import lean, short_name

from .test_converter import build

Json = dict[str, Any]


def document(*nodes: Json) -> Json:
    """A model of these nodes, of which `x:0` is the input and `y:1` the output."""
    ends = {"inputs": {"in.x": {"name": "x:0"}}, "outputs": {"out.y": {"name": "y:1"}}}
    specs = [{"name": "weights", "shape": [1], "dtype": "float32"}]
    topology = {"node": list(nodes), "library": {}}
    return {"modelTopology": topology, "signature": ends, "weightSpecs": specs}


def kept(op: str, **attrs: Json) -> list[str]:
    """Names of the attributes of an operation that stay."""
    others = ({"name": "y", "op": "Identity"}, {"name": "weights", "op": "Const"})
    model = lean(document({"name": "x", "op": op, "attr": attrs}, *others))
    return sorted(model["modelTopology"]["node"][0].get("attr", {}))


def test_every_mention_of_a_node_is_renamed_and_keys_of_the_signature_stay() -> None:
    model = lean(
        document(
            {"name": "weights", "op": "Const", "attr": {"dtype": {"type": "DT_FLOAT"}}},
            {"name": "x", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}}},
            {"name": "y", "op": "TopKV2", "input": ["x", "weights"]},
            {"name": "further", "op": "Identity", "input": ["y:1"]},
        )
    )
    assert model["modelTopology"] == {
        "node": [
            {"name": "a", "op": "Const"},
            {"name": "b", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}}},
            {"name": "c", "op": "TopKV2", "input": ["b", "a"]},
            {"name": "d", "op": "Identity", "input": ["c:1"]},
        ],
        "library": {},
    }
    assert model["signature"] == {
        "inputs": {"in.x": {"name": "b:0"}},
        "outputs": {"out.y": {"name": "c:1"}},
    }
    assert model["weightSpecs"] == [{"name": "a", "shape": [1], "dtype": "float32"}]


def test_short_names_are_all_different_and_hold_no_digit() -> None:
    """A name of digits alone would be sorted ahead of others in an object of JavaScript's."""
    names = [short_name(number) for number in range(10_000)]
    assert len(set(names)) == len(names)
    assert all(name.isalpha() and name.isascii() for name in names)
    assert (names[0], names[51], names[52], names[53]) == ("a", "Z", "aa", "ab")


@pytest.mark.parametrize(
    ("op", "stays"), [("Cast", "DstT"), ("Fill", "T"), ("Range", "Tidx"), ("Placeholder", "dtype")]
)
def test_a_type_that_decides_what_is_computed_stays(op: str, stays: str) -> None:
    assert stays in kept(op, **{stays: {"type": "DT_INT32"}})


def test_a_type_that_follows_from_operands_goes_and_other_attributes_stay() -> None:
    types = {"T": {"type": "DT_FLOAT"}, "Tidx": {"type": "DT_INT32"}}
    assert kept("Sum", **types, keep_dims={"b": True}) == ["keep_dims"]


def test_files_for_others_keep_names_and_types() -> None:
    """TensorFlow's own tools read them, and people do."""
    weights = {"weights": np.zeros((3, 2), np.float32)}
    node = helper.make_node("MatMul", ["x", "weights"], ["y"])
    model = compile_model(build([node], [("x", 1, [1, 3])], [("y", 1, [1, 2])], weights))
    files = model.files()
    assert b'"weights/const"' in files["model.json"]
    assert b'"T":{"type":"DT_FLOAT"}' in files["model.json"]
    assert "weights/const" not in str(model.to_payload())
