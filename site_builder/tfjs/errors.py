"""The one error of the converter, and what becomes one where the node is known."""

from __future__ import annotations

from ..errors import SiteBuilderError


class ConversionError(SiteBuilderError):
    """A model, or one node of it, that is not converted, and why.

    Attributes:
        op: ONNX operator, such as `Conv`, where one node is to blame.
        node: that node's name, or that of its first output where it has none.
        attribute: attribute or input that is to blame.
        reason: what cannot be done, and what could be done instead.
        stack_trace: lines of the author's program that made the node, where the exporter
            recorded them.
    """

    def __init__(
        self,
        reason: str,
        *,
        op: str | None = None,
        node: str | None = None,
        attribute: str | None = None,
        stack_trace: str | None = None,
    ) -> None:
        self.op = op
        self.node = node
        self.attribute = attribute
        self.reason = reason
        self.stack_trace = stack_trace
        where = f"ONNX {op}" if op else ""
        if op and node:
            where += f" (node '{node}')"
        if attribute:
            where += f"{', ' if where else ''}'{attribute}'"
        super().__init__(f"{where}: {reason}" if where else reason)

    @property
    def unexpected(self) -> bool:
        """Whether an exception is behind it that nobody meant; with a valid model, our fault."""
        return self.__cause__ is not None


class MisfitError(ValueError):
    """Operands that cannot be converted, said where it is not known of which node they are."""
