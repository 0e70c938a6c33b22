/** Which inputs do something in a variant. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Payload, Programs } from "../src/payload.js";
import { inputsInUse } from "../src/usage.js";
import { clockworkPayload } from "./clockwork.js";
import { program } from "./payloads.js";

/** A program that takes `inputs` and whose nodes read `read` of them. */
function reading(inputs: string[], read: string[]) {
  const made = program(inputs, ["out"]);
  const references = read.map((name) => made.model.signature.inputs[name]?.name ?? "");
  return { ...made, model: { ...made.model, modelTopology: { node: [{ name: "a", input: references }] } } };
}

function used(payload: Payload, forward: Programs["forward"]): string[] {
  return [...inputsInUse(payload, { forward })].sort();
}

test("an input that a graph takes and never reads does nothing", () => {
  const forward = reading(["growth", "from"], ["from"]);
  assert.deepEqual(used(clockworkPayload(), forward), ["from", "scale"]);
});

test("what a prologue reads is read", () => {
  const prologue = reading(["growth"], ["growth"]);
  assert.deepEqual(used(clockworkPayload(), { ...reading([], []), prologue }), ["growth", "scale"]);
});

test("a seed is used where its noise is", () => {
  const noise = { name: "jitter", kind: "normal", shape: [2], every: "start", dtype: "float32", seed: "from" } as const;
  const payload = { ...clockworkPayload(), noises: [noise] };
  assert.deepEqual(used(payload, reading(["jitter"], ["jitter"])), ["from", "scale"]);
  assert.deepEqual(used(payload, reading(["jitter"], [])), ["scale"]);
});

test("what is on a chart does something", () => {
  const bars = { vega: {}, data: [], surfaces: [], handles: [], signals: ["growth"] } as unknown;
  const payload = { ...clockworkPayload(), figures: { bars } } as Payload;
  assert.deepEqual(used(payload, reading([], [])), ["growth", "scale"]);
});

test("where nothing can change it, every control stays", () => {
  const payload = { ...clockworkPayload(), variants: {} };
  assert.deepEqual(used(payload, reading([], [])), ["from", "growth", "scale"]);
});
