"""Vega specifications, parsed when the site is built, so that pages carry no parser.

``runtime/dist/vega-parse.js`` is Vega's own parser in the version that pages draw with; it runs in
V8, with no access to anything outside.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from site_builder.errors import SiteBuilderError
from site_builder.manifest import PARSER


@dataclass(frozen=True)
class Parsed:
    """A specification as pages get it.

    Attributes:
        dataflow: What Vega's runtime makes a chart of: operators and streams, with expressions as
            trees (``runtime/src/expression-tree.ts``).
        schemes: The colour schemes that it names, by name.
        more: Whether drawing it takes ``vega-more.js`` beside ``vega.js``.
    """

    dataflow: dict[str, Any]
    schemes: dict[str, dict[str, Any]]
    more: bool


def parse(vega: Mapping[str, Any]) -> Parsed:
    """Parses a Vega specification.

    Raises:
        SiteBuilderError: If it is none, or asks for what no page has.
    """
    from py_mini_racer import JSEvalException, MiniRacer

    if not PARSER.exists():
        raise SiteBuilderError(f"the runtime lacks {PARSER.name}; run `make site`.")
    # A machine for each chart: the parser counts through its life, and the same chart must give
    # the same bytes. One that is left to the interpreter's end would wait there for its thread.
    with MiniRacer() as machine:
        machine.eval(_script())
        try:
            said = json.loads(str(machine.call("parseVega", json.dumps(vega))))
        except JSEvalException as error:
            raise SiteBuilderError(_reason(str(error))) from error
    return Parsed(said["dataflow"], said["schemes"], said["more"])


@functools.cache
def _script() -> str:
    return PARSER.read_text()


def _reason(said: str) -> str:
    """The first line of a JavaScript error, without its place and kind."""
    lines = [line.strip() for line in said.splitlines() if "Error: " in line]
    return lines[0].partition("Error: ")[2] if lines else said
