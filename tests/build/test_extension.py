"""The pages' extension knows no page generator."""

import subprocess
import sys

import pytest

from tests.projects import Sample, environment

pytestmark = pytest.mark.slow


def test_the_extension_works_by_name_in_plain_python_markdown(built: Sample) -> None:
    code = (
        "import markdown, sys;"
        "text = open('content/index.md').read().partition('---\\n\\n')[2];"
        "html = markdown.markdown(text, extensions=['site_builder.pages']);"
        "assert 'mkdocs' not in sys.modules and 'torch' not in sys.modules;"
        "print(html)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=built.root,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert '<explorable-figure name="line.scatter"' in done.stdout
    assert ">20</explorable-value>" in done.stdout


def test_the_plain_mkdocs_command_builds_the_same_site(sample: Sample) -> None:
    before = sample.site()
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=sample.root,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert sample.site() == before
