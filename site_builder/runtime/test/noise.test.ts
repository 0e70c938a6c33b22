import assert from "node:assert/strict";
import { test } from "node:test";
import { drawNoise, randomWords } from "../src/noise.js";
import type { NoiseSpec } from "../src/payload.js";
import cases from "../../../tests/noise_cases.json" with { type: "json" };

/** The page and the build must draw the same numbers: `noise.py` is tested with the same table. */
for (const { name, shape, kind, seed, every, step, bits } of cases) {
  test(`${kind} noise '${name}' with the seed ${seed} is PyTorch's, bit by bit`, () => {
    const dtype = kind === "permutation" ? "int32" : "float32";
    const feed = drawNoise({ name, shape, kind, every, seed: "seed", dtype } as NoiseSpec, seed, step);
    const data = feed.data as Float32Array | Int32Array;
    assert.deepEqual([...new Uint32Array(data.buffer)], bits);
    assert.deepEqual([feed.shape, feed.dtype], [shape, dtype]);
  });
}

const NORMAL: NoiseSpec = {
  name: "weights", kind: "normal", shape: [40_000], every: "start", dtype: "float32", seed: "seed",
};

test("normal noise has mean 0 and deviation 1", () => {
  const values = drawNoise(NORMAL, 5, 0).data as Float32Array;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  assert.ok(Math.abs(mean) < 0.02 && Math.abs(square - 1) < 0.03, `${mean} ${square}`);
});

test("noise of a start stays from step to step, and noise of a step does not", () => {
  const at = (every: "start" | "step", step: number) =>
    drawNoise({ ...NORMAL, shape: [4], every }, 5, step).data;
  assert.deepEqual(at("start", 0), at("start", 9));
  assert.notDeepEqual(at("step", 0), at("step", 9));
});

test("seeds, names and moments all lead to other words", () => {
  const words = [[1, 2, 3], [4, 2, 3], [1, 4, 3], [1, 2, 4]].map(([seed = 0, stream = 0, moment = 0]) =>
    randomWords(3, seed, stream, moment).join(),
  );
  assert.equal(new Set(words).size, 4);
});
