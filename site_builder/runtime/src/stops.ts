/** The stops of a slider: those at which its native control would halt. No DOM in here. */

import type { SizeSpec, SliderSpec } from "./payload.js";

/** Pixels that a hand moves from one stop to the next, where that is neither too far nor too near. */
const PIXELS = 2.5;
/** Pixels from one end to the other, at least and at most. */
const [SHORTEST, LONGEST] = [60, 200];

export class Stops {
  private readonly min: number;
  private readonly max: number;
  private readonly step: number;
  /** Index of the last stop; the first one is 0. */
  private readonly last: number;

  constructor(spec: SliderSpec | SizeSpec) {
    this.min = spec.min;
    this.max = spec.max;
    this.step = spec.kind === "size" ? 1 : spec.step;
    this.last = Math.floor((spec.max - spec.min) / this.step + 1e-9);
  }

  /** The stop nearest to a value. */
  nearest(value: number): number {
    return this.at(Math.round(this.index(value)));
  }

  /** So many stops further, or to an end: a value between two stops comes to the one beside it. */
  moved(value: number, stops: number): number {
    const index = this.index(value);
    return this.at((stops > 0 ? Math.floor(index + 1e-6) : Math.ceil(index - 1e-6)) + stops);
  }

  /** Where a hand brings a value that moves so many pixels to the right. */
  dragged(value: number, pixels: number): number {
    const whole = Math.min(Math.max(this.last * PIXELS, SHORTEST), LONGEST);
    return this.nearest(value + (pixels / whole) * this.last * this.step);
  }

  /** How many stops Page Up goes: a tenth of the way. */
  get leap(): number {
    return Math.max(1, Math.round(this.last / 10));
  }

  private index(value: number): number {
    return (value - this.min) / this.step;
  }

  private at(index: number): number {
    const stop = this.min + Math.min(Math.max(index, 0), this.last) * this.step;
    // Ten times a tenth is one.
    return Math.min(Number(stop.toPrecision(12)), this.max);
  }
}
