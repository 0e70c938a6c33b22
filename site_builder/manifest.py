"""What pages know of the artifacts, and whether it is still true; never imports torch.

`build` writes ``.explorables/manifest.json``; the pages and the plugin read it and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from site_builder.errors import SiteBuilderError
from site_builder.sources import package_version
from site_builder.store import Store, file_digest, write_aside

FORMAT = 2
MADE_WITH = ("torch", "onnx", "onnxscript", "altair", "vl_convert", "numpy", "wasmtime")
"""The packages whose versions count for every artifact."""

_PAGE_SIDE = {
    "__init__", "__main__", "cards", "cli", "colours", "controls", "errors", "formula_values",
    "formulas", "guess_axes", "guesses", "katex", "link_values", "links", "live_links", "manifest",
    "markup", "pages", "parts", "plugin", "progress", "rich_controls",
}  # fmt: skip
"""Our own modules that no artifact is made with: changing them makes none stale."""

RUNTIME = Path(__file__).parent / "runtime" / "dist"
FONTS = RUNTIME / "fonts"
PARSER = RUNTIME / "vega-parse.js"
"""Reads charts when a site is built; no page loads it."""


@dataclass(frozen=True)
class Project:
    """The folders of one project.

    Attributes:
        root: Where ``mkdocs.yml`` and ``explainers/`` are.
    """

    root: Path

    @property
    def explainers(self) -> Path:
        return self.root / "explainers"

    @property
    def folder(self) -> Path:
        """Everything we keep between builds; safe to delete."""
        return self.root / ".explorables"

    @property
    def manifest(self) -> Path:
        return self.folder / "manifest.json"

    @cached_property
    def store(self) -> Store:
        return Store(self.root)

    def modules(self) -> list[str]:
        """The dotted names of the explorables' modules, in order.

        Raises:
            SiteBuilderError: If a folder's name is none that Python can import.
        """
        folders = [path.parent.name for path in sorted(self.explainers.glob("*/explorable.py"))]
        for name in folders:
            if not name.isidentifier():
                raise SiteBuilderError(
                    "the folder is imported by its name, so that it must be made of letters, "
                    "digits and underscores, and begin with a letter.",
                    place=f"explainers/{name}",
                )
        return [f"explainers.{name}.explorable" for name in folders]


@dataclass(frozen=True)
class Figure:
    """A figure as a page sets it.

    Attributes:
        alt: The text alternative.
        svg: The sha256 of the static picture in the store.
        edits: The column whose numbers the reader can type anew, or None.
    """

    alt: str
    svg: str
    edits: str | None = None


@dataclass(frozen=True)
class Record:
    """An explorable as pages know it.

    Attributes:
        place: The file it is written in, relative to the project.
        inputs: The inputs' specs, as in the payload.
        outputs: The outputs' specs, as in the payload.
        scalars: What a sentence can show at the default inputs, by name.
        figures: The figures by name.
        files: The sha256 of each published file, by its path below ``assets/explorables``.
        payload: Which of `files` is the payload.
        fixtures: The sha256 of the points that tests compare; not published.
        time: For explorables with time: how far the reader can step, as in the payload.
        backend: What runs it, and why.
        idle: The names of the inputs that do nothing while all are at their defaults.
    """

    place: str
    inputs: list[dict[str, Any]]
    outputs: list[dict[str, Any]]
    scalars: dict[str, Any]
    figures: dict[str, Figure]
    files: dict[str, str]
    payload: str
    fixtures: str
    time: dict[str, Any] | None = None
    backend: dict[str, str] = field(default_factory=dict)
    idle: list[str] = field(default_factory=list)

    def digests(self) -> Iterable[str]:
        """The store's objects that the record needs."""
        return [*self.files.values(), *(f.svg for f in self.figures.values()), self.fixtures]


@dataclass(frozen=True)
class Manifest:
    """Every explorable of a project, and what all of it was made from.

    Attributes:
        explorables: The records by name.
        sources: The sha256 of every file that could change them, by path.
        versions: The version of every package that could change them.
    """

    explorables: dict[str, Record]
    sources: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str | None] = field(default_factory=dict)

    def save(self, project: Project) -> None:
        text = json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True)
        write_aside(project.manifest, text.encode())


def load(project: Project) -> Manifest | None:
    """The manifest as last written, or None where there is none that can be read."""
    try:
        data = json.loads(project.manifest.read_bytes())
        if data.pop("format") != FORMAT:
            return None
        records = {
            name: Record(**{**record, "figures": _figures(record["figures"])})
            for name, record in data.pop("explorables").items()
        }
        return Manifest(records, **data)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _figures(records: Mapping[str, Mapping[str, Any]]) -> dict[str, Figure]:
    return {name: Figure(**figure) for name, figure in records.items()}


def stale(project: Project, manifest: Manifest | None) -> str | None:
    """Why the artifacts have to be looked at again, or None where every one is fresh and whole."""
    if manifest is None:
        return "nothing is built yet"
    now = sources(project, manifest.sources)
    for path in sorted(manifest.sources.keys() | now.keys()):
        if manifest.sources.get(path) != now.get(path):
            return f"{path} changed"
    for package, version in manifest.versions.items():
        if _version(package) != version:
            return f"the version of {package} changed"
    for name, record in manifest.explorables.items():
        if not all(project.store.whole(digest) for digest in record.digests()):
            return f"a stored file of {name} is missing or damaged"
    return None


def sources(project: Project, also: Iterable[str] = ()) -> dict[str, str]:
    """The sha256 of every file that could change an artifact, by path relative to the project.

    Args:
        project: The project.
        also: Paths of further files, such as those that a training function read.
    """
    ours = Path(__file__).parent
    makers = [
        path
        for path in ours.glob("**/*.py")
        if "runtime" not in path.parts and path.stem not in _PAGE_SIDE
    ]
    found = {f"site_builder/{p.relative_to(ours).as_posix()}": p for p in makers}
    found |= {f"site_builder/fonts/{p.name}": p for p in FONTS.glob("*.ttf")}
    found[f"site_builder/{PARSER.name}"] = PARSER
    found |= {p.relative_to(project.root).as_posix(): p for p in project.explainers.glob("**/*.py")}
    found |= {p: project.root / p for p in also if not p.startswith("site_builder/")}
    digests = {path: file_digest(file) for path, file in sorted(found.items())}
    return {path: digest for path, digest in digests.items() if digest}


def versions(third_party: Iterable[str]) -> dict[str, str | None]:
    """The versions that count: Python's, of `MADE_WITH`, and of what the explainers import."""
    return {name: _version(name) for name in sorted({"python", *MADE_WITH, *third_party})}


def _version(package: str) -> str | None:
    if package == "python":
        return ".".join(map(str, sys.version_info[:3]))
    return package_version(package)


def makers_digest(*names: str) -> str:
    """One hash over some of our own modules (``"charts"``) and packages (``"tfjs"``)."""
    ours = Path(__file__).parent
    digest = hashlib.sha256()
    for name in sorted(names):
        path = ours / f"{name}.py"
        for file in [path] if path.exists() else sorted((ours / name).glob("**/*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def find_project(start: Path) -> Project:
    """The project of a folder: the nearest one upwards with ``mkdocs.yml``.

    Raises:
        SiteBuilderError: If there is none.
    """
    for folder in [start.resolve(), *start.resolve().parents]:
        if (folder / "mkdocs.yml").is_file():
            return Project(folder)
    raise SiteBuilderError(
        f"no mkdocs.yml in {start.name or start} or above it; run this in a project."
    )
