import assert from "node:assert/strict";
import { test } from "node:test";
import { buffer } from "@tensorflow/tfjs-core";
import { createSimpleBinaryKernelImpl, tileImpl } from "../src/broadcasting.js";

/** The index into an operand of `shape` for a place in a larger shape. */
function indexAt(place: readonly number[], shape: readonly number[]): number {
  const own = place.slice(place.length - shape.length);
  return own.reduce((sum, at, axis) => {
    const length = shape[axis] as number;
    return sum * length + (at % length);
  }, 0);
}

/** Every place of a shape, row by row. */
function places(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, length) => all.flatMap((place) => Array.from({ length }, (_, i) => [...place, i])),
    [[]],
  );
}

const counting = (shape: readonly number[]) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1);

const PAIRS: readonly (readonly [number[], number[], number[]])[] = [
  [[], [], []],
  [[3, 4], [], [3, 4]],
  [[3, 4], [4], [3, 4]],
  [[3, 1], [1, 4], [3, 4]],
  [[3, 1], [3, 4], [3, 4]],
  [[2, 1, 4, 1], [3, 1, 5], [2, 3, 4, 5]],
  [[2, 3, 4], [2, 1, 4], [2, 3, 4]],
  [[1, 1], [1], [1, 1]],
  [[0, 4], [4], [0, 4]],
  [[1, 3], [0, 1], [0, 3]],
];

test("two operands meet at the places that broadcasting says", () => {
  const kernel = createSimpleBinaryKernelImpl((a, b) => a * 100 + b);
  for (const [a, b, shape] of PAIRS) {
    const [left, right] = [counting(a), counting(b)];
    const expected = places(shape).map(
      (place) => (left[indexAt(place, a)] as number) * 100 + (right[indexAt(place, b)] as number),
    );
    const [data, made] = kernel([...a], [...b], left, right, "float32");
    assert.deepEqual(made, shape);
    assert.deepEqual([...data], expected, `${a} and ${b}`);
  }
});

test("a comparison gives bytes of 0 and 1", () => {
  const kernel = createSimpleBinaryKernelImpl((a, b) => (a > b ? 1 : 0));
  const [data] = kernel([2, 1], [2], new Float32Array([1, 2]), new Float32Array([0.5, 1.5]), "bool");
  assert.deepEqual(data, new Uint8Array([1, 0, 1, 1]));
});

test("a tile repeats a tensor along each axis", () => {
  for (const [shape, reps] of [
    [[3], [2]],
    [[1, 1], [3, 4]],
    [[5, 1], [1, 4]],
    [[1, 4], [5, 1]],
    [[2, 3, 2], [2, 1, 3]],
    [[2, 3], [0, 2]],
    [[], []],
  ] as const) {
    const values = counting(shape);
    const tiled = shape.map((length, axis) => length * (reps[axis] as number));
    const result = tileImpl(buffer([...shape], "float32", values), reps);
    const expected = places(tiled).map((place) => values[indexAt(place, shape)]);
    assert.deepEqual(result.shape, tiled);
    assert.deepEqual([...result.values], expected, `${shape} by ${reps}`);
  }
});
