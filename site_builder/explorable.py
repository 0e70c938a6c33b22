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
from site_builder.noise import Noise
from site_builder.sizes import Seed

if TYPE_CHECKING:
    import altair as alt

ChartMethod = TypeVar("ChartMethod", bound=Callable[..., "alt.TopLevelMixin"])

RESERVED = frozenset(dir(nn.Module)) | {"name", "input", "output", "double", "float", "half"}
"""Names an input or output can't have: `nn.Module` answers to them itself."""


LEADING: Mapping[str, tuple[str, ...]] = {
    "start": (),
    "step": ("state",),
    "edit": ("state", "row", "value"),
    "forward": ("state",),
}
"""The methods that are compiled, with what they take before inputs where there is time."""


@dataclass(frozen=True)
class FigureMark:
    """What `figure` notes on the method it decorates."""

    alt: str
    edits: str | None = None


def figure(*, alt: str, edits: str | None = None) -> Callable[[ChartMethod], ChartMethod]:
    """Marks a method of an `Explorable` that returns an Altair chart of its outputs.

    Args:
        alt: What the picture shows, for those who can't see it: one or two sentences.
        edits: A column of `Rows`, such as ``"links.weight"``: the reader can click a mark of those
            rows and type another number, which ``edit(state, row, value)`` puts into the state.

    Raises:
        SiteBuilderError: If the text is empty.
    """
    if not isinstance(alt, str) or not alt.strip():
        raise SiteBuilderError('figure needs a text alternative: @figure(alt="What it shows.").')

    def mark(method: ChartMethod) -> ChartMethod:
        method.__figure__ = FigureMark(alt.strip(), edits)  # type: ignore[attr-defined]
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

    With ``start(self, ...)`` and ``step(self, state, ...)`` it has time: ``start`` gives the state,
    a dict of tensors, ``step`` the next one, of the same names, shapes and dtypes, and ``forward``
    takes ``state`` first. ``edit(self, state, row, value, ...)``, where there is one, gives the
    state after the reader has typed a new number into a figure's mark. Each method takes those of
    the inputs that it names. An input that ``start`` takes starts time over when it changes; any
    other takes effect at the next step.

    With ``ahead = 300`` as well, time is not the reader's: whenever an input that ``start`` or
    ``step`` takes has changed, the course starts over and goes 300 steps at once, and ``forward``
    sees where it ends. So a simulation is recomputed whole while a slider moves. What ``forward``
    shows of the way there, ``step`` writes into the state.

    The methods are compiled: none may decide in Python on the value of a tensor. A ``step`` may
    differentiate with `torch.func.grad`.

    Attributes:
        explorable_name: The class's name in snake_case, unique in the site.
        inputs: The inputs by name, in the order of the source.
        noises: The `Noise` by name.
        methods: For each of the methods above that the class has, the inputs and noises it takes.
        strides: For explorables with time: how far the reader can step at once, as a word of the
            page and a number of steps, or the name of the scalar output that holds the number.
        ahead: How many steps every course goes before it is shown; 0 where the reader plays it.
        backend: What runs it in the page: ``"cpu"``, ``"wasm"`` or ``"webgl"``; chosen by the build
            from the cost where it is None.
        figures: The names of the methods marked by `figure`, in the order of the source.
    """

    explorable_name: ClassVar[str]
    inputs: ClassVar[Mapping[str, Input]]
    noises: ClassVar[Mapping[str, Noise]]
    methods: ClassVar[Mapping[str, tuple[str, ...]]]
    strides: ClassVar[Mapping[str, int | str]] = {"step": 1}
    ahead: ClassVar[int] = 0
    backend: ClassVar[str | None] = None
    figures: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.explorable_name = snake_case(cls.__name__)
        members: dict[str, Any] = {}
        for base in reversed(cls.__mro__):
            members.update(vars(base))
        inputs = {name: value for name, value in members.items() if isinstance(value, Input)}
        noises = {name: value for name, value in members.items() if isinstance(value, Noise)}
        for name, noise in noises.items():
            check_name(name, "noise", cls)
            if noise.seed == "seed" and "seed" not in inputs:
                inputs["seed"] = seed = Seed()
                seed.__set_name__(cls, "seed")
                cls.seed = seed  # type: ignore[attr-defined]
            if not isinstance(inputs.get(noise.seed), Seed):
                seeds = [key for key, value in inputs.items() if isinstance(value, Seed)]
                raise SiteBuilderError(
                    f"{cls.__name__}.{name}: {unknown('Seed input', noise.seed, seeds)}",
                    place=place_of(cls),
                )
        for name in inputs:
            check_name(name, "input", cls)
        cls.inputs, cls.noises = inputs, noises
        cls.figures = tuple(name for name, value in members.items() if figure_mark(value))
        cls.methods = _methods(cls, [*inputs, *noises]) if "forward" in members_of(cls) else {}
        _check_ahead(cls)
        if not cls.methods and (inputs or noises):
            raise SiteBuilderError(
                f"{cls.__name__} has inputs and no forward(self, {', '.join(inputs)}).",
                place=place_of(cls),
            )


def members_of(cls: type[Explorable]) -> set[str]:
    """The methods of time that a class or its bases below `Explorable` define."""
    bases = cls.__mro__[: cls.__mro__.index(Explorable)]
    return {name for base in bases for name in vars(base) if name in LEADING}


def _check_ahead(cls: type[Explorable]) -> None:
    ahead, defined = cls.ahead, members_of(cls)
    wrong = ""
    if not isinstance(ahead, int) or isinstance(ahead, bool) or ahead < 0:
        wrong = f"must be a number of steps, such as 300, not {ahead!r}"
    elif ahead and "step" not in defined:
        wrong = "goes steps, so that it needs start(...) and step(state, ...)"
    elif ahead and "edit" in defined:
        wrong = "leaves no time to the reader, so that there can be no edit"
    if wrong:
        raise SiteBuilderError(f"{cls.__name__}.ahead {wrong}.", place=place_of(cls))


def _methods(cls: type[Explorable], known: list[str]) -> dict[str, tuple[str, ...]]:
    """What each method takes beyond state, checked: names of inputs, and every input by one."""
    defined = members_of(cls)
    timed = {"start", "step"} & defined
    if (timed and len(timed) < 2) or ("edit" in defined and not timed):
        has = next(name for name in ("step", "start", "edit") if name in defined)
        lacks = "start" if has == "step" else "step" if has == "start" else "start and step"
        raise SiteBuilderError(
            f"{cls.__name__} has {has} and no {lacks}; an explorable with time needs start(...) "
            "and step(state, ...).",
            place=place_of(getattr(cls, has)),
        )
    methods: dict[str, tuple[str, ...]] = {}
    for method in [name for name in LEADING if name in defined]:
        leading = LEADING[method] if timed else ()
        parameters = list(inspect.signature(getattr(cls, method)).parameters.values())[1:]
        names = [parameter.name for parameter in parameters]
        odd = any(parameter.kind is not parameter.POSITIONAL_OR_KEYWORD for parameter in parameters)
        extra = [name for name in names[len(leading) :] if name not in known]
        missing = "" if timed else _missing(cls, known, names)
        if tuple(names[: len(leading)]) != leading or odd or extra or missing:
            wanted = ", ".join(("self", *leading, "..." if timed else ", ".join(known)))
            what = "the state and then inputs" if timed else "exactly the inputs of the class"
            said = [unknown("input", extra[0], known)] if extra else []
            said += [f"{method} lacks {missing}"] if missing else []
            raise SiteBuilderError(
                f"{cls.__name__}.{method}({', '.join(names)}) must take {what} by name: "
                f"{method}({wanted}). {'; '.join(said)}".strip(),
                place=place_of(getattr(cls, method)),
            )
        methods[method] = tuple(names[len(leading) :])
    missing = _missing(cls, known, [name for names in methods.values() for name in names])
    if missing:
        raise SiteBuilderError(
            f"{cls.__name__}: none of {', '.join(methods)} takes {missing}.",
            place=place_of(cls.forward),
        )
    return methods


def _missing(cls: type[Explorable], known: list[str], taken: list[str]) -> str:
    """The inputs that are not taken, in words; a seed is taken by the noise that it is of."""
    names = [name for name in known if not isinstance(cls.inputs.get(name), Seed)]
    left = [name for name in names if name not in taken]
    return f"the input{'s'[: len(left) > 1]} {', '.join(left)}" if left else ""


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
