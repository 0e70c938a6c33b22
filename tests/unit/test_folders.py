"""A folder's explorables: those of its explorable.py, and those that it imports from beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_builder.build import _classes

CLASS = """\
from site_builder import Explorable


class {}(Explorable):
    def forward(self):
        return {{}}
"""


def test_a_folder_has_the_explorables_beside_its_own_and_none_of_other_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, name, text in (
        ("desk", "other", CLASS.format("Beside")),
        ("far", "explorable", CLASS.format("Far")),
        (
            "desk",
            "explorable",
            "from shed.desk.other import Beside\nfrom shed.far.explorable import Far\n\n"
            "__all__ = ['Beside', 'Far', 'Own']\n" + CLASS.format("Own"),
        ),
    ):
        (tmp_path / "shed" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "shed" / folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = [cls.__name__ for cls in _classes(tmp_path, "shed.desk.explorable")]
    assert found == ["Beside", "Own"]
