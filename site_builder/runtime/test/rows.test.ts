import assert from "node:assert/strict";
import { test } from "node:test";
import { changesBetween, columnsOf, rowsOf, type Columns } from "../src/rows.js";
import type { RowsOutput } from "../src/payload.js";
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
  assert.deepEqual(changesBetween(at(3), at(1.5)), [{ row: 1, column: "verdict", cell: "alarm" }]);
  assert.deepEqual(changesBetween(at(3), at(3)), []);
});

test("a cell that stays NaN is no change", () => {
  const holes = columnsOf(logins, { "logins.score": float([NaN]), "logins.verdict": int([0]) });
  assert.deepEqual(changesBetween(holes, holes), []);
});

test("another number of rows cannot be told cell by cell", () => {
  const fewer = columnsOf(logins, { "logins.score": float([1]), "logins.verdict": int([0]) });
  assert.equal(changesBetween(at(3), fewer), null);
});
