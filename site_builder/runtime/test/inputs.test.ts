import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptValue, feedsOf, sameValue, spokenValue, startValue } from "../src/inputs.js";
import { decodeValue, encodeValue } from "../src/link.js";
import type { InputSpec } from "../src/payload.js";
import { everyKind } from "./kinds.js";

const spec = (kind: string) => {
  const found = everyKind().find((one) => one.kind === kind);
  assert.ok(found);
  return found;
};

test("a size enters the model as the whole numbers below it", () => {
  const fed = { data: Int32Array.of(0, 1, 2), shape: [3], dtype: "int32" };
  assert.deepEqual(feedsOf(spec("size"), 3), { units: fed });
});

test("points enter the model as places, labels and which of them are there", () => {
  const feeds = feedsOf(spec("points"), [[1, -2, 1]]);
  assert.deepEqual(feeds, {
    "own.xy": { data: Float32Array.of(1, -2, 0, 0, 0, 0), shape: [3, 2], dtype: "float32" },
    "own.label": { data: Int32Array.of(1, 0, 0), shape: [3], dtype: "int32" },
    "own.present": { data: Uint8Array.of(1, 0, 0), shape: [3], dtype: "bool" },
  });
});

test("points with a value enter the model with it, and it stays in its range", () => {
  const own = { ...spec("points"), value: [-1, 1] } as InputSpec;
  const label = feedsOf(own, [[1, -2, 0.5]])["own.label"];
  assert.deepEqual(label, { data: Float32Array.of(0.5, 0, 0), shape: [3], dtype: "float32" });
  assert.deepEqual(acceptValue(own, [[1, 2], [1, 2, 0.5]]), [[1, 2, -1], [1, 2, 0.5]]); // prettier-ignore
  assert.throws(() => acceptValue(own, [[1, 2, 1.5]]), /value from -1 to 1/);
});

test("choices, points and intervals enter the model as vectors", () => {
  assert.deepEqual(feedsOf(spec("choices"), [0, 2]), {
    features: { data: Int32Array.of(0, 2), shape: [2], dtype: "int32" },
  });
  assert.deepEqual(feedsOf(spec("interval"), [6, 9.5]), {
    window: { data: Float32Array.of(6, 9.5), shape: [2], dtype: "float32" },
  });
});

test("each kind of input refuses what is not its kind, and says what it takes", () => {
  const refused: [string, unknown, RegExp][] = [
    ["size", 9, /'units' takes a whole number from 1 to 8; it was given 9/],
    ["size", 2.5, /whole number/],
    ["seed", 1_000_000, /whole number from 0 to 999999/],
    ["choices", [], /one or more different indices from 0 to 2/],
    ["choices", [1, 1], /different/],
    ["choices", [3], /from 0 to 2 \(x1, x2, x1x2\)/],
    ["point", [0, 7], /\[x, y\] with x from -6 to 6 and y from -6 to 6/],
    ["point", [0], /it was given 1 values/],
    ["point", [0, NaN], /\[x, y\]/],
    ["interval", [9, 6], /\[low, high\] from 0 to 24/],
    ["points", [[0, 0, 2]], /at most 3 points \[x, y, label\] .* label from 0 to 1/],
    ["points", [[0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]], /at most 3/],
    ["points", [null], /at most 3 points/],
    ["points", "AAAA", /it was given the text 'AAAA'/],
  ];
  for (const [kind, value, message] of refused) {
    assert.throws(() => acceptValue(spec(kind), value), message);
  }
});

test("choices come in order, and points without a label get the first", () => {
  assert.deepEqual(acceptValue(spec("choices"), [2, 0]), [0, 2]);
  assert.deepEqual(acceptValue(spec("points"), [[1, 2]]), [[1, 2, 0]]);
});

test("an accepted value is a copy that its giver cannot change", () => {
  const given = [[1, 2, 0]];
  const accepted = acceptValue(spec("points"), given);
  (given[0] as number[])[0] = 5;
  assert.deepEqual(accepted, [[1, 2, 0]]);
});

test("lists are the same when all that they hold is", () => {
  assert.ok(sameValue([[1, 2, 0]], [[1, 2, 0]]));
  assert.ok(!sameValue([[1, 2, 0]], [[1, 2, 1]]));
  assert.ok(!sameValue([1, 2], [1]));
});

test("a sentence says words, places and how many", () => {
  assert.equal(spokenValue(spec("choices"), [0, 2]), "x1, x1x2");
  assert.equal(spokenValue(spec("point"), [1 / 3, 2]), "(0.333, 2)");
  assert.equal(spokenValue(spec("interval"), [6, 9]), "6 to 9");
  assert.equal(spokenValue(spec("points"), [[1, 2, 0], [1, 2, 1]]), 2);
});

for (const one of everyKind()) {
  test(`a ${one.kind} comes back from a link as it was`, () => {
    for (const value of [startValue(one), ...(one.kind === "points" ? [[[6, -0.5, 1]] as const] : [])]) {
      const text = encodeValue(one, value);
      assert.match(text, /^[\w.,-]*$/);
      assert.deepEqual(decodeValue(one, text), value);
    }
  });
}
