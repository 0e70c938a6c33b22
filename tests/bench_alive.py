"""How alive the pages are: late frames, scripting, training, memory, and what comes before.

``python -m tests.bench_alive [--minutes 10] [--only drags|training|memory|scripts]``, after
``make site``. Machines are noisy, so nothing here passes or fails; each number comes with its
like from the same run.

Scripting is what Chromium's own trace says: the time in which the page's main thread was inside a
script, its garbage collection included, in each frame. A script that measured itself would leave
out microtasks and timers. Where a frame begins is a mark that the driving loop leaves in the trace.
What counts is the processor's time, which others on the same cores do not stretch; the time on the
wall stands beside it. Late frames and long tasks are on the wall: compare with the empty page.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests import chromium

ROOT = Path(__file__).parent.parent
SITE = ROOT / "site"
PAGES = {
    "anomaly": "educate/anomaly",
    "digits": "create/digits",
    "momentum": "educate/momentum",
    "playground": "educate/playground",
}
VIEWPORT: ViewportSize = {"width": 1280, "height": 900}
HANDLE = "explorables.get('playground')"

LATE = 20.0
"""Milliseconds after the last frame, from which on a frame is late."""

CATEGORIES = ["devtools.timeline", "blink.user_timing", "v8", "loading", "toplevel"]
SCRIPTING = {
    *("FunctionCall", "EvaluateScript", "FireAnimationFrame", "TimerFire", "RunMicrotasks"),
    *("EventDispatch", "MinorGC", "MajorGC", "v8.callFunction", "v8.run", "v8.compile"),
}
LONG = 50.0
"""Milliseconds from which on a task is a long one."""

Times = list[tuple[float, float]]
"""Milliseconds of the processor, and on the wall."""

FRAMES = """
const frames = async (seconds, act) => {
  const gaps = [];
  const until = performance.now() + seconds * 1000;
  let last = await new Promise(requestAnimationFrame);
  for (let n = 0; last < until; n++) {
    performance.mark("bench-frame");
    act(n);
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - last);
    last = now;
  }
  return gaps;
};
"""
"""Calls ``act`` once a frame and gives the time between frames, as the browser stamps them."""

EMPTY = "([seconds]) => { " + FRAMES + " return frames(seconds, () => {}); }"
DRAG = (
    "([seconds, name, which]) => {"
    + FRAMES
    + """
  const of = (one) =>
    one.getAttribute("name") === name &&
    one.offsetParent !== null &&
    one.querySelector("input[type=range]");
  const inputs = [...document.querySelectorAll("explorable-input")].filter(of);
  const slider = inputs[which].querySelector("input[type=range]");
  const [low, high] = [Number(slider.min), Number(slider.max)];
  return frames(seconds, (n) => {
    slider.value = String(low + (high - low) * (0.5 + 0.5 * Math.sin(n / 8)));
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  });
}"""
)
"""Moves a slider as a hand does, by the event that the browser would send."""

DRAW = (
    "([seconds, name]) => {"
    + FRAMES
    + """
  const [explorable, input] = name.split(".");
  const handle = explorables.get(explorable);
  const size = Math.sqrt(handle.inputs[input].length);
  return frames(seconds, (n) => {
    const ink = new Float32Array(size * size);
    const column = Math.round((size - 1) * (0.5 + 0.4 * Math.sin(n / 8)));
    for (let row = 4; row < size - 4; row++) ink[row * size + column] = 0.6 + 0.4 * Math.cos(n);
    handle.set({ [input]: ink }).catch(() => undefined);
  });
}"""
)
"""A drawing that is another in each frame: the one input of its page that is dragged."""

SLIDERS = """
() => [...document.querySelectorAll("explorable-input")]
  .filter((one) => one.querySelector("input[type=range]") && one.offsetParent !== null)
  .map((one) => one.getAttribute("name"))
"""


@contextmanager
def opened(browser: Browser, name: str) -> Iterator[Page]:
    """A page of the site whose explorable is live, scrolled to its first figure."""
    page = browser.new_page(viewport=VIEWPORT)
    page.goto((SITE / f"{PAGES[name]}.html").as_uri())
    page.evaluate(f"explorables.get('{name}').ready")
    page.locator("explorable-figure").first.scroll_into_view_if_needed()
    page.locator("explorable-figure[state=live]").first.wait_for()
    page.wait_for_timeout(1000)
    yield page
    page.close()


def traced(
    browser: Browser, page: Page, script: str, arguments: list[object]
) -> tuple[Any, Times, Times]:
    """Runs a loop over frames.

    Returns:
        What the loop gives, the scripting in each frame, and the tasks.
    """
    browser.start_tracing(page=page, categories=CATEGORIES)
    found = page.evaluate(script, arguments)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    marks = [event for event in events if event.get("name") == "bench-frame"]
    thread = (marks[0]["pid"], marks[0]["tid"])
    spans = [
        event
        for event in events
        if (event["pid"], event["tid"]) == thread and event.get("ph") in ("X", "R", "I", "n")
    ]
    first, last = marks[0]["ts"], marks[-1]["ts"]
    spans = [event for event in spans if first - 1000 <= event["ts"] <= last]
    tasks = [taken(event) for event in spans if event["name"].endswith("RunTask")]
    return found, scripting(spans, sorted({mark["ts"] for mark in marks})), tasks


def taken(event: dict[str, Any]) -> tuple[float, float]:
    wall = event.get("dur", 0) / 1000
    return event.get("tdur", event.get("dur", 0)) / 1000, wall


def scripting(events: list[dict[str, Any]], starts: list[float]) -> Times:
    """The time in scripts between one mark of the loop and the next."""
    scripts = [event for event in events if event["name"] in SCRIPTING and event.get("dur")]
    scripts.sort(key=lambda event: (event["ts"], -event["dur"]))
    times = [(0.0, 0.0)] * len(starts)
    frame, end = -1, 0.0
    for event in scripts:
        if event["ts"] + event["dur"] <= end:
            continue  # inside another one, which counts it
        while frame + 1 < len(starts) and event["ts"] + event["dur"] > starts[frame + 1]:
            # The mark is made within the first script of its frame.
            frame += 1
        if frame >= 0:
            cpu, wall = taken(event)
            times[frame] = (times[frame][0] + cpu, times[frame][1] + wall)
        end = event["ts"] + event["dur"]
    return times[3:-1]


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def late(gaps: list[float]) -> float:
    return sum(gap > LATE for gap in gaps) / max(1, len(gaps))


def report(name: str, gaps: list[float], times: Times, empty: float | None) -> None:
    beside = "" if empty is None else f" ({late(gaps) - empty:+.1%})"
    cpu, wall = ([time[which] for time in times] for which in (0, 1))
    print(
        f"  {name:<26} frames {len(gaps):4}  late {late(gaps):6.1%}{beside:<9}  scripting ms: "
        f"median {percentile(cpu, 0.5):5.1f}, 95th percentile {percentile(cpu, 0.95):5.1f} "
        f"(wall {percentile(wall, 0.95):5.1f})",
        flush=True,
    )


def drags(browser: Browser, seconds: float, pages: list[str]) -> None:
    """Each slider beside an empty page, before and after, in the same browser."""
    print("a drag of each slider, one event a frame; late beside an empty page")
    for name in pages:
        empty = nothing(browser, seconds)
        with opened(browser, name) as page:
            seen: dict[str, int] = {}
            for slider in page.evaluate(SLIDERS):
                which = seen[slider] = seen.get(slider, -1) + 1
                place = f"explorable-input[name='{slider}']:visible input[type=range]"
                here = page.locator(place).nth(which)
                here.scroll_into_view_if_needed()
                live = "one => one.closest('explorable-figure').matches('[state=live]')"
                page.wait_for_function(live, arg=here.element_handle())
                page.wait_for_timeout(500)
                gaps, times, _ = traced(browser, page, DRAG, [seconds, slider, which])
                report(f"{slider}{f' ({which + 1})' if which else ''}", gaps, times, empty)
            if name == "digits":
                drawing = "digits.drawing"
                pad = page.locator(f"explorable-input[name='{drawing}']").first
                pad.scroll_into_view_if_needed()
                gaps, times, _ = traced(browser, page, DRAW, [seconds, drawing])
                report(drawing, gaps, times, empty)


def nothing(browser: Browser, seconds: float) -> float:
    """The share of late frames on an empty page."""
    page = browser.new_page(viewport=VIEWPORT)
    page.goto("about:blank")
    gaps, times, _ = traced(browser, page, EMPTY, [seconds])
    report("an empty page", gaps, times, None)
    page.close()
    return late(gaps)


PLAY = (
    "async ([seconds, speed]) => {"
    + FRAMES
    + """
  const handle = explorables.get("playground");
  const choice = document.querySelector("explorable-time select");
  if (speed !== null) {
    choice.value = String(speed);
    choice.dispatchEvent(new Event("input"));
  }
  const tasks = [];
  const watch = new PerformanceObserver((list) =>
    tasks.push(...list.getEntries().map((task) => task.duration)),
  );
  watch.observe({ entryTypes: ["longtask"] });
  const [before, began] = [handle.time.steps, performance.now()];
  await handle.play();
  const gaps = await frames(seconds, () => {});
  const [steps, spent] = [handle.time.steps - before, performance.now() - began];
  await handle.pause();
  await new Promise((resolve) => setTimeout(resolve, 200));
  watch.disconnect();
  return { gaps, tasks, steps, spent, words: choice.selectedOptions[0].textContent };
}"""
)

PLAIN = """
async ([weights, points, repeats]) => {
  const handle = explorables.get("playground");
  const settings = { batch: 10, rate: 0.03 };
  const training = points.filter((point) => point.split === "training");
  const test = points.filter((point) => point.split === "test");
  const same = new PlainNetwork(weights);
  same.train(training, test, { ...settings, steps: 500 });
  await handle.reset();
  await handle.step(500);
  const [plainLoss, ourLoss] = [same.loss(training), handle.outputs.train_loss];
  const [ours, plain] = [[], []];
  for (let n = 0; n < repeats; n++) {
    ours.push((await handle.step(500)) / 500);
    const began = performance.now();
    same.train(training, test, { ...settings, steps: 5000 });
    plain.push((performance.now() - began) / 5000);
  }
  return { plainLoss, ourLoss, ours, plain };
}
"""


def training(browser: Browser, seconds: float) -> None:
    """Epochs a second with and without painting, and tasks over 50 ms."""
    with opened(browser, "playground") as page:
        page.locator("explorable-time").first.scroll_into_view_if_needed()
        batches = page.evaluate(f"{HANDLE}.outputs.batches")
        print("the playground trains while it is painted")
        for speed in (None, page.locator("explorable-time").first.locator("option").count() - 1):
            found, _, every = traced(browser, page, PLAY, [seconds, speed])
            busy = [cpu for cpu, _ in every if cpu > LONG]
            rate = found["steps"] / found["spent"] * 1000
            tasks = found["tasks"]
            print(
                f"  {found['words']:<24} {rate / batches:6.2f} epochs ({rate:.0f} steps) a second; "
                f"late frames {late(found['gaps']):.1%} of {len(found['gaps'])}; "
                f"tasks over 50 ms: {len(tasks)}"
                + (f", the longest {max(tasks):.0f} ms" if tasks else "")
                + f"; of the processor's time: {len(busy)}, the longest "
                + f"{max(cpu for cpu, _ in every):.0f} ms",
                flush=True,
            )
        page.evaluate(f"{HANDLE}.reset()")
        saved = bytes(page.evaluate(f"{HANDLE}.save().then((bytes) => [...bytes])"))
        weights = [tensor(saved, name) for name in ("w1", "w2", "w_out")]
        points = page.evaluate(
            HANDLE + ".outputs.points.map(({x, y, label, split}) => ({xy: [x, y], label, split}))"
        )
        page.add_script_tag(content=plain_network())
        found = page.evaluate(PLAIN, [weights, points, 5])
    ours, plain = (statistics.median(found[which]) for which in ("ours", "plain"))
    print("without painting, one step (a batch of 10)")
    print(f"  loss after 10 epochs: ours {found['ourLoss']:.6f}, plain {found['plainLoss']:.6f}")
    print(
        f"  ours {ours:.3f} ms, plain JavaScript {plain:.4f} ms: {ours / plain:.0f} times as long"
    )
    print(
        f"  {1000 / ours / batches:.1f} and {1000 / plain / batches:.0f} epochs a second",
        flush=True,
    )


def plain_network() -> str:
    source = (Path(__file__).parent / "plain_network.js").read_text()
    return f"{source}\nglobalThis.PlainNetwork = PlainNetwork;"


def tensor(file: bytes, name: str) -> list[list[float]]:
    """The matrix of the state called ``name`` in a safetensors file."""
    import numpy as np

    length = int.from_bytes(file[:8], "little")
    header = json.loads(file[8 : 8 + length])
    key = next(key for key in header if key == name or key.endswith((f".{name}", f"/{name}")))
    key = name if name in header else key
    start, end = header[key]["data_offsets"]
    numbers = np.frombuffer(file[8 + length + start : 8 + length + end], "<f4")
    matrix: list[list[float]] = numbers.reshape(header[key]["shape"]).tolist()
    return matrix


def memory(browser: Browser, minutes: float) -> None:
    """Tensors and bytes of JavaScript while training is played and started over."""
    print(f"memory over {minutes:g} minutes of play and start over")
    with opened(browser, "playground") as page:
        session = page.context.new_cdp_session(page)
        session.send("HeapProfiler.enable")

        def held() -> tuple[int, float]:
            page.evaluate(f"{HANDLE}.reset()")
            page.wait_for_timeout(800)
            for _ in range(2):
                session.send("HeapProfiler.collectGarbage")
            used = session.send("Runtime.getHeapUsage")["usedSize"]
            return page.evaluate("globalThis._tfengine?.state.numTensors ?? 0"), used / 1e6

        def play(seconds: float) -> None:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                page.evaluate(f"{HANDLE}.play()")
                page.wait_for_timeout(4000)
                page.evaluate(f"{HANDLE}.reset()")
                page.wait_for_timeout(200)

        play(8)  # what is made on the first time is no growth
        parts = 4
        for part in range(parts + 1):
            if part:
                play(minutes * 60 / parts)
            count, used = held()
            print(
                f"  after {minutes * part / parts:4.1f} min: {count} tensors, {used:.2f} MB",
                flush=True,
            )


def scripts(browser: Browser) -> None:
    """What a page loads until its first figure is live, and what ran before its first paint."""
    print("JavaScript before the first figure is live, gzipped kB (* ran before the first paint)")
    for name, path in PAGES.items():
        page = browser.new_page(viewport=VIEWPORT)
        browser.start_tracing(page=page, categories=CATEGORIES)
        page.goto((SITE / f"{path}.html").as_uri())
        page.locator("explorable-figure").first.scroll_into_view_if_needed()
        page.locator("explorable-figure[state=live]").first.wait_for()
        loaded = page.evaluate(
            "performance.getEntriesByType('resource').map((one) => one.name)"
            ".concat([...document.scripts].map((one) => one.src))"
        )
        events = json.loads(browser.stop_tracing())["traceEvents"]
        page.close()
        early = before_paint(events)
        ours = others = first = 0.0
        for url in sorted({url for url in loaded if urlparse(url).path.endswith(".js")}):
            file = Path(unquote(urlparse(url).path))
            size = len(gzip.compress(file.read_bytes(), 9, mtime=0)) / 1000
            is_ours = "explorables" in file.parts
            ours, others = (ours + size, others) if is_ours else (ours, others + size)
            first += size if url in early and is_ours else 0
            print(f"  {name:<11} {file.name:<34} {size:6.1f}{' *' if url in early else ''}")
        print(
            f"  {name:<11} ours {ours:.1f}, Material's {others:.1f}; ours before the first paint: "
            f"{first:.1f}",
            flush=True,
        )


def before_paint(events: list[dict[str, Any]]) -> set[str]:
    """Addresses of the files whose scripts ran before the first paint."""
    paints = [event["ts"] for event in events if event.get("name") == "firstPaint"]
    first = min(paints, default=float("inf"))
    return {
        event["args"]["data"]["url"]
        for event in events
        if event.get("name") == "EvaluateScript"
        and event["ts"] < first
        and "url" in event.get("args", {}).get("data", {})
    }


def main() -> None:
    """Measures all of it, or one part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0, help="how long to play for memory")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long to drag a slider")
    parser.add_argument("--only", choices=("drags", "training", "memory", "scripts"))
    parser.add_argument("--pages", nargs="+", choices=PAGES, default=list(PAGES), help="to drag on")
    asked = parser.parse_args()
    parts = {
        "drags": lambda browser: drags(browser, asked.seconds, asked.pages),
        "training": lambda browser: training(browser, 2 * asked.seconds),
        "memory": lambda browser: memory(browser, asked.minutes),
        "scripts": scripts,
    }
    with sync_playwright() as playwright:
        path = chromium.find()
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        for name, measure in parts.items():
            if asked.only in (None, name):
                load = os.getloadavg()[0]
                print(f"[load {load:.1f} on {os.cpu_count()} cores]")
                measure(browser)
        browser.close()


if __name__ == "__main__":
    main()
