"""Questions that a reader answers before the page shows more."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markdown import Markdown

from site_builder.errors import SiteBuilderError
from site_builder.manifest import Manifest, Project, Record
from site_builder.pages import Page, Pages
from site_builder.parity import encode

QUESTION = "/// guess | How *many*?\n    answer: desk.caught\n\nIt is **these**.\n///\n"


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    """The extension, over one hand-made explorable with a curve."""
    project = Project(tmp_path)
    step = np.arange(11, dtype=np.float32)
    outputs = {
        "path.step": encode(step),
        "path.loss": encode(np.where(step > 9, np.nan, 10 - step).astype(np.float32)),
        "path.kind": encode(step.astype(np.int32)),
    }
    columns = [
        {"name": "step", "tensor": "path.step", "words": None},
        {"name": "loss", "tensor": "path.loss", "words": None},
        {"name": "kind", "tensor": "path.kind", "words": ["a"]},
    ]
    choice = {"kind": "choice", "name": "detector", "label": "D", "options": ["k-means", "SVM"]}
    record = Record(
        place="explainers/desk/explorable.py",
        inputs=[{**choice, "default": 1}],
        outputs=[
            {"kind": "rows", "name": "path", "columns": columns},
            {"kind": "labels", "name": "best", "tensor": "best", "words": ["slow", "fast"]},
        ],
        scalars={
            "caught": 12,
            "share": 0.4000000059604645,
            "best": "fast",
            "detector": "SVM",
            "quiet": True,
            "loss": 0.123456,
        },
        figures={},
        files={"desk.js": project.store.keep(b"payload")},
        payload="desk.js",
        fixtures=project.store.keep(json.dumps([{"outputs": outputs}]).encode()),
    )
    extension = Pages(project)
    extension.manifest = Manifest({"desk": record})
    extension.page = Page("content/page.md", first_line=4)
    return extension


def render(pages: Pages, text: str) -> str:
    return Markdown(extensions=[pages, "attr_list", "tables"]).convert(text)


def failure(pages: Pages, text: str) -> str:
    with pytest.raises(SiteBuilderError) as raised:
        render(pages, text)
    return str(raised.value)


def asked(*options: str, question: str = "Well?") -> str:
    lines = "".join(f"    {option}\n" for option in options)
    return f"/// guess | {question}\n{lines}\nSo it is.\n///\n"


def spec(html: str) -> dict[str, Any]:
    (text,) = re.findall(r'question="([^"]*)"', html)
    found: dict[str, Any] = json.loads(unescape(text))
    return found


def test_without_scripts_a_question_is_the_summary_of_its_answer_and_reveal(pages: Pages) -> None:
    html = render(pages, QUESTION).replace("\n", "")
    (inside,) = re.findall(r"<details[^>]*>(.*?)</details>", html)
    assert re.search(r"<summary[^>]*>How <em>many</em>\?</summary>", inside)
    assert "<p>The answer: <strong>12</strong></p>" in inside
    assert "<p>It is <strong>these</strong>.</p>" in inside


def test_controls_wait_for_the_script_and_are_named_by_the_question(pages: Pages) -> None:
    html = render(pages, QUESTION)
    assert '<fieldset disabled aria-labelledby="guess-1--question">' in html
    assert '<summary id="guess-1--question">' in html


def test_two_questions_share_no_id(pages: Pages) -> None:
    ids = re.findall(r'\bid="([^"]*)"', render(pages, QUESTION + "\n" + QUESTION))
    assert len(ids) == len(set(ids)) == 6


def test_the_page_loads_the_script_only_where_it_has_a_question(pages: Pages) -> None:
    script = '<script src="/assets/explorables/runtime/guess/guess.js" defer></script>'
    assert script not in render(pages, "No question.")
    assert render(pages, QUESTION + "\n" + QUESTION).count(script) == 1


@pytest.mark.parametrize(
    ("options", "shown", "unit"),
    [
        (["answer: desk.caught"], "12", ""),
        (["answer: desk.caught", "unit: threats"], "12", "threats"),
        (["answer: desk.loss"], "0.123", ""),
        (["answer: desk.loss", "step: 0.01"], "0.12", ""),
        (["answer: desk.share", 'unit: "%"'], "40.0", "%"),
        (["answer: desk.share", "unit: percent", "step: 1"], "40", "%"),
    ],
)
def test_a_number_is_what_the_build_says_as_precise_as_the_step(
    pages: Pages, options: list[str], shown: str, unit: str
) -> None:
    html = render(pages, asked(*options))
    wanted = {"kind": "number", "answer": float(shown), "shown": shown, "unit": unit}
    assert spec(html) == wanted


def test_the_ends_of_a_number_are_those_of_its_field_and_stand_beside_it(pages: Pages) -> None:
    html = render(pages, asked("answer: desk.caught", "from: 0", "to: 25", "unit: threats"))
    assert '<input type="number" id="guess-1" min="0" max="25" step="1" required' in html
    assert ">A number from 0 to 25, in threats.</p>" in html


@pytest.mark.parametrize(
    ("options", "answer", "words"),
    [
        (["answer: desk.best"], "fast", ["slow", "fast"]),
        (["answer: desk.detector"], "SVM", ["k-means", "SVM"]),
        (["answer: desk.best", "choices: fast, neither"], "fast", ["fast", "neither"]),
        (["answer: tea", "choices: tea, coffee"], "tea", ["tea", "coffee"]),
        (["answer: a.b", "choices: a.b, a.c"], "a.b", ["a.b", "a.c"]),
    ],
)
def test_a_choice_is_among_the_words_of_the_model_or_of_the_author(
    pages: Pages, options: list[str], answer: str, words: list[str]
) -> None:
    html = render(pages, asked(*options))
    assert spec(html) == {"kind": "choice", "answer": answer}
    assert re.findall(r'type="radio" name="guess-1" value="([^"]*)"', html) == words


def test_a_curve_is_the_finite_rows_of_the_build(pages: Pages) -> None:
    found = spec(render(pages, asked("curve: desk.path, step, loss", "from: 0", "to: 12")))
    assert found["points"] == [[float(n), 10.0 - n] for n in range(10)]
    assert (found["across"], found["up"]) == ([0, 9], [0, 12])


def test_the_axes_of_a_curve_end_at_round_numbers_around_it(pages: Pages) -> None:
    assert spec(render(pages, asked("curve: desk.path, step, loss")))["up"] == [0, 10]


def test_the_true_curve_is_drawn_in_the_reveal_alone(pages: Pages) -> None:
    html = render(pages, asked("curve: desk.path, step, loss"))
    reveal, form = html.split("</details>")
    assert 'aria-label="The true curve of loss over step: it begins at 10, ends at 1' in reveal
    assert '<path class="explorable-true" d="M48.0 ' in reveal
    assert '<path class="explorable-true" d="M48.0 ' not in form


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (asked(), ["page.md:5: the question 'Well?': it has no answer", "'answer: name.output'"]),
        (
            asked("answr: desk.caught"),
            [":6: unknown option 'answr'", "known: answer, choices", "mean 'answer'?"],
        ),
        (
            asked("answer: desk.caugt"),
            [":5:", "unknown live value 'desk.caugt'", "mean 'desk.caught'?"],
        ),
        (asked("answer: 12"), ["needs several to choose from", "named as a live value"]),
        (asked("answer: te", "choices: tea, coffee"), ["unknown answer 'te'", "mean 'tea'?"]),
        (asked("answer: desk.path"), ["'desk.path' is a rows"]),
        (asked("answer: desk.quiet"), ["is on or off", "Labels"]),
        (asked("answer: desk.caught", "choices: 11, 12"), ["is a number", "Labels"]),
        (asked("answer: desk.best", "unit: m"), ["a choice takes no option 'unit'"]),
        (
            asked("answer: desk.caught", "from: 0", "to: 10"),
            ["the answer, 12, lies outside", "'to' 10"],
        ),
        (asked("answer: desk.caught", "from: x"), ["'from' must be a number, not 'x'"]),
        (
            asked("answer: desk.caught", "from: 3", "to: 3"),
            ["'from' (3) must be less than 'to' (3)"],
        ),
        (asked("answer: desk.caught", "step: 0"), ["'step' must be more than 0"]),
        (asked("curve: desk.path"), ["as in 'curve: name.rows, x, y'"]),
        (
            asked("curve: desk.path, step, loss", "answer: desk.caught"),
            ["a curve takes no option 'answer'"],
        ),
        (asked("curve: desk.pth, step, loss"), ["unknown rows 'desk.pth'", "mean 'desk.path'?"]),
        (
            asked("curve: desk.path, step, kind"),
            ["column of numbers of 'desk.path' 'kind'", "known: loss, step"],
        ),
        (asked("curve: desk.path, loss, step"), ["'loss' must rise from row to row"]),
        (
            asked("curve: desk.path, step, loss", "to: 5"),
            ["goes from 1 to 10, beyond the axis", "widen"],
        ),
        (
            "/// guess\n    answer: desk.caught\n///\n",
            ["asks nothing", "'/// guess | What do you think?'"],
        ),
        (
            "Text\n\n" + asked("answer: desk.share", "unit: %"),
            [":7: the options of the question 'Well?'", "quotes"],
        ),
    ],
)
def test_a_mistake_in_a_question_names_its_line_and_the_way_out(
    pages: Pages, text: str, parts: list[str]
) -> None:
    said = failure(pages, text)
    for part in parts:
        assert part in said


def test_after_a_mistake_a_preview_says_it_in_the_questions_place(pages: Pages) -> None:
    pages.report = lambda _: None
    html = render(pages, asked("answer: desk.caugt"))
    assert "explorable-guess" not in html
    assert "<p class=\"admonition-title\">the question 'Well?': unknown live value" in html
    assert "So it is." in html


def test_a_wrong_option_is_told_once(pages: Pages) -> None:
    problems: list[SiteBuilderError] = []
    pages.report = problems.append
    render(pages, asked("answr: desk.caught"))
    assert len(problems) == 1
