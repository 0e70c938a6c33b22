import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptValue, feedsOf, sameValue, spokenValue, startValue, type InputValue } from "../src/inputs.js";
import { decodePixels, tensorsOf, type InputSpec } from "../src/payload.js";
import { smallPayload } from "./payloads.js";

function inputNamed(name: string): InputSpec {
  const spec = smallPayload().inputs.find((input) => input.name === name);
  assert.ok(spec);
  return spec;
}

test("pixels of examples become ink from 0 to 1", () => {
  const ink = decodePixels(btoa("\xff\x00\x00\x33"));
  assert.deepEqual([...ink], [1, 0, 0, Math.fround(0.2)]);
});

test("rows name one tensor a column, other outputs one", () => {
  assert.deepEqual(smallPayload().outputs.map(tensorsOf), [
    ["logins.score", "logins.verdict"],
    ["caught"],
    ["share"],
    ["mood"],
  ]);
});

test("a sketch starts with its example, or blank without one", () => {
  const sketch = inputNamed("drawing");
  assert.equal((startValue(sketch) as Float32Array)[0], 1);
  const blank = startValue({ ...sketch, default: null } as InputSpec);
  assert.deepEqual(blank, new Float32Array(4));
});

test("values enter the model in the input's shape and dtype", () => {
  const fed = (name: string, value: InputValue) => feedsOf(inputNamed(name), value)[name];
  assert.deepEqual(fed("threshold", 3), { data: [3], shape: [], dtype: "float32" });
  assert.deepEqual(fed("strict", true), { data: [1], shape: [], dtype: "bool" });
  const ink = new Float32Array(4);
  assert.deepEqual(fed("drawing", ink), { data: ink, shape: [2, 2], dtype: "float32" });
});

test("each kind of input refuses what is not its kind, and says what it takes", () => {
  const refused: [string, unknown, RegExp][] = [
    ["threshold", 11, /'threshold' takes a number from 0 to 10; it was given 11/],
    ["threshold", NaN, /it was given NaN/],
    ["threshold", "3", /it was given the text '3'/],
    ["detector", 2, /an index from 0 to 1 \(k-means, autoencoder\)/],
    ["detector", 0.5, /an index from 0 to 1/],
    ["strict", 1, /true or false/],
    ["drawing", [0, 0, 0], /4 numbers from 0 to 1 \(2 by 2, row by row\); it was given 3 values/],
    ["drawing", [0, 0, 0, 2], /4 numbers from 0 to 1/],
  ];
  for (const [name, value, message] of refused) {
    assert.throws(() => acceptValue(inputNamed(name), value), message);
  }
});

test("an accepted drawing is a copy that later strokes cannot change", () => {
  const ink = new Float32Array(4);
  const accepted = acceptValue(inputNamed("drawing"), ink) as Float32Array;
  ink[0] = 1;
  assert.equal(accepted[0], 0);
});

test("drawings are the same when their ink is", () => {
  assert.ok(sameValue(Float32Array.of(0, 1), Float32Array.of(0, 1)));
  assert.ok(!sameValue(Float32Array.of(0, 1), Float32Array.of(0, 0.5)));
});

test("a sentence says a choice by its word", () => {
  assert.equal(spokenValue(inputNamed("detector"), 1), "autoencoder");
  assert.equal(spokenValue(inputNamed("threshold"), 1), 1);
});
