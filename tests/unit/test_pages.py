"""Blocks and live links in Markdown."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from markdown import Markdown

from site_builder.errors import SiteBuilderError
from site_builder.manifest import Figure, Manifest, Project, Record
from site_builder.pages import Page, Pages

FIGURE = "/// explore | anomaly.scatter\nA *caption*.\n///\n"


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    """The extension, over one hand-made explorable."""
    project = Project(tmp_path)
    svg = project.store.keep(b'<svg viewBox="0 0 1 1"><text>axis</text></svg>')
    slider = {
        "kind": "slider",
        "name": "threshold",
        "label": "Alarm <threshold>",
        "min": 0.0,
        "max": 10.0,
        "step": 0.1,
        "default": 3.0,
        "format": "3.0",
    }
    choice = {
        "kind": "choice",
        "name": "detector",
        "label": "Detector",
        "options": ["k-means", "SVM"],
        "default": 0,
    }
    record = Record(
        place="explainers/anomaly/explorable.py",
        inputs=[slider, choice],
        outputs=[
            {"kind": "scalar", "name": "caught", "tensor": "caught"},
            {"kind": "rows", "name": "logins", "columns": []},
        ],
        scalars={"threshold": 3.0, "detector": "k-means", "caught": 12, "rate": 0.25},
        figures={"scatter": Figure("What it <shows>", svg), "roc": Figure("A curve", svg)},
        files={"anomaly.abc.js": svg},
        payload="anomaly.abc.js",
        fixtures=svg,
    )
    extension = Pages(project)
    extension.manifest = Manifest({"anomaly": record})
    extension.page = Page("content/page.md", first_line=4, asset=lambda path: f"../x/{path}")
    return extension


def render(pages: Pages, text: str, *more: str) -> str:
    return Markdown(extensions=[pages, "tables", "footnotes", "admonition", "toc", *more]).convert(
        text
    )


def failure(pages: Pages, text: str) -> str:
    with pytest.raises(SiteBuilderError) as raised:
        render(pages, text)
    return str(raised.value)


def test_a_control_that_does_nothing_at_the_defaults_is_hidden_in_the_page(pages: Pages) -> None:
    assert pages.manifest is not None
    record = pages.manifest.explorables["anomaly"]
    pages.manifest = Manifest({"anomaly": replace(record, idle=["detector"])})
    html = render(pages, FIGURE)
    hidden = re.findall(r'<explorable-input name="([^"]+)"[^>]* hidden>', html)
    assert hidden == ["anomaly.detector"]


def test_a_figure_whose_numbers_can_be_edited_has_a_control_for_that(pages: Pages) -> None:
    assert pages.manifest is not None
    record = pages.manifest.explorables["anomaly"]
    figures = {"scatter": replace(record.figures["scatter"], edits="weight")}
    pages.manifest = Manifest({"anomaly": replace(record, figures=figures)})
    html = render(pages, FIGURE.replace(".scatter\n", ".scatter\n    inputs: none\n"))
    assert '<label for="anomaly--scatter--edit--0--value">weight</label>' in html
    assert html.index("<fieldset") < html.index("Edit a number") < html.index("</fieldset>")


def test_a_block_becomes_the_static_picture_with_its_caption_and_controls(pages: Pages) -> None:
    html = render(pages, FIGURE)
    assert (
        '<explorable-figure name="anomaly.scatter" src="../x/anomaly.abc.js" state="static">'
        in html
    )
    assert 'aria-label="What it &lt;shows&gt;"' in html
    assert '<svg viewBox="0 0 1 1">' in html
    assert "<figcaption><p>A <em>caption</em>.</p>" in html.replace("\n", "")
    assert '<label for="anomaly--threshold">Alarm &lt;threshold&gt;</label>' in html
    assert '<fieldset class="explorable-controls" data-search-exclude disabled>' in html
    assert (
        '<input type="radio" name="anomaly--detector" value="0" autocomplete="off" checked>' in html
    )


def test_only_the_first_block_of_an_explorable_carries_its_controls(pages: Pages) -> None:
    html = render(pages, f"{FIGURE}\n{FIGURE.replace('scatter', 'roc')}")
    assert html.count("<fieldset") == 1


@pytest.mark.parametrize(
    ("option", "names"),
    [("none", []), ("detector", ["detector"]), ("detector, threshold", ["detector", "threshold"])],
)
def test_the_option_inputs_chooses_the_controls(
    pages: Pages, option: str, names: list[str]
) -> None:
    html = render(pages, f"/// explore | anomaly.scatter\n    inputs: {option}\n\nCaption\n///\n")
    found = [name for name in ("detector", "threshold") if f'name="anomaly.{name}"' in html]
    assert sorted(found) == sorted(names)
    assert "inputs:" not in html


def with_time(pages: Pages) -> Pages:
    assert pages.manifest
    record = pages.manifest.explorables["anomaly"]
    timed = replace(record, time={"strides": [], "state": [], "restart": []})
    pages.manifest = Manifest({"anomaly": timed})
    return pages


def test_the_first_block_of_an_explorable_with_time_carries_its_time_bar(pages: Pages) -> None:
    bar = '<explorable-time name="anomaly.time" src="../x/anomaly.abc.js"></explorable-time>'
    twice = f"{FIGURE}\n{FIGURE.replace('scatter', 'roc')}"
    assert "explorable-time" not in render(pages, twice)
    html = render(with_time(pages), twice)
    assert html.count(bar) == 1
    assert html.index(bar) < html.index("anomaly.roc")


@pytest.mark.parametrize(("first", "second"), [("none", None), (None, "none"), ("none", "here")])
def test_the_option_time_says_where_the_time_bar_stands(
    pages: Pages, first: str | None, second: str | None
) -> None:
    blocks = [
        f"/// explore | anomaly.{figure}\n"
        + f"    time: {option}\n\n" * bool(option)
        + "Caption\n///\n"
        for figure, option in (("scatter", first), ("roc", second))
    ]
    html = [
        part.count("<explorable-time")
        for part in render(with_time(pages), "\n".join(blocks)).split("anomaly.roc")
    ]
    assert html == [int(first is None), int(second == "here")]


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("nothing", "'nothing'; known: 1 a second, 10 a second, here, none."),
        ("here", "'anomaly.scatter' has no time: it lacks start and step."),
    ],
)
def test_a_wrong_option_time_is_told(pages: Pages, option: str, said: str) -> None:
    block = f"/// explore | anomaly.scatter\n    time: {option}\n\nCaption\n///\n"
    assert said in failure(pages, block)


def test_a_control_that_stands_twice_has_two_ids(pages: Pages) -> None:
    twice = "/// explore | anomaly.scatter\n    inputs: threshold\n\nCaption\n///\n"
    html = render(pages, f"{twice}\n{twice}")
    assert 'id="anomaly--threshold"' in html
    assert 'id="anomaly--threshold--2"' in html


@pytest.mark.parametrize(
    "text",
    [
        "At [3.0](live:anomaly.threshold).",
        "- item [3.0](live:anomaly.threshold)",
        "| a |\n| --- |\n| [3.0](live:anomaly.threshold) |",
        "!!! note\n    Now [3.0](live:anomaly.threshold).",
        "# Head [3.0](live:anomaly.threshold)",
        "Text[^1].\n\n[^1]: Note [3.0](live:anomaly.threshold).",
        "By [3.0][here] reference.\n\n[here]: live:anomaly.threshold",
    ],
    ids=["paragraph", "list", "table", "admonition", "heading", "footnote", "reference"],
)
def test_a_live_link_works_wherever_a_link_does(pages: Pages, text: str) -> None:
    html = render(pages, text)
    tag = html[html.index("<explorable-value") :].partition(">")[0]
    assert set(tag.split()) == {
        "<explorable-value",
        'format="3.0"',
        'handle=""',
        'name="anomaly.threshold"',
        'src="../x/anomaly.abc.js"',
    }
    assert "live:" not in html


def test_a_live_link_keeps_the_markup_inside_it(pages: Pages) -> None:
    html = render(pages, "Caught [**12**](live:anomaly.caught).")
    assert "<strong>12</strong></explorable-value>" in html


def test_links_and_blocks_in_code_are_left_alone(pages: Pages) -> None:
    html = render(
        pages,
        "`[9](live:anomaly.nothing)`\n\n```\n/// explore\n[9](live:no.no)\n```\n",
        "fenced_code",
    )
    assert "[9](live:anomaly.nothing)" in html
    assert "explorable-" not in html


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "\n[4.0](live:anomaly.threshold)",
            "content/page.md:6: the live link [4.0](live:anomaly.threshold) is out of date: "
            "the value is 3.0.",
        ),
        ("[30%](live:anomaly.rate)", "the value is 25%."),
        (
            "[1](live:anomaly.cought)",
            "content/page.md:5: unknown live value 'anomaly.cought'; known: anomaly.caught, "
            "anomaly.detector, anomaly.rate, anomaly.threshold. Did you mean 'anomaly.caught'?",
        ),
        ("[1](live:anomoly.caught)", "unknown explorable 'anomoly'; known: anomaly. Did you mean"),
        ("[1](live:anomaly)", "'anomaly' must be two names"),
        ("[1](live:../x.y)", "must be two names"),
        ("[1](live:anomaly.logins)", "is a rows: a sentence can only show a single value"),
        ("x\n\n/// explore | anomaly.scater\n///", "content/page.md:7: unknown figure"),
        ("/// explore | anomaly.scater\n///", "Did you mean 'anomaly.scatter'?"),
        ("/// explore | nothing.scatter\n///", "unknown explorable 'nothing'; known: anomaly."),
        ("/// explore | ../x\n///", "'../x' must be two names"),
        ("/// explore\n///", "content/page.md:5: the block names no figure"),
        ("/// explore |\n///", "the block names no figure"),
        (
            "/// exlpore | anomaly.scatter\n///",
            "unknown block 'exlpore'; known: explore, guess, model. Did you",
        ),
        (
            "a\n\n/// explore | anomaly.scatter\nCaption",
            "content/page.md:7: the block '/// explore'",
        ),
        ("text\n\n///", "closes a block that was never opened"),
        (
            "| a |\n| --- |\n| /// explore | anomaly.scatter |",
            "content/page.md:7: a block can't stand in a table",
        ),
        (
            "/// explore | anomaly.scatter\n    input: none\n///",
            "content/page.md:6: unknown option 'input'; known: inputs, time.",
        ),
        (
            "/// explore | anomaly.scatter\n    inputs: treshold\n///",
            "unknown input of 'anomaly' 'treshold'; known: detector, threshold.",
        ),
    ],
)
def test_a_mistake_names_place_cause_known_values_and_the_nearest(
    pages: Pages, text: str, said: str
) -> None:
    assert said in failure(pages, text)


def test_where_problems_are_only_reported_the_page_goes_on_with_a_box(pages: Pages) -> None:
    problems: list[str] = []
    pages.report = lambda problem: problems.append(str(problem))
    html = render(pages, "/// explore | anomaly.scater\n///\n\n[4.0](live:anomaly.threshold)")
    assert len(problems) == 2
    assert "unknown figure" in html
    assert ">3.0</explorable-value>" in html


def test_two_wrong_links_of_one_name_are_told_with_their_own_lines(pages: Pages) -> None:
    problems: list[str] = []
    pages.report = lambda problem: problems.append(str(problem))
    render(
        pages,
        "[3.0](live:anomaly.threshold)\n\n`[x](live:anomaly.threshold)`\n\n[5](live:anomaly.threshold)",
    )
    assert problems == [
        "content/page.md:9: the live link [5](live:anomaly.threshold) is out of date: "
        "the value is 3."
    ]
