"""A sample project that is built once, and copies of it to change."""

import shutil
from pathlib import Path

import pytest

from tests.projects import Sample, copy_sample


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The sample, built; not to be changed."""
    sample = copy_sample(tmp_path_factory.mktemp("built") / "sample")
    sample.run("build")
    return sample


@pytest.fixture
def sample(built: Sample, tmp_path: Path) -> Sample:
    """A built copy to change."""
    shutil.copytree(built.root, tmp_path / "sample")
    return Sample(tmp_path / "sample")
