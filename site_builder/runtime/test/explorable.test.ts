import assert from "node:assert/strict";
import { test } from "node:test";
import { Explorable, type Consumer } from "../src/explorable.js";
import { Problem } from "../src/problem.js";
import { around, computed, FakeEngine, FakeFrames, float, smallPayload } from "./payloads.js";

async function started() {
  const engine = new FakeEngine();
  const frames = new FakeFrames();
  const explorable = new Explorable(smallPayload(), around(engine.module, frames));
  await explorable.start();
  engine.runs.length = 0;
  return { engine, frames, explorable };
}

/** Remembers what it was told. */
class Watcher implements Consumer {
  readonly seen: unknown[] = [];
  readonly troubles: Problem[] = [];

  constructor(
    private readonly explorable: Explorable,
    readonly needs: readonly string[],
  ) {}

  paint(): void {
    this.seen.push(...this.needs.map((name) => this.explorable.output(name)));
  }

  trouble(problem: Problem): void {
    this.troubles.push(problem);
  }
}

test("the first run computes every output at the default inputs and tells its parity", async () => {
  const engine = new FakeEngine();
  const explorable = new Explorable(smallPayload(), around(engine.module, new FakeFrames()));
  await explorable.start();
  assert.equal(engine.runs.length, 1);
  assert.equal(engine.runs[0]?.threshold, 3);
  assert.equal(explorable.parity, 0);
  assert.equal(explorable.output("caught"), 1);
  assert.equal(explorable.output("mood"), "alert");
});

test("a first run that disagrees with PyTorch is refused", async () => {
  const engine = new FakeEngine();
  engine.model = () => computed(1.5);
  const explorable = new Explorable(smallPayload(), around(engine.module, new FakeFrames()));
  await assert.rejects(explorable.start(), Problem);
});

test("a burst of changes becomes one run, with the newest input", async () => {
  const { engine, frames, explorable } = await started();
  const watcher = new Watcher(explorable, ["caught"]);
  void explorable.attach(watcher);
  await frames.next();
  for (const threshold of [2.5, 2, 1.5]) void explorable.set({ threshold });
  assert.equal(frames.pending, 1);
  await frames.next();
  assert.deepEqual(engine.runs.map((run) => run.threshold), [1.5]);
  assert.deepEqual(watcher.seen, [1, 2]);
});

test("a change during a run is run in the next frame", async () => {
  const { engine, frames, explorable } = await started();
  void explorable.attach(new Watcher(explorable, ["caught"]));
  await frames.next();
  void explorable.set({ threshold: 2.5 });
  const running = frames.next();
  void explorable.set({ threshold: 0.5 });
  await running;
  await frames.next();
  assert.deepEqual(engine.runs.map((run) => run.threshold), [2.5, 0.5]);
});

test("only the outputs that consumers show are computed", async () => {
  const { engine, frames, explorable } = await started();
  const share = new Watcher(explorable, ["share"]);
  void explorable.attach(new Watcher(explorable, ["logins"]));
  void explorable.attach(share);
  void explorable.set({ threshold: 1 });
  await frames.next();
  explorable.detach(share);
  void explorable.set({ threshold: 2 });
  await frames.next();
  assert.deepEqual(engine.runs.map((run) => [...run.outputs].sort()), [
    ["logins.score", "logins.verdict", "share"],
    ["logins.score", "logins.verdict"],
  ]);
});

test("a consumer that comes late gets outputs of the newest inputs", async () => {
  const { engine, frames, explorable } = await started();
  void explorable.set({ threshold: 0.5 });
  await frames.next();
  assert.equal(engine.runs.length, 0); // nobody looked
  const watcher = new Watcher(explorable, ["caught"]);
  void explorable.attach(watcher);
  await frames.next();
  assert.deepEqual(watcher.seen, [3]);
});

test("attaching without a change runs nothing", async () => {
  const { engine, frames, explorable } = await started();
  const watcher = new Watcher(explorable, ["caught"]);
  void explorable.attach(watcher);
  await frames.next();
  assert.equal(engine.runs.length, 0);
  assert.deepEqual(watcher.seen, [1]);
});

test("set resolves once everything is painted", async () => {
  const { frames, explorable } = await started();
  const events: string[] = [];
  void explorable.attach({
    needs: ["caught"],
    paint: async () => {
      await Promise.resolve();
      events.push("painted");
    },
    trouble: () => undefined,
  });
  await frames.next();
  const set = explorable.set({ threshold: 1 }).then(() => events.push("resolved"));
  await frames.next();
  await set;
  assert.deepEqual(events, ["painted", "painted", "resolved"]);
});

test("input listeners hear of a change at once, and of no change not at all", async () => {
  const { explorable } = await started();
  let heard = 0;
  const stop = explorable.onInput(() => heard++);
  void explorable.set({ threshold: 2 });
  void explorable.set({ threshold: 2 });
  assert.equal(heard, 1);
  stop();
  void explorable.set({ threshold: 4 });
  assert.equal(heard, 1);
});

test("an unknown input is refused with the known names, and nothing changes", async () => {
  const { explorable } = await started();
  await assert.rejects(
    explorable.set({ threshold: 5, treshold: 6 }),
    /'anomaly' has no input 'treshold'; it has: threshold, strict, detector, drawing/,
  );
  assert.equal(explorable.input("threshold"), 3);
});

test("a run that throws troubles its consumers, and the next good one paints again", async () => {
  const { engine, frames, explorable } = await started();
  const watcher = new Watcher(explorable, ["caught"]);
  void explorable.attach(watcher);
  await frames.next();
  engine.model = () => {
    throw new Error("out of memory");
  };
  const failing = assert.rejects(explorable.set({ threshold: 1 }), Problem);
  await frames.next();
  await failing;
  assert.equal(watcher.troubles.length, 1);
  assert.deepEqual(watcher.seen, [1]);
  engine.model = computed;
  void explorable.set({ threshold: 1.5 });
  await frames.next();
  assert.deepEqual(watcher.seen, [1, 2]);
});

test("one consumer that fails to paint does not keep the others from it", async () => {
  const { frames, explorable } = await started();
  const watcher = new Watcher(explorable, ["caught"]);
  const broken: Consumer = {
    needs: [],
    paint: () => Promise.reject(new Error("broken")),
    trouble: () => undefined,
  };
  void explorable.attach(broken);
  const attached = explorable.attach(watcher);
  await frames.next();
  await attached;
  assert.deepEqual(watcher.seen, [1]);
});

test("outputs that are not finite are noticed, by output", async () => {
  const { engine, frames, explorable } = await started();
  engine.model = () => ({ ...computed(3), share: float([NaN], []) });
  explorable.watchAll = true;
  void explorable.set({ threshold: 4 });
  await frames.next();
  assert.ok(explorable.isFinite(["logins", "caught"]));
  assert.ok(!explorable.isFinite(["caught", "share"]));
});

test("it knows whether inputs have their starting values", async () => {
  const { explorable } = await started();
  assert.ok(explorable.isAtStart(["threshold", "drawing"]));
  void explorable.set({ drawing: new Float32Array(4) });
  assert.ok(explorable.isAtStart(["threshold"]));
  assert.ok(!explorable.isAtStart(["threshold", "drawing"]));
});
