"""From one explorable to its artifacts, each made only where its key is not in the store.

Three sorts, each under a key of what it is made from: a reference model (its function), a graph
(the class without its figures), a figure (its method and what that reaches).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from site_builder import manifest as manifests
from site_builder.charts import draw
from site_builder.compiled import Declined, compile_graph, dims_of
from site_builder.cost import choose, measure
from site_builder.errors import SiteBuilderError, author_place, place_in_text
from site_builder.explorable import Explorable, figure_mark, place_of
from site_builder.manifest import FONTS, PARSER, Figure, Project, Record, makers_digest
from site_builder.parity import decode, encode, expectation
from site_builder.reference import Workshop
from site_builder.scripts import write
from site_builder.sources import tree_digest
from site_builder.store import Entry
from site_builder.tfjs import ConversionError, compile_model
from site_builder.tfjs.model import GraphModel
from site_builder.tracing import Compiled, Graph, Trace, trace
from site_builder.values import scalars

if TYPE_CHECKING:
    import onnx

_GRAPH_MAKERS = (
    "artifacts", "axis", "backwards", "compiled", "conditioning", "cost", "explorable",
    "exporting", "graphs", "hoisting", "inputs", "interval", "letters", "max_pooling", "noise",
    "optimisers", "outputs", "parity", "picture", "placing", "programs", "sizes", "sketch", "text",
    "tfjs", "tokens", "tracing", "values",
)  # fmt: skip
"""Those of our own modules whose change makes a graph stale."""

_FIGURE_MAKERS = (
    "chart_data", "charts", "colour_table", "png", "selections", "surface_pictures", "surfaces",
    "vega_marks", "vega_parsing",
)  # fmt: skip
"""And those whose change makes a figure stale."""


OFTEN = ("step", "forward")
"""The methods that run in every frame of what moves."""


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
        self.declined: str | None = None
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
                return {
                    "figure.json": _json(drawing.spec()),
                    "figure.svg": drawing.svg.encode(),
                }, {}

            entry = self.artifact("figure", f"{self.cls.__name__}.{figure}", make)
            drawings[figure] = json.loads(store.read(entry.objects["figure.json"]))
            mark = figure_mark(getattr(self.cls, figure))
            assert mark is not None
            edits = mark.edits and mark.edits.partition(".")[2]
            figures[figure] = Figure(mark.alt, entry.objects["figure.svg"], edits)
        scripts = write(store, self.name, graph, drawings)
        files = dict(scripts.files)
        for file, digest in graph.objects.items():
            if file.startswith("public/"):
                files[f"{self.name}/{file.removeprefix('public/')}"] = digest
        return Record(
            place=f"{self.cls.__module__.replace('.', '/')}.py",
            inputs=notes["inputs"],
            outputs=notes["outputs"],
            scalars=notes["scalars"],
            figures=figures,
            files=files,
            payload=scripts.payload,
            fixtures=graph.objects["fixtures.json"],
            time=notes["time"],
            backend=notes["backend"],
            idle=scripts.idle,
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
            parts[PARSER.name] = tree_digest(PARSER.parent, PARSER.name)
            makers = (*makers, *_FIGURE_MAKERS)
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
        inputs = [spec.spec() for spec in self.cls.inputs.values()]
        defaults = traced.fixtures[0].outputs
        numbers = {name: array.item() for name, array in defaults.items() if array.shape == ()}
        files = {"fixtures.json": _json(_fixtures(traced))}
        default = next(iter(traced.variants))
        for key, compiled in traced.variants.items():
            fixture = {name: expectation(array) for name, array in compiled.fixture.items()}
            files[f"programs/{key}/fixture.json"] = _json(fixture)
            for method, graph in compiled.graphs.items():
                stem = f"programs/{key}/{method}"
                rest = self._converted(graph.rest, method)
                files[f"{stem}.rest.json"] = _json(rest.to_payload())
                files[f"{stem}.rest.bin"] = rest.weights
                if graph.prologue is not None:
                    prologue = self._converted(graph.prologue, method)
                    files[f"{stem}.prologue.json"] = _json(prologue.to_payload())
                    files[f"{stem}.prologue.bin"] = prologue.weights
                whole = rest if graph.prologue is None else self._converted(graph.whole, method)
                state = traced.variants[key].state
                files |= self._ahead(stem, whole, graph, state, often=method in OFTEN)
                if key == default:
                    files |= _public(method, whole, graph.whole, files, stem)
        return files, {
            "inputs": inputs,
            "outputs": traced.outputs,
            "noises": [noise.spec() for noise in self.cls.noises.values()],
            "scalars": scalars(inputs, traced.outputs, numbers),
            "methods": list(self.cls.methods),
            "variants": list(traced.variants),
            "time": self._time(traced.variants[default].state),
            "compiled": self.declined is None,
            "backend": self._backend(traced.variants[default]),
        }

    def _ahead(
        self, stem: str, model: GraphModel, graph: Graph, state: list[str], *, often: bool
    ) -> dict[str, bytes]:
        """A program compiled ahead of time; nothing once the compiler has declined one.

        What runs often is there as WebAssembly, too: else the page would be larger for nothing.
        """
        if self.declined is not None:
            return {}
        given = {port.name for port in model.inputs}
        kept = {f"next.{key}": f"state.{key}" for key in state if f"state.{key}" in given}
        fresh = {noise.name for noise in self.cls.noises.values() if noise.every == "step"}
        varying = {*kept.values(), *fresh} if kept else None
        outputs = {port.name for port in model.outputs}
        feedback = kept if kept.keys() <= outputs else {}
        try:
            dims = dims_of(graph.whole)
            program = compile_graph(model, dims, feedback, varying, often=often)
        except Declined as error:
            self.declined = str(error)
            return {}
        ends = {"inputs": [port.name for port in model.inputs], "outputs": list(program.behind)}
        files = {
            f"{stem}.compiled.json": _json(ends),
            f"{stem}.compiled.js": program.code.encode(),
            f"{stem}.compiled.bin": program.weights,
        }
        if program.native:
            files[f"{stem}.compiled.wasm"] = program.module
            files[f"{stem}.compiled.wat"] = program.native.encode()
        return files

    def _converted(self, model: onnx.ModelProto, method: str) -> GraphModel:
        try:
            return compile_model(model)
        except ConversionError as error:
            place = place_in_text(error.stack_trace or "", self.project.root)
            raise SiteBuilderError(
                f"{self.cls.__name__}.{method}: {error.message}",
                place=place or place_of(getattr(self.cls, method)),
            ) from error

    def _time(self, state: list[str]) -> dict[str, Any] | None:
        if not state:
            return None
        strides = [{"word": word, "steps": steps} for word, steps in self.cls.strides.items()]
        static = [name for name, spec in self.cls.inputs.items() if spec.static]
        ahead, methods = self.cls.ahead, self.cls.methods
        if ahead:  # a step reads them all before the reader sees anything
            restart = list(dict.fromkeys((*methods["start"], *methods["step"], *static)))
            return {"strides": [], "state": state, "restart": restart, "ahead": ahead}
        restart = list(dict.fromkeys((*methods["start"], *static)))
        return {"strides": strides, "state": state, "restart": restart}

    def _backend(self, compiled: Compiled) -> dict[str, str]:
        """What runs the explorable, from the cost of what runs in every frame."""
        runs = {"step": max(1, self.cls.ahead)}
        costs = [
            (runs.get(method, 1), measure(compiled.graphs[method].rest))
            for method in OFTEN
            if method in compiled.graphs
        ]
        nodes, flops = (sum(times * cost[at] for times, cost in costs) for at in (0, 1))
        try:
            return vars(choose(nodes, flops, self.cls.backend, self.declined, self.cls.ahead))
        except ValueError as error:
            raise SiteBuilderError(
                f"{self.cls.__name__}.backend: {error}", place=place_of(self.cls)
            ) from error


def _without_notes(model: onnx.ModelProto) -> onnx.ModelProto:
    """A model without what the exporter notes beside its parts, such as places of our files."""
    bare = type(model)()
    bare.CopyFrom(model)
    del bare.metadata_props[:]
    graphs = [bare.graph]
    while graphs:
        graph = graphs.pop()
        parts = (graph, *graph.node, *graph.value_info, *graph.input, *graph.output)
        for part in (*parts, *graph.initializer):
            del part.metadata_props[:]
            part.doc_string = ""
        for node in graph.node:
            for attribute in node.attribute:
                graphs += [attribute.g] if attribute.HasField("g") else []
                graphs += attribute.graphs
    return bare


def _public(
    method: str, model: GraphModel, source: onnx.ModelProto, made: Mapping[str, bytes], stem: str
) -> dict[str, bytes]:
    """What others can take away of a method: whole, as the default inputs have it.

    Args:
        method: The method.
        model: Its graph for TensorFlow.js.
        source: Its graph in ONNX.
        made: The files made of it, its program's among them.
        stem: What their names begin with.
    """
    folder = "public" if method == "forward" else f"public/{method}"
    files = {f"{folder}/{name}": data for name, data in model.files().items()}
    files[f"public/{method}.onnx"] = _without_notes(source).SerializeToString(deterministic=True)
    for end, public in (("js", "program.js"), ("wat", "kernels.wat")):
        if f"{stem}.compiled.{end}" in made:
            files[f"public/{method}.{public}"] = made[f"{stem}.compiled.{end}"]
    return files


def _fixtures(traced: Trace) -> list[dict[str, Any]]:
    return [
        {
            "steps": fixture.steps,
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
