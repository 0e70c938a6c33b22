"""In the browser, through the page's own console interface, the model gives what PyTorch gave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from site_builder.manifest import Manifest, Project
from site_builder.parity import decode, disagreement
from tests.browser.conftest import Open, file_address
from tests.browser.test_site import PAGES

SET_AND_READ = """
async ([name, values]) => {
  const explorable = explorables.get(name);
  await explorable.ready;
  await explorable.set(values);
  return {...explorable.outputs};
}
"""


@pytest.mark.parametrize(("page_name", "name"), [(PAGES[1], "anomaly"), (PAGES[2], "digits")])
def test_every_fixture_holds_in_the_browser(
    open_page: Open, site: Path, project: Project, manifest: Manifest, page_name: str, name: str
) -> None:
    record = manifest.explorables[name]
    page, _ = open_page(file_address(site, page_name))
    fixtures = json.loads(project.store.read(record.fixtures))
    for fixture in fixtures:
        values = {
            key: np.ravel(v).tolist() if np.ndim(v) else v for key, v in fixture["inputs"].items()
        }
        outputs = page.evaluate(SET_AND_READ, [name, values])
        truth = {key: decode(tensor) for key, tensor in fixture["outputs"].items()}
        got = {
            key: tensor.astype(truth[key].dtype) for key, tensor in tensors(record.outputs, outputs)
        }
        assert disagreement(got, truth) is None


def tensors(specs: list[dict[str, Any]], outputs: dict[str, Any]) -> list[tuple[str, NDArray[Any]]]:
    """Each output tensor, from what the console shows: rows as objects, labels as words."""
    found = []
    for spec in specs:
        value = outputs[spec["name"]]
        if spec["kind"] == "rows":
            for column in spec["columns"]:
                cells = [row[column["name"]] for row in value]
                words = column["words"]
                cells = cells if words is None else [words.index(cell) for cell in cells]
                found.append((column["tensor"], np.asarray(cells)))
        else:
            number = spec["words"].index(value) if spec["kind"] == "labels" else value
            found.append((spec["tensor"], np.asarray(number)))
    return found
