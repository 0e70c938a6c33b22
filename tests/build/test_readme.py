"""What the README promises a newcomer."""

import re
from pathlib import Path

import pytest

from tests.projects import Sample

pytestmark = pytest.mark.slow
README = (Path(__file__).parent.parent.parent / "README.md").read_text()


def block(language: str, number: int = 0) -> str:
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return found[number]


def test_the_first_explorable_of_the_readme_works_as_it_is_printed(sample: Sample) -> None:
    folder = sample.root / "explainers" / "curve"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "explorable.py").write_text(
        block("python").replace("class Line", "class Curve")  # the sample has a Line already
    )
    page = sample.root / "content" / "curve.md"
    page.write_text((block("markdown") + block("markdown", 1)).replace("line.", "curve."))
    sample.run("build")
    html = (sample.root / "site" / "curve.html").read_text()
    assert 'name="curve.curve"' in html
    assert '<a class="explorable-link" href="#curve.slope=-2">' in html
    page.write_text(page.read_text().replace("[0.76]", "[?]"))
    assert "the value is 0.761594" in sample.run("build", fails=True)


def test_the_explorable_with_time_of_the_readme_works_as_it_is_printed(sample: Sample) -> None:
    folder = sample.root / "explainers" / "descent"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "explorable.py").write_text(block("python", 1))
    page = sample.root / "content" / "descent.md"
    page.write_text(
        "/// explore | descent.valley\nA ball.\n///\n\nIt is [5.25](live:descent.height) up.\n"
    )
    sample.run("build")
    html = (sample.root / "site" / "descent.html").read_text()
    assert '<explorable-time name="descent.time"' in html
    assert ">5.25<" in html


def test_the_formula_of_the_readme_works_as_it_is_printed(sample: Sample) -> None:
    folder = sample.root / "explainers" / "descent"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "explorable.py").write_text(block("python", 1))
    (sample.root / "content" / "formula.md").write_text(block("markdown", 2))
    sample.run("build")
    html = (sample.root / "site" / "formula.html").read_text()
    assert '<span class="enclosing c2">' in html
    assert re.search(r'<explorable-value name="descent.rate"[^>]* handle="" class="c2">0.05<', html)
    assert [*sample.root.glob("site/**/KaTeX_Math-Italic.woff2")]


def test_the_two_commands_stand_first_in_the_readme() -> None:
    assert README.index("make site") < README.index("make test") < README.index("##")
