"""`@reference_model`: the one place where training happens, once, kept by content."""

from __future__ import annotations

import functools
import hashlib
import inspect
import io
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, overload

import torch
from torch import nn

from site_builder.errors import SiteBuilderError
from site_builder.progress import Step, told_to
from site_builder.sources import Sources, package_version
from site_builder.store import Store, file_digest

Parameters = ParamSpec("Parameters")
Model = TypeVar("Model", bound=nn.Module)


@dataclass
class Workshop:
    """Where reference models are trained and kept while a project is built.

    Attributes:
        root: The project's folder.
        store: The project's store.
        sources: The project's modules, parsed.
        listener: Hears how training goes on.
        log: One line for each model that was trained: its name, the reason, and the seconds.
        reads: The files of the project read so far, with the sha256 of each.
    """

    root: Path
    store: Store
    sources: Sources
    listener: Callable[[Step], None] = lambda step: None
    log: list[tuple[str, str, float]] = field(default_factory=list)
    reads: dict[str, str] = field(default_factory=dict)


_open: list[Workshop] = []


@contextmanager
def at_work(workshop: Workshop) -> Iterator[Workshop]:
    """Within it, reference models come from, and go to, that workshop's store."""
    _open.append(workshop)
    _listen_to_opens()
    try:
        yield workshop
    finally:
        _open.remove(workshop)


def device() -> torch.device:
    """The device to train on: the GPU where there is one, else the CPU.

    Draw random numbers on the CPU and move them here: then a GPU starts from the same ones.
    """
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    if accelerator is None:
        return torch.device("cpu")
    if accelerator.type == "mps" and torch.get_default_dtype() == torch.float64:
        return torch.device("cpu")  # Apple's has no float64
    return accelerator


@overload
def reference_model(function: Callable[Parameters, Model], /) -> Callable[Parameters, Model]: ...
@overload
def reference_model(
    *, seed: int = 0, dtype: torch.dtype = torch.float64
) -> Callable[[Callable[Parameters, Model]], Callable[Parameters, Model]]: ...
def reference_model(
    function: Callable[..., Any] | None = None,
    *,
    seed: int = 0,
    dtype: torch.dtype = torch.float64,
) -> Any:
    """Trains what the function returns once, and keeps it under everything that can change it.

    The key is made of the source of the function and of every project definition it reaches, its
    arguments, the seed, the files it reads, and the versions of Python and of the packages it
    imports. Outside a build, a call trains and keeps nothing.

    Inside the function Python, NumPy and PyTorch start from `seed`, PyTorch's default dtype is
    `dtype`, and it runs on one thread: a tiny model trains six times faster so. Training in float64
    makes the numbers that pages print the same on every machine, unless what is trained is chaotic:
    then round on the way, as `explainers/momentum/learned.py` does. The model is returned in
    float32, on the CPU, in evaluation mode.

    Args:
        function: Returns an `nn.Module`; its arguments are numbers, strings, or tuples of them.
        seed: Where every random generator starts.
        dtype: PyTorch's default dtype while it trains.

    Raises:
        SiteBuilderError: If the function returns no module, or an argument can't be part of a key.
    """
    if function is None:
        return functools.partial(reference_model, seed=seed, dtype=dtype)
    name = f"{function.__module__}.{function.__qualname__}"

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> nn.Module:
        train = functools.partial(_trained, function, args, kwargs, seed=seed, dtype=dtype)
        if not _open:
            return train()
        workshop = _open[-1]
        parts = {
            **workshop.sources.parts(function.__module__, function.__qualname__),
            **_own_parts(),
            "arguments": _arguments(function, name, args, kwargs),
            "seed": str(seed),
            "training dtype": str(dtype),
        }
        entry = workshop.store.get("reference", name, parts)
        if entry is None:
            why = workshop.store.explain("reference", name, parts)
            began, outer = time.monotonic(), dict(workshop.reads)
            workshop.reads.clear()
            with told_to(workshop.listener):
                model = train()
            buffer = io.BytesIO()
            torch.save(model, buffer)
            files = {"module.pt": buffer.getvalue()}
            entry = workshop.store.put("reference", name, parts, files, reads=workshop.reads)
            workshop.reads.update(outer)
            workshop.log.append((name, why, time.monotonic() - began))
        workshop.reads.update(entry.reads)
        data = workshop.store.read(entry.objects["module.pt"])
        # The store is the project's own, and its bytes were just checked against their hash.
        return torch.load(io.BytesIO(data), weights_only=False)  # type: ignore[no-any-return]

    return call


def _trained(
    function: Callable[..., nn.Module],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    seed: int,
    dtype: torch.dtype,
) -> nn.Module:
    threads, before = torch.get_num_threads(), torch.get_default_dtype()
    random.seed(seed)
    torch.manual_seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    torch.set_num_threads(1)
    torch.set_default_dtype(dtype)
    try:
        model = function(*args, **kwargs)
    finally:
        torch.set_num_threads(threads)
        torch.set_default_dtype(before)
    if not isinstance(model, nn.Module):
        raise SiteBuilderError(
            f"{function.__qualname__} must return a torch.nn.Module, not {type(model).__name__}; "
            "keep numbers that pages show as buffers of it.",
            place=f"{inspect.getsourcefile(function)}:{inspect.getsourcelines(function)[1]}",
        )
    return model.float().cpu().eval().requires_grad_(False)


@functools.cache
def _own_parts() -> dict[str, str]:
    """What this module and PyTorch add to a key."""
    digest = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    return {"site_builder.reference": digest, "version of torch": package_version("torch") or ""}


def _arguments(
    function: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> str:
    bound = inspect.signature(function).bind(*args, **kwargs)
    bound.apply_defaults()
    for argument, value in bound.arguments.items():
        if not _plain(value):
            raise SiteBuilderError(
                f"{name}: the argument {argument} is a {type(value).__name__}; only numbers, "
                "strings, None and tuples of them can be part of the key that it is kept under.",
                place=f"{inspect.getsourcefile(function)}:{inspect.getsourcelines(function)[1]}",
            )
    return repr(dict(bound.arguments))


def _plain(value: object) -> bool:
    if isinstance(value, tuple):
        return all(map(_plain, value))
    return value is None or isinstance(value, bool | int | float | str)


@functools.cache
def _listen_to_opens() -> None:
    """Notes every file of the project that is opened for reading: it is an ingredient too."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event != "open" or not _open or not isinstance(args[0], str | bytes | Path):
            return
        mode = args[1]
        if isinstance(mode, str) and not mode.startswith("r"):
            return
        workshop = _open[-1]
        path = Path(args[0] if not isinstance(args[0], bytes) else args[0].decode(errors="replace"))
        if path.suffix in {".py", ".pyc"} or not path.exists():
            return
        path = path.resolve()
        inside = path.is_relative_to(workshop.root) and not any(
            part.startswith(".") or part in {"site-packages", "__pycache__"}
            for part in path.relative_to(workshop.root).parts
        )
        if inside and path.is_file():
            key = path.relative_to(workshop.root).as_posix()
            if key not in workshop.reads:
                workshop.reads[key] = ""  # set first: hashing opens the file again
                workshop.reads[key] = file_digest(path) or ""

    sys.addaudithook(hook)
