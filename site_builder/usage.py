"""Which inputs a variant does not compute with: they do nothing until another one is chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Spec = Mapping[str, Any]


def idle_inputs(notes: Spec, figures: Iterable[Spec], programs: Mapping[str, Spec]) -> list[str]:
    """Names of the inputs that do nothing in a variant, in their order.

    No node of any program reads such an input's tensors or noise, no figure shows it, and it does
    not choose the programs. A signature alone doesn't tell, since it also names what the graph
    never reads.

    Args:
        notes: What is known of all variants: inputs and noises, and the variants' keys.
        figures: The figures' specs.
        programs: The programs of the variant, as a payload has them.
    """
    inputs: list[Spec] = notes["inputs"]
    if len(notes["variants"]) == 1:
        return []  # where nothing can change it, it is the author's own affair
    read = {name for program in programs.values() for name in _tensors_read(program)}
    read |= {noise["seed"] for noise in notes["noises"] if noise["name"] in read}
    for figure in figures:
        handles = [handle["input"] for handle in figure["handles"]]
        read |= {*figure["data"], *figure["signals"], *handles}
    names = [spec["name"] for spec in inputs if not spec.get("static")]
    return [name for name in names if read.isdisjoint(_tensors_of(name))]


def _tensors_of(name: str) -> set[str]:
    """An input's tensor by its own name, and those of placed points."""
    return {name, *(f"{name}.{part}" for part in ("xy", "label", "present"))}


def _tensors_read(program: Spec) -> Iterator[str]:
    """Names, as in the signatures, of the inputs that some node reads or that are an output."""
    for text in (program, program["prologue"]):
        if text is None:
            continue
        signature = text["model"]["signature"]
        nodes = text["model"]["modelTopology"]["node"]
        read = {_node_of(reference) for node in nodes for reference in node.get("input", ())}
        read |= {_node_of(output["name"]) for output in signature["outputs"].values()}
        yield from (
            n for n, entry in signature["inputs"].items() if _node_of(entry["name"]) in read
        )


def _node_of(reference: str) -> str:
    """The node behind a reference to one of its outputs (``x:0``) or to its end (``^x``)."""
    return re.sub(r":\d+$", "", reference.removeprefix("^"))
