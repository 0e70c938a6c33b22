import assert from "node:assert/strict";
import { test } from "node:test";
import type { Chart, Picked } from "../src/chart.js";
import { valueOn } from "../src/chart-values.js";
import type { InputSpec, SelectionSpec } from "../src/payload.js";

const WORDS = ["round", "square", "sharp"];
const SHAPES: InputSpec = {
  kind: "choices", name: "shapes", label: "Shapes", dtype: "int32", shape: [3], options: WORDS, default: [0],
}; // prettier-ignore
const SHAPE: InputSpec = {
  kind: "choice", name: "shape", label: "Shape", dtype: "int32", shape: [], options: WORDS, default: 0,
}; // prettier-ignore
const RATE: InputSpec = {
  kind: "slider", name: "rate", label: "Rate", dtype: "float32", shape: [],
  min: 0, max: 0.4, step: 0.1, default: 0.1, format: "0.0",
}; // prettier-ignore
const NOISE: InputSpec = {
  kind: "toggle", name: "noise", label: "Noise", dtype: "bool", shape: [], default: false,
}; // prettier-ignore
const REACH: InputSpec = {
  kind: "interval", name: "reach", label: "Reach", dtype: "float32", shape: [2],
  min: 0, max: 10, step: 0.5, default: [2, 4], format: "0.0",
}; // prettier-ignore

/** A chart of one selection or parameter. */
class FakeChart {
  held: Picked[] = [];
  value: unknown;
  forgot: (string | null)[] = [];

  /** What Vega adds to a selection when a mark of these fields is clicked. */
  click(fields: Readonly<Record<string, unknown>>, shift = false): void {
    const mark: Picked = {
      unit: "concat_0",
      fields: Object.keys(fields).map((field) => ({ type: "E", field })),
      values: Object.values(fields),
    };
    this.held = shift ? [...this.held, mark] : [mark];
  }

  picked(): readonly Picked[] {
    return this.held;
  }

  pick(_: string, picked: readonly Picked[], legend: string | null): void {
    this.held = [...picked];
    this.forgot.push(legend);
  }

  brush(_name: string, _brushes: unknown, ends: readonly number[]): void {
    this.value = { x: ends };
  }

  signal(): unknown {
    return this.value;
  }

  setSignal(_: string, value: unknown): void {
    this.value = value;
  }
}

function around(input: InputSpec, selection?: SelectionSpec, value?: unknown) {
  const chart = new FakeChart();
  chart.value = value;
  return { chart, shown: valueOn(chart as unknown as Chart, selection, input) };
}

const BY_WORD: SelectionSpec = { field: "word", legend: null };

/** Whether Vega takes a value of a field for picked. */
function has(chart: FakeChart, value: unknown): boolean {
  return chart.held.some(({ values: [list] }) => (list as unknown[]).includes(value));
}

test("several choices are what was clicked, in order and once", () => {
  const { chart, shown } = around(SHAPES, BY_WORD);
  chart.click({ word: "sharp" });
  chart.click({ word: "round" }, true);
  assert.deepEqual(shown.read(), [0, 2]);
});

test("a click with Shift takes away what the input had picked, in whatever view", () => {
  const { chart, shown } = around(SHAPES, BY_WORD);
  shown.write([0, 1]);
  chart.click({ word: "round" }, true);
  assert.deepEqual(shown.read(), [1]);
  shown.write([1]);
  chart.click({ word: "square" }, true);
  assert.equal(shown.read(), undefined); // one has to stay
});

test("a choice is the newest of what was clicked, and stays where it is clicked twice", () => {
  const { chart, shown } = around(SHAPE, BY_WORD);
  shown.write(0);
  chart.click({ word: "sharp" }, true);
  assert.equal(shown.read(), 2);
  shown.write(2);
  chart.click({ word: "sharp" }, true);
  assert.equal(shown.read(), 2);
});

test("a mark of another word, another view's columns, or nothing is no choice", () => {
  const { chart, shown } = around(SHAPE, BY_WORD);
  assert.equal(shown.read(), undefined);
  chart.click({ word: "oval" });
  assert.equal(shown.read(), undefined);
  chart.click({ side: "left" });
  assert.equal(shown.read(), undefined);
});

test("of several fields one is the input's, and all marks with its value are picked", () => {
  const { chart, shown } = around(SHAPE, BY_WORD);
  chart.click({ side: "left", word: "square" });
  assert.equal(shown.read(), 1);
  shown.write(1);
  assert.deepEqual(chart.held[0]?.fields, [{ type: "E", field: "word" }]);
  assert.ok(has(chart, "square"));
});

test("a selection is the input's only once it is written as the input writes it", () => {
  const { chart, shown } = around(SHAPES, BY_WORD);
  chart.click({ word: "square" });
  assert.ok(!shown.is([1]));
  shown.write([1]);
  assert.ok(shown.is([1]));
  assert.ok(!shown.is([0, 1]));
  chart.held = []; // a click beside the marks
  assert.ok(!shown.is([1]));
});

test("words that are numbers are found as either", () => {
  const { chart, shown } = around({ ...SHAPE, options: ["8", "016"] }, BY_WORD);
  chart.click({ word: 8 });
  assert.equal(shown.read(), 0);
  shown.write(0);
  assert.ok(has(chart, 8) && has(chart, "8"));
  shown.write(1);
  assert.ok(has(chart, "016") && !has(chart, 16));
});

test("a slider takes the stop at a mark's float32, and finds the mark again", () => {
  const { chart, shown } = around(RATE, BY_WORD);
  chart.click({ word: Math.fround(0.3) });
  assert.equal(shown.read(), 0.3);
  shown.write(0.3);
  assert.ok(has(chart, Math.fround(0.3)) && has(chart, 0.3));
});

test("a link's value between two stops stays as it is", () => {
  const slider = around(RATE, BY_WORD).shown;
  slider.write(0.15);
  assert.ok(slider.is(0.15));
  const interval = around(REACH, { brushes: [] }).shown;
  interval.write([1.2, 6]);
  assert.ok(interval.is([1.2, 6]));
});

test("a toggle is the truth of a mark, as a number too", () => {
  const { chart, shown } = around(NOISE, BY_WORD);
  chart.click({ word: 1 });
  assert.equal(shown.read(), true);
  shown.write(false);
  assert.ok(has(chart, 0) && has(chart, false) && !has(chart, 1));
});

test("a legend is told to forget what it had picked", () => {
  const { chart, shown } = around(SHAPES, { field: "word", legend: "shapes_word_legend" });
  shown.write([1]);
  assert.deepEqual(chart.forgot, ["shapes_word_legend"]);
});

test("an interval is a brush on its stops, the lower end first, and none where it has no width", () => {
  const { chart, shown } = around(REACH, { brushes: [] });
  chart.value = { x: [6.2000001, 1.9] };
  assert.deepEqual(shown.read(), [2, 6]);
  assert.ok(shown.is([2, 6]));
  chart.value = {};
  assert.equal(shown.read(), undefined);
  assert.ok(shown.is([3, 3]));
  assert.ok(!shown.is([3, 4]));
});

test("a parameter that began as a word is one, and else a number", () => {
  const spoken = around(SHAPE, undefined, "round");
  spoken.shown.write(2);
  assert.equal(spoken.chart.value, "sharp");
  assert.equal(spoken.shown.read(), 2);
  const numbered = around(SHAPE, undefined, 0);
  numbered.shown.write(2);
  assert.equal(numbered.chart.value, 2);
  assert.ok(numbered.shown.is(2));
});
