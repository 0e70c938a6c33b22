"""Links that set the state of explorables: what they may set, and what MkDocs makes of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from site_builder.errors import SiteBuilderError
from site_builder.links import Settable, checked_state
from site_builder.manifest import Figure, Manifest, Project, Record
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
        {
            "kind": "points",
            "name": "own",
            "capacity": 3,
            "x": [-6, 6],
            "y": [-6, 6],
            "labels": ["orange", "blue"],
            "value": None,
        },
        {
            "kind": "sketch",
            "name": "drawing",
            "shape": [2, 3],
            "examples": [{"label": "a dot", "pixels": "AAD/MwAA"}],
        },
        {"kind": "text", "name": "line", "longest": 12},
        {
            "kind": "picture",
            "name": "photo",
            "shape": [1, 1, 2],
            "examples": [
                {"label": "a cat", "pixels": "AP8="},
                {"label": "a dog", "pixels": "/wA="},
            ],
        },
    ],
    "other": [{"kind": "seed", "name": "seed"}],
}
SETTABLE = {"net": Settable(INPUTS["net"], timed=True), "other": Settable(INPUTS["other"])}


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
        "#net.own=AACAPwAAAEAAAADAvwAAgD4B",
        "#net.own=",
        "#net.drawing=AgL_MwIA",
        "#net.drawing=",
        "#net.line=a%20b%7E%28%29",
        "#net.photo=1",
        "#net.photo=p_wA",
        "#net.steps=120",
        "#net.rate=2&net.soft=1&other.seed=3&backend=wasm",
        "#backend=webgl",
    ],
)
def test_a_link_may_set_any_value_that_a_reader_could(link: str) -> None:
    assert checked_state(link, SETTABLE) == link


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("#net.shape=spiral", "#net.shape=1"),
        ("#net.parts=c,0", "#net.parts=2,0"),
        ("#net.soft=on&other.seed=3", "#net.soft=1&other.seed=3"),
        # The same texts stand in runtime/test/link.test.ts.
        ("#net.drawing=a dot", "#net.drawing=AgL_MwIA"),
        ("#net.drawing=a%20dot", "#net.drawing=AgL_MwIA"),
        ("#net.own=1,2,orange;-1.5,0.25,blue", "#net.own=AACAPwAAAEAAAADAvwAAgD4B"),
        ("#net.own=1,2,0;-1.5,0.25,1", "#net.own=AACAPwAAAEAAAADAvwAAgD4B"),
        ("#net.photo=a dog", "#net.photo=1"),
        ("#net.line=a%20%26 b", "#net.line=a%20%26%20b"),
    ],
)
def test_words_and_numbers_become_what_a_page_reads(written: str, read: str) -> None:
    assert checked_state(written, SETTABLE) == read


def test_digits_are_an_index_also_where_a_word_is_a_number() -> None:
    depth = {"kind": "choice", "name": "depth", "options": ["1", "2", "none"]}
    settable = {"net": Settable([depth])}
    assert checked_state("#net.depth=1", settable) == "#net.depth=1"
    assert checked_state("#net.depth=none", settable) == "#net.depth=2"


def test_points_that_bear_values_are_written_with_their_values() -> None:
    own = {**INPUTS["net"][8], "labels": None, "value": [-1, 1]}
    settable = {"net": Settable([own])}
    assert checked_state("#net.own=0,0,-0.5", settable) == "#net.own=AAAAAAAAAAAAAAC_"
    with pytest.raises(SiteBuilderError, match="value from -1 to 1"):
        checked_state("#net.own=0,0,2", settable)


def test_an_input_called_steps_is_an_input() -> None:
    steps = {"kind": "size", "name": "steps", "min": 1, "max": 3}
    assert checked_state("#net.steps=2", {"net": Settable([steps])}) == "#net.steps=2"
    with pytest.raises(SiteBuilderError, match="from 1 to 3"):
        checked_state("#net.steps=4", {"net": Settable([steps], timed=True)})


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("#nets.rate=1", "unknown explorable 'nets'; known: net, other. Did you mean 'net'?"),
        ("#net.rat=1", "unknown input of 'net' 'rat'; known: drawing, line, own, parts, photo,"),
        ("#net.rat=1", "Did you mean 'rate'?"),
        ("#net.rate=2.5", "net.rate takes a number from -1 to 2; not '2.5'."),
        ("#net.rate=fast", "takes a number from -1 to 2; not 'fast'."),
        ("#net.rate=", "takes a number from -1 to 2; not ''."),
        ("#net.shape=2", "takes a word or an index, of 0 circle, 1 spiral; not '2'."),
        ("#net.shape=sprial", "takes a word or an index, of 0 circle, 1 spiral; not 'sprial'."),
        ("#net.parts=0,3", "takes different words or indices joined by commas, of 0 a, 1 b, 2 c;"),
        ("#net.parts=", "takes different words or indices joined by commas"),
        ("#net.parts=a,0", "takes different words or indices joined by commas"),
        ("#net.soft=true", "takes on or off; not 'true'."),
        ("#net.units=9", "takes a whole number from 1 to 8; not '9'."),
        ("#net.units=2.5", "takes a whole number from 1 to 8; not '2.5'."),
        ("#net.seed=1000000", "takes a whole number from 0 to 999999; not '1000000'."),
        ("#net.place=1", "takes a number from -6 to 6 and a number from 0 to 1; not '1'."),
        ("#net.place=1,2", "takes a number from -6 to 6 and a number from 0 to 1; not '1,2'."),
        ("#net.window=6,x,9", "takes a number from 0 to 24 and a number from 6 to 24"),
        ("#net.window=30,6", "takes a number from 0 to 24 and"),
        ("#net.window=9,6", "net.window takes a number from 0 to 24 and a number from 9 to 24"),
        ("#net.drawing=a+b", "takes the name of an example (a dot), or a drawing of 2 by 3 pixels"),
        ("#net.drawing=AP8", "takes the name of an example (a dot), or a drawing"),
        ("#net.drawing=AgL_", "takes the name of an example (a dot), or a drawing"),
        ("#net.own=1,2", "takes at most 3 points such as x,y,label;x,y… with x from -6 to 6"),
        ("#net.own=1,2,green", "label (orange, blue), or points as the page's address holds them;"),
        ("#net.own=1,9,blue", "takes at most 3 points"),
        ("#net.own=" + ";".join(["1,1,blue"] * 4), "takes at most 3 points"),
        ("#net.own=AAAAQQAAAEAA", "takes at most 3 points"),  # x is 8
        ("#net.line=" + "a" * 13, "takes a text of at most 12 characters"),
        (
            "#net.photo=2",
            "takes the name of an example (a cat, a dog), or a picture of 1 by 1 by 2",
        ),
        ("#net.photo=pAAAA", "takes the name of an example (a cat, a dog), or a picture"),
        ("#net.steps=-1", "net.steps takes a whole number from 0 to 10000; not '-1'."),
        ("#net.steps=10001", "net.steps takes a whole number from 0 to 10000; not '10001'."),
        ("#other.steps=3", "'other' has no time that a reader plays, so it takes no steps."),
        ("#net.rate=1&&net.soft=1", "must be parts such as #name.input=value joined by '&'"),
        ("#backend=gpu", "not 'backend=gpu'."),
        ("#rate=1", "not 'rate=1'."),
    ],
)
def test_a_link_to_no_state_is_told_with_what_would_be_right(link: str, said: str) -> None:
    with pytest.raises(SiteBuilderError) as raised:
        checked_state(link, SETTABLE)
    assert said in str(raised.value)
    assert f"'{link}'" in str(raised.value)


def test_a_link_to_what_is_on_another_page_is_told_what_is_here() -> None:
    with pytest.raises(SiteBuilderError) as raised:
        checked_state("#far.rate=1", SETTABLE, elsewhere=["far", "net", "other"])
    assert "'far' is not on this page, so a link here can't set it; on this page: net, other." in (
        str(raised.value)
    )


FIGURE = "/// explore | net.plane\n///\n\n"


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    digest = Project(tmp_path).store.keep(b"x")
    record = Record(
        place="explainers/net/explorable.py",
        inputs=INPUTS["net"],
        outputs=[],
        scalars={"rate": 1.0},
        figures={"plane": Figure("A plane", digest)},
        files={"net.abc.js": digest},
        payload="net.abc.js",
        fixtures=digest,
        time={"strides": [], "state": [], "restart": []},
    )
    extension = Pages(Project(tmp_path))
    extension.manifest = Manifest({"net": record, "ahead": replace(record, time={"ahead": 9})})
    extension.page = Page("content/page.md", first_line=4, asset=lambda path: f"../x/{path}")
    return extension


def render(pages: Pages, text: str, *more: str) -> str:
    # Controls of their own are another matter.
    text = text.replace("net.plane\n", "net.plane\n    inputs: none\n")
    return Markdown(extensions=[pages, "attr_list", *more]).convert(text)


def failure(pages: Pages, text: str) -> str:
    with pytest.raises(SiteBuilderError) as raised:
        render(pages, text)
    return str(raised.value)


def test_a_page_writes_a_link_as_the_page_reads_it(pages: Pages) -> None:
    html = render(pages, FIGURE + "See [the *spiral*](#net.shape=spiral&net.rate=2).")
    link = '<a class="explorable-link" href="#net.shape=1&amp;net.rate=2">the <em>spiral</em></a>'
    assert html.endswith(f"<p>See {link}.</p>")


def test_an_author_may_add_to_a_link(pages: Pages) -> None:
    html = render(pages, FIGURE + "[go](#net.rate=2){ #go .wide }")
    assert '<a class="explorable-link wide" href="#net.rate=2" id="go">go</a>' in html


def test_a_page_tells_the_line_of_a_wrong_link(pages: Pages) -> None:
    said = failure(pages, FIGURE + "Text.\n\n[spiral](#net.shape=7).")
    assert said.startswith("content/page.md:11: the link '#net.shape=7': net.shape takes")
    said = failure(pages, FIGURE + "Text.\n\n[spiral](<#net.drawing=a cross>).")
    assert said.startswith("content/page.md:11: the link '#net.drawing=a cross': net.drawing takes")


def test_a_link_sets_only_what_is_on_its_page(pages: Pages) -> None:
    said = failure(pages, "[spiral](#net.shape=1)")
    assert "'net' is not on this page, so a link here can't set it; on this page: none." in said
    assert "explorable-link" in render(pages, "[1.0](live:net.rate), [spiral](#net.shape=1)")


def test_a_link_lets_only_what_is_played_go_on(pages: Pages) -> None:
    assert 'href="#net.steps=5"' in render(pages, FIGURE + "[on](#net.steps=5)")
    said = failure(pages, "[1.0](live:ahead.rate), [on](#ahead.steps=5)")
    assert "'ahead' has no time that a reader plays" in said


def test_a_link_to_a_heading_is_left_alone(pages: Pages) -> None:
    assert '<a href="#head">up</a>' in render(pages, "# Head\n\n[up](#head)", "toc")


def test_a_link_in_code_is_left_alone(pages: Pages) -> None:
    assert "[spiral](#net.shape=7)" in render(pages, "`[spiral](#net.shape=7)`")
