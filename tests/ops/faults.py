"""Faults of TF.js's WebAssembly kernels that no composition goes around yet.

Each line of `wasm_faults.txt` is a case or a trial, and why it gives a wrong answer in WebAssembly.
A test fails when a listed one is right, so that the list only shrinks.
"""

from __future__ import annotations

from pathlib import Path

_TABLE = Path(__file__).with_name("wasm_faults.txt")


def read() -> dict[str, str]:
    """The reason for each listed case or trial, by its name."""
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    rows = (line.partition(" ") for line in lines if line and not line.startswith("#"))
    return {name: reason for name, _, reason in rows}
