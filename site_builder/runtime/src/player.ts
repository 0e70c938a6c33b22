/** Play, pause and speed: how many steps of time are due in a frame. No DOM and no clock in here. */

import type { StrideSpec } from "./payload.js";

/** A pace that the reader may choose. */
export interface Speed {
  readonly words: string;
  readonly stride: StrideSpec;
  /** Strides a second, one stride a frame, or as many steps as fit into it. */
  readonly rate: number | "frame" | "fast";
}

/** After a rest, as of a hidden tab, time goes on from where it was instead of catching up. */
const LONGEST_GAP = 250;
const MOST_STRIDES_OWED = 3;

export function speedsOf(strides: readonly StrideSpec[]): Speed[] {
  const [first] = strides;
  if (first === undefined) return [];
  return [
    { words: `1 ${first.word} a second`, stride: first, rate: 1 },
    { words: "10 a second", stride: first, rate: 10 },
    ...strides.map((stride): Speed => ({ words: `1 ${stride.word} a frame`, stride, rate: "frame" })),
    { words: "as fast as possible", stride: first, rate: "fast" },
  ];
}

export class Player {
  readonly speeds: readonly Speed[];
  playing = false;

  private chosen: number;
  /** Whether the reader has chosen a speed. */
  private asked = false;
  /** Steps that the pace asks for and that were not taken yet. */
  private owed = 0;
  /** Milliseconds of the last call; null right after play. */
  private last: number | null = null;
  private cap = Infinity;

  constructor(strides: readonly StrideSpec[]) {
    this.speeds = speedsOf(strides);
    // The longest stride a frame: an epoch for a training run, a step for a plain simulation.
    this.chosen = Math.max(0, this.speeds.length - 2);
  }

  /** Index of the chosen speed. */
  get speed(): number {
    return this.chosen;
  }

  set speed(index: number) {
    if (this.speeds[index] === undefined) return;
    this.asked = true;
    this.chosen = index;
    this.owed = 0;
  }

  /** Sets how many strides a second there are until the reader chooses a speed. */
  openAt(rate: number): void {
    const index = this.speeds.findIndex((speed) => speed.rate === rate);
    if (!this.asked && this.speeds[index] !== undefined) this.chosen = index;
  }

  play(): void {
    if (this.playing) return;
    this.playing = true;
    this.owed = 0;
    this.last = null;
  }

  pause(): void {
    this.playing = false;
  }

  /** How many steps may be taken at `now` (ms); `stepsOf` tells how many a stride has. */
  due(now: number, stepsOf: (stride: StrideSpec) => number): number {
    const speed = this.speeds[this.chosen];
    if (!this.playing || speed === undefined) return 0;
    const elapsed = this.last === null ? 0 : Math.min(now - this.last, LONGEST_GAP);
    const first = this.last === null;
    this.last = now;
    const stride = stepsOf(speed.stride);
    if (speed.rate === "fast") this.owed = Infinity;
    // A stride that took more than its frame is finished before the next begins.
    else if (speed.rate === "frame") this.owed = this.owed >= 1 ? this.owed : stride;
    // Whoever presses play sees something happen.
    else this.owed += first ? stride : (elapsed / 1000) * speed.rate * stride;
    // What a slow machine could not do in time is not made up for later.
    if (typeof speed.rate === "number") this.owed = Math.min(this.owed, MOST_STRIDES_OWED * stride);
    return Math.min(Math.floor(this.owed), this.cap);
  }

  /** Tells how many of them were taken. */
  took(steps: number): void {
    this.owed -= steps;
  }

  /** A GPU does not tell how long steps take until it is read: this holds frames to `ms`. */
  hold(taken: number, spent: number, ms: number): void {
    if (taken === 0) return;
    if (spent > ms) this.cap = Math.max(1, Math.floor((taken * ms) / spent));
    else if (taken >= this.cap) this.cap = taken * 2;
  }
}
