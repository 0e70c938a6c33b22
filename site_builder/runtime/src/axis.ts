/** One axis of a place that the reader moves: its ends, its stops, and how its numbers are written. */

import type { Range } from "./payload.js";

export interface Axis {
  readonly low: number;
  readonly high: number;
  /** What an arrow key moves by: about a hundredth, and a round number. */
  readonly step: number;
  /** Decimals of a number on the axis. */
  readonly decimals: number;
}

/** The same stops as the build writes into the controls. */
export function axisOf([low, high]: Range): Axis {
  const rough = (high - low) / 100;
  const power = 10 ** Math.floor(Math.log10(rough));
  const away = (n: number) => Math.abs(n * power - rough);
  const round = [1, 2, 5, 10].reduce((best, n) => (away(n) < away(best) ? n : best));
  const step = Number((round * power).toPrecision(6));
  const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  // A pixel is finer than a stop, so a drag has one more decimal than the arrow keys.
  return { low, high, step, decimals: Math.min(places + 1, 100) };
}

/** The nearest place on the axis, in no more digits than a reader can tell apart. */
export function onAxis(axis: Axis, value: number): number {
  const rounded = Number(value.toFixed(axis.decimals)) + 0; // no -0
  return Math.min(Math.max(rounded, axis.low), axis.high);
}

export function printOn(axis: Axis, value: number): string {
  const text = value.toFixed(axis.decimals);
  return Number(text) === 0 ? text.replace("-", "") : text;
}
