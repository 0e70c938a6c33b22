"""Which ONNX operator is converted by which function, at which version of its domain."""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import pkgutil
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from .graph import Graph, Tensor
    from .onnx_node import OnnxNode

Function = Callable[["Graph", "OnnxNode"], "Tensor | Sequence[Tensor | None]"]
AnyFunction = TypeVar("AnyFunction", bound=Function)


@dataclasses.dataclass(frozen=True)
class Converter:
    """One converter function and the versions of the operator set that it is right for.

    Attributes:
        op: ONNX operator.
        domain: its domain; empty for ONNX's own.
        since: first version of the operator set.
        until: first version that it is no longer right for, or None.
        function: writes the operator's TensorFlow operations into a graph.
    """

    op: str
    domain: str
    since: int
    until: int | None
    function: Function

    def covers(self, version: int) -> bool:
        """Whether the operator of this version is meant."""
        return self.since <= version and (self.until is None or version < self.until)

    @property
    def summary(self) -> str:
        """First line of the function's docstring."""
        return (self.function.__doc__ or "").strip().partition("\n")[0]


class Registry:
    """Converters by operator; no two of them cover the same version."""

    def __init__(self) -> None:
        self._converters: dict[tuple[str, str], list[Converter]] = {}

    def add(self, new: Converter) -> None:
        """Enter a converter.

        Raises:
            ValueError: it has no docstring, or another converter covers one of its versions.
        """
        if not new.summary:
            raise ValueError(f"the converter of {new.op} has no docstring")
        known = self._converters.setdefault((new.domain, new.op), [])
        for other in known:
            if other.covers(new.since) or new.covers(other.since):
                raise ValueError(
                    f"two converters for {new.op} from version {max(new.since, other.since)}: "
                    f"{other.function.__module__}.{other.function.__name__} and "
                    f"{new.function.__module__}.{new.function.__name__}"
                )
        known.append(new)

    def lookup(self, domain: str, op: str, version: int) -> Converter | None:
        """The converter for an operator at a version of its domain, or None."""
        for candidate in self._converters.get((domain, op), ()):
            if candidate.covers(version):
                return candidate
        return None

    def nearest(self, op: str) -> str | None:
        """The known operator whose name is most like `op`."""
        close = difflib.get_close_matches(op, self.names(), n=1, cutoff=0.5)
        return close[0] if close else None

    def names(self) -> list[str]:
        """Every operator, sorted."""
        return sorted({op for _, op in self._converters})

    def table(self) -> list[Converter]:
        """Every converter, sorted by domain, operator and version: for the documentation."""
        entries = [entry for known in self._converters.values() for entry in known]
        return sorted(entries, key=lambda entry: (entry.domain, entry.op, entry.since))


#: The converters of this package.
REGISTRY = Registry()


def converter(
    op: str,
    since: int = 1,
    until: int | None = None,
    domain: str = "",
    registry: Registry | None = None,
) -> Callable[[AnyFunction], AnyFunction]:
    """Register the decorated function as the converter of `op`; it may be used repeatedly.

    Args:
        op: ONNX operator.
        since: first version of the operator set that the function is right for.
        until: first version that it is no longer right for.
        domain: the operator's domain.
        registry: where to enter it; by default the package's own registry.
    """

    def register(function: AnyFunction) -> AnyFunction:
        target = REGISTRY if registry is None else registry
        target.add(Converter(op, domain, since, until, function))
        return function

    return register


def load_converters() -> Registry:
    """Import every operator family, which fills `REGISTRY`."""
    from . import ops

    for module in pkgutil.iter_modules(ops.__path__):
        importlib.import_module(f"{ops.__name__}.{module.name}")
    return REGISTRY
