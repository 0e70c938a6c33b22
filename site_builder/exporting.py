"""From a traced program to ONNX, quietly, and with no number changed."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import torch
from onnxscript.optimizer import fold_constants, remove_unused_nodes
from torch.nn.attention import SDPBackend, sdpa_kernel

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
    with plainly(), torch.no_grad():
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
    fold_constants(exported.model)
    remove_unused_nodes(exported.model)
    return exported.model_proto


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
