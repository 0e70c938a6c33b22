import assert from "node:assert/strict";
import { test } from "node:test";
import { axisOf, onAxis, printOn } from "../src/axis.js";
import { describeRow } from "../src/edits.js";
import { penOf } from "../src/pen.js";
import { add, move, remove, type PointList } from "../src/points.js";

const POINTS: PointList = [
  [1, 2, 0],
  [3, 4, 1],
];

test("arrow keys move by the same round hundredth of the range as the build's sliders", () => {
  const step = (low: number, high: number) => axisOf([low, high]).step;
  assert.deepEqual(
    [step(-6, 6), step(0, 1), step(0, 300), step(0, 0.0007), step(0, 90_000)],
    [0.1, 0.01, 2, 5e-6, 1000],
  );
});

test("a dragged place keeps one more decimal than a stop, and stays on its axis", () => {
  const axis = axisOf([-6, 6]);
  assert.equal(onAxis(axis, 1.23456), 1.23);
  assert.equal(onAxis(axis, 7), 6);
  assert.equal(onAxis(axis, -1e9), -6);
  assert.ok(Object.is(onAxis(axis, -0.001), 0));
  assert.equal(printOn(axis, -0.001), "0.00");
  assert.equal(onAxis(axisOf([0.123456, 1]), 0), 0.123456);
});

test("points are added to their room, moved with their label, and removed, never in place", () => {
  assert.deepEqual(add(POINTS, [5, 6], 1, 3), [...POINTS, [5, 6, 1]]);
  assert.equal(add(POINTS, [5, 6], 1, 2), null);
  assert.deepEqual(move(POINTS, 1, [0, 0]), [[1, 2, 0], [0, 0, 1]]); // prettier-ignore
  assert.deepEqual(remove(POINTS, 0), [[3, 4, 1]]);
  assert.deepEqual(POINTS, [[1, 2, 0], [3, 4, 1]]); // prettier-ignore
});

test("a pen is one for all places of an input, and choosing a point ends its last word", () => {
  const explorable = {};
  const [pen, presence] = [penOf(explorable, "own"), new AbortController()];
  assert.equal(penOf(explorable, "own"), pen);
  assert.notEqual(penOf(explorable, "other"), pen);
  assert.notEqual(penOf({}, "own"), pen);
  let told = 0;
  pen.onChange(() => told++, presence.signal);
  pen.say("There is no room.");
  pen.select(2);
  assert.deepEqual([pen.selected, pen.notice, told], [2, "", 2]);
  pen.select(2);
  assert.equal(told, 2);
  presence.abort();
  pen.choose(1);
  assert.deepEqual([pen.label, told], [1, 2]);
});

test("a row is called by its words, else by its whole numbers, else by its place", () => {
  const column = (name: string, ...cells: (number | string)[]) => ({ name, cells });
  const weight = column("weight", 0.5, -1.5);
  const words = [column("from", "x1", "x2"), column("to", "a", "b")];
  const named = { length: 2, columns: [weight, ...words, column("n", 1, 2)] };
  assert.equal(describeRow(named, 1, "weight"), "x2, b");
  assert.equal(describeRow({ length: 2, columns: [weight, column("layer", 1, 2)] }, 1, "weight"), "layer 2");
  assert.equal(describeRow({ length: 2, columns: [weight] }, 1, "weight"), "row 2");
});
