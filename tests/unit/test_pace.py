"""A page may set the pace at which time is played."""

from __future__ import annotations

from dataclasses import replace

import pytest
from markdown import Markdown

from site_builder.errors import SiteBuilderError
from site_builder.manifest import Manifest
from site_builder.pages import Pages
from tests.unit.test_pages import pages as pages  # noqa: PLC0414 - the fixture of that name

BLOCK = "/// explore | anomaly.scatter\n    time: {}\nText.\n///\n"


@pytest.fixture
def timed(pages: Pages) -> Pages:
    assert pages.manifest is not None
    record = replace(pages.manifest.explorables["anomaly"], time={"strides": [], "state": ["x"]})
    pages.manifest = Manifest({"anomaly": record})
    return pages


def test_a_block_may_say_how_many_steps_a_second_there_are(timed: Pages) -> None:
    html = Markdown(extensions=[timed]).convert(BLOCK.format("10 a second"))
    assert '<explorable-time name="anomaly.time" src="../x/anomaly.abc.js" pace="10">' in html


def test_without_a_pace_the_page_leaves_it_to_the_player(timed: Pages) -> None:
    html = Markdown(extensions=[timed]).convert(BLOCK.format("here"))
    assert '<explorable-time name="anomaly.time" src="../x/anomaly.abc.js">' in html


def test_a_pace_that_there_is_not_is_refused_with_those_that_there_are(timed: Pages) -> None:
    with pytest.raises(SiteBuilderError, match="known: 1 a second, 10 a second, here, none"):
        Markdown(extensions=[timed]).convert(BLOCK.format("7 a second"))


def test_a_pace_needs_time(pages: Pages) -> None:
    with pytest.raises(SiteBuilderError, match="has no time"):
        Markdown(extensions=[pages]).convert(BLOCK.format("10 a second"))
