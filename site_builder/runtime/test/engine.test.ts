import assert from "node:assert/strict";
import { test } from "node:test";
import { engine } from "../src/engine-cpu.js";
import { tensorCount } from "../src/engine.js";
import { releaseAll, type GraphModelJson, type Held, type TensorValue } from "../src/tensor.js";

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

/** next.x = x + x; `same` and `twin` are x itself. */
const ROUND: GraphModelJson = {
  format: "graph-model",
  modelTopology: {
    node: [
      { name: "x", op: "Placeholder", attr: { dtype: FLOAT, shape: { shape: { dim: [{ size: "2" }] } } } },
      { name: "sum", op: "AddV2", input: ["x", "x"], attr: { T: FLOAT } },
    ],
    versions: {},
  },
  signature: {
    inputs: { "state.x": { name: "x:0", dtype: "DT_FLOAT", tensorShape: {} } },
    outputs: { "next.x": { name: "sum:0" }, same: { name: "x:0" }, twin: { name: "x:0" } },
  },
  weightSpecs: [],
};

const feeds = (factor: number) => ({ factor: { data: [factor], shape: [], dtype: "float32" as const } });

test("a graph model runs by the names of its signature", async () => {
  const loaded = await engine.load(MODEL, Float32Array.of(1, 2, 4).buffer);
  const results = loaded.run(feeds(2));
  assert.equal(loaded.backend, "cpu");
  assert.deepEqual(results["doubled"]?.read(), { data: Float32Array.of(2, 4, 8), shape: [3], dtype: "float32" });
  assert.deepEqual(Object.keys(loaded.run(feeds(2), ["scores"])), ["scores"]);
  loaded.dispose();
});

test("what was released is gone, and a returned weight stays whole", async () => {
  const loaded = await engine.load(MODEL, Float32Array.of(1, 2, 4).buffer);
  const before = tensorCount();
  for (let i = 0; i < 3; i++) {
    const results = loaded.run(feeds(i));
    const [scores, doubled] = [results["scores"]?.read(), results["doubled"]?.read()] as TensorValue[];
    assert.deepEqual(scores?.data, Float32Array.of(1, 2, 4));
    assert.deepEqual(doubled?.data, Float32Array.of(i, 2 * i, 4 * i));
    scores?.data.fill(0); // the caller's copy
    releaseAll(results);
    releaseAll(results); // a second time does nothing
  }
  assert.equal(tensorCount(), before);
  loaded.dispose();
});

test("a held tensor is fed again without being read, and stays the caller's", async () => {
  const loaded = await engine.load(ROUND, new ArrayBuffer(0));
  const before = tensorCount();
  let state = loaded.run({ "state.x": { data: [1, 2], shape: [2], dtype: "float32" } });
  for (let i = 0; i < 3; i++) {
    const next = loaded.run({ "state.x": state["next.x"] as Held }, ["next.x"]);
    releaseAll(state);
    state = next;
  }
  assert.deepEqual(state["next.x"]?.read(), { data: Float32Array.of(16, 32), shape: [2], dtype: "float32" });
  assert.equal(tensorCount(), before + 1);
  releaseAll(state);
  loaded.dispose();
});

test("outputs that are inputs or each other are released one by one", async () => {
  const loaded = await engine.load(ROUND, new ArrayBuffer(0));
  const first = loaded.run({ "state.x": { data: [1, 2], shape: [2], dtype: "float32" } });
  const held = first["next.x"] as Held;
  const { same, twin } = loaded.run({ "state.x": held }, ["same", "twin"]);
  same?.release();
  assert.deepEqual((held.read() as TensorValue).data, Float32Array.of(2, 4));
  held.release();
  assert.deepEqual((twin?.read() as TensorValue).data, Float32Array.of(2, 4));
  twin?.release();
  releaseAll(first);
  loaded.dispose();
});

test("a missing input and an unknown output are errors that name them", async () => {
  const loaded = await engine.load(MODEL, Float32Array.of(1, 2, 4).buffer);
  assert.throws(() => loaded.run({}), /needs the input 'factor'/);
  assert.throws(() => loaded.run(feeds(1), ["tripled"]), /no 'tripled'; it has: scores, doubled/);
  loaded.dispose();
});
