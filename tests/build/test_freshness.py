"""Nothing is done twice, and what changed is done again."""

import contextlib
import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.projects import Sample, command, copy_sample, environment

pytestmark = pytest.mark.slow


def test_a_second_build_trains_nothing_and_never_imports_torch(
    sample: Sample, tmp_path: Path
) -> None:
    before = sample.site()
    poison = tmp_path / "poison"
    for name in ("torch", "onnx", "altair", "vl_convert"):
        (poison / name).mkdir(parents=True)
        (poison / name / "__init__.py").write_text(f"raise SystemExit('{name} was imported')\n")
    said = sample.run("build", env={"PYTHONPATH": str(poison)})
    assert "1 fresh and skipped" in said
    assert sample.site() == before


def test_editing_a_chart_draws_it_again_and_does_nothing_else(sample: Sample) -> None:
    sample.edit("explainers/line/explorable.py", "mark_circle", "mark_square")
    said = sample.run("build")
    assert "line: drew scatter" in said
    assert "trained" not in said
    assert "compiled" not in said


def test_editing_a_helper_of_a_helper_trains_the_model_that_reaches_it(sample: Sample) -> None:
    sample.edit("explainers/line/data.py", "* 0.1", "* 0.1001")
    said = sample.run("train")
    assert "line: trained explainers.line.models.fit" in said
    assert "explainers.line.data.noise changed" in said


def test_only_the_model_that_reaches_a_helper_is_trained(sample: Sample) -> None:
    sample.edit(
        "explainers/line/models.py",
        "@reference_model\ndef fit",
        "@reference_model\ndef other() -> nn.Module:\n"
        '    """Another one."""\n    return nn.Linear(3, own())\n\n\n'
        'def own() -> int:\n    """A helper of the other one."""\n    return 2\n\n\n'
        "@reference_model\ndef fit",
    )
    sample.edit("explainers/line/explorable.py", "import fit", "import fit, other")
    sample.edit(
        "explainers/line/explorable.py",
        "self.line = fit()",
        "self.line = fit()\n        self.other = other()",
    )
    said = sample.run("train")
    assert "trained explainers.line.models.other" in said
    assert "trained explainers.line.models.fit" not in said
    sample.edit("explainers/line/models.py", "return 2", "return 4")
    said = sample.run("train")
    assert "explainers.line.models.own changed" in said
    assert "trained explainers.line.models.fit" not in said


def test_a_comment_makes_nothing_again(sample: Sample) -> None:
    sample.edit("explainers/line/models.py", "x, y = ", "# All twenty.\n    x, y = ")
    assert "explorables: 0 made, 1 fresh and skipped" in sample.run("train")


def test_going_back_to_an_earlier_state_trains_nothing(sample: Sample) -> None:
    sample.edit("explainers/line/data.py", "* 0.1", "* 0.2")
    sample.run("train")
    sample.edit("explainers/line/data.py", "* 0.2", "* 0.1")
    assert "trained" not in sample.run("train")


SAVING = (
    "from pathlib import Path\n"
    "file = Path(__file__).with_name('data.py')\n"
    "text = file.read_text().replace('* 0.1', '* 0.2')\n"
)
"""An author who saves another file while a build runs."""


def test_what_is_saved_while_a_model_trains_is_built_the_next_time(sample: Sample) -> None:
    saving = SAVING.replace("\n", "\n    ") + "file.write_text(text)\n    x, y = "
    sample.edit("explainers/line/models.py", "x, y = ", saving)
    sample.run("train")
    said = sample.run("build")
    assert "line: trained explainers.line.models.fit" in said
    assert "explainers.line.data.noise changed" in said


def test_what_is_saved_while_a_module_is_imported_makes_nothing(sample: Sample) -> None:
    explorable = sample.root / "explainers/line/explorable.py"
    whole = explorable.read_text()
    explorable.write_text(f"{whole}\n{SAVING}file.write_text(text)\n")
    said = sample.run("train", fails=True, env={"PYTHONDONTWRITEBYTECODE": "1"})
    assert "explainers/line/data.py: was changed while it was being read" in said
    explorable.write_text(whole)
    assert "explainers.line.data.noise changed" in sample.run("train")


def test_every_damaged_artifact_is_noticed_and_made_again(sample: Sample) -> None:
    before = sample.site()
    objects = sorted((sample.root / ".explorables" / "store" / "objects").iterdir())
    assert len(objects) > 5
    for number, path in enumerate(objects):
        data = path.read_bytes()
        path.write_bytes([b"", data[: len(data) // 2], data[:-1] + b"?"][number % 3])
    sample.run("build")
    assert sample.site() == before


def test_a_manifest_that_cannot_be_read_is_written_again(sample: Sample) -> None:
    before = sample.site()
    (sample.root / ".explorables" / "manifest.json").write_text('{"format": 1, "explo')
    sample.run("build")
    assert sample.site() == before


def killed_after(sample: Sample, seconds: float) -> None:
    """Begins a build and kills it with its children."""
    run = subprocess.Popen(
        command("build"),
        cwd=sample.root,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    run.wait()


def test_a_build_that_is_killed_at_any_moment_is_finished_by_the_next(
    built: Sample, tmp_path: Path
) -> None:
    sample = copy_sample(tmp_path / "sample")
    rng = random.Random(0)
    for after in (0.3, 2.0, 3.5, 4.5, 5.5):
        killed_after(sample, after + 0.3 * rng.random())
    sample.run("build")
    assert sample.site() == built.site()


def test_a_killed_build_leaves_the_old_site_whole(sample: Sample) -> None:
    before = sample.site()
    for after in (0.15, 0.25, 0.3, 0.35, 0.4):
        killed_after(sample, after)
        assert sample.site() == before


def test_two_clean_builds_give_the_same_bytes(built: Sample, tmp_path: Path) -> None:
    other = copy_sample(tmp_path / "elsewhere" / "sample")
    other.run("build", env={"PYTHONHASHSEED": "7"})
    assert other.site() == built.site()


def test_nothing_in_the_site_or_the_manifest_names_a_folder_of_this_machine(built: Sample) -> None:
    manifest = (built.root / ".explorables" / "manifest.json").read_text()
    assert str(built.root) not in manifest
    json.loads(manifest)
    for path in (built.root / "site").rglob("*"):
        if path.is_file():
            assert str(built.root).encode() not in path.read_bytes(), path
