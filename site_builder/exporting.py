"""From a traced program to ONNX, quietly, and with no number changed."""

from __future__ import annotations

import contextlib
import functools
import io
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import torch
from onnxscript.optimizer import fold_constants, remove_unused_nodes
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.onnx._internal.exporter import _registration

from site_builder.tfjs.folding import GROWTH_LIMIT

if TYPE_CHECKING:
    import onnx


def to_onnx(
    program: torch.export.ExportedProgram, inputs: Sequence[str], outputs: Sequence[str]
) -> onnx.ModelProto:
    """Writes an exported program as ONNX.

    Args:
        program: What `torch.export.export` gave within `plainly`.
        inputs: A name for each input, in order.
        outputs: A name for each output, in order.
    """
    with plainly(), torch.no_grad(), _one_registry():
        # The exporter's own rewriting takes an epsilon of 1e-8 for zero and drops it, so that
        # x / (|x| + 1e-8) would divide by nothing at 0: only constants are folded here.
        exported = torch.onnx.export(
            program,
            dynamo=True,
            optimize=False,
            verbose=False,
            input_names=list(inputs),
            output_names=list(outputs),
        )
    assert exported is not None  # it is None only where a file was asked for
    # A larger constant is written only where it takes the place of as many numbers: positions of
    # points, grids and the like are made in the page, from next to nothing.
    fold_constants(exported.model, output_size_limit=GROWTH_LIMIT)
    remove_unused_nodes(exported.model)
    return exported.model_proto


@contextlib.contextmanager
def _one_registry() -> Iterator[None]:
    """Within it, the exporter's table of functions is made once a process.

    It makes the same table anew at every call, which takes longer than the export of a small
    program. Where a version of PyTorch keeps it elsewhere, nothing is changed.
    """
    owner = getattr(_registration, "ONNXRegistry", None)
    make = getattr(owner, "from_torchlib", None)
    if owner is None or make is None:
        yield
        return
    before = owner.__dict__["from_torchlib"]
    # Static: the exporter calls it on an instance, too.
    owner.from_torchlib = staticmethod(functools.partial(_table, make))
    try:
        yield
    finally:
        owner.from_torchlib = before


@functools.cache
def _table(make: Callable[..., Any], **arguments: int) -> Any:
    return make(**arguments)


@contextlib.contextmanager
def plainly() -> Iterator[None]:
    """Within it, PyTorch traces what ONNX knows, and says nothing.

    ONNX has no fused attention and none of mkldnn's layers. The exporter prints graphs, warnings
    and advice, which would bury the author's own errors.
    """
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            torch.backends.mkldnn.flags(enabled=False),
            sdpa_kernel([SDPBackend.MATH]),
        ):
            yield
    finally:
        logging.disable(before)


def random_nodes(graph: torch.fx.Graph) -> Iterator[torch.fx.Node]:
    """The operations that draw random numbers, which would not be the same in the page."""
    for node in graph.nodes:
        if torch.Tag.nondeterministic_seeded in getattr(node.target, "tags", ()):
            yield node


def failed_node(error: BaseException) -> tuple[str, str]:
    """The operation that the exporter stopped at, and the stack of the author's call of it.

    The exporter decomposes the program before it translates it, so that only its own frames know
    the node it was at.
    """
    seen: BaseException | None = error
    while seen is not None:
        frame = seen.__traceback__
        while frame is not None:
            node = frame.tb_frame.f_locals.get("node")
            if isinstance(node, torch.fx.Node):
                return str(node.target), node.meta.get("stack_trace") or ""
            frame = frame.tb_next
        seen = seen.__cause__ or seen.__context__
    return "in forward", ""
