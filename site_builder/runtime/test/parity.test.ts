import assert from "node:assert/strict";
import { test } from "node:test";
import { checkParity, printParity } from "../src/parity.js";
import { Problem } from "../src/problem.js";
import { float, int } from "./payloads.js";

test("the largest difference over all tensors is told", () => {
  const actual = { a: float([1, 2.0625]), b: float([0]) };
  const expected = { a: float([1, 2.0625]), b: float([0.00003]) };
  assert.ok(Math.abs(checkParity(actual, expected) - 3e-5) < 1e-9);
});

test("floats agree within 1e-4 of the tensor's largest value, and of 1 below that", () => {
  assert.doesNotThrow(() => checkParity({ a: float([1000.05]) }, { a: float([1000]) }));
  assert.throws(() => checkParity({ a: float([1000.2]) }, { a: float([1000]) }), Problem);
  assert.throws(() => checkParity({ a: float([0.0002]) }, { a: float([0]) }), Problem);
});

test("integers agree exactly or not at all", () => {
  assert.equal(checkParity({ a: int([5]) }, { a: int([5]) }), 0);
  assert.throws(() => checkParity({ a: int([5]) }, { a: int([6]) }), Problem);
});

test("NaN, another shape and a missing tensor are disagreements", () => {
  assert.throws(() => checkParity({ a: float([NaN, 1]) }, { a: float([1, 1]) }), Problem);
  assert.throws(() => checkParity({ a: float([1, 1], [2, 1]) }, { a: float([1, 1]) }), Problem);
  assert.throws(() => checkParity({}, { a: float([1]) }), Problem);
});

test("the attribute is short", () => {
  assert.equal(printParity(0), "0");
  assert.equal(printParity(1.1920929e-7), "1.2e-7");
});
