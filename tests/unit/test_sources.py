"""What a definition is made of."""

from pathlib import Path

import pytest

from site_builder.sources import Sources, package_version

DATA = '''
"""Data."""
import numpy as np
SIZE = 20
UNUSED = 3

def noise():
    """Noise."""
    return np.ones(SIZE)

def points():
    return noise()

def other():
    return UNUSED
'''
MODELS = """
from explainers.line import data
from explainers.line.data import other as elsewhere
from site_builder import reference_model

class Net:
    def forward(self):
        return 1

@reference_model
def fit():
    return Net(), data.points()

def unrelated():
    return elsewhere()
"""
EXPLORABLE = """
from explainers.line.models import fit

class Line:
    def __init__(self):
        self.line = fit()

    def forward(self):
        return helper()

    def scatter(self):
        return self.base() + style()

    def base(self):
        return 1

    def bars(self):
        return 2

def helper():
    return 1

def style():
    return 2
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "explainers" / "line"
    folder.mkdir(parents=True)
    (tmp_path / "explainers" / "__init__.py").touch()
    (folder / "__init__.py").touch()
    (folder / "data.py").write_text(DATA)
    (folder / "models.py").write_text(MODELS)
    (folder / "explorable.py").write_text(EXPLORABLE)
    return tmp_path


def edit(root: Path, file: str, old: str, new: str) -> None:
    path = root / "explainers" / "line" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def fit(root: Path) -> dict[str, str]:
    return Sources(root).parts("explainers.line.models", "fit")


def test_a_function_reaches_helpers_of_helpers_in_other_modules_and_nothing_else(
    root: Path,
) -> None:
    ours = {name for name in fit(root) if not name.startswith("version of")}
    assert ours == {
        "explainers.line.models.fit",
        "explainers.line.models.Net",
        "explainers.line.models.data",
        "explainers.line.models.reference_model",
        "explainers.line.data.points",
        "explainers.line.data.noise",
        "explainers.line.data.SIZE",
        "explainers.line.data.np",
    }


@pytest.mark.parametrize(
    ("file", "old", "new", "changes"),
    [
        ("data.py", "SIZE = 20", "SIZE = 30", True),
        ("data.py", "np.ones", "np.zeros", True),
        ("models.py", "return 1", "return 2", True),
        ("data.py", "UNUSED = 3", "UNUSED = 4", False),
        ("models.py", "return elsewhere()", "return 5", False),
        ("data.py", '"""Noise."""', '"""Louder noise."""', False),
        ("data.py", "def points():", "def points():  # a comment", False),
        ("explorable.py", "return 1", "return 3", False),
    ],
)
def test_the_key_changes_exactly_when_something_reached_changes(
    root: Path, file: str, old: str, new: str, changes: bool
) -> None:
    before = fit(root)
    edit(root, file, old, new)
    assert (fit(root) != before) is changes


@pytest.mark.parametrize(
    "line",
    [
        "import random; random.seed(1)",
        "from explainers.line.data import *",
        "VALUE = getattr(data, 'UNUSED')",
    ],
)
def test_where_reach_cannot_be_told_the_whole_module_counts(root: Path, line: str) -> None:
    edit(root, "models.py", "class Net:", f"{line}\n\nclass Net:")
    if line.startswith("VALUE"):
        edit(root, "models.py", "return Net(),", "return VALUE, Net(),")
    before = fit(root)
    if "seed" in line:
        edit(root, "models.py", "random.seed(1)", "random.seed(2)")
    elif line.startswith("VALUE"):
        edit(root, "models.py", "return elsewhere()", "return 5")
    else:
        edit(root, "data.py", "UNUSED = 3", "UNUSED = 4")
    assert fit(root) != before


def test_a_module_used_as_a_value_counts_whole(root: Path) -> None:
    edit(root, "models.py", "data.points()", "dict(vars=data)")
    before = fit(root)
    edit(root, "data.py", "UNUSED = 3", "UNUSED = 4")
    assert fit(root) != before


def test_editing_a_chart_leaves_the_graph_as_it_is(root: Path) -> None:
    def graph() -> dict[str, str]:
        return Sources(root).parts(
            "explainers.line.explorable", "Line", without=("scatter", "bars")
        )

    before = graph()
    edit(root, "explorable.py", "self.base() + style()", "self.base()")
    assert graph() == before
    edit(root, "explorable.py", "return helper()", "return 5")
    assert graph() != before


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("def style():\n    return 2", "def style():\n    return 3", True),
        ("def base(self):\n        return 1", "def base(self):\n        return 4", True),
        ("def bars(self):\n        return 2", "def bars(self):\n        return 4", False),
    ],
)
def test_a_figure_reaches_the_methods_and_helpers_it_calls(
    root: Path, old: str, new: str, changes: bool
) -> None:
    def figure() -> dict[str, str]:
        return Sources(root).parts("explainers.line.explorable", "Line.scatter")

    before = figure()
    edit(root, "explorable.py", old, new)
    assert (figure() != before) is changes


def test_the_versions_of_imported_packages_are_part_of_the_key(root: Path) -> None:
    assert fit(root)["version of numpy"] == package_version("numpy")


def test_a_package_whose_distribution_has_another_name_has_a_version() -> None:
    assert package_version("sklearn") == package_version("scikit-learn")
    assert package_version("no_such_package") is None
