import assert from "node:assert/strict";
import { test } from "node:test";
import { axisOf, onAxis, printOn } from "../src/axis.js";
import { describeRow } from "../src/edits.js";
import { penOf } from "../src/pen.js";
import type { PointsSpec } from "../src/payload.js";
import { add, bears, labelText, move, remove, type PointList } from "../src/points.js";

const OWN: PointsSpec = {
  kind: "points", name: "own", label: "Own points", dtype: "float32", shape: [3, 2], capacity: 3,
  x: [-6, 6], y: [-6, 6], labels: ["orange", "blue"], value: null, default: [],
}; // prettier-ignore

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
  const [pen, presence] = [penOf(explorable, OWN), new AbortController()];
  assert.equal(penOf(explorable, OWN), pen);
  assert.notEqual(penOf(explorable, { ...OWN, name: "other" }), pen);
  assert.notEqual(penOf({}, OWN), pen);
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

test("what a removal took comes back as long as nothing has changed since", () => {
  const pen = penOf({}, OWN);
  const after = remove(POINTS, 0);
  assert.equal(pen.lostOf(after), undefined);
  pen.keep(POINTS, after);
  assert.equal(pen.lostOf([[3, 4, 1]]), POINTS);
  assert.equal(pen.lostOf([[3, 4, 1], [0, 0, 0]]), undefined); // prettier-ignore
});

test("points of a value bear their lowest one first and show it in digits", () => {
  const valued: PointsSpec = { ...OWN, value: [-1, 1] };
  assert.equal(penOf({}, valued).label, -1);
  assert.deepEqual([bears(valued, 0), bears(valued, 1), bears(OWN, 1)], [-1, 1, 1]);
  assert.deepEqual([labelText(valued, 0.30000001), labelText(OWN, 1)], ["0.3", "blue"]);
});

test("a row is called by its words, else by its whole numbers, else by its place", () => {
  const column = (name: string, ...cells: (number | string)[]) => ({ name, cells });
  const weight = column("weight", 0.5, -1.5);
  const words = [column("from", "x1", "x2"), column("to", "a", "b")];
  const named = { length: 2, columns: [weight, ...words, column("n", 1, 2)] };
  assert.equal(describeRow(named, 1, "weight"), "from x2 to b");
  const other = { ...named, columns: [weight, column("kind", "a", "b"), column("hue", "c", "d")] };
  assert.equal(describeRow(other, 1, "weight"), "kind b, hue d");
  const single = { length: 2, columns: [weight, column("unit", "a", "b"), column("n", 1, 2)] };
  assert.equal(describeRow(single, 1, "weight"), "b");
  assert.equal(describeRow({ length: 2, columns: [weight, column("layer", 1, 2)] }, 1, "weight"), "layer 2");
  assert.equal(describeRow({ length: 2, columns: [weight] }, 1, "weight"), "row 2");
});
