import assert from "node:assert/strict";
import { test } from "node:test";
import { brushRadius, drawStroke, inkToRgba, type Grid } from "../src/sketch.js";

function blank(width: number, height: number): Grid {
  return { ink: new Float32Array(width * height), width, height };
}

function total(grid: Grid): number {
  return grid.ink.reduce((sum, ink) => sum + ink, 0);
}

test("a dot is round, full in the middle and soft at the rim", () => {
  const grid = blank(9, 9);
  drawStroke(grid, { x: 4.5, y: 4.5 }, { x: 4.5, y: 4.5 }, 1.6);
  const row = [...grid.ink.subarray(4 * 9, 5 * 9)].map((ink) => Number(ink.toFixed(2)));
  assert.deepEqual(row, [0, 0, 0.1, 1, 1, 1, 0.1, 0, 0]);
  const column = Array.from({ length: 9 }, (_, y) => Number((grid.ink[y * 9 + 4] ?? 0).toFixed(2)));
  assert.deepEqual(column, row);
});

test("a dot's ink is about the area of its disc", () => {
  const grid = blank(32, 32);
  drawStroke(grid, { x: 16.2, y: 15.7 }, { x: 16.2, y: 15.7 }, 4);
  assert.ok(Math.abs(total(grid) / (Math.PI * 16) - 1) < 0.03);
});

test("a stroke has no gaps between its ends", () => {
  const grid = blank(32, 32);
  drawStroke(grid, { x: 2, y: 3 }, { x: 29, y: 25 }, 1.6);
  for (let t = 0; t <= 1; t += 0.02) {
    const [x, y] = [Math.floor(2 + 27 * t), Math.floor(3 + 22 * t)];
    assert.ok((grid.ink[y * 32 + x] ?? 0) > 0.9);
  }
});

test("drawing the same stroke again adds no ink", () => {
  const grid = blank(32, 32);
  const [from, to] = [{ x: 4, y: 4 }, { x: 20, y: 9 }];
  drawStroke(grid, from, to, 1.6);
  const once = total(grid);
  drawStroke(grid, to, from, 1.6);
  assert.ok(Math.abs(total(grid) - once) < 1e-3);
});

test("a stroke that leaves the grid is cut at its edge", () => {
  const grid = blank(8, 4);
  drawStroke(grid, { x: -20, y: 2 }, { x: 40, y: 2 }, 1);
  assert.ok(grid.ink.every((ink) => ink >= 0 && ink <= 1));
  assert.equal(grid.ink[2 * 8], 1);
  drawStroke(grid, { x: -20, y: -20 }, { x: -10, y: -10 }, 1);
});

test("the brush is as thick on every grid, relative to its size", () => {
  assert.equal(brushRadius(32, 32), 1.6);
  assert.equal(brushRadius(64, 64), 3.2);
});

test("ink becomes opacity", () => {
  assert.deepEqual([...inkToRgba(Float32Array.of(0, 1))], [0, 0, 0, 0, 0, 0, 0, 255]);
});
