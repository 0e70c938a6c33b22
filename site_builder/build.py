"""From a project's explorables to its artifacts and its manifest, in parallel."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from site_builder import manifest as manifests
from site_builder.artifacts import Maker, Missing
from site_builder.errors import SiteBuilderError, author_place
from site_builder.explorable import Explorable
from site_builder.manifest import Manifest, Project, Record
from site_builder.progress import Step, shown
from site_builder.reference import Workshop, at_work
from site_builder.sources import Sources
from site_builder.store import only_one


@dataclass
class Made:
    """What one module's explorables became.

    Attributes:
        records: The manifest's record of each explorable, by name.
        done: What was done, in words.
        reads: The project files that were read, with their sha256.
        error: What stopped it, or None.
    """

    records: dict[str, Record] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    reads: dict[str, str] = field(default_factory=dict)
    error: SiteBuilderError | None = None


def build(
    project: Project,
    *,
    say: Callable[[str], None] = print,
    jobs: int | None = None,
) -> Manifest:
    """Makes every artifact of a project that is missing, stale or damaged, and the manifest.

    Args:
        project: The project.
        say: Takes lines about what was done, what was skipped, and how long it took.
        jobs: How many explorables to make at once; as many as there are cores where not given.

    Raises:
        SiteBuilderError: If an explorable can't be made; the others' artifacts are kept.
    """
    began = time.monotonic()
    with only_one(project.folder, "train"):
        modules = project.modules()
        sources = manifests.sources(project)  # before they are read: some may change meanwhile
        results = {name: _make(project.root, name, make_missing=False) for name in modules}
        todo = [name for name, made in results.items() if made is None]
        for name, made in _make_all(project.root, todo, jobs or os.cpu_count() or 1):
            results[name] = made
            for line in made.done:
                say(line)
        done = {name: made for name, made in results.items() if made is not None}
        errors = [made.error for made in done.values() if made.error] + _twins(project, done)
        for error in errors[1:]:
            say(f"error: {_relative(error, project.root)}")
        if errors:
            raise _relative(errors[0], project.root)
        manifest = _manifest(project, done, sources)
        manifest.save(project)
    fresh = len(modules) - len(todo)
    say(
        f"explorables: {len(todo)} made, {fresh} fresh and skipped, "
        f"in {time.monotonic() - began:.1f} s"
    )
    return manifest


def _manifest(project: Project, done: dict[str, Made], sources: dict[str, str]) -> Manifest:
    records = {name: record for made in done.values() for name, record in made.records.items()}
    reads = {
        path: digest
        for made in done.values()
        for path, digest in made.reads.items()
        if digest and not path.startswith("site_builder/")
    }
    tree = _sources(project.root)
    third_party: set[str] = set()
    for path in project.explainers.glob("**/*.py"):
        name = ".".join(path.relative_to(project.root).with_suffix("").parts)
        if module := tree.module(name.removesuffix(".__init__")):
            third_party |= module.third_party
    third_party -= {"explainers", "site_builder"}
    return Manifest(
        dict(sorted(records.items())),
        {**reads, **sources},
        manifests.versions(third_party),
    )


def _twins(project: Project, done: dict[str, Made]) -> list[SiteBuilderError]:
    """An error for each name that two explorables bear."""
    places: dict[str, str] = {}
    errors = []
    for made in done.values():
        for name, record in made.records.items():
            if name in places:
                errors.append(
                    SiteBuilderError(
                        f"two explorables are named '{name}': the other one is in {places[name]}. "
                        "A name is the class's in snake_case; rename one class.",
                        place=record.place,
                    )
                )
            places[name] = record.place
    return errors


def _make_all(root: Path, names: Sequence[str], jobs: int) -> Iterator[tuple[str, Made]]:
    """Makes modules in parallel, showing how their training goes on."""
    with shown() as show:
        if len(names) <= 1 or jobs == 1:
            for name in names:
                made = _make(root, name, listener=show)
                assert made is not None
                yield name, made
            return
        from multiprocessing import Manager
        from threading import Thread

        from joblib import Parallel, delayed

        with Manager() as manager:
            queue = manager.Queue()
            reader = Thread(target=_forward, args=(queue.get, show), daemon=True)
            reader.start()
            work = (delayed(_make_named)(root, name, queue.put) for name in names)
            try:
                yield from Parallel(n_jobs=min(jobs, len(names)), return_as="generator")(work)
            except BrokenProcessPool as error:
                raise SiteBuilderError(
                    "a process that made explorables was killed, most often for want of memory. "
                    "What was done is kept; go on with: site-builder train --jobs 1"
                ) from error
            finally:
                queue.put(None)
                reader.join()


def _forward(get: Callable[[], Step | None], show: Callable[[Step], None]) -> None:
    while (step := get()) is not None:
        show(step)


def _make_named(root: Path, name: str, listener: Callable[[Step], None]) -> tuple[str, Made]:
    import torch

    torch.set_num_threads(1)  # each worker has one core
    made = _make(root, name, listener=listener)
    assert made is not None
    return name, made


@cache
def _sources(root: Path) -> Sources:
    """The project's modules as they were before this process imported the first of them."""
    return Sources(root)


def _make(
    root: Path,
    module_name: str,
    *,
    listener: Callable[[Step], None] = lambda step: None,
    make_missing: bool = True,
) -> Made | None:
    """Makes the explorables of one module.

    Returns:
        What was made or found; None where something is missing and `make_missing` is False.
    """
    made = Made()
    project = Project(root)
    workshop = Workshop(root, project.store, _sources(root), listener)
    with at_work(workshop):
        try:
            classes = _classes(root, module_name)
            if file := workshop.sources.changed():
                raise SiteBuilderError(
                    "was changed while it was being read, so that what would be made of it is "
                    "neither the old nor the new; build again.",
                    place=file,
                )
            for cls in classes:
                maker = Maker(project, workshop, cls, make_missing)
                made.records[cls.explorable_name] = maker.record()
                made.done += maker.done
        except Missing:
            return None
        except SiteBuilderError as error:
            if not make_missing:
                return None  # said once, by the worker that tries to make it
            made.error = _relative(error, root)
    made.reads = dict(workshop.reads)
    return made


def _classes(root: Path, module_name: str) -> list[type[Explorable]]:
    """The explorables that a folder's module defines or imports from beside it, imported."""
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    place = f"{module_name.replace('.', '/')}.py"
    try:
        module = importlib.import_module(module_name)
    except SiteBuilderError as error:
        raise SiteBuilderError(
            error.message, place=error.place or author_place(error, root) or place
        ) from error
    except Exception as error:
        raise SiteBuilderError(
            f"can't be imported: {type(error).__name__}: {error}",
            place=author_place(error, root) or place,
        ) from error
    classes = [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, Explorable)
        and value.__module__.rpartition(".")[0] == module_name.rpartition(".")[0]
    ]
    if not classes:
        raise SiteBuilderError("defines no class Name(Explorable).", place=place)
    return sorted(classes, key=lambda cls: cls.explorable_name)


def _relative(error: SiteBuilderError, root: Path) -> SiteBuilderError:
    """The same error with its place told from the project's folder."""
    if error.place:
        error.place = error.place.removeprefix(f"{root.resolve()}{os.sep}")
    return error
