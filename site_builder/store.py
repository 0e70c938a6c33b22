"""Artifacts by content: what was made once is found again by what it was made from.

    .explorables/store/
      objects/<sha256>                     the bytes, named by what they are
      entries/<kind>/<name>/<key>.json     what a key gave: parts, files read, objects

A key is the hash of its parts, and the parts are kept, so that two keys can be compared and the
difference be said. Everything is written aside and renamed: at any moment the store is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from site_builder.errors import SiteBuilderError

Parts = Mapping[str, str]
"""What a key is made of: a readable name of each ingredient, and its hash or version."""


@dataclass(frozen=True)
class Entry:
    """What is kept under one key.

    Attributes:
        objects: The sha256 of each file's bytes, by the file's name.
        reads: The sha256 of each project file that was read while it was made, by path.
        notes: Facts that came out on the way, JSON all through.
    """

    objects: Mapping[str, str]
    reads: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)


TOLD = 3
"""So many differences are named, and the others counted: a reader of a build's log wants a line."""


class Store:
    """The artifacts of one project.

    Args:
        root: The project's folder; files read are named relative to it.
        folder: Where the store is, ``.explorables/store`` of the project where not given.
    """

    def __init__(self, root: Path, folder: Path | None = None) -> None:
        self.root = root
        self.folder = folder or root / ".explorables" / "store"

    def put(
        self,
        kind: str,
        name: str,
        parts: Parts,
        files: Mapping[str, bytes],
        *,
        reads: Mapping[str, str] | None = None,
        notes: Mapping[str, Any] | None = None,
    ) -> Entry:
        """Keeps `files` under the key of `parts`, and returns the entry.

        The objects are written first and the entry last: an entry never points at nothing.

        Args:
            kind: A sort of artifact, such as ``"model"``.
            name: Whose artifact it is, such as ``"explainers.anomaly.models.detectors"``.
            parts: The ingredients.
            files: The bytes by file name.
            reads: The project files read on the way, by path, with the sha256 of each.
            notes: Facts to keep beside the files, JSON all through.
        """
        objects = {file: self.keep(data) for file, data in sorted(files.items())}
        entry = Entry(objects, dict(sorted((reads or {}).items())), notes or {})
        text = json.dumps({"parts": parts, **entry.__dict__}, indent=1, sort_keys=True)
        write_aside(self._path(kind, name, parts), text.encode())
        return entry

    def keep(self, data: bytes) -> str:
        """Writes one object where it is missing or damaged; returns its sha256."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.folder / "objects" / digest
        if not path.exists() or file_digest(path) != digest:
            write_aside(path, data)
        return digest

    def get(self, kind: str, name: str, parts: Parts) -> Entry | None:
        """The entry under the key of `parts`.

        Returns:
            None where something of it is missing, damaged, or made from a file changed since.
        """
        try:
            record = json.loads(self._path(kind, name, parts).read_bytes())
            entry = Entry(record["objects"], record["reads"], record["notes"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if any(not self.whole(digest) for digest in entry.objects.values()):
            return None
        if any(self._read_digest(path) != digest for path, digest in entry.reads.items()):
            return None
        return entry

    def whole(self, digest: str) -> bool:
        """Whether the object of that name is there and undamaged."""
        return file_digest(self.folder / "objects" / digest) == digest

    def size(self, digest: str) -> int:
        """How many bytes an object has."""
        return (self.folder / "objects" / digest).stat().st_size

    def read(self, digest: str) -> bytes:
        """The bytes of an object.

        Raises:
            SiteBuilderError: If they are missing or are not what their name says.
        """
        path = self.folder / "objects" / digest
        data = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(data).hexdigest() != digest:
            raise SiteBuilderError(
                f"the stored file {digest[:12]} is missing or damaged; build again to make it anew."
            )
        return data

    def explain(self, kind: str, name: str, parts: Parts) -> str:
        """Why there is no entry under the key of `parts`: the nearest kept key's differences."""
        kept: list[dict[str, Any]] = []
        for path in sorted(self._path(kind, name, parts).parent.glob("*.json")):
            try:
                kept.append(json.loads(path.read_bytes()))
            except (OSError, ValueError):
                continue
        if not kept:
            return "never made"
        old = min(kept, key=lambda record: len(_differences(record["parts"], parts)))
        changed = _differences(old["parts"], parts)
        if changed:
            more = [f"and {len(changed) - TOLD} more"] if len(changed) > TOLD else []
            return ", ".join([*changed[:TOLD], *more])
        files = [p for p, digest in old["reads"].items() if self._read_digest(p) != digest]
        return f"{', '.join(files)} changed" if files else "a stored file was missing or damaged"

    def _read_digest(self, path: str) -> str | None:
        return file_digest(self.root / path)

    def _path(self, kind: str, name: str, parts: Parts) -> Path:
        if not re.fullmatch(r"[\w.]+", name):
            raise SiteBuilderError(
                f"'{name}' can't name an artifact: letters, digits, _ and . only."
            )
        text = json.dumps(parts, sort_keys=True).encode()
        return (
            self.folder / "entries" / kind / name / f"{hashlib.sha256(text).hexdigest()[:32]}.json"
        )


def _differences(old: Parts, new: Parts) -> list[str]:
    changed = [name for name in sorted(old.keys() & new.keys()) if old[name] != new[name]]
    return [
        *(f"{name} changed" for name in changed),
        *(f"{name} is new" for name in sorted(new.keys() - old.keys())),
        *(f"{name} is gone" for name in sorted(old.keys() - new.keys())),
    ]


def write_aside(path: Path, data: bytes) -> None:
    """Writes a file so that at any moment its name holds the old bytes or the new, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=".aside-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(aside, 0o644)  # mkstemp's 0600 would keep a web server from reading a site
        os.replace(aside, path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def file_digest(path: Path) -> str | None:
    """The sha256 of a file's bytes, or None where it can't be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


@contextmanager
def only_one(folder: Path, what: str) -> Iterator[None]:
    """Lets one process at a time do `what`; the lock of a killed process is free again."""
    from filelock import FileLock

    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f"{what}.lock"):
        yield
