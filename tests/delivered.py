"""Scripts that deliver explorables, read and written as the build does it."""

from __future__ import annotations

import json
import re
from typing import Any

Part = dict[str, Any]

_CALL = re.compile(r"explorables\.define\((.*?)\);\n", re.DOTALL)
_BIND = re.compile(r'"bind":\n(\(m, given(?:, native)?\) => \{\n.*?\n\})\n\}', re.DOTALL)


def parts(text: str) -> list[Part]:
    """What a script delivers, call by call; the code of compiled programs as the text `code`."""
    plain = _BIND.sub(lambda found: f'"code": {json.dumps(found[1])}}}', text)
    return [json.loads(found[1]) for found in _CALL.finditer(plain)]


def with_programs(text: str) -> Part:
    """The payload or the variant that a script delivers, with the programs that come with it."""
    first, second = parts(text)
    return {**first, "kind": second["kind"], "programs": second["programs"]}


def script(part: Part, kind: str = "tfjs") -> str:
    """The script of a payload or variant that has its programs with it, those of TF.js."""
    first = {name: value for name, value in part.items() if name not in ("programs", "kind")}
    first = {"elsewhere": {}, "idle": [], **first}
    second = {"name": part["name"], "variant": part["variant"], "kind": kind}
    second["programs"] = part["programs"]
    return "".join(f"explorables.define({json.dumps(each)});\n" for each in (first, second))
