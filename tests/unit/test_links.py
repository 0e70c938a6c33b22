"""Links that set the state of explorables: what they may set, and what MkDocs makes of them."""

from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from site_builder.errors import SiteBuilderError
from site_builder.links import check_state
from site_builder.manifest import Manifest, Project, Record
from site_builder.pages import Page, Pages

INPUTS: dict[str, list[dict[str, Any]]] = {
    "net": [
        {"kind": "slider", "name": "rate", "min": -1.0, "max": 2.0},
        {"kind": "choice", "name": "shape", "options": ["circle", "spiral"]},
        {"kind": "choices", "name": "parts", "options": ["a", "b", "c"]},
        {"kind": "toggle", "name": "soft"},
        {"kind": "size", "name": "units", "min": 1, "max": 8},
        {"kind": "seed", "name": "seed"},
        {"kind": "point", "name": "place", "x": [-6, 6], "y": [0, 1]},
        {"kind": "interval", "name": "window", "min": 0, "max": 24},
        {"kind": "points", "name": "own"},
        {"kind": "sketch", "name": "drawing"},
    ],
    "other": [{"kind": "seed", "name": "seed"}],
}


@pytest.mark.parametrize(
    "link",
    [
        "#net.rate=-0.5",
        "#net.rate=1e-3",
        "#net.rate=.5",
        "#net.shape=1",
        "#net.parts=0,2",
        "#net.soft=0",
        "#net.units=8",
        "#net.seed=999999",
        "#net.place=-6,0.5",
        "#net.window=6,9.5",
        "#net.own=AAEC_w-",
        "#net.drawing=AAEC",
        "#net.rate=2&net.soft=1&other.seed=3&backend=wasm",
        "#backend=webgl",
    ],
)
def test_a_link_may_set_any_value_that_a_reader_could(link: str) -> None:
    check_state(link, INPUTS)


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("#nets.rate=1", "unknown explorable 'nets'; known: net, other. Did you mean 'net'?"),
        ("#net.rat=1", "unknown input of 'net' 'rat'; known: drawing, own,"),
        ("#net.rat=1", "Did you mean 'rate'?"),
        ("#net.rate=2.5", "net.rate takes a number from -1 to 2, not '2.5'."),
        ("#net.rate=fast", "takes a number from -1 to 2, not 'fast'."),
        ("#net.rate=", "takes a number from -1 to 2, not ''."),
        ("#net.shape=2", "takes an index from 0 to 1 (circle, spiral), not '2'."),
        ("#net.shape=spiral", "takes an index from 0 to 1 (circle, spiral), not 'spiral'."),
        ("#net.parts=0,3", "takes indices joined by commas from 0 to 2 (a, b, c), not '0,3'."),
        ("#net.parts=", "takes indices joined by commas"),
        ("#net.soft=true", "takes 0 or 1, not 'true'."),
        ("#net.units=9", "takes a whole number from 1 to 8, not '9'."),
        ("#net.units=2.5", "takes a whole number from 1 to 8, not '2.5'."),
        ("#net.seed=1000000", "takes a whole number from 0 to 999999, not '1000000'."),
        ("#net.place=1", "takes a number from -6 to 6 and a number from 0 to 1, not '1'."),
        ("#net.place=1,2", "takes a number from -6 to 6 and a number from 0 to 1, not '1,2'."),
        ("#net.window=6,x,9", "takes a number from 0 to 24 and a number from 6 to 24"),
        ("#net.window=30,6", "takes a number from 0 to 24 and"),
        ("#net.window=9,6", "net.window takes a number from 0 to 24 and a number from 9 to 24"),
        ("#net.drawing=a+b", "takes a drawing or points as a page writes them, not 'a+b'."),
        ("#net.rate=1&&net.soft=1", "must be parts such as #name.input=value joined by '&'"),
        ("#backend=gpu", "not 'backend=gpu'."),
        ("#rate=1", "not 'rate=1'."),
    ],
)
def test_a_link_to_no_state_is_told_with_what_would_be_right(link: str, said: str) -> None:
    with pytest.raises(SiteBuilderError) as raised:
        check_state(link, INPUTS)
    assert said in str(raised.value)
    assert f"'{link}'" in str(raised.value)


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    digest = Project(tmp_path).store.keep(b"x")
    record = Record(
        place="explainers/net/explorable.py",
        inputs=INPUTS["net"],
        outputs=[],
        scalars={},
        figures={},
        files={"net.abc.js": digest},
        payload="net.abc.js",
        fixtures=digest,
    )
    extension = Pages(Project(tmp_path))
    extension.manifest = Manifest({"net": record})
    extension.page = Page("content/page.md", first_line=4, asset=lambda path: f"../x/{path}")
    return extension


def test_a_page_keeps_a_good_link_as_it_is(pages: Pages) -> None:
    html = Markdown(extensions=[pages]).convert("See [the *spiral*](#net.shape=1&net.rate=2).")
    assert html == '<p>See <a href="#net.shape=1&amp;net.rate=2">the <em>spiral</em></a>.</p>'


def test_a_page_tells_the_line_of_a_wrong_link(pages: Pages) -> None:
    with pytest.raises(SiteBuilderError) as raised:
        Markdown(extensions=[pages]).convert("Text.\n\n[spiral](#net.shape=7).")
    assert str(raised.value).startswith("content/page.md:7: the link '#net.shape=7': net.shape")


def test_a_link_to_a_heading_is_left_alone(pages: Pages) -> None:
    html = Markdown(extensions=[pages, "toc"]).convert("# Head\n\n[up](#head)")
    assert '<a href="#head">up</a>' in html


def test_a_link_in_code_is_left_alone(pages: Pages) -> None:
    html = Markdown(extensions=[pages]).convert("`[spiral](#net.shape=7)`")
    assert "[spiral](#net.shape=7)" in html
