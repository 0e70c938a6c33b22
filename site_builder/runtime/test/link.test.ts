import assert from "node:assert/strict";
import { test } from "node:test";
import type { InputValue } from "../src/inputs.js";
import { startValue } from "../src/inputs.js";
import { decodeValue, encodeValue, parseLink, printLink, stepsOf, textsOf } from "../src/link.js";
import type { InputSpec } from "../src/payload.js";
import { everyKind } from "./kinds.js";

const spec = (name: string) => everyKind().find((one) => one.name === name) as InputSpec;

test("a link says inputs of explorables, and the engine", () => {
  const link = parseLink("#playground.rate=0.03&playground.seed=7&anomaly.km=2&backend=wasm");
  assert.ok(link);
  assert.deepEqual([...(link.values.get("playground") ?? [])], [["rate", "0.03"], ["seed", "7"]]);
  assert.deepEqual([...link.values.keys()], ["playground", "anomaly"]);
  assert.equal(link.backend, "wasm");
  assert.deepEqual(link.bad, []);
  assert.equal(`#${printLink(link)}`, "#playground.rate=0.03&playground.seed=7&anomaly.km=2&backend=wasm");
});

test("a heading's hash is no link of ours", () => {
  for (const hash of ["", "#", "#section", "#__tabbed_1_2", "#a-b.c", "#x=1"]) {
    assert.equal(parseLink(hash), null, hash);
  }
});

test("parts that are not understood are told apart from the rest", () => {
  const link = parseLink("#playground.rate=0.03&<img src=x>&backend=<script>");
  assert.deepEqual(link?.bad, ["<img src=x>", "backend=<script>"]);
  assert.deepEqual([...(link?.values.keys() ?? [])], ["playground"]);
});

test("a link cannot reach into prototypes", () => {
  const link = parseLink("#__proto__.polluted=1&constructor.prototype=1");
  assert.ok(link);
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  assert.deepEqual([...(link.values.get("__proto__") ?? [])], [["polluted", "1"]]);
});

test("only inputs that are not at their start are written", () => {
  const values = new Map<string, InputValue>(everyKind().map((one) => [one.name, startValue(one)]));
  const texts = () => textsOf(everyKind(), (name) => values.get(name) as InputValue);
  assert.equal(texts().size, 0);
  values.set("rate", 0.1).set("features", [2]);
  assert.deepEqual([...texts()], [["rate", "0.1"], ["features", "2"]]);
});

test("values that an input does not take are refused, whatever they are", () => {
  const hostile: [string, string][] = [
    ["rate", "2"], ["rate", ""], ["rate", "0x1"], ["rate", "Infinity"], ["rate", "<b>"], ["rate", "%3Cb%3E"],
    ["depth", "5"], ["depth", "1.5"], ["features", ""], ["features", "0,0"], ["features", "9"],
    ["strict", "true"], ["units", "0"], ["seed", "-1"], ["start_at", "1"], ["start_at", "1,99"],
    ["window", "9,6"], ["own", "AAAA"], ["own", "?"], ["drawing", "/w"], ["drawing", "AP__"],
  ];
  for (const [name, text] of hostile) {
    assert.throws(() => decodeValue(spec(name), text), Error, `${name}=${text}`);
  }
  assert.throws(() => decodeValue(spec("own"), "A".repeat(12 * 4)), /at most 3 points/);
});

test("placed points come back to the last bit that the model takes", () => {
  const own = spec("own");
  const [point] = decodeValue(own, encodeValue(own, [[0.1, -5.7, 1]])) as [number, number, number][];
  assert.deepEqual(point, [Math.fround(0.1), Math.fround(-5.7), 1]);
});

test("placed points with a value keep it, its ends to the last bit", () => {
  const own = { ...spec("own"), value: [-0.1, 0.7] } as InputSpec;
  const points = [[1, 2, -0.1], [0, 0, 0.7], [0, 0, 0.25]]; // prettier-ignore
  assert.deepEqual(decodeValue(own, encodeValue(own, points as unknown as InputValue)), points);
  assert.throws(() => decodeValue(own, encodeValue(spec("own"), [[1, 2, 0]])), /cut off/);
});

test("a point at the end of an axis is taken although its float32 lies beyond it", () => {
  const own = { ...spec("own"), x: [-0.1, 0.1] } as InputSpec;
  assert.deepEqual(decodeValue(own, encodeValue(own, [[0.1, 0, 0]])), [[0.1, 0, 0]]);
});

test("a drawing is about as long as its ink", () => {
  const sheet = { ...spec("drawing"), shape: [32, 32] } as InputSpec;
  const ink = new Float32Array(1024).fill(1, 300, 310);
  const text = encodeValue(sheet, ink);
  assert.ok(text.length < 60, text);
  assert.deepEqual(decodeValue(sheet, text), ink);
});

test("a link may ask for steps, within reason", () => {
  assert.equal(stepsOf("0"), 0);
  assert.equal(stepsOf("10000"), 10_000);
  for (const text of ["", "-1", "1.5", "10001", "1e9", "many"]) assert.throws(() => stepsOf(text), Error, text);
});

test("drawings and points that the build packs are read", () => {
  // The same texts stand in tests/unit/test_links.py.
  assert.deepEqual([...(decodeValue(spec("drawing"), "AgL_MwIA") as Float32Array)], [0, 0, 1, 0.2, 0, 0].map(Math.fround));
  const points = [[1, 2, 0], [-1.5, 0.25, 1]];
  assert.deepEqual(decodeValue(spec("own"), "AACAPwAAAEAAAADAvwAAgD4B"), points);
});
