"""The command line: ``site-builder train | build | serve``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from site_builder.errors import SiteBuilderError
from site_builder.manifest import Project, find_project


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


if __name__ == "__main__":
    sys.exit(main())
