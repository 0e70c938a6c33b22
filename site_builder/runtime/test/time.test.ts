import assert from "node:assert/strict";
import { test } from "node:test";
import { Explorable, type Consumer, type Surroundings } from "../src/explorable.js";
import { Problem } from "../src/problem.js";
import { load, readTensors, save, writeTensors } from "../src/saving.js";
import { clockworkModule, clockworkPayload, clockworkVariant, programs, type Runs } from "./clockwork.js";
import { around, count, during, FakeFrames } from "./payloads.js";

/** Shows the largest number and remembers what it was told. */
class Watcher implements Consumer {
  readonly needs = ["largest", "x"];
  readonly seen: unknown[] = [];
  readonly troubles: string[] = [];
  readonly notices: string[] = [];
  inView = true;

  constructor(private readonly explorable: Explorable) {}

  paint(): void {
    this.seen.push(this.explorable.output("largest"));
  }

  trouble(problem: Problem): void {
    this.troubles.push(problem.message);
  }

  notice(text: string): void {
    if (text !== (this.notices.at(-1) ?? "")) this.notices.push(text);
  }

  visible(): boolean {
    return this.inView;
  }
}

const programsOf = (key: string) => Promise.resolve(programs((Number(key) + 1) as 1 | 2 | 3));

async function started(more: Partial<Surroundings> = {}) {
  const frames = new FakeFrames();
  const runs: Runs = {};
  const variant = (key: string) =>
    Promise.resolve(clockworkVariant(key === "1" ? 2 : 3));
  const explorable = new Explorable(
    clockworkPayload(),
    around(clockworkModule(runs), frames, { variant, programs: programsOf, ...more }),
  );
  await explorable.start();
  const watcher = new Watcher(explorable);
  const attached = explorable.attach(watcher);
  await frames.next();
  await attached;
  for (const name of Object.keys(runs)) runs[name] = 0;
  return { explorable, frames, runs, watcher };
}

test("time stands still until it is played", async () => {
  const { explorable, frames, watcher } = await started();
  assert.deepEqual([explorable.steps, watcher.seen], [0, [1]]);
  assert.equal(frames.pending, 0);
});

test("playing takes one stride a frame, paints each and rests when paused", async () => {
  const { explorable, frames, watcher } = await started();
  explorable.play();
  await frames.next();
  await frames.next();
  explorable.pause();
  await frames.next();
  assert.deepEqual(watcher.seen, [1, 32, 1024]);
  assert.equal(explorable.steps, 10);
  assert.equal(frames.pending, 0);
});

test("a frame computes no longer than its budget, and a step is always taken", async () => {
  let clock = 0;
  const { explorable, frames } = await started({ now: () => (clock += 3) });
  explorable.play();
  await frames.next();
  assert.ok(explorable.steps >= 1 && explorable.steps < 5, `${explorable.steps}`);
});

test("asked for steps, it takes them all, paints once and tells how long they took", async () => {
  let clock = 0;
  const { explorable, frames, watcher } = await started({ now: () => (clock += 1) });
  const spent = await during(explorable.step(60), frames);
  assert.equal(explorable.steps, 60);
  assert.ok(spent > 0, `${spent}`); // several steps are taken between two looks at the clock
  assert.deepEqual(watcher.seen, [1, 2 ** 60]);
});

test("starting over puts the start back and pauses", async () => {
  const { explorable, frames, watcher } = await started();
  explorable.play();
  await frames.next();
  await during(explorable.reset(), frames);
  assert.deepEqual([explorable.steps, watcher.seen.at(-1), explorable.player?.playing], [0, 1, false]);
});

test("a setting that the start reads starts over and goes on playing; others take effect at the next step", async () => {
  const { explorable, frames, runs } = await started();
  await during(explorable.step(3), frames);
  await during(explorable.set({ growth: 3 }), frames);
  assert.deepEqual([explorable.steps, explorable.output("largest")], [3, 8]);
  await during(explorable.step(1), frames);
  assert.equal(explorable.output("largest"), 24);
  explorable.play();
  void explorable.set({ from: -1 });
  await frames.next();
  assert.deepEqual([explorable.steps, explorable.output("largest")], [5, -243]);
  assert.equal(explorable.player?.playing, true);
  assert.equal(runs["start"], 1);
});

test("what does not change from step to step is computed once", async () => {
  const { explorable, frames, runs } = await started();
  await during(explorable.step(20), frames);
  assert.deepEqual([runs["step"], runs["prologue"]], [20, 1]);
  void explorable.set({ growth: 1 });
  await during(explorable.step(5), frames);
  assert.deepEqual([runs["step"], runs["prologue"]], [25, 2]);
});

test("nothing is computed for figures out of sight, and they are caught up when they return", async () => {
  const { explorable, frames, runs, watcher } = await started();
  watcher.inView = false;
  explorable.play();
  await frames.next();
  await frames.next();
  assert.equal(runs["forward"], 0);
  assert.deepEqual(watcher.seen, [1]);
  explorable.pause();
  watcher.inView = true;
  await during(explorable.refresh(), frames);
  assert.deepEqual(watcher.seen, [1, 1024]);
});

test("no tensor is left behind by playing, starting over, editing and other variants", async () => {
  const { explorable, frames } = await started();
  const before = count.held;
  for (let round = 0; round < 3; round++) {
    await during(explorable.step(7), frames);
    await during(explorable.edit(0, 5), frames);
    await during(explorable.set({ scale: round, from: round }), frames);
    await during(explorable.reset(), frames);
  }
  await during(explorable.set({ scale: 0 }), frames);
  await during(explorable.step(1), frames);
  assert.equal(count.held, before);
});

test("a number of the state is typed anew, and time goes on from it", async () => {
  const { explorable, frames } = await started();
  await during(explorable.edit(1, 100), frames);
  assert.deepEqual([explorable.steps, explorable.output("largest")], [0, 100]);
  await during(explorable.step(1), frames);
  assert.deepEqual(explorable.output("x"), [{ value: 2 }, { value: 200 }]);
});

test("numbers beyond all bounds pause, keep the last finite picture and say so, until a new start", async () => {
  const { explorable, frames, watcher } = await started();
  await during(explorable.set({ growth: 1e30 }), frames);
  const painted = watcher.seen.length;
  explorable.play();
  await frames.next();
  assert.equal(explorable.player?.playing, false);
  assert.ok(explorable.diverged);
  assert.match(watcher.notices.at(-1) ?? "", /beyond all bounds.*start over/s);
  assert.equal(watcher.seen.length, painted);
  assert.equal(explorable.output("largest"), 1);
  explorable.play();
  assert.equal(frames.pending, 0);
  void explorable.set({ growth: 2 });
  await during(explorable.reset(), frames);
  assert.ok(!explorable.diverged);
  assert.equal(watcher.notices.at(-1), "");
});

test("whoever waits for steps that diverge is told all the same", async () => {
  const { explorable, frames } = await started();
  void explorable.set({ growth: 1e30 });
  await during(explorable.step(1000), frames);
  assert.ok(explorable.diverged);
});

test("a static input fetches its programs, checks them and starts over", async () => {
  const { explorable, frames, watcher } = await started();
  await during(explorable.step(2), frames);
  await during(explorable.set({ scale: 1 }), frames);
  assert.deepEqual([explorable.steps, watcher.seen.at(-1)], [0, 1]);
  assert.equal(explorable.columns("x").length, 3);
});

test("of two choices in a row, the newest wins whichever comes first", async () => {
  const arrive: Record<string, () => void> = {};
  const variant = (key: string) =>
    new Promise<ReturnType<typeof clockworkVariant>>((resolve) => {
      arrive[key] = () => resolve(clockworkVariant(key === "1" ? 2 : 3));
    });
  const { explorable, frames, watcher } = await started({ variant });
  void explorable.set({ scale: 1 });
  await frames.next();
  const set = explorable.set({ scale: 2 });
  await frames.next();
  arrive["2"]?.();
  await frames.next();
  arrive["1"]?.();
  await during(set, frames);
  assert.equal(explorable.columns("x").length, 4);
  assert.deepEqual(watcher.troubles, []);
});

test("programs that cannot be had leave the old ones at work, and the control goes back", async () => {
  const variant = () => Promise.reject(new Problem("A part could not be loaded."));
  const { explorable, frames, watcher } = await started({ variant });
  await during(explorable.step(1), frames);
  await assert.rejects(during(explorable.set({ scale: 2 }), frames), /could not be loaded/);
  assert.deepEqual(watcher.troubles, ["A part could not be loaded."]);
  assert.equal(explorable.input("scale"), 0);
  await during(explorable.step(1), frames);
  assert.equal(explorable.output("largest"), 4);
});

test("programs that disagree with PyTorch are refused like any others", async () => {
  const wrong = { ...clockworkVariant(2), fixture: clockworkVariant(3).fixture };
  const { explorable, frames, watcher } = await started({ variant: () => Promise.resolve(wrong) });
  await assert.rejects(during(explorable.set({ scale: 1 }), frames), /other numbers/);
  assert.match(watcher.troubles[0] ?? "", /other numbers/);
});

test("an engine that does not start gives way to the one that runs everywhere, and says so", async () => {
  const runs: Runs = {};
  const { explorable, watcher } = await started({
    engine: () => Promise.reject(new Error("refused by policy")),
    plainEngine: () => Promise.resolve(clockworkModule(runs)),
  });
  assert.equal(explorable.backend, "cpu");
  assert.deepEqual(watcher.seen, [1]);
  assert.match(watcher.notices.at(-1) ?? "", /plain JavaScript/);
});

test("an engine lost on the way gives way too: inputs stay, time starts over and goes on", async () => {
  const plain: Runs = {};
  let lost = false;
  const module = clockworkModule({}, "webgl");
  const losing = {
    ...module,
    load: async (...given: Parameters<typeof module.load>) => {
      const engine = await module.load(...given);
      const run: typeof engine.run = (...feeds) => {
        if (lost) throw new Error("the graphics card was taken away");
        return engine.run(...feeds);
      };
      return { ...engine, run };
    },
  };
  const { explorable, frames, watcher } = await started({
    engine: () => Promise.resolve(losing),
    plainEngine: () => Promise.resolve(clockworkModule(plain)),
  });
  await during(explorable.set({ from: 3 }), frames);
  explorable.play();
  await frames.next();
  lost = true;
  await frames.next();
  assert.equal(explorable.backend, "cpu");
  await frames.next();
  assert.deepEqual([explorable.steps, explorable.output("largest")], [5, 96]);
  assert.match(watcher.notices.at(-1) ?? "", /plain JavaScript/);
  assert.deepEqual(watcher.troubles, []);
});

test("state and inputs come back from a file, whatever was done in between", async () => {
  const { explorable, frames } = await started();
  void explorable.set({ growth: 3, scale: 1 });
  await during(explorable.step(2), frames);
  const file = await during(save(explorable), frames);
  void explorable.set({ growth: 7, scale: 0 });
  await during(explorable.step(4), frames);
  await during(load(explorable, file), frames);
  assert.deepEqual([explorable.steps, explorable.output("largest")], [2, 9]);
  assert.equal(explorable.input("growth"), 3);
  await during(explorable.step(1), frames);
  assert.deepEqual(explorable.output("x"), [{ value: 27 }, { value: 27 }, { value: 27 }]);
});

test("a file that does not fit changes nothing and says why", async () => {
  const { explorable, frames } = await started();
  await during(explorable.step(3), frames);
  const file = readTensors(await during(save(explorable), frames));
  const x = file.tensors["x"] as NonNullable<(typeof file.tensors)["x"]>;
  const wrong: [Parameters<typeof writeTensors>[0], RegExp][] = [
    [{ ...file, notes: { ...file.notes, explorable: "other" } }, /not saved from 'clockwork'/],
    [{ ...file, notes: { ...file.notes, "input.from": "99" } }, /setting of 'From' does not fit/],
    [{ ...file, tensors: { x } }, /lacks the tensor 'count'/],
    [{ ...file, tensors: { ...file.tensors, y: x } }, /a tensor 'y' that this figure has not/],
    [{ ...file, notes: { ...file.notes, "input.scale": "2" } }, /'x' has the shape \[2\].* \[4\]/],
  ];
  for (const [content, message] of wrong) {
    await assert.rejects(during(load(explorable, writeTensors(content)), frames), message);
    assert.deepEqual([explorable.steps, explorable.output("largest")], [3, 8]);
    assert.equal(explorable.input("scale"), 0);
  }
  await during(explorable.step(1), frames);
  assert.equal(explorable.output("largest"), 16);
});
