"""A graph model without the bytes that TF.js's loader never reads.

A reader waits for every byte of a payload. Names of nodes, and the types that TensorFlow wants
beside each operation, are a third of a compressed model; the files for `tf.loadGraphModel` keep
both, for people and for other tools.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import ascii_letters
from typing import Any

from .tfops import OPS

Json = dict[str, Any]

#: Type attributes that do decide what is computed: the others follow from the operands.
_READ = frozenset({("Cast", "DstT"), ("Fill", "T"), ("Range", "Tidx")})


def lean(model: Mapping[str, Any]) -> Json:
    """The same model with short names of nodes, and without what the loader does not read.

    Args:
        model: `modelTopology`, `signature` and `weightSpecs` in TF.js's JSON form, and whatever
            else stands beside them. Keys of the signature and the order of nodes stay.
    """
    topology = model["modelTopology"]
    names = {node["name"]: short_name(i) for i, node in enumerate(topology["node"])}
    ends = {
        side: {key: {"name": _renamed(entry["name"], names)} for key, entry in entries.items()}
        for side, entries in model["signature"].items()
    }
    return {
        **model,
        "modelTopology": {**topology, "node": [_node(node, names) for node in topology["node"]]},
        "signature": ends,
        "weightSpecs": [{**spec, "name": names[spec["name"]]} for spec in model["weightSpecs"]],
    }


def short_name(number: int) -> str:
    """A name for each number: a, ..., Z, aa, ab, ...

    There are no digits in it: JavaScript would put a key such as 7 ahead of those before it, and
    TF.js keeps nodes by name.
    """
    name = ""
    number += 1
    while number:
        number, letter = divmod(number - 1, len(ascii_letters))
        name = ascii_letters[letter] + name
    return name


def _node(node: Json, names: Mapping[str, str]) -> Json:
    found: Json = {"name": names[node["name"]], "op": node["op"]}
    if "input" in node:
        found["input"] = [_renamed(edge, names) for edge in node["input"]]
    # A constant's type and shape stand with its weights.
    kept = {} if node["op"] == "Const" else node.get("attr", {})
    spec = OPS.get(node["op"])
    types = {name for name, _ in spec.type_attrs} if spec else set()
    unread = {name for name in types if (node["op"], name) not in _READ}
    if attrs := {name: value for name, value in kept.items() if name not in unread}:
        found["attr"] = attrs
    return found


def _renamed(edge: str, names: Mapping[str, str]) -> str:
    """An edge is a node's name and, past its first output, a colon and a number."""
    name, colon, output = edge.partition(":")
    return f"{names[name]}{colon}{output}"
