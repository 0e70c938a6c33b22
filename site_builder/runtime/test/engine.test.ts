import assert from "node:assert/strict";
import { test } from "node:test";
import { engine } from "../src/engine-cpu.js";
import { tensorCount } from "../src/engine.js";
import type { GraphModelJson } from "../src/tensor.js";

const FLOAT = { type: "DT_FLOAT" };
const VECTOR = { dim: [{ size: "3" }] };

/** scores = [1, 2, 4]; doubled = scores * factor. `scores` is returned as well: a weight itself. */
const MODEL: GraphModelJson = {
  format: "graph-model",
  modelTopology: {
    node: [
      { name: "in_factor", op: "Placeholder", attr: { dtype: FLOAT, shape: { shape: { dim: [] } } } },
      {
        name: "weights",
        op: "Const",
        attr: { dtype: FLOAT, value: { tensor: { dtype: "DT_FLOAT", tensorShape: VECTOR } } },
      },
      { name: "product", op: "Mul", input: ["weights", "in_factor"], attr: { T: FLOAT } },
    ],
    versions: {},
  },
  signature: {
    inputs: { factor: { name: "in_factor:0", dtype: "DT_FLOAT", tensorShape: {} } },
    outputs: { scores: { name: "weights:0" }, doubled: { name: "product:0" } },
  },
  weightSpecs: [{ name: "weights", shape: [3], dtype: "float32" }],
};

const feeds = (factor: number) => ({ factor: { data: [factor], shape: [], dtype: "float32" as const } });

test("a graph model runs by the names of its signature", async () => {
  const loaded = await engine.load(MODEL, Float32Array.of(1, 2, 4).buffer);
  const results = await loaded.run(feeds(2));
  assert.equal(loaded.backend, "cpu");
  assert.deepEqual(results["doubled"], { data: Float32Array.of(2, 4, 8), shape: [3], dtype: "float32" });
  assert.deepEqual(Object.keys(await loaded.run(feeds(2), ["scores"])), ["scores"]);
  loaded.dispose();
});

test("a run leaves no tensor behind, and a returned weight stays whole", async () => {
  const loaded = await engine.load(MODEL, Float32Array.of(1, 2, 4).buffer);
  const before = tensorCount();
  for (let i = 0; i < 3; i++) {
    const { scores, doubled } = await loaded.run(feeds(i));
    assert.deepEqual(scores?.data, Float32Array.of(1, 2, 4));
    assert.deepEqual(doubled?.data, Float32Array.of(i, 2 * i, 4 * i));
    scores?.data.fill(0); // the caller's copy
  }
  assert.equal(tensorCount(), before);
  loaded.dispose();
});

test("a missing input and an unknown output are errors that name them", async () => {
  const loaded = await engine.load(MODEL, Float32Array.of(1, 2, 4).buffer);
  await assert.rejects(loaded.run({}), /needs the input 'factor'/);
  await assert.rejects(loaded.run(feeds(1), ["tripled"]), /no 'tripled'; it has: scores, doubled/);
  loaded.dispose();
});
