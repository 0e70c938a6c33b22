"""The command line: ``site-builder train | build | serve | convert``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from site_builder.errors import SiteBuilderError
from site_builder.manifest import Project, find_project

if TYPE_CHECKING:
    from site_builder.tfjs import GraphModel, Port

# These work anywhere, and ask for no project.
_WITHOUT_PROJECT = ("convert",)


class _Group(click.Group):
    """Shows a user's mistake as its message."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except SiteBuilderError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Group)
@click.version_option(package_name="explorable-site-builder", prog_name="site-builder")
@click.option(
    "--project",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="The folder with mkdocs.yml; the working folder, or the nearest one above it, by default.",
)
@click.pass_context
def main(context: click.Context, folder: Path) -> None:
    """Builds a site of explorable explanations from PyTorch, Altair and Markdown."""
    if context.invoked_subcommand not in _WITHOUT_PROJECT:
        context.obj = find_project(folder)


@main.command()
@click.option("--jobs", type=click.IntRange(min=1), help="How many at once; one a core by default.")
@click.pass_obj
def train(project: Project, jobs: int | None) -> None:
    """Train, compile and draw what is missing or stale, without writing pages."""
    from site_builder.build import build as build_artifacts

    build_artifacts(project, say=lambda line: click.echo(line, err=True), jobs=jobs)


@main.command()
@click.option("--strict/--no-strict", default=True, help="Take warnings as errors; the default.")
@click.pass_obj
def build(project: Project, strict: bool) -> None:
    """Write the whole site; the old one stays until the new one is whole."""
    from site_builder.plugin import build_site

    build_site(project, {"strict": strict})


@main.command()
@click.option("--address", help="HOST:PORT to serve at; 127.0.0.1:8000 by default.")
@click.pass_obj
def serve(project: Project, address: str | None) -> None:
    """Show the site while you write it; mistakes become warnings."""
    from site_builder.plugin import serve_site

    serve_site(project, address)


def _shapes(
    context: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, list[int]]:
    """``INPUT=1,3,48,320`` as a name and sizes; no number stands for a scalar."""
    shapes = {}
    for text in given:
        name, equals, sizes = text.rpartition("=")
        try:
            shapes[name] = [int(size) for size in sizes.split(",")] if sizes else []
        except ValueError:
            equals = ""
        if not equals:
            raise click.BadParameter(f"{text!r} does not look like x=1,3,48,320")
    return shapes


@main.command()
@click.argument("model", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--shape",
    "shapes",
    metavar="INPUT=SIZES",
    multiple=True,
    callback=_shapes,
    help="The shape of an input, such as x=1,3,48,320, where the model leaves it open.",
)
@click.option(
    "--weights",
    type=click.Choice(["float16", "uint16", "uint8"]),
    help="Store the weights in fewer bytes; masks, padding and small constants keep every digit.",
)
def convert(model: Path, out: Path, shapes: dict[str, list[int]], weights: str | None) -> None:
    """Write an ONNX file as TensorFlow.js: model.json, weight files, and a script for a page."""
    from site_builder.tfjs import convert as write_model
    from site_builder.tfjs import read

    began = time.perf_counter()
    made = write_model(read(model), out, shapes=shapes, weights=weights, name=model.stem)
    _report(made, time.perf_counter() - began)


def _report(model: GraphModel, seconds: float) -> None:
    """Say what has been written."""
    for side, ports in (("input", model.inputs), ("output", model.outputs)):
        for port in ports:
            click.echo(f"{side:<7} {port.name}  {_port(port)}")
    ops = ", ".join(f"{op} {count}" for op, count in sorted(model.ops.items()))
    click.echo(f"ops     {ops or 'none'}")
    click.echo(f"nodes   {sum(model.ops.values())}, and {len(model.constants)} constants")
    click.echo(f"bytes   {model.weight_bytes:,} of weights")
    click.echo(f"time    {seconds * 1000:.0f} ms")


def _port(port: Port) -> str:
    if port.shape is None:
        return f"{port.dtype} of any shape"
    sizes = ", ".join("?" if size is None else str(size) for size in port.shape)
    return f"{port.dtype} [{sizes}]"


if __name__ == "__main__":
    sys.exit(main())
