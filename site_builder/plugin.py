"""The MkDocs plugin: thin, and the only module that imports mkdocs.

It sees that the artifacts are fresh before any page is rendered, tells the Markdown extension which
page it is on, and puts artifacts and runtime into the site.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

from mkdocs.commands.build import build as mkdocs_build
from mkdocs.commands.serve import serve as mkdocs_serve
from mkdocs.config import load_config
from mkdocs.config.base import Config
from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.utils import get_relative_url

from site_builder import manifest as manifests
from site_builder.errors import SiteBuilderError
from site_builder.katex import KATEX, formula_parts
from site_builder.manifest import FONTS, PARSER, RUNTIME, Manifest, Project
from site_builder.pages import Page, Pages
from site_builder.sources import tree_digest
from site_builder.store import only_one

ASSETS = "assets/explorables"
log = logging.getLogger("mkdocs.plugins.site_builder")


class NoOptions(Config):  # type: ignore[no-untyped-call]  # mkdocs types it halfway
    """The plugin has no options: what there is to say stands in the project's own files."""


class SiteBuilderPlugin(BasePlugin[NoOptions]):  # type: ignore[no-untyped-call]
    """Explorables in MkDocs: ``plugins: - site_builder``."""

    def __init__(self) -> None:
        self.serving = False
        self.problems: list[SiteBuilderError] = []
        self.project: Project
        self.pages: Pages
        self.runtime: str

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        self.serving = command == "serve"

    @event_priority(50)  # before Material's offline plugin looks at the polyfills
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        self.project = Project(Path(config.config_file_path).parent)
        self.problems = []
        _set_epoch(self.project.root)
        manifest = self._fresh_manifest()
        options = config.mdx_configs.get("site_builder.pages", {})
        self.pages = Pages(self.project, self.problems.append, **options)
        self.pages.manifest = manifest
        config.markdown_extensions = [
            name for name in config.markdown_extensions if name != "site_builder.pages"
        ]
        # MkDocs hands the list to Python-Markdown, which takes instances as well as names.
        cast("list[Any]", config.markdown_extensions).append(self.pages)
        self.runtime = f"{ASSETS}/runtime-{tree_digest(RUNTIME, '**/*')[:12]}"
        script = ExtraScriptValue(f"{self.runtime}/explorables.js")
        script.defer = True
        config.extra_javascript.append(script)
        config.extra_css.append(f"{self.runtime}/explorables.css")
        # Material's offline search loads this shim from a foreign host unless one is named.
        config.extra.setdefault("polyfills", []).append(f"{self.runtime}/iframe-worker.js")
        return config

    def _fresh_manifest(self) -> Manifest:
        """The manifest, after a child process has made what is missing or stale.

        A child, so that this process never imports torch.
        """
        manifest = manifests.load(self.project)
        why = manifests.stale(self.project, manifest)
        if why is None:
            assert manifest is not None
            log.info(f"explorables: {len(manifest.explorables)} fresh and skipped")
            return manifest
        log.info(f"explorables: looking at them again, since {why}")
        command = [sys.executable, "-m", "site_builder", "train"]
        done = subprocess.run(command, cwd=self.project.root, check=False)
        made = manifests.load(self.project)
        if done.returncode == 0 and made is not None:
            return made
        if self.serving and manifest is not None:
            log.warning("explorables: the pages go on with the last ones that could be made")
            return manifest
        raise Abort("the explorables could not be made; see above")

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        assert self.pages.manifest is not None
        for record in self.pages.manifest.explorables.values():
            for path, digest in record.files.items():
                data = self.project.store.read(digest)
                files.append(File.generated(config, f"{ASSETS}/{path}", content=data))
        for source in sorted(RUNTIME.rglob("*")):
            # Charts are drawn with .ttf and .woff. Every engine is there: a link may ask for one.
            unused = source.suffix in {".ttf", ".woff", ""} or source in (PARSER, KATEX)
            if source.is_file() and not unused and source.parent in (RUNTIME, FONTS):
                files.append(self._part(source.relative_to(RUNTIME).as_posix(), config))
        return files

    def _part(self, part: str, config: MkDocsConfig) -> File:
        """A file of the runtime as one of the site."""
        return File.generated(config, f"{self.runtime}/{part}", abs_src_path=str(RUNTIME / part))

    def on_page_markdown(
        self, markdown: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files
    ) -> str:
        source = page.file.content_string
        at = source.find(markdown) if markdown else 0
        self.pages.page = Page(
            file=_relative(page.file.abs_src_path or page.file.src_uri, self.project.root),
            first_line=source[: max(at, 0)].count("\n"),
            asset=lambda path: get_relative_url(f"{ASSETS}/{path}", page.url),
            part=lambda path: get_relative_url(f"{self.runtime}/{path}", page.url),
            colours=page.meta.get("colours"),
        )
        return markdown

    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:
        """All pages are rendered, none is written: the moment to say what is wrong."""
        for problem in self.problems:
            (log.warning if self.serving else log.error)(str(problem))
        if self.problems and not self.serving:
            count = len(self.problems)
            raise Abort(f"{count} problem{'s'[: count > 1]} on the pages; no page is written")
        for part in sorted({*self.pages.parts, *formula_parts(self.pages.formulas)}):
            files.append(self._part(part, config))
        return env

    def on_build_error(self, *, error: Exception) -> None:
        if isinstance(error, SiteBuilderError):
            raise PluginError(str(error)) from None

    def on_serve(
        self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Any
    ) -> LiveReloadServer:
        server.watch(str(self.project.explainers))
        return server


def build_site(project: Project, options: Mapping[str, Any]) -> None:
    """Builds the site aside and puts it in the old one's place when it is whole.

    Args:
        project: The project.
        options: Overrides of ``mkdocs.yml``.
    """
    _log_to_terminal()
    began = time.monotonic()
    aside, old = project.folder / "site", project.folder / "site.old"
    with only_one(project.folder, "build"):
        for folder in (aside, old):  # what a killed build left
            shutil.rmtree(folder, ignore_errors=True)
        config = load_config(str(project.root / "mkdocs.yml"), **options)
        target = Path(config.site_dir)
        config.site_dir = str(aside)
        config.plugins.on_startup(command="build", dirty=False)
        try:
            mkdocs_build(config)
        finally:
            config.plugins.on_shutdown()
        if target.exists():
            os.rename(target, old)
        os.rename(aside, target)
        shutil.rmtree(old, ignore_errors=True)
    log.info(f"{target.name}/ is written, {time.monotonic() - began:.1f} s in all")


def serve_site(project: Project, address: str | None) -> None:
    """Serves the site, builds it again when something changes, and goes on after mistakes."""
    os.chdir(project.root)
    _log_to_terminal()
    mkdocs_serve("mkdocs.yml", livereload=True, dev_addr=address)


def _log_to_terminal() -> None:
    logger = logging.getLogger("mkdocs")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)-7s %(message)s"))
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


def _set_epoch(root: Path) -> None:
    """Dates come from SOURCE_DATE_EPOCH, else from the last commit: one source, the same bytes."""
    if "SOURCE_DATE_EPOCH" in os.environ:
        return
    git = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
    try:
        stamp = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        stamp = ""
    os.environ["SOURCE_DATE_EPOCH"] = stamp or "315532800"  # 1980: the first date a zip can hold


def _relative(path: str, root: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()
