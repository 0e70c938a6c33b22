"""An author's mistakes: each is told with place, cause and way forward, and nothing is lost."""

import re
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from tests.projects import Sample, command, environment

pytestmark = pytest.mark.slow
EXPLORABLE = "explainers/line/explorable.py"
PAGE = "content/index.md"


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "said"),
    [
        pytest.param(PAGE, "[20]", "[21]", f"{PAGE}:11", "the value is 20", id="stale live link"),
        pytest.param(
            PAGE, "line.count", "line.cuont", f"{PAGE}:11", "'line.count'?", id="live name"
        ),
        pytest.param(
            PAGE,
            "[20](live:line.count)",
            "[20](#line.side=3)",
            f"{PAGE}:11",
            "line.side takes a word or an index, of 0 all, 1 above, 2 below; not '3'.",
            id="state link",
        ),
        pytest.param(PAGE, "line.scatter", "lime.scatter", f"{PAGE}:7", "'line'?", id="explorable"),
        pytest.param(
            PAGE, "line.scatter", "line.scater", f"{PAGE}:7", "'line.scatter'?", id="figure"
        ),
        pytest.param(PAGE, "/// explore", "/// exlpore", f"{PAGE}:7", "'explore'?", id="misspelt"),
        pytest.param(PAGE, "*line*.\n///", "*line*.", f"{PAGE}:7", "never closed", id="unclosed"),
        pytest.param(PAGE, " | line.scatter", "", f"{PAGE}:7", "names no figure", id="no argument"),
        pytest.param(PAGE, "line.scatter", "../x", f"{PAGE}:7", "must be two names", id="leaving"),
        pytest.param(
            EXPLORABLE,
            "        gap = guess - self.y\n",
            "        gap = guess - self.y\n        if shift > 0:\n            gap = gap + 1\n",
            f"{EXPLORABLE}:46",
            "decides in Python",
            id="Python if",
        ),
        pytest.param(
            EXPLORABLE,
            "gap = guess - self.y",
            "gap = torch.linalg.eigvals(torch.diag(guess)).real - self.y",
            f"{EXPLORABLE}:45",
            "can't be compiled",
            id="no ONNX function",
        ),
        pytest.param(
            EXPLORABLE,
            "gap = guess - self.y",
            "gap = guess - self.y + torch.rand(20)",
            f"{EXPLORABLE}:45",
            "draws random numbers",
            id="chance",
        ),
        pytest.param(
            EXPLORABLE, "self, shift:", "self, shfit:", EXPLORABLE, "'shift'?", id="arguments"
        ),
        pytest.param(EXPLORABLE, "shift", "train", EXPLORABLE, "reserved", id="reserved name"),
        pytest.param(
            EXPLORABLE, '"y:Q"', '"z:Q"', EXPLORABLE, "unknown column of 'points' 'z'", id="column"
        ),
        pytest.param(
            EXPLORABLE, "gap.mean(),", "gap.mean() / 0,", EXPLORABLE, "not finite", id="not finite"
        ),
        pytest.param(
            EXPLORABLE, "import torch\n", "import troch\n", f"{EXPLORABLE}:4", "troch", id="import"
        ),
        pytest.param(
            EXPLORABLE, "class Line(", "class Line((", EXPLORABLE, "SyntaxError", id="syntax"
        ),
        pytest.param(
            "explainers/line/models.py",
            "loss.backward()",
            "loss.backwards()",
            "explainers/line/models.py:2",
            "AttributeError",
            id="training",
        ),
    ],
)
def test_a_mistake_fails_the_build_with_its_place_and_the_site_stays(
    sample: Sample, file: str, old: str, new: str, place: str, said: str
) -> None:
    before = sample.site()
    sample.edit(file, old, new)
    output = sample.run("build", fails=True)
    flat = re.sub(r"\s+", " ", output)
    assert said in flat, output
    assert place in flat, output
    assert str(sample.root) not in flat.replace("directory: " + str(sample.root), ""), output
    assert sample.site() == before


def test_all_mistakes_on_the_pages_are_told_at_once(sample: Sample) -> None:
    sample.edit(PAGE, "[0.5]", "[0.6]")
    sample.edit(PAGE, "[20]", "[21]")
    output = sample.run("build", fails=True)
    assert "the value is 0.5" in output
    assert "the value is 20" in output
    assert "2 problems" in output


def test_a_link_that_sets_a_state_is_no_missing_heading(sample: Sample) -> None:
    """MkDocs looks for a heading behind every link with a #, and the build is strict."""
    sample.edit(PAGE, "# A line\n", "# A line\n\n[Above](#line.side=1&line.shift=-0.5).\n")
    output = sample.run("build")
    assert "line.side" not in output
    html = (sample.root / "site" / "index.html").read_text()
    assert 'href="#line.side=1&amp;line.shift=-0.5">Above</a>' in html


def test_two_explorables_of_one_name_are_both_named(sample: Sample) -> None:
    other = sample.root / "explainers" / "again"
    other.mkdir()
    (other / "explorable.py").write_text((sample.root / EXPLORABLE).read_text())
    output = sample.run("build", fails=True)
    assert "two explorables are named 'line'" in output
    assert EXPLORABLE in output
    assert "explainers/again/explorable.py" in output


def test_one_wrong_explorable_does_not_lose_the_work_on_another(sample: Sample) -> None:
    other = sample.root / "explainers" / "again"
    other.mkdir()
    text = (sample.root / EXPLORABLE).read_text().replace("class Line(", "class Again(")
    (other / "explorable.py").write_text(text.replace("* kept", "* kept * 2"))
    sample.edit(EXPLORABLE, "gap.mean(),", "gap.mean() / 0,")
    sample.run("train", fails=True)
    sample.edit(EXPLORABLE, "gap.mean() / 0,", "gap.mean(),")
    assert "0 made, 2 fresh" in sample.run("train")


def test_a_folder_that_python_cannot_import_is_named(sample: Sample) -> None:
    (sample.root / "explainers" / "line").rename(sample.root / "explainers" / "my-line")
    output = sample.run("train", fails=True)
    assert "explainers/my-line: the folder is imported by its name" in output


def test_a_worker_that_is_killed_is_told_in_a_sentence(sample: Sample) -> None:
    """As the system does when memory runs out; two explorables, so that there are workers."""
    other = sample.root / "explainers" / "again"
    other.mkdir()
    text = (sample.root / EXPLORABLE).read_text().replace("class Line(", "class Again(")
    dying = "super().__init__()\n        __import__('os').kill(__import__('os').getpid(), 9)"
    (other / "explorable.py").write_text(text.replace("super().__init__()", dying))
    sample.edit(EXPLORABLE, "gap.mean(),", "gap.mean() * 2,")
    output = sample.run("train", "--jobs", "2", fails=True)
    assert "was killed" in output
    assert "--jobs 1" in output


def test_outside_a_project_the_command_says_so(tmp_path: Path) -> None:
    output = Sample(tmp_path).run("train", fails=True)
    assert "no mkdocs.yml" in output


def test_serve_warns_of_a_stale_live_link_and_goes_on(sample: Sample) -> None:
    sample.edit(PAGE, "[20]", "[21]")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = sample.root / "log.txt"
    with log.open("wb") as out:
        run = subprocess.Popen(
            command("serve", "--address", f"127.0.0.1:{port}"),
            cwd=sample.root,
            env=environment(),
            stdout=out,
            stderr=out,
        )
    try:
        page = ""
        for _ in range(120):
            time.sleep(0.25)
            try:
                page = (
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read().decode()
                )
                break
            except OSError:
                assert run.poll() is None, log.read_text()
        assert ">20</explorable-value>" in page
        assert "WARNING" in log.read_text()
        assert "content/index.md:11: the live link [21](live:line.count)" in log.read_text()
    finally:
        run.terminate()
        run.wait()
