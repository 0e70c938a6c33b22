"""Artifacts by content."""

from pathlib import Path

import pytest

from site_builder.errors import SiteBuilderError
from site_builder.store import Store, write_aside

PARTS = {"source": "a", "version": "1"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_what_was_put_is_found_again_under_the_same_parts(store: Store) -> None:
    store.put("graph", "line", PARTS, {"w.bin": b"weights"}, notes={"n": 1})
    entry = store.get("graph", "line", dict(PARTS))
    assert entry is not None
    assert store.read(entry.objects["w.bin"]) == b"weights"
    assert entry.notes == {"n": 1}


def test_another_part_is_another_key_and_the_difference_is_said(store: Store) -> None:
    store.put("graph", "line", PARTS, {})
    changed = {"source": "b", "version": "1", "seed": "0"}
    assert store.get("graph", "line", changed) is None
    assert store.explain("graph", "line", changed) == "source changed, seed is new"


def test_of_many_differences_some_are_named_and_the_others_counted(store: Store) -> None:
    store.put("graph", "line", {f"part {n}": "old" for n in range(9)}, {})
    why = store.explain("graph", "line", {f"part {n}": "new" for n in range(9)})
    assert why == "part 0 changed, part 1 changed, part 2 changed, and 6 more"


def test_of_several_kept_keys_the_nearest_explains(store: Store) -> None:
    store.put("graph", "line", {"source": "x", "version": "0"}, {})
    store.put("graph", "line", PARTS, {})
    assert store.explain("graph", "line", {"source": "a", "version": "2"}) == "version changed"


def test_what_was_never_made_says_so(store: Store) -> None:
    assert store.explain("graph", "line", PARTS) == "never made"


@pytest.mark.parametrize("damage", [b"", b"weightz"])
def test_a_damaged_object_makes_the_entry_missing_and_is_written_anew(
    store: Store, damage: bytes
) -> None:
    entry = store.put("graph", "line", PARTS, {"w.bin": b"weights"})
    (store.folder / "objects" / entry.objects["w.bin"]).write_bytes(damage)
    assert store.get("graph", "line", PARTS) is None
    assert "damaged" in store.explain("graph", "line", PARTS)
    with pytest.raises(SiteBuilderError, match="damaged"):
        store.read(entry.objects["w.bin"])
    store.put("graph", "line", PARTS, {"w.bin": b"weights"})
    assert store.get("graph", "line", PARTS) is not None


def test_a_truncated_entry_counts_as_missing(store: Store) -> None:
    store.put("graph", "line", PARTS, {})
    (path,) = store.folder.glob("entries/graph/line/*.json")
    path.write_bytes(path.read_bytes()[:20])
    assert store.get("graph", "line", PARTS) is None


def test_a_file_that_was_read_is_an_ingredient(store: Store, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("1")
    reads = {"data.csv": "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"}
    store.put("model", "m", PARTS, {}, reads=reads)
    assert store.get("model", "m", PARTS) is not None
    data.write_text("2")
    assert store.get("model", "m", PARTS) is None
    assert store.explain("model", "m", PARTS) == "data.csv changed"


@pytest.mark.parametrize("name", ["../x", "a/b", "", "a b"])
def test_a_name_that_would_leave_its_folder_is_refused(store: Store, name: str) -> None:
    with pytest.raises(SiteBuilderError, match="can't name an artifact"):
        store.put("graph", name, PARTS, {})


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_aside(path, b"old")

    def refuse(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        write_aside(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
