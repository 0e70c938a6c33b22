import assert from "node:assert/strict";
import { test } from "node:test";
import { Explorable } from "../src/explorable.js";
import type { Payload } from "../src/payload.js";
import { clockworkModule, clockworkPayload, programs, type Runs } from "./clockwork.js";
import { around, count, during, encode, FakeFrames } from "./payloads.js";

/** The clockwork, which always goes five steps: the number doubles in each, to begin with. */
function payload(): Payload {
  const plain = clockworkPayload();
  const { state, restart } = plain.time ?? { state: [], restart: [] };
  return {
    ...plain,
    time: { strides: [], state, restart: [...restart, "growth"], ahead: 5 },
    fixture: {
      "x.value": encode(Float32Array.of(32, 32), [2], "float32"),
      largest: encode(Float32Array.of(32), [], "float32"),
      count: encode(Int32Array.of(5), [], "int32"),
    },
  };
}

async function started() {
  const frames = new FakeFrames();
  const runs: Runs = {};
  const explorable = new Explorable(
    payload(),
    around(clockworkModule(runs), frames, { programs: () => Promise.resolve(programs(1)) }),
  );
  await explorable.start();
  explorable.watchAll = true;
  await during(explorable.refresh(), frames);
  return { explorable, frames, runs };
}

test("a course that goes ahead is first seen at the end of its steps", async () => {
  const { explorable } = await started();
  assert.deepEqual([explorable.output("largest"), explorable.output("count")], [32, 5]);
  assert.deepEqual([explorable.player, explorable.steps], [null, 0]);
});

test("a setting that a step reads takes the whole course anew, in one frame", async () => {
  const { explorable, frames, runs } = await started();
  runs["start"] = runs["step"] = runs["forward"] = 0;
  await during(explorable.set({ growth: 3 }), frames);
  assert.equal(explorable.output("largest"), 243);
  assert.deepEqual([runs["start"], runs["step"], runs["forward"]], [1, 5, 1]);
  await during(explorable.set({ from: 2, growth: 1 }), frames);
  assert.equal(explorable.output("largest"), 2);
  assert.equal(explorable.output("count"), 5);
});

test("a burst of settings is one course", async () => {
  const { explorable, frames, runs } = await started();
  runs["start"] = 0;
  void explorable.set({ growth: 3 });
  void explorable.set({ growth: 4 });
  await during(explorable.set({ from: 2 }), frames);
  assert.deepEqual([runs["start"], explorable.output("largest")], [1, 2 * 4 ** 5]);
});

test("no tensor of the way is left behind", async () => {
  const { explorable, frames } = await started();
  const before = count.held;
  await during(explorable.set({ growth: 3 }), frames);
  await during(explorable.set({ growth: 4 }), frames);
  assert.equal(count.held, before);
});
