"""Errors a user can meet: each names the place, the cause and the way forward."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path


class SiteBuilderError(Exception):
    """A mistake that the author can mend; shown as its message, never as a traceback.

    Attributes:
        message: What is wrong, which values are known, and what to do.
        place: Where it is wrong, as ``path`` or ``path:line`` relative to the project, or None.
    """

    def __init__(self, message: str, *, place: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Says that a name is unknown, which ones are known, and which is the nearest.

    Args:
        what: The kind of thing, such as ``"figure"``.
        name: What the author wrote.
        known: The names that would have been right.
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    return f"unknown {what} '{name}'; known: {', '.join(names) or 'none'}.{hint}"


def author_place(error: BaseException, root: Path) -> str | None:
    """Finds the author's own line in the frames and the message of a foreign error.

    Args:
        error: What was raised below the author's code.
        root: The project's folder; the author's files are those in its ``explainers``.

    Returns:
        ``explainers/<name>/<file>.py:<line>`` of the innermost such frame, or None.
    """
    ours = root.resolve() / "explainers"
    found: str | None = None
    seen: BaseException | None = error
    while seen is not None and found is None:
        if (
            isinstance(seen, SyntaxError)
            and seen.filename
            and Path(seen.filename).is_relative_to(ours)
        ):
            return f"{Path(seen.filename).relative_to(root.resolve())}:{seen.lineno}"
        trace = seen.__traceback__
        while trace is not None:
            path = Path(trace.tb_frame.f_code.co_filename)
            if path.is_relative_to(ours):
                found = f"{path.relative_to(root.resolve())}:{trace.tb_lineno}"
            trace = trace.tb_next
        found = found or place_in_text(str(seen), root)
        seen = seen.__cause__ or seen.__context__
    return found


def place_in_text(text: str, root: Path) -> str | None:
    """The author's innermost line among the ``File "...", line N`` of a printed stack."""
    ours = root.resolve() / "explainers"
    places = [
        f"{Path(path).relative_to(root.resolve())}:{line}"
        for path, line in re.findall(r'File "([^"]+)", line (\d+)', text)
        if Path(path).is_relative_to(ours)
    ]
    return places[-1] if places else None
