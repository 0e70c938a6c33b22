"""`Explorable`, a PyTorch module that a reader can touch, and `figure`, a chart of its outputs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from torch import nn

from site_builder.errors import SiteBuilderError, unknown
from site_builder.inputs import Input

if TYPE_CHECKING:
    import altair as alt

ChartMethod = TypeVar("ChartMethod", bound=Callable[..., "alt.TopLevelMixin"])

RESERVED = frozenset(dir(nn.Module)) | {"name", "input", "output", "double", "float", "half"}
"""Names an input or output can't have: `nn.Module` answers to them itself."""


@dataclass(frozen=True)
class FigureMark:
    """What `figure` notes on the method it decorates."""

    alt: str


def figure(*, alt: str) -> Callable[[ChartMethod], ChartMethod]:
    """Marks a method of an `Explorable` that returns an Altair chart of its outputs.

    Args:
        alt: What the picture shows, for those who can't see it: one or two sentences.

    Raises:
        SiteBuilderError: If the text is empty.
    """
    if not isinstance(alt, str) or not alt.strip():
        raise SiteBuilderError('figure needs a text alternative: @figure(alt="What it shows.").')

    def mark(method: ChartMethod) -> ChartMethod:
        method.__figure__ = FigureMark(alt.strip())  # type: ignore[attr-defined]
        return method

    return mark


class Explorable(nn.Module):
    """A PyTorch module that a reader can touch.

    A subclass names its inputs as class attributes and returns named outputs::

        class Line(Explorable):
            slope = Slider(-2.0, 2.0, 1.0, step=0.1, label="Slope")

            def forward(self, slope: Tensor) -> dict[str, Output]:
                x = torch.linspace(-1, 1, 50)
                return {"line": Rows(x=x, y=slope * x), "rise": slope * 2}

    `forward` is compiled: it may not decide in Python on the value of a tensor.

    Attributes:
        explorable_name: The class's name in snake_case, unique in the site.
        inputs: The inputs by name, in the order of `forward`'s arguments.
        figures: The names of the methods marked by `figure`, in the order of the source.
    """

    explorable_name: ClassVar[str]
    inputs: ClassVar[Mapping[str, Input]]
    figures: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.explorable_name = snake_case(cls.__name__)
        members: dict[str, Any] = {}
        for base in reversed(cls.__mro__):
            members.update(vars(base))
        found = {name: value for name, value in members.items() if isinstance(value, Input)}
        for name in found:
            check_name(name, "input", cls)
        cls.figures = tuple(name for name, value in members.items() if figure_mark(value))
        cls.inputs = {name: found[name] for name in cls._arguments(found)}

    @classmethod
    def _arguments(cls, found: Mapping[str, Input]) -> list[str]:
        """The names of `forward`'s arguments, which must be those of the inputs."""
        if "forward" not in vars(cls):
            if found:
                raise SiteBuilderError(
                    f"{cls.__name__} has inputs and no forward(self, {', '.join(found)}).",
                    place=place_of(cls),
                )
            return []
        parameters = list(inspect.signature(cls.forward).parameters.values())[1:]
        names = [p.name for p in parameters]
        odd = [p.name for p in parameters if p.kind is not p.POSITIONAL_OR_KEYWORD]
        if set(names) != set(found) or odd:
            extra = [name for name in names if name not in found]
            missing = [name for name in found if name not in names]
            said = "; ".join(
                filter(
                    None,
                    [
                        unknown("input", extra[0], found) if extra else "",
                        f"forward lacks the input{'s'[: len(missing) > 1]} {', '.join(missing)}"
                        if missing
                        else "",
                    ],
                )
            )
            raise SiteBuilderError(
                f"{cls.__name__}.forward({', '.join(names)}) must take exactly the inputs of the "
                f"class by name: forward(self, {', '.join(found)}). {said}",
                place=place_of(cls.forward),
            )
        return names


def figure_mark(member: Any) -> FigureMark | None:
    """What `figure` noted on a class's member, or None where it is no figure."""
    mark = getattr(member, "__figure__", None) if inspect.isfunction(member) else None
    return mark if isinstance(mark, FigureMark) else None


def check_name(name: str, what: str, cls: type, *, reserved: frozenset[str] = RESERVED) -> None:
    """Refuses the names that `nn.Module` uses itself, and those no page could write."""
    if name in reserved:
        raise SiteBuilderError(
            f"{cls.__name__}: the {what} name '{name}' is reserved, since torch.nn.Module uses it "
            f"itself; choose another, such as '{name}_value'.",
            place=place_of(cls),
        )
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        raise SiteBuilderError(
            f"{cls.__name__}: the {what} name '{name}' must be made of letters, digits and "
            "underscores, and begin with a letter.",
            place=place_of(cls),
        )


def place_of(thing: Any) -> str | None:
    """The file and line where a class or function is written, as an absolute ``path:line``."""
    try:
        path, line = inspect.getsourcefile(thing), inspect.getsourcelines(thing)[1]
    except (OSError, TypeError):
        return None
    return f"{path}:{line}" if path else None


def snake_case(name: str) -> str:
    """``AnomalyDesk`` -> ``anomaly_desk``, ``MLPClassifier`` -> ``mlp_classifier``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return spaced.lower()
