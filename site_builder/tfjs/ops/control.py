"""Branches and loops, written out: what runs in the page has no control flow.

A branch whose condition is known is the branch taken. One whose condition is not computes both
and chooses; a loop is as many copies of its body as it has turns. So every graph runs in one go,
on every backend.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import onnx

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import expand

# A loop of more turns would be a graph too large to be loaded.
_TURNS = 1024


@converter("If")
def if_(g: Graph, node: OnnxNode) -> list[Tensor]:
    """ONNX If -> the branch taken, where it is known; else both branches and TF SelectV2."""
    branches = node.graph("then_branch"), node.graph("else_branch")
    condition = node[0]
    if condition.value is not None:
        return node.inline(branches[0] if condition.value.all() else branches[1])
    chosen = g.reshape(condition, [])
    yes, no = (node.inline(branch) for branch in branches)
    return [_choose(g, node, chosen, a, b) for a, b in zip(yes, no, strict=True)]


def _choose(g: Graph, node: OnnxNode, condition: Tensor, yes: Tensor, no: Tensor) -> Tensor:
    if yes.name == no.name:
        return yes
    if yes.dtype != no.dtype or yes.static is None or yes.static != no.static:
        raise node.refuse(
            "its condition is computed by the model, and its branches differ in shape or type"
        )
    return g.add("SelectV2", condition, yes, no, shape=yes.shape)


@dataclasses.dataclass
class _Turns:
    """What a loop has done so far."""

    state: list[Tensor]
    scanned: list[list[Tensor]]


@converter("Scan", until=9)
def scan_batched(g: Graph, node: OnnxNode) -> list[Tensor]:
    """ONNX Scan with a batch dimension -> its body once a step, of one batch element each."""
    if node.get(0) is not None:
        raise node.refuse("of different lengths is not supported", "sequence_lens")
    node.ignore("directions")
    if any(node.integers("directions", [])):
        raise node.refuse("backwards is not supported in this version", "directions")
    count, body = node.integer("num_scan_inputs"), node.graph("body")
    batch, length = node.static(len(node.inputs) - 1)[:2]
    rows = []
    for row in range(batch):
        given = [_take(g, node[i], 0, row) for i in range(1, len(node.inputs))]
        state, scanned = given[: len(given) - count], given[len(given) - count :]
        steps = [[_take(g, x, 0, t) for x in scanned] for t in range(length)]
        done = _unrolled(node, body, state, steps)
        rows.append([*done.state, *(_stack(g, parts, 0) for parts in done.scanned)])
    return [_stack(g, list(parts), 0) for parts in zip(*rows, strict=True)]


@converter("Scan", since=9)
def scan(g: Graph, node: OnnxNode) -> list[Tensor]:
    """ONNX Scan -> its body once a step; the length must be known."""
    count, body = node.integer("num_scan_inputs"), node.graph("body")
    first = len(node.inputs) - count
    outputs = len(body.output) - first
    axes = node.integers("scan_input_axes", [0] * count)
    backwards = node.integers("scan_input_directions", [0] * count)
    out_axes = node.integers("scan_output_axes", [0] * outputs)
    out_backwards = node.integers("scan_output_directions", [0] * outputs)
    axes = [node.axis(axis, node.rank(first + i)) for i, axis in enumerate(axes)]
    length = node.shape(first)[axes[0]]
    if length is None:
        raise node.refuse("needs the number of its steps at build time")
    steps = [
        [
            _take(g, node[first + i], axes[i], length - 1 - t if backwards[i] else t)
            for i in range(count)
        ]
        for t in range(length)
    ]
    done = _unrolled(node, body, [node[i] for i in range(first)], steps)
    results = list(done.state)
    for i, parts in enumerate(done.scanned):
        ordered = parts[::-1] if out_backwards[i] else parts
        rank = (ordered[0].rank or 0) + 1
        results.append(_stack(g, ordered, node.axis(out_axes[i], rank)))
    return results


def _unrolled(
    node: OnnxNode,
    body: onnx.GraphProto,
    state: list[Tensor],
    steps: Sequence[Sequence[Tensor]],
) -> _Turns:
    if not steps or len(steps) > _TURNS:
        raise node.refuse(f"has {len(steps)} steps, and only 1 to {_TURNS} can be written out")
    turns = _Turns(state, [[] for _ in range(len(body.output) - len(state))])
    for step in steps:
        made = node.inline(body, [*turns.state, *step])
        turns.state = made[: len(state)]
        for parts, new in zip(turns.scanned, made[len(state) :], strict=True):
            parts.append(new)
    return turns


def _take(g: Graph, x: Tensor, axis: int, place: int) -> Tensor:
    return g.add("GatherV2", x, g.const(place), g.const(axis), batch_dims=0)


def _stack(g: Graph, parts: list[Tensor], axis: int) -> Tensor:
    if len(parts) == 1:
        return expand(g, parts[0], axis)
    return g.add("Pack", *parts, axis=axis, N=len(parts))


@converter("Loop")
def loop(g: Graph, node: OnnxNode) -> list[Tensor]:
    """ONNX Loop -> its body once a turn, where the turns can be counted at build time."""
    body, going = node.graph("body"), node.get(1)
    state = [node[i] for i in range(2, len(node.inputs))]
    count, certain = _turns(node, len(state))
    if certain or going is None:
        going = g.const(True)
    scanned: list[list[Tensor]] = [[] for _ in range(len(body.output) - 1 - len(state))]
    ran: list[Tensor] = []
    for turn in range(count):
        if going.value is not None and not going.value.all():
            break
        again, *made = node.inline(body, [g.const(turn), going, *state])
        new = made[: len(state)]
        if going.value is None:
            running = g.reshape(going, [])
            new = [_choose(g, node, running, a, b) for a, b in zip(new, state, strict=True)]
            again = g.add("LogicalAnd", running, g.reshape(again, []))
            ran.append(running)
        state, going = new, g.const(True) if certain else again
        for parts, part in zip(scanned, made[len(new) :], strict=True):
            parts.append(part)
    if scanned and not scanned[0]:
        raise node.refuse("makes no turn, so that what it collects has no shape")
    whole = [_stack(g, parts, 0) for parts in scanned]
    return [*state, *(_while_running(g, x, ran) for x in whole)]


def _turns(node: OnnxNode, states: int) -> tuple[int, bool]:
    """How many turns at most, and whether it certainly makes them all."""
    limit = node.get(0)
    declared = [node.declared(i) for i in range(states, len(node.proto.output))]
    rows = next((shape[0] for shape in declared if shape and shape[0] is not None), None)
    if limit is not None and limit.value is not None:
        count, certain = int(limit.value.ravel()[0]), False
    elif rows is not None:
        # What it collects has one row a turn, and the model says how many rows.
        count, certain = rows, True
    else:
        raise node.refuse("must be known at build time, but the model computes it", "M")
    if count > _TURNS:
        raise node.refuse(f"has {count} turns, and only {_TURNS} can be written out", "M")
    return count, certain


def _while_running(g: Graph, rows: Tensor, ran: list[Tensor]) -> Tensor:
    """The rows of the turns that were made; those that the condition ended too early go."""
    if not ran or rows.shape is None or rows.shape[0] is None:
        return rows
    flags = g.cast(_stack(g, ran, 0), "int32")
    made = g.add("Sum", flags, g.const([0]), keep_dims=False)
    sure = rows.shape[0] - len(ran)
    count = g.add("AddV2", made, g.const(sure))
    size = g.vector([count, *[-1] * (len(rows.shape) - 1)])
    return g.add("Slice", rows, g.const([0] * len(rows.shape)), size)
