"""What `site_builder` offers, and what importing it must not cost."""

import subprocess
import sys

import pytest

import site_builder


@pytest.mark.parametrize("name", site_builder.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(site_builder, name)
    if name == "Output":  # a type, documented in the line under it
        assert value
    else:
        assert value.__doc__, f"{name} has no docstring"


def test_the_public_names_are_those_that_have_a_home() -> None:
    assert sorted(site_builder._HOME) == sorted(site_builder.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = site_builder.nothing


@pytest.mark.parametrize(
    "module", ["site_builder", "site_builder.pages", "site_builder.plugin", "site_builder.cli"]
)
def test_importing_what_renders_pages_never_imports_torch(module: str) -> None:
    code = f"import sys, {module}; sys.exit('torch' in sys.modules or 'altair' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_only_the_plugin_imports_mkdocs() -> None:
    code = (
        "import sys, site_builder.pages, site_builder.build, site_builder.cli;"
        "sys.exit('mkdocs' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
