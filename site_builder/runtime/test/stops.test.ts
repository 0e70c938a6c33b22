import assert from "node:assert/strict";
import { test } from "node:test";
import { Stops } from "../src/stops.js";
import type { SliderSpec } from "../src/payload.js";

function slider(min: number, max: number, step: number): SliderSpec {
  return {
    kind: "slider", name: "rate", label: "Rate", dtype: "float32", shape: [],
    min, max, step, default: min, format: "0.0",
  };
}

test("a value goes to the nearest stop, in no more digits than it has", () => {
  const stops = new Stops(slider(0, 1, 0.1));
  assert.equal(stops.nearest(0.31), 0.3);
  assert.equal(stops.nearest(0.36), 0.4);
  assert.equal(new Stops(slider(0.01, 0.35, 0.01)).nearest(0.1234), 0.12);
});

test("no stop lies outside the ends", () => {
  const stops = new Stops(slider(-1, 1, 0.3)); // the last stop is 0.8
  assert.equal(stops.nearest(9), 0.8);
  assert.equal(stops.nearest(-9), -1);
  assert.equal(stops.moved(0, Infinity), 0.8);
  assert.equal(stops.moved(0, -Infinity), -1);
});

test("a value between two stops moves to the one beside it", () => {
  const stops = new Stops(slider(0, 1, 0.1));
  assert.equal(stops.moved(0.25, 1), 0.3);
  assert.equal(stops.moved(0.25, -1), 0.2);
  assert.equal(stops.moved(0.3, 1), 0.4);
  assert.equal(stops.moved(0.3, -1), 0.2);
});

test("every stop can be reached by single moves, there and back", () => {
  for (const [min, max, step] of [[-2, 2, 0.1], [0.01, 0.35, 0.01], [0, 1, 1 / 3], [3, 8, 1]] as const) {
    const stops = new Stops(slider(min, max, step));
    const count = Math.floor((max - min) / step + 1e-9);
    let value: number = min;
    for (let n = 0; n < count; n++) value = stops.moved(value, 1);
    assert.equal(value, max);
    for (let n = 0; n < count; n++) value = stops.moved(value, -1);
    assert.equal(value, min);
  }
});

test("Page Up goes a tenth of the way, at least one stop", () => {
  assert.equal(new Stops(slider(0, 1, 0.01)).leap, 10);
  assert.equal(new Stops(slider(0, 1, 0.5)).leap, 1);
});

test("a hand goes 2.5 pixels from stop to stop, and the whole way in 60 to 200", () => {
  const pixelsOver = (stops: Stops) => {
    let pixels = 0;
    while (stops.dragged(0, pixels) < 1) pixels++;
    return pixels;
  };
  assert.equal(new Stops(slider(0, 1, 0.02)).dragged(0.2, 2.5), 0.22);
  assert.equal(pixelsOver(new Stops(slider(0, 1, 0.02))), 124); // the last stop from halfway on
  assert.equal(pixelsOver(new Stops(slider(0, 1, 0.001))), 200);
  assert.equal(pixelsOver(new Stops(slider(0, 1, 0.5))), 45);
});

test("a size stops at whole numbers", () => {
  const stops = new Stops({
    kind: "size", name: "units", label: "Units", dtype: "int32", shape: [8], min: 1, max: 8, default: 4,
  });
  assert.equal(stops.nearest(3.4), 3);
  assert.equal(stops.moved(8, 1), 8);
});
