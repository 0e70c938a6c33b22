"""Model cards."""

from pathlib import Path

import pytest
from markdown import Markdown

from site_builder.errors import SiteBuilderError
from site_builder.manifest import Manifest, Project, Record
from site_builder.pages import Page, Pages

CARD = "/// model | line_fit\nIt knows *nothing* of curves.\n///\n"


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    """The extension, over one hand-made explorable."""
    project = Project(tmp_path)
    small, large = project.store.keep(b"{}"), project.store.keep(bytes(12_345))
    record = Record(
        place="explainers/lines/explorable.py",
        inputs=[],
        outputs=[],
        scalars={},
        figures={},
        files={
            "line_fit.abc.js": small,
            "line_fit/model.json": small,
            "line_fit/group1-shard1of1.bin": large,
            "line_fit/step/model.json": small,
            "line_fit/forward.onnx": large,
            "line_fit/step.program.js": large,
            "line_fit/step.kernels.wat": large,
        },
        payload="line_fit.abc.js",
        fixtures=small,
        backend={"name": "compiled", "why": "167 nodes: compiled 0.1 ms & TensorFlow.js 1.0 ms."},
    )
    extension = Pages(project)
    extension.manifest = Manifest({"line_fit": record}, versions={"torch": "2.13.0"})
    extension.page = Page("content/page.md", first_line=4, asset=lambda path: f"../x/{path}")
    return extension


def render(pages: Pages, text: str) -> str:
    return Markdown(extensions=[pages]).convert(text)


def test_a_card_says_which_engine_runs_a_model_and_why(pages: Pages) -> None:
    html = render(pages, CARD)
    assert '<details class="explorable-model">' in html
    assert "How “line fit” was made and runs" in html
    assert "PyTorch 2.13.0, in <code>explainers/lines/explorable.py</code>" in html
    assert "compiled ahead of time" in html
    assert "167 nodes: compiled 0.1 ms &amp; TensorFlow.js 1.0 ms." in html


def test_a_card_links_every_file_that_can_be_taken_away_and_says_its_size(pages: Pages) -> None:
    html = render(pages, CARD)
    assert (
        '<li>TensorFlow.js: <a href="../x/line_fit/model.json">forward</a> (12 kB), '
        '<a href="../x/line_fit/step/model.json">step</a> (0 kB)</li>'
    ) in html
    assert '<a href="../x/line_fit/forward.onnx">forward</a> (12 kB)' in html
    assert '<a href="../x/line_fit/step.program.js">step</a> (12 kB)' in html
    assert '<a href="../x/line_fit/step.kernels.wat">step</a> (12 kB)' in html


def test_a_card_ends_with_the_authors_own_words(pages: Pages) -> None:
    assert "<p>It knows <em>nothing</em> of curves.</p>" in render(pages, CARD)


def test_a_card_of_an_unknown_explorable_names_its_line_and_those_that_are_known(
    pages: Pages,
) -> None:
    with pytest.raises(SiteBuilderError) as raised:
        render(pages, f"Text.\n\n{CARD.replace('line_fit', 'line_fti')}")
    assert str(raised.value).startswith("content/page.md:7: ")
    assert "'line_fti'" in str(raised.value)
    assert "line_fit" in str(raised.value)
