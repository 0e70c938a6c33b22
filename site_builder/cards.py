"""Model cards: ``/// model | name`` says what runs an explorable, and what one can take away."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from pymdownx.blocks.block import Block

from site_builder.errors import unknown
from site_builder.manifest import Record
from site_builder.markup import MODEL

if TYPE_CHECKING:
    from site_builder.pages import PageState

_ENGINES = {
    "compiled": "Programs of its own, compiled ahead of time, in JavaScript and WebAssembly.",
    "cpu": "TensorFlow.js, in JavaScript.",
    "wasm": "TensorFlow.js, in WebAssembly.",
    "webgl": "TensorFlow.js, on the graphics card.",
}
_FILES = {
    "model.json": "TensorFlow.js",
    ".onnx": "ONNX",
    ".program.js": "The program that pages run",
    ".kernels.wat": "Its kernels as WebAssembly, as text",
}
"""What can be taken away, by the end of its name."""


class ModelBlock(Block):
    """What runs an explorable, why, and its files; its body is the author's part of the card."""

    NAME = MODEL
    ARGUMENT = True

    def on_create(self, parent: ElementTree.Element) -> ElementTree.Element:
        state: PageState = self.config["state"]
        card = ElementTree.SubElement(parent, "details", {"class": "explorable-model"})
        name = self.argument
        record = state.records.get(name)
        if record is None:
            lines = state.markup.models.get(name, [])
            message = unknown("explorable", name, state.records)
            state.problem(lines.pop(0) if lines else None, message)
            parent.remove(card)
            return ElementTree.SubElement(parent, "div")
        ElementTree.SubElement(card, "summary").text = f"How “{_words(name)}” was made and runs"
        html = _card(state, name, record)
        ElementTree.SubElement(card, "div").text = state.md.htmlStash.store(html)
        return card


def _words(name: str) -> str:
    return name.replace("_", " ")


def _card(state: PageState, name: str, record: Record) -> str:
    engine = record.backend["name"]
    manifest = state.pages.manifest
    versions = manifest.versions if manifest else {}
    torch = f"PyTorch {versions['torch']}" if versions.get("torch") else "PyTorch"
    rows = {
        "Written in": f"{torch}, in <code>{escape(record.place)}</code>",
        "Runs as": escape(_ENGINES[engine]),
        "Why": escape(record.backend["why"]),
        "Checked": "Whatever a page shows at first must come within 0.0001 of what PyTorch gives, "
        "of the largest number where that is above 1, and whole numbers exactly; else the figure "
        "says so.",
        "Compare": "Add <code>#backend=cpu</code> or <code>#backend=wasm</code> to the page’s "
        "address and load it again: TensorFlow.js then runs the same model.",
        "Take away": _files(state, name, record),
    }
    body = "".join(
        f'<tr><th scope="row">{head}</th><td>{cell}</td></tr>' for head, cell in rows.items()
    )
    return f"<table><tbody>{body}</tbody></table>"


def _files(state: PageState, name: str, record: Record) -> str:
    """Links to the files that others can use, under what they are."""
    store = state.project.store
    found: list[str] = []
    for end, what in _FILES.items():
        links = []
        for path in sorted(record.files):
            if path.startswith(f"{name}/") and path.endswith(end):
                method = path.removeprefix(f"{name}/").removesuffix(end).strip("/") or "forward"
                whole = [path]
                if end == "model.json":  # its weights stand beside it
                    folder = path.rpartition("/")[0]
                    shards = (file for file in record.files if file.endswith(".bin"))
                    whole += [file for file in shards if file.rpartition("/")[0] == folder]
                size = sum(store.size(record.files[part]) for part in whole) / 1000
                href = escape(state.page.asset(path))
                links.append(f'<a href="{href}">{escape(method)}</a> ({size:,.0f} kB)')
        if links:
            found.append(f"<li>{what}: {', '.join(links)}</li>")
    return f"<ul>{''.join(found)}</ul>"
