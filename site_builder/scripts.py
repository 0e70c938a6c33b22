"""The scripts that bring an explorable to a page: its payload, its variants, and its programs.

A script calls ``explorables.define`` line by line. The first line of a payload and of a variant is
JSON all through; the second brings the programs for the engine that the build has chosen. Programs
for the other engine stand in scripts of their own, which are loaded where a link asks for that
engine or where the chosen one fails.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from site_builder.cost import COMPILED
from site_builder.store import Entry, Store
from site_builder.usage import idle_inputs

KINDS = ("compiled", "tfjs")
"""What programs are written for."""


def kind_for(backend: str) -> str:
    """What programs a backend runs."""
    return "compiled" if backend == COMPILED else "tfjs"


@dataclass
class Scripts:
    """The scripts of one explorable.

    Attributes:
        payload: The name of the file that a page asks for first.
        files: The sha256 of each file's bytes, by name.
        idle: The names of the inputs that do nothing while all are at their defaults.
    """

    payload: str = ""
    files: dict[str, str] = field(default_factory=dict)
    idle: list[str] = field(default_factory=list)


def write(
    store: Store, name: str, graph: Entry, figures: Mapping[str, Mapping[str, Any]]
) -> Scripts:
    """Writes the scripts of an explorable into the store.

    Args:
        store: Where the graph's files are.
        name: The explorable's.
        graph: What was compiled, with `notes` on inputs, outputs and variants.
        figures: The figures' specs by name.
    """
    return _Writer(store, name, graph, figures).write()


class _Writer:
    def __init__(
        self, store: Store, name: str, graph: Entry, figures: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self.store, self.name, self.graph, self.figures = store, name, graph, figures
        self.kind = kind_for(graph.notes["backend"]["name"])
        self.made = Scripts()

    def write(self) -> Scripts:
        notes = self.graph.notes
        first, *others = notes["variants"]
        variants, elsewhere = {}, {}
        for key in others:
            head = {"name": self.name, **self._particular(key)}
            variants[key] = self._keep(f"{self.name}.{key}", _define(head) + self._programs(key))
        for kind in KINDS:
            if kind != self.kind and (kind == "tfjs" or notes["compiled"]):
                elsewhere[kind] = {
                    key: self._keep(f"{self.name}.{key or 'all'}.{kind}", self._programs(key, kind))
                    for key in notes["variants"]
                }
        particular = self._particular(first)
        self.made.idle = particular["idle"]
        payload = {
            "name": self.name,
            "inputs": notes["inputs"],
            "outputs": notes["outputs"],
            "noises": notes["noises"],
            "time": notes["time"],
            "variants": variants,
            "elsewhere": elsewhere,
            "figures": self.figures,
            "backend": notes["backend"],
            **particular,
        }
        self.made.payload = self._keep(self.name, _define(payload) + self._programs(first))
        return self.made

    def _keep(self, stem: str, data: bytes) -> str:
        digest = self.store.keep(data)
        path = f"{stem}.{digest[:12]}.js"
        self.made.files[path] = digest
        return path

    def _particular(self, key: str) -> dict[str, Any]:
        """What belongs to a variant, besides its programs."""
        fixture = json.loads(self._read(f"programs/{key}/fixture.json"))
        programs = {method: self._tfjs(key, method) for method in self.graph.notes["methods"]}
        idle = idle_inputs(self.graph.notes, self.figures.values(), programs)
        return {"variant": key, "fixture": fixture, "idle": idle}

    def _programs(self, key: str, kind: str | None = None) -> bytes:
        """The line that delivers a variant's programs."""
        kind = kind or self.kind
        head = {"name": self.name, "variant": key, "kind": kind}
        methods = self.graph.notes["methods"]
        if kind == "tfjs":
            programs = {method: self._tfjs(key, method) for method in methods}
            return _define({**head, "programs": programs})
        bodies = b",\n".join(
            _json(method) + b": " + self._compiled(key, method) for method in methods
        )
        start = _json(head)[:-1]
        return b"explorables.define(" + start + b',"programs":{\n' + bodies + b"\n}});\n"

    def _tfjs(self, key: str, method: str) -> dict[str, Any]:
        parts = {}
        for part in ("prologue", "rest"):
            stem = f"programs/{key}/{method}.{part}"
            if f"{stem}.json" in self.graph.objects:
                weights = base64.b64encode(self._read(f"{stem}.bin"))
                model = json.loads(self._read(f"{stem}.json"))
                parts[part] = {"model": model, "weights": weights.decode("ascii")}
        return {**parts["rest"], "prologue": parts.get("prologue")}

    def _compiled(self, key: str, method: str) -> bytes:
        """A compiled program: its ends, kernels as WebAssembly, and the JavaScript as written."""
        stem = f"programs/{key}/{method}.compiled"
        ends, code = self._read(f"{stem}.json"), self._read(f"{stem}.js")
        weights = base64.b64encode(self._read(f"{stem}.bin"))
        if f"{stem}.wasm" in self.graph.objects:
            native = packed(self._read(f"{stem}.wasm"))
            ends = ends[:-1] + b',"native":"' + native + b'"}'
        model = ends[:-1] + b', "bind":\n' + code + b"\n}"
        return b'{"prologue":null,"weights":"' + weights + b'","model":' + model + b"}"

    def _read(self, file: str) -> bytes:
        return self.store.read(self.graph.objects[file])


def packed(module: bytes) -> bytes:
    """A module of WebAssembly as a page takes it: compressed by zlib, in base64."""
    return base64.b64encode(zlib.compress(module, 9))


def _define(part: Mapping[str, Any]) -> bytes:
    return b"explorables.define(" + _json(part) + b");\n"


def _json(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
