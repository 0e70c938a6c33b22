"""Copies of the sample project, built by the command line as an author would."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SAMPLE = Path(__file__).parent / "sample"
CHARTS = Path(__file__).parent / "sample_charts"
INPUTS = Path(__file__).parent / "sample_inputs"
SELECTIONS = Path(__file__).parent / "sample_selections"
SENTENCES = Path(__file__).parent / "sample_sentences"
WORDS = Path(__file__).parent / "sample_words"


@dataclass(frozen=True)
class Sample:
    """One copy of the sample project."""

    root: Path

    def run(self, *arguments: str, fails: bool = False, env: dict[str, str] | None = None) -> str:
        """Runs ``site-builder`` in the project; returns what it printed.

        Fails the test where the exit status is not as expected, or a traceback was printed.
        """
        done = subprocess.run(
            command(*arguments),
            cwd=self.root,
            env={**environment(), **(env or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        assert "Traceback" not in said, said
        assert (done.returncode != 0) is fails, said
        return said

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.root / file
        text = path.read_text()
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new))

    def site(self) -> dict[str, str]:
        """The sha256 of every file in ``site/``, by path."""
        return tree(self.root / "site")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "site_builder", *arguments]


def environment() -> dict[str, str]:
    """This one's, without what would make a build depend on who runs it."""
    return {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def copy_sample(to: Path, sample: Path = SAMPLE) -> Sample:
    """A fresh copy, with nothing built."""
    shutil.copytree(
        sample, to, ignore=shutil.ignore_patterns(".explorables", "site", "__pycache__")
    )
    return Sample(to)
