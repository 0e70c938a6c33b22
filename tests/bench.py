"""``make bench``: times and sizes, as medians and as ratios within one run.

Machines are noisy, so nothing here passes or fails.
"""

from __future__ import annotations

import gzip
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests import chromium
from tests.projects import command, environment

ROOT = Path(__file__).parent.parent
DRAG = """
async ([explorable, input, low, high]) => {
  const element = explorables.get(explorable);
  await element.ready;
  const gaps = [], work = [];
  let last = performance.now();
  for (let n = 0; n < 90; n++) {
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    gaps.push(now - last);
    last = now;
    const value = low + (high - low) * (0.5 + 0.5 * Math.sin(n / 8));
    await element.set({[input]: value});
    work.push(performance.now() - now);
  }
  return {gaps: gaps.slice(5), work: work.slice(5)};
}
"""


def median_seconds(run: Callable[[], object], times: int = 7) -> float:
    """The median time of several runs, after one that warms the disk."""
    run()
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def second_build() -> None:
    """A second ``make site`` beside ``mkdocs build`` of the same pages without the plugin."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder)
        shutil.copytree(ROOT / "content", plain / "content")
        for page in (plain / "content").rglob("*.md"):
            # The pages' own words, with what only the plugin understands taken out.
            text = re.sub(r"(?m)^///.*$", "", page.read_text())
            page.write_text(re.sub(r"\(live:[^)]*\)", "(#)", text))
        config = (ROOT / "mkdocs.yml").read_text()
        (plain / "mkdocs.yml").write_text(config.replace("  - site_builder\n", ""))
        without = median_seconds(
            lambda: subprocess.run(
                [sys.executable, "-m", "mkdocs", "build", "--quiet"],
                cwd=plain,
                env=environment(),
                check=True,
                capture_output=True,
            )
        )
    with_plugin = median_seconds(
        lambda: subprocess.run(
            ["make", "site"], cwd=ROOT, env=environment(), check=True, capture_output=True
        )
    )
    build = median_seconds(
        lambda: subprocess.run(
            command("build"), cwd=ROOT, env=environment(), check=True, capture_output=True
        )
    )
    print("second build, seconds")
    print(f"  mkdocs build without the plugin  {without:.2f}")
    print(f"  site-builder build               {build:.2f}  ({build - without:+.2f})")
    print(f"  make site                        {with_plugin:.2f}  ({with_plugin - without:+.2f})")


def sizes() -> None:
    """What a reader loads, gzipped."""
    print("sizes, gzipped kB")
    dist = ROOT / "site_builder" / "runtime" / "dist"
    for path in sorted([*dist.glob("*.js"), *dist.glob("*.css")]):
        print(f"  {path.name:<32} {kilobytes(path):6.1f}")
    for path in sorted((ROOT / "site" / "assets" / "explorables").glob("*.js")):
        print(f"  {path.name:<32} {kilobytes(path):6.1f}")
    for path in sorted((ROOT / "site").rglob("*.html")):
        print(f"  {path.relative_to(ROOT / 'site').as_posix():<32} {kilobytes(path):6.1f}")


def kilobytes(path: Path) -> float:
    return len(gzip.compress(path.read_bytes(), 9, mtime=0)) / 1000


def pages() -> None:
    """How soon the first figure is live, and what one step of a handle costs."""
    path = chromium.find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        print("first figure live, ms after navigation (file://, median of 5)")
        for name in ("index", "educate/anomaly", "create/digits"):
            waits = []
            for _ in range(5):
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                page.goto((ROOT / "site" / f"{name}.html").as_uri())
                page.locator("explorable-figure").first.scroll_into_view_if_needed()
                page.locator("explorable-figure[state=live]").first.wait_for()
                waits.append(page.evaluate("performance.now()"))
                page.close()
            print(f"  {name:<32} {statistics.median(waits):6.0f}")
        print("one step of a handle, ms from the change to the paint")
        for name, explorable, handle, low, high in (
            ("educate/anomaly", "anomaly", "threshold", 0, 10),
            ("educate/anomaly", "anomaly", "km", 0, 70),
        ):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto((ROOT / "site" / f"{name}.html").as_uri())
            report(page, explorable, handle, low, high)
            page.close()
        browser.close()


def report(page: Page, explorable: str, handle: str, low: float, high: float) -> None:
    """Drags a slider for ninety frames."""
    found = page.evaluate(DRAG, [explorable, handle, low, high])
    work = sorted(found["work"])
    late = sum(gap > 34 for gap in found["gaps"]) / len(found["gaps"])
    print(
        f"  {explorable}.{handle:<24} median {statistics.median(work):5.1f}, "
        f"95th percentile {work[int(0.95 * len(work))]:5.1f}, frames over 34 ms {late:.0%}"
    )


if __name__ == "__main__":
    second_build()
    sizes()
    pages()
