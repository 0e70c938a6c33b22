"""From one explorable to its artifacts, each made only where its key is not in the store.

Three sorts, each under a key of what it is made from: a reference model (its function), a graph
(the class without its figures), a figure (its method and what that reaches).
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from site_builder import manifest as manifests
from site_builder.charts import draw
from site_builder.errors import SiteBuilderError, author_place, place_in_text
from site_builder.explorable import Explorable, figure_mark, place_of
from site_builder.manifest import FONTS, Figure, Project, Record, makers_digest
from site_builder.parity import decode, encode
from site_builder.reference import Workshop
from site_builder.sources import tree_digest
from site_builder.store import Entry
from site_builder.tfjs import ConversionError, compile_model
from site_builder.tracing import Trace, trace
from site_builder.values import scalars

_GRAPH_MAKERS = (
    "artifacts", "explorable", "exporting", "inputs", "outputs", "parity", "sketch", "tfjs",
    "tracing", "values",
)  # fmt: skip
"""Those of our own modules whose change makes a graph stale."""


class Missing(Exception):  # noqa: N818 - it is news, not an error
    """An artifact would have to be made."""


class Maker:
    """Makes one explorable's artifacts, each only where its key is not in the store."""

    def __init__(
        self, project: Project, workshop: Workshop, cls: type[Explorable], make_missing: bool
    ) -> None:
        self.project, self.workshop, self.cls = project, workshop, cls
        self.make_missing = make_missing
        self.name = cls.explorable_name
        self.done: list[str] = []
        self._instance: Explorable | None = None

    def record(self) -> Record:
        """The manifest's record, with everything it names in the store."""
        graph = self.artifact("graph", self.cls.__name__, self._compile, without=self.cls.figures)
        notes, store = graph.notes, self.project.store
        fixtures = json.loads(store.read(graph.objects["fixtures.json"]))
        defaults = {name: decode(record) for name, record in fixtures[0]["outputs"].items()}
        figures: dict[str, Figure] = {}
        drawings: dict[str, dict[str, Any]] = {}
        for figure in self.cls.figures:

            def make(figure: str = figure) -> tuple[dict[str, bytes], dict[str, Any]]:
                drawing = draw(
                    self.instance(),
                    figure,
                    notes["outputs"],
                    defaults,
                    root=self.project.root,
                    fonts=FONTS,
                )
                vega = _json({"vega": drawing.vega, "data": drawing.data})
                return {"figure.json": vega, "figure.svg": drawing.svg.encode()}, {}

            entry = self.artifact("figure", f"{self.cls.__name__}.{figure}", make)
            drawings[figure] = json.loads(store.read(entry.objects["figure.json"]))
            mark = figure_mark(getattr(self.cls, figure))
            assert mark is not None
            figures[figure] = Figure(mark.alt, entry.objects["figure.svg"])
        payload = {
            "name": self.name,
            "inputs": notes["inputs"],
            "outputs": notes["outputs"],
            "fixture": fixtures[0]["outputs"],
            "figures": drawings,
            "model": json.loads(store.read(graph.objects["payload-model.json"])),
            "weights": base64.b64encode(store.read(graph.objects["weights.bin"])).decode("ascii"),
        }
        script = store.keep(b"explorables.define(" + _json(payload) + b");\n")
        path = f"{self.name}.{script[:12]}.js"
        files = {path: script}
        for file, digest in graph.objects.items():
            if file.startswith("tfjs/"):
                files[f"{self.name}/{file.removeprefix('tfjs/')}"] = digest
        return Record(
            place=f"{self.cls.__module__.replace('.', '/')}.py",
            inputs=notes["inputs"],
            outputs=notes["outputs"],
            scalars=notes["scalars"],
            figures=figures,
            files=files,
            payload=path,
            fixtures=graph.objects["fixtures.json"],
        )

    def instance(self) -> Explorable:
        """The explorable itself; making it trains the models that its page needs."""
        if self._instance is None:
            trained = len(self.workshop.log)
            try:
                self._instance = self.cls().eval()
            except SiteBuilderError:
                raise
            except Exception as error:
                raise SiteBuilderError(
                    f"{self.cls.__name__}() failed: {type(error).__name__}: {error}",
                    place=author_place(error, self.project.root) or place_of(self.cls),
                ) from error
            for name, why, seconds in self.workshop.log[trained:]:
                self.done.append(f"{self.name}: trained {name} in {seconds:.1f} s ({why})")
        return self._instance

    def artifact(
        self,
        kind: str,
        name: str,
        make: Callable[[], tuple[dict[str, bytes], dict[str, Any]]],
        *,
        without: Sequence[str] = (),
    ) -> Entry:
        """An artifact from the store, or made by `make` and kept there."""
        module, store = self.cls.__module__, self.project.store
        tree = self.workshop.sources
        parts = tree.parts(module, self.cls.__name__, without=without or self.cls.figures)
        makers: tuple[str, ...] = _GRAPH_MAKERS
        if kind == "figure":
            own = tree.parts(module, name)
            own[f"{module}.{name}"] = own.pop(f"{module}.{self.cls.__name__}")
            parts = {**parts, **own, "fonts": tree_digest(FONTS, "*.ttf")}
            makers = (*makers, "charts")
        parts["site_builder"] = makers_digest(*makers)
        for package, version in manifests.versions(()).items():
            parts[f"version of {package}"] = version or ""
        full = f"{module}.{name}"
        entry = store.get(kind, full, parts)
        if entry is None:
            if not self.make_missing:
                raise Missing
            why, began = store.explain(kind, full, parts), time.monotonic()
            before = dict(self.workshop.reads)
            self.workshop.reads.clear()
            self.instance()
            began = time.monotonic()
            files, notes = make()
            entry = store.put(kind, full, parts, files, reads=self.workshop.reads, notes=notes)
            self.workshop.reads.update(before)
            verb = {"graph": "compiled", "figure": "drew"}[kind]
            what = name.partition(".")[2] or "the model"
            self.done.append(
                f"{self.name}: {verb} {what} in {time.monotonic() - began:.1f} s ({why})"
            )
        self.workshop.reads.update(entry.reads)
        return entry

    def _compile(self) -> tuple[dict[str, bytes], dict[str, Any]]:
        traced = trace(self.instance(), self.project.root)
        try:
            model = compile_model(traced.model)
        except ConversionError as error:
            place = place_in_text(error.stack_trace or "", self.project.root)
            raise SiteBuilderError(
                f"{self.cls.__name__}: {error.message}", place=place or place_of(self.cls.forward)
            ) from error
        inputs = [spec.spec() for spec in self.cls.inputs.values()]
        defaults = traced.fixtures[0].outputs
        numbers = {name: array.item() for name, array in defaults.items() if array.shape == ()}
        notes = {
            "inputs": inputs,
            "outputs": traced.outputs,
            "scalars": scalars(inputs, traced.outputs, numbers),
        }
        files = {
            "payload-model.json": _json(model.to_payload()),
            "weights.bin": model.weights,
            "fixtures.json": _json(_fixtures(traced)),
            "model.onnx": traced.model.SerializeToString(deterministic=True),
            **{f"tfjs/{name}": data for name, data in model.files().items()},
        }
        return files, notes


def _fixtures(traced: Trace) -> list[dict[str, Any]]:
    return [
        {
            "inputs": {
                name: value.tolist() if hasattr(value, "tolist") else value
                for name, value in fixture.inputs.items()
            },
            "outputs": {name: encode(array) for name, array in fixture.outputs.items()},
        }
        for fixture in traced.fixtures
    ]


def _json(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
