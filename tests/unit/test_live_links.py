"""Live values in sentences: which of them are handles, and what an author may add."""

from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from site_builder.errors import SiteBuilderError
from site_builder.live_links import live_value
from site_builder.manifest import Manifest, Project, Record
from site_builder.pages import Page, Pages, PageState

INPUTS: list[dict[str, Any]] = [
    {"kind": "slider", "name": "rate", "min": 0.0, "max": 1.0},
    {"kind": "size", "name": "units", "min": 1, "max": 8},
    {"kind": "choice", "name": "shape", "options": ["circle", "spiral"]},
    {"kind": "toggle", "name": "soft"},
    {"kind": "seed", "name": "seed"},
    {"kind": "point", "name": "place"},
]
SCALARS = {"rate": 0.9, "units": 4, "shape": "spiral", "soft": True, "seed": 7, "loss": 1.5}


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    """The extension, over one hand-made explorable."""
    digest = Project(tmp_path).store.keep(b"x")
    record = Record(
        place="explainers/net/explorable.py",
        inputs=INPUTS,
        outputs=[{"kind": "scalar", "name": "loss", "tensor": "loss"}],
        scalars=SCALARS,
        figures={},
        files={"net.abc.js": digest},
        payload="net.abc.js",
        fixtures=digest,
    )
    extension = Pages(Project(tmp_path))
    extension.manifest = Manifest({"net": record})
    extension.page = Page("content/page.md", asset=lambda path: f"../x/{path}")
    return extension


def state_of(pages: Pages) -> PageState:
    return PageState(pages, Markdown(extensions=[pages]))


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("rate", "0.90", "0.90"),
        ("rate", "90%", "90%"),
        ("units", "4 units", "4 units"),
        ("shape", "spiral", "spiral"),
        ("soft", "on", "on"),
    ],
)
def test_an_input_of_one_value_is_a_handle(pages: Pages, name: str, text: str, shown: str) -> None:
    value = live_value(state_of(pages), f"net.{name}", text)
    assert value.attributes == {
        "name": f"net.{name}",
        "src": "../x/net.abc.js",
        "format": text,
        "handle": "",
    }
    assert value.shown == shown


@pytest.mark.parametrize(("name", "text"), [("loss", "1.5"), ("seed", "7")])
def test_an_output_and_a_seed_are_only_shown(pages: Pages, name: str, text: str) -> None:
    assert "handle" not in live_value(state_of(pages), f"net.{name}", text).attributes


def test_a_text_that_is_out_of_date_is_told_from_what_is_shown(pages: Pages) -> None:
    assert live_value(state_of(pages), "net.rate", "0.5").shown == "0.9"


def test_a_place_is_no_single_value(pages: Pages) -> None:
    with pytest.raises(SiteBuilderError, match="is a point: a sentence can only show"):
        live_value(state_of(pages), "net.place", "1, 2")


def test_an_author_may_name_a_colour_and_more(pages: Pages) -> None:
    html = Markdown(extensions=[pages, "attr_list"]).convert(
        "A rate of [0.9](live:net.rate){ .c3 #rate }."
    )
    assert '<explorable-value class="c3" format="0.9" handle="" id="rate" name="net.rate"' in html
    assert "</explorable-value>." in html
