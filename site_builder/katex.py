"""KaTeX, run when a site is built: formulas as HTML, with MathML for those who hear them.

``runtime/dist/katex.js`` runs in V8, with no access to anything outside. A formula that was set
once is kept in the store, so that a second build starts no V8.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Collection, Mapping
from types import TracebackType
from typing import TYPE_CHECKING

from site_builder.errors import SiteBuilderError
from site_builder.manifest import RUNTIME
from site_builder.store import Store, file_digest

if TYPE_CHECKING:
    from py_mini_racer import MiniRacer

KATEX = RUNTIME / "katex.js"
"""Sets formulas when a site is built; no page loads it."""

STYLE = "katex/katex.css"
"""The style sheet of pages with formulas, below the runtime's folder; its fonts lie beside it."""


class Katex:
    """Sets formulas; V8 is started by the first that is not in the store, and ended by ``with``.

    Args:
        store: Where set formulas are kept.
        macros: TeX for each command of the author's own, by its name with the backslash.
    """

    def __init__(self, store: Store, macros: Mapping[str, str]) -> None:
        self.store = store
        self.macros = json.dumps(dict(macros), sort_keys=True)
        self._machine: MiniRacer | None = None

    def __enter__(self) -> Katex:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # One that is left to the interpreter's end would wait there for its thread.
        if self._machine is not None:
            self._machine.close()
            self._machine = None

    def html(self, tex: str, *, display: bool) -> str:
        """A formula as HTML.

        Args:
            tex: The formula, without its dollar signs.
            display: Whether it stands on lines of its own.

        Raises:
            SiteBuilderError: If KaTeX can't read it: what it says, and where.
        """
        parts = {
            "tex": tex,
            "display": str(display),
            "macros": self.macros,
            "katex.js": _script_digest(),
        }
        entry = self.store.get("formula", "katex", parts)
        if entry is None:
            html = self._set(tex, display)
            entry = self.store.put("formula", "katex", parts, {"html": html.encode()})
        return self.store.read(entry.objects["html"]).decode()

    def _set(self, tex: str, display: bool) -> str:
        if self._machine is None:
            from py_mini_racer import MiniRacer

            self._machine = MiniRacer()
            self._machine.eval(KATEX.read_text())
        said = json.loads(str(self._machine.call("setFormula", tex, display, self.macros)))
        if "html" in said:
            return str(said["html"])
        raise SiteBuilderError(f"{said['problem']}{_near(tex, said['at'])}.")


def _near(tex: str, at: int | None) -> str:
    """Where in a formula something was found, for a reader."""
    if at is None:
        return ""
    rest = " ".join(tex[at:].split())
    if not rest:
        return ", at its end"
    return f", at '{rest[:20]}{'…' * (len(rest) > 20)}'"


@functools.cache
def _script_digest() -> str:
    digest = file_digest(KATEX)
    if digest is None:
        raise SiteBuilderError(f"the runtime lacks {KATEX.name}; run `make site`.")
    return digest


def formula_parts(html: Collection[str]) -> list[str]:
    """The files of the runtime that set formulas need: the style sheet and some of its fonts.

    A rule of KaTeX's style sheet that gives a family names the class that asks for it.
    """
    if not html:
        return []
    classes = {name for text in html for found in _CLASSES.findall(text) for name in found.split()}
    style = (RUNTIME / STYLE).read_text()
    families = {"KaTeX_Main"}
    for selectors, family in re.findall(
        r"([^{}]+)\{[^{}]*?font(?:-family)?:[^;}]*?(KaTeX_\w+)", style
    ):
        for selector in selectors.split(","):
            asked = re.findall(r"\.([\w-]+)", selector)
            if asked and asked[-1] in classes:
                families.add(family)
    fonts = sorted((RUNTIME / STYLE).parent.glob("fonts/*.woff2"))
    needed = [font for font in fonts if font.name.split("-")[0] in families]
    return [STYLE, *(font.relative_to(RUNTIME).as_posix() for font in needed)]


_CLASSES = re.compile(r'\bclass="([^"]*)"')
