import assert from "node:assert/strict";
import { test } from "node:test";
import { ColourTable } from "../src/surface.js";

/** Colour n is (n, 0, 255 - n, 200). */
const table = Uint8Array.from({ length: 1024 }, (_, i) => {
  const n = i >> 2;
  return [n, 0, 255 - n, 200][i & 3] ?? 0;
});
const lut = btoa(String.fromCharCode(...table));

function painted(domain: readonly [number, number], ...values: number[]): number[][] {
  const rgba = new Uint8ClampedArray(values.length * 4);
  new ColourTable(lut, domain).paint(Float32Array.from(values), rgba);
  return values.map((_, i) => [...rgba.subarray(4 * i, 4 * i + 4)]);
}

test("the ends of the domain have the first and the last colour", () => {
  assert.deepEqual(painted([-2, 3], -2, 3), [[0, 0, 255, 200], [255, 0, 0, 200]]);
});

test("a value between them has the nearest colour", () => {
  assert.deepEqual(painted([0, 255], 100.4, 100.6).map(([red]) => red), [100, 101]);
});

test("beyond the domain the last colours go on", () => {
  assert.deepEqual(painted([0, 1], -1e30, 1e30, Infinity).map(([red]) => red), [0, 255, 255]);
});

test("what is no number is transparent", () => {
  assert.deepEqual(painted([0, 1], NaN), [[0, 0, 0, 0]]);
});
