import assert from "node:assert/strict";
import { test } from "node:test";
import { changesBetween, columnsOf, columnsOfPlaces, isNothing, rowsOf, type Columns } from "../src/rows.js";
import type { PointsSpec, RowsOutput } from "../src/payload.js";
import { computed, float, int, smallPayload } from "./payloads.js";

const logins = smallPayload().outputs[0] as RowsOutput;

function at(threshold: number): Columns {
  return columnsOf(logins, computed(threshold));
}

test("index columns become words, bool columns booleans", () => {
  assert.deepEqual(rowsOf(at(3)), [
    { score: 1, verdict: "quiet" },
    { score: 2, verdict: "quiet" },
    { score: 4, verdict: "alarm" },
  ]);
  const spec: RowsOutput = {
    kind: "rows",
    name: "r",
    columns: [{ name: "on", tensor: "on", words: null }],
  };
  const bits = { data: Uint8Array.of(0, 1), shape: [2], dtype: "bool" } as const;
  assert.deepEqual(rowsOf(columnsOf(spec, { on: bits })), [{ on: false }, { on: true }]);
});

test("an index without a word shows itself", () => {
  const tensors = { "logins.score": float([1]), "logins.verdict": int([7]) };
  assert.deepEqual(rowsOf(columnsOf(logins, tensors)), [{ score: 1, verdict: "7" }]);
});

test("a tensor that the model did not return is an error that names it", () => {
  assert.throws(() => columnsOf(logins, {}), /returned no 'logins.score'/);
});

test("only the cells that differ are changes", () => {
  const cells = [{ row: 1, column: "verdict", cell: "alarm" }];
  assert.deepEqual(changesBetween(at(3), at(1.5)), { cells, removed: 0, inserted: [] });
  assert.ok(isNothing(changesBetween(at(3), at(3)) ?? assert.fail()));
});

test("a cell that stays NaN is no change", () => {
  const holes = columnsOf(logins, { "logins.score": float([NaN]), "logins.verdict": int([0]) });
  assert.ok(isNothing(changesBetween(holes, holes) ?? assert.fail()));
});

function scored(...scores: number[]): Columns {
  const verdicts = scores.map(() => 0);
  return columnsOf(logins, { "logins.score": float(scores), "logins.verdict": int(verdicts) });
}

test("rows come and go at the end, and those before them keep what did not change", () => {
  const longer = changesBetween(scored(1, 2), scored(1, 5, 7));
  assert.deepEqual(longer, {
    cells: [{ row: 1, column: "score", cell: 5 }],
    removed: 0,
    inserted: [{ score: 7, verdict: "quiet" }],
  });
  const shorter = changesBetween(scored(1, 2, 3), scored(4));
  assert.deepEqual(shorter, {
    cells: [{ row: 0, column: "score", cell: 4 }],
    removed: 2,
    inserted: [],
  });
});

test("changes made to the rows before give the rows after", () => {
  const apply = (before: Columns, after: Columns) => {
    const changes = changesBetween(before, after) ?? assert.fail();
    const rows = rowsOf(before).slice(0, before.length - changes.removed);
    for (const { row, column, cell } of changes.cells) (rows[row] ?? assert.fail())[column] = cell;
    return [...rows, ...changes.inserted];
  };
  const states = [scored(), scored(1), scored(2, 1, 3), scored(2, 9), scored(0, 0, 0, 0)];
  for (const before of states) {
    for (const after of states) assert.deepEqual(apply(before, after), rowsOf(after));
  }
});

test("other columns cannot be told cell by cell", () => {
  const named = (name: string): Columns => ({ length: 1, columns: [{ name, cells: [1] }] });
  assert.equal(changesBetween(named("a"), named("b")), null);
  assert.equal(changesBetween(named("a"), { length: 1, columns: [] }), null);
});

const own: PointsSpec = {
  kind: "points", name: "own", label: "Own points", dtype: "float32", shape: [9, 2],
  capacity: 9, x: [0, 4], y: [0, 4], labels: ["orange", "blue"], value: null, default: [],
};

test("placed points are rows with the word of their label and their number", () => {
  const points = [[1, 2, 1], [3, 4, 0]] as const;
  assert.deepEqual(rowsOf(columnsOfPlaces(own, points)), [
    { x: 1, y: 2, label: "blue", index: 0 },
    { x: 3, y: 4, label: "orange", index: 1 },
  ]);
  const bare = columnsOfPlaces({ ...own, labels: null }, points);
  assert.deepEqual(bare.columns[2]?.cells, [1, 0]);
  assert.equal(columnsOfPlaces(own, []).length, 0);
  const valued = columnsOfPlaces({ ...own, value: [-1, 1] }, [[1, 2, 0.5]]);
  assert.deepEqual(valued.columns[2]?.cells, [0.5]);
});

test("one placed point is one row", () => {
  const point = { ...own, kind: "point", default: [0, 0] } as const;
  assert.deepEqual(rowsOf(columnsOfPlaces(point, [1, 2])), [{ x: 1, y: 2 }]);
});
