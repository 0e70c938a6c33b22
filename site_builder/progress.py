"""Progress of training, seen by whoever waits: a bar with the loss, or plain lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from typing import SupportsFloat

    from rich.console import Console

Item = TypeVar("Item")


@dataclass(frozen=True)
class Step:
    """One word of a training run to whoever shows it.

    Attributes:
        what: What is trained, unique among the runs that go on at once.
        done: Steps finished.
        total: Steps in all, or None where that can't be known.
        loss: The loss last reported, or None.
        over: Whether the run has ended.
    """

    what: str
    done: int
    total: int | None
    loss: float | None
    over: bool = False


_listeners: list[Callable[[Step], None]] = []


class track(Generic[Item]):  # noqa: N801 - used like a function, as tqdm is
    """Shows how far a training loop has come, and its loss.

    ::

        epochs = track(range(300), "autoencoder")
        for _ in epochs:
            loss = ...
            epochs.loss = loss

    Args:
        items: What the loop goes through.
        what: What is trained; the loop's place in the bar.

    Attributes:
        loss: Set it to the loss, a tensor or a number.
        history: The loss after each step in which it was set.
    """

    INTERVAL = 0.1  # seconds between two words to the bar: reading a GPU's loss makes it wait

    def __init__(self, items: Iterable[Item], what: str = "training") -> None:
        self.items = items
        self.what = what
        self.total = len(items) if isinstance(items, Sized) else None
        self.loss: SupportsFloat | None = None

    def __iter__(self) -> Iterator[Item]:
        last = 0.0
        done = 0
        for item in self.items:
            yield item
            done += 1
            now = time.monotonic()
            if now - last >= self.INTERVAL:
                last = now
                self._tell(done)
        self._tell(done, over=True)

    def _tell(self, done: int, *, over: bool = False) -> None:
        detach = getattr(self.loss, "detach", None)  # a tensor in a graph warns when it is read
        value = detach() if detach else self.loss
        loss = None if value is None else float(value)
        for listener in _listeners:
            listener(Step(self.what, done, self.total, loss, over))


@contextmanager
def told_to(listener: Callable[[Step], None]) -> Iterator[None]:
    """Within it, every `track` of this process reports to `listener`."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


@contextmanager
def shown(console: Console | None = None) -> Iterator[Callable[[Step], None]]:
    """Shows steps on a terminal as bars, elsewhere as one line at each quarter and at the end.

    Args:
        console: Where to; standard error where not given.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
    )

    console = console or Console(file=sys.stderr)
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn())
    more = (TextColumn("loss {task.fields[loss]}"), TimeElapsedColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, *more, console=console) as bars:

        def show(step: Step) -> None:
            if step.what not in tasks:
                tasks[step.what] = bars.add_task(step.what, total=step.total, loss="")
            loss = "" if step.loss is None else f"{step.loss:.4g}"
            total = step.done if step.over else step.total
            bars.update(tasks[step.what], completed=step.done, total=total, loss=loss)

        yield show


class _Lines:
    """A log's way: few lines, each whole."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.quarter: dict[str, int] = {}

    def __call__(self, step: Step) -> None:
        quarter = 4 if step.over else 4 * step.done // step.total if step.total else 0
        if quarter > self.quarter.get(step.what, 0):
            self.quarter[step.what] = quarter
            loss = "" if step.loss is None else f", loss {step.loss:.4g}"
            of = f" of {step.total}" if step.total else ""
            self.console.print(
                f"  {step.what}: {step.done}{of} steps{loss}", soft_wrap=True, highlight=False
            )
