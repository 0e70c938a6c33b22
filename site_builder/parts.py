"""Style sheets and scripts that only some pages load."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from markdown import Markdown
from markdown.postprocessors import Postprocessor

if TYPE_CHECKING:
    from site_builder.pages import PageState


class Parts(Postprocessor):
    """Loads what only some pages need, before their text."""

    def __init__(self, md: Markdown, state: PageState) -> None:
        super().__init__(md)
        self.state = state

    def run(self, text: str) -> str:
        tags = []
        for part in sorted(self.state.parts):
            address = escape(self.state.page.part(part))
            script = part.endswith(".js")
            tags.append(
                f'<script src="{address}" defer></script>\n'
                if script
                else f'<link rel="stylesheet" href="{address}">\n'
            )
        return "".join(tags) + text
