"""Formulas in Markdown, set by KaTeX when a page is built."""

import re
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from site_builder import katex
from site_builder.errors import SiteBuilderError
from site_builder.katex import STYLE, formula_parts
from site_builder.manifest import RUNTIME, Manifest, Project, Record
from site_builder.pages import Page, Pages

BETA = {
    "kind": "slider",
    "name": "beta",
    "label": "Momentum",
    "min": 0.0,
    "max": 10.0,
    "step": 0.1,
    "default": 0.9,
    "format": "0.9",
}


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    """The extension, over one hand-made explorable with an input and two outputs."""
    return make(tmp_path)


def make(root: Path, **options: Any) -> Pages:
    project = Project(root)
    payload = project.store.keep(b"payload")
    record = Record(
        place="explainers/momentum/explorable.py",
        inputs=[BETA],
        outputs=[],
        scalars={"beta": 0.9, "loss": 0.12345, "steps": 12},
        figures={},
        files={"momentum.js": payload},
        payload="momentum.js",
        fixtures=payload,
    )
    extension = Pages(project, **options)
    extension.manifest = Manifest({"momentum": record})
    extension.page = Page("content/page.md", first_line=4, asset="../x/{}".format)
    return extension


def render(pages: Pages, text: str) -> str:
    return Markdown(extensions=[pages, "attr_list", "tables", "admonition", "toc"]).convert(text)


def failure(pages: Pages, text: str) -> str:
    with pytest.raises(SiteBuilderError) as raised:
        render(pages, text)
    return str(raised.value)


def heard(html: str) -> str:
    """The text of what is seen of a formula that screen readers are given."""
    hidden: list[bool] = []
    said = []
    seen = html[html.index("<explorable-glyphs") : html.index("</explorable-glyphs>")]
    for opened, closed, text in re.findall(r"(<(?!/)[^>]*>)|(</[^>]*>)|([^<]+)", seen):
        if opened:
            hidden.append("aria-hidden" in opened)
        elif closed:
            hidden.pop()
        elif not any(hidden):
            said.append(text)
    return "".join(said)


def mathml(html: str) -> str:
    """The text that is heard of the first formula."""
    (found,) = re.findall(r"<math\b.*?</math>", html, re.DOTALL)[:1]
    return re.sub(r"<[^>]*>", "", found)


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5, or $6 and $7.",
        "From $5-$10 to US$20 and $30.",
        "In US$x and CA$.",
        r"An escaped \$x\$ and a lone $.",
        "Spaces $ x $ around.",
        "In code: `$x$`.",
        "    $x$ in a block of code",
    ],
)
def test_a_price_or_code_is_no_formula(pages: Pages, text: str) -> None:
    html = render(pages, text)
    assert "katex" not in html
    assert "$" in html


def test_a_dollar_behind_a_backslash_is_a_dollar(pages: Pages) -> None:
    assert render(pages, r"An escaped \$x\$.") == "<p>An escaped $x$.</p>"


@pytest.mark.parametrize(
    "text",
    [
        "A sentence with $y = x_1$.",
        "- in a list: $y = x_1$",
        "| a | b |\n|---|---|\n| $y = x_1$ | c |",
        '!!! note "Note"\n\n    $y = x_1$',
        "Over $y =\nx_1$ two lines.",
        "$$\ny = x_1\n$$",
        "$$y = x_1$$",
        "A paragraph\n$$ y = x_1 $$\nthat goes on.",
        "1. in a list\n\n    $$\n    y = x_1\n    $$",
        "[*a link* with $y = x_1$](https://example.org)",
    ],
)
def test_a_formula_works_wherever_text_does(pages: Pages, text: str) -> None:
    html = render(pages, text)
    assert mathml(html) == "y=x1"
    assert "$" not in html


def test_a_formula_on_lines_of_its_own_is_a_block_between_paragraphs(pages: Pages) -> None:
    html = render(pages, "Before\n$$ y = x $$\nafter.")
    assert re.findall(r"<p>(\w+)\.?</p>", html) == ["Before", "after"]
    assert (
        html.index("Before") < html.index('<div class="explorable-formula">') < html.index("after")
    )


def test_signs_of_markdown_and_html_in_a_formula_are_left_alone(pages: Pages) -> None:
    html = render(pages, r"$a_1 < b_1 \& \{c\}$ and $*d*$")
    assert mathml(html) == "a1&lt;b1&amp;{c}"
    assert "<em>" not in html


def test_what_is_seen_of_a_formula_is_hidden_from_screen_readers_and_search(pages: Pages) -> None:
    html = render(pages, "$y$")
    assert (
        '<explorable-glyphs class="katex-html" aria-hidden="true" data-search-exclude="">' in html
    )


def test_only_a_formula_that_a_phone_may_have_to_scroll_is_a_stop_of_the_keyboard(
    pages: Pages,
) -> None:
    assert "tabindex" not in render(pages, "$$ y = a + b $$")
    assert (
        '<div aria-label="Formula" class="explorable-formula" role="group" tabindex="0">'
    ) in render(pages, f"$$ y = {'a + ' * 10} b $$")


def test_the_page_loads_the_style_sheet_only_where_it_has_a_formula(pages: Pages) -> None:
    link = f'<link rel="stylesheet" href="/assets/explorables/runtime/{STYLE}">'
    assert link not in render(pages, "No formula, only $5.")
    assert render(pages, "$x$ and $y$").count(link) == 1
    assert pages.parts == {STYLE}


def test_a_live_value_in_a_formula_is_the_number_of_the_build(pages: Pages) -> None:
    html = render(pages, r"$v = \live{momentum.steps} w$")
    value = '<explorable-value name="momentum.steps" src="../x/momentum.js" format="12">12</'
    assert html.count(value) == 2  # what is seen, and what is heard
    assert mathml(html) == "v=12w"


def test_an_input_in_a_formula_is_a_handle_that_screen_readers_reach(pages: Pages) -> None:
    html = render(pages, r"$$ v = \frac{\live{momentum.beta}}{\beta} + \live{momentum.steps} $$")
    assert heard(html) == "0.9"
    assert html.count('handle=""') == 1  # and one more number to hear


def test_the_room_of_a_handle_fits_its_widest_value(pages: Pages) -> None:
    """From 0.0 to 10.0: three digits of half an em, a point, and what stands around it."""
    html = render(pages, r"$\live{momentum.beta}$")
    assert '<span class="explorable-room" style="min-width:2.018em">' in html


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"\live{momentum.beta}", "0.9"),
        (r"\live[0.90]{momentum.beta}", "0.90"),
        (r"\live[90\%]{momentum.beta}", "90%"),
        (r"\live[90%]{momentum.beta}", "90%"),
        (r"\live{momentum.loss}", "0.123"),
        (r"\live[0.1]{momentum.loss}", "0.1"),
        (r"\live{ momentum.steps }", "12"),
    ],
)
def test_a_live_value_is_written_as_the_author_types_it_or_to_three_digits(
    pages: Pages, tex: str, shown: str
) -> None:
    assert f">{shown}</explorable-value>" in render(pages, f"${tex}$")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            r"$\frac{1$",
            ["page.md:5: the formula '\\frac{1' can't be set", "expected '}', at its end"],
        ),
        ("Text\n\n$$\nx^2^3\n$$", [":8: the formula 'x^2^3'", "Double superscript, at '^3'"]),
        ("It holds x^2^3.\n\nIt is $x^2^3$.", [":7: the formula 'x^2^3'"]),
        (
            "`$y$`\n\n```\n\\oops\n```\n\n$a \\oops b$",
            [":11:", "Undefined control sequence: \\oops"],
        ),
        (r"$\href{https://example.org}{x}$", [r"\href can't be used in pages"]),
        (r"$\htmlClass{md-button}{x}$", [r"\htmlClass can't be used in pages"]),
        (r"$\htmlData{name=x}{x}$", [r"\htmlData can't be used in pages"]),
        (
            r"$\live[0.8]{momentum.beta}$",
            [r"\live[0.8]{momentum.beta}", "out of date: the value is 0.9"],
        ),
        (
            r"$\live{momentum.bta}$",
            ["unknown live value 'momentum.bta'", "Did you mean 'momentum.beta'?"],
        ),
        (r"$\live momentum$", [r"write \live{name.value} or \live[0.90]{name.value}"]),
        (r"$\colour2\beta$", [r"write \colour{2}{\beta} or \colour{name.value}{\beta}"]),
        (r"$\colour{7}{x}$", ["numbered from 1 to 6", "no colour 7"]),
        (
            r"$\colour{momentum.beta}{x}$",
            ["unknown quantity with a colour", "colours: {momentum.beta: 2}"],
        ),
        ("Text\n\n> x\n\n$$\nx =\n\n1\n$$", [":9: the formula that begins here with '$$'"]),
        ("$x$\n\n# A $x$ in a heading", [":7: the formula 'x' stands in a heading"]),
    ],
)
def test_a_mistake_in_a_formula_names_its_line_and_the_way_out(
    pages: Pages, text: str, parts: list[str]
) -> None:
    said = failure(pages, text)
    for part in parts:
        assert part in said


def test_after_a_mistake_a_preview_shows_the_formula_as_typed(tmp_path: Path) -> None:
    problems: list[SiteBuilderError] = []
    html = render(make(tmp_path, report=problems.append), r"A $\oops$ and $y$.")
    assert "<code>\\oops</code>" in html
    assert mathml(html) == "y"
    assert len(problems) == 1


def test_macros_come_from_the_options_of_the_extension(tmp_path: Path) -> None:
    pages = make(tmp_path, macros={r"\loss": r"\mathcal{L}", r"\norm": r"\lVert #1 \rVert"})
    assert mathml(render(pages, r"$\norm{x} \in \loss$")) == "∥x∥∈L"
    assert r"Undefined control sequence: \loss" in failure(make(tmp_path), r"$\loss$")


def test_another_option_of_the_extension_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        SiteBuilderError, match=r"mkdocs.yml: unknown option.*'macro'; known: macros"
    ):
        make(tmp_path, macro={})


@pytest.mark.parametrize("macros", [["x"], {"R": r"\mathbb{R}"}, {r"\R": 3}, r"\R"])
def test_macros_that_are_no_commands_are_refused(tmp_path: Path, macros: object) -> None:
    with pytest.raises(
        SiteBuilderError, match=r"mkdocs.yml: the option 'macros'.*begin with a backslash"
    ):
        make(tmp_path, macros=macros)


def test_a_formula_defined_by_one_page_is_unknown_to_the_next(pages: Pages) -> None:
    render(pages, r"$\gdef\once{x}\once$")
    assert "Undefined" in failure(pages, r"$\once$")


def test_a_quantity_has_its_colour_in_sentences_and_formulas(pages: Pages) -> None:
    pages.page = Page("page.md", colours={"momentum.beta": 2})
    html = render(
        pages, r"[0.9](live:momentum.beta) $\colour{momentum.beta}{\beta} = \live{momentum.beta}$"
    )
    assert html.count('class="c2"') == 3  # in the sentence, heard, and seen
    assert '<span class="enclosing c2">' in html


def test_a_number_names_a_colour_too(pages: Pages) -> None:
    assert '<span class="enclosing c4">' in render(pages, r"$\colour{4}{\beta}$")


@pytest.mark.parametrize(
    ("colours", "part"),
    [
        ({"momentum.bta": 2}, "Did you mean 'momentum.beta'?"),
        ({"momentum.beta": 9}, "no colour 9"),
        ({"momentum.beta": True}, "no colour True"),
        ([2], "'colours: {momentum.beta: 2}'"),
    ],
)
def test_colours_that_no_chart_has_are_refused(pages: Pages, colours: object, part: str) -> None:
    pages.page = Page("page.md", colours=colours)
    said = failure(pages, "text")
    assert said.startswith("page.md: in the front matter: ")
    assert part in said


def test_a_formula_set_once_needs_no_machine_again(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = render(pages, r"$\frac{1}{2}$")

    def refuse(*_: object) -> None:
        raise AssertionError("V8 was started")

    monkeypatch.setattr(katex.Katex, "_set", refuse)
    assert render(pages, r"$\frac{1}{2}$") == first
    with pytest.raises(AssertionError):
        render(pages, r"$\frac{1}{3}$")


def test_a_site_gets_only_the_fonts_of_its_formulas(pages: Pages) -> None:
    def families(text: str) -> set[str]:
        pages.formulas.clear()
        render(pages, text)
        parts = formula_parts(pages.formulas)
        assert all((RUNTIME / part).is_file() for part in parts)
        return {part.rpartition("_")[2].partition("-")[0] for part in parts if "fonts/" in part}

    assert families("None, only $5.") == set()
    assert families("$12$") == {"Main"}
    assert families("$x$") == {"Main", "Math"}
    assert families(r"$\mathbb{R} \mathcal{L}$") == {"Main", "AMS", "Caligraphic"}
    assert "Size3" in families(r"$$\left(\sum_{i=1}^n \frac{1}{2}\right)$$")


def test_no_font_comes_from_elsewhere_and_each_that_is_named_is_there() -> None:
    style = RUNTIME / STYLE
    addresses = re.findall(r"url\(([^)]*)\)", style.read_text())
    assert len(addresses) == 20
    assert all((style.parent / address).is_file() for address in addresses)
    assert "KaTeX's fonts" in (RUNTIME / "LICENSES.txt").read_text()
