"""Bundles the browser runtime whenever the package is built or installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class RuntimeHook(BuildHookInterface[Any]):
    """Runs ``site_builder/bundle.py``, by its path: the package is not installed yet."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        path = Path(self.root) / "site_builder" / "bundle.py"
        spec = importlib.util.spec_from_file_location("bundle", path)
        assert spec is not None
        assert spec.loader is not None
        bundle = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(bundle)
        bundle.bundle()
