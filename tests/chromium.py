"""Finds Chromium, and gets it where it is missing.

Debian's package first, since it needs no download from elsewhere; then Playwright's own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""What headless Chromium needs to run as root, and to ask no foreign host for anything."""

HELP = """Chromium is missing and could not be installed. Any one of these helps:
  apt-get install chromium            (Debian, as root)
  python -m playwright install chromium
  CHROMIUM=/path/to/chromium make test"""


def find() -> str | None:
    """The path of a Chromium that starts, or None."""
    named = os.environ.get("CHROMIUM")
    for path in [named] if named else [*map(shutil.which, NAMES), *_playwrights()]:
        if path and _runs([path, "--version"]):
            return path
    return None


def _playwrights() -> list[str]:
    """Where Playwright keeps its own."""
    default = Path.home() / ".cache" / "ms-playwright"
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or default)
    found = [*folder.glob("chromium-*/chrome-linux*/chrome")]
    return [str(path) for path in sorted(found, reverse=True)]


def _runs(command: list[str]) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def get() -> str:
    """The path of a Chromium, installed where it was missing.

    Raises:
        SystemExit: If it can't be had, with what would help.
    """
    if path := find():
        return path
    if shutil.which("apt-get") and not os.environ.get("CHROMIUM"):
        root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        print("getting Chromium from the system's packages", file=sys.stderr)
        quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        _runs([*root, *quiet, "update"])
        _runs([*root, *quiet, "install", "-y", "--no-install-recommends", "chromium"])
        if path := find():
            return path
    if not os.environ.get("CHROMIUM"):
        print("getting Playwright's own Chromium", file=sys.stderr)
        _runs([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"])
        _runs([sys.executable, "-m", "playwright", "install", "chromium"])
    if path := find():
        return path
    sys.exit(HELP)


if __name__ == "__main__":
    get()
