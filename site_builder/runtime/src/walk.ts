/** Steps of time within a frame: those that somebody waits for, and those that playing asks for. */

import type { Course } from "./course.js";
import type { StrideSpec } from "./payload.js";
import type { Player } from "./player.js";
import type { Problem } from "./problem.js";

interface Walk {
  left: number;
  /** Milliseconds of computing. */
  spent: number;
  resolve(spent: number): void;
  reject(problem: Problem): void;
}

/** Milliseconds of computing in a frame: half of it is left for painting and for the browser. */
export const BUDGET = 8;
/** Whoever asked for steps sees no picture in between, so they may take more of a frame. */
const WALK_BUDGET = 24;

export class Walks {
  private walks: Walk[] = [];

  constructor(
    private readonly now: () => number,
    private readonly player: Player | null,
  ) {}

  get pending(): boolean {
    return this.walks.length > 0;
  }

  /** True while steps are left to a later frame. */
  get unfinished(): boolean {
    return this.walks.some((walk) => walk.left > 0);
  }

  /** Asks for `steps` steps; resolves to the milliseconds spent computing them. */
  ask(steps: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.walks.push({ left: Math.max(0, Math.floor(steps)), spent: 0, resolve, reject });
    });
  }

  /**
   * Takes the steps that are due in this frame; returns how many of them playing asked for.
   *
   * `elsewhere` are the milliseconds that the rest of the frame's computing is going to take.
   */
  advance(course: Course, elsewhere: number, stepsOf: (stride: StrideSpec) => number): number {
    const began = this.now();
    for (const walk of this.walks) {
      const before = this.now();
      walk.left -= this.take(course, walk.left, began + WALK_BUDGET);
      walk.spent += this.now() - before;
    }
    if (this.player === null || this.pending) return 0;
    const due = this.player.due(began, stepsOf);
    const budget = Math.max(BUDGET - elsewhere, BUDGET / 4);
    const taken = this.take(course, due, began + budget);
    this.player.took(taken);
    return taken;
  }

  /**
   * Takes steps until a time is reached; at least one, if that was not reached before. As long as
   * they are quick, more and more of them are taken at a go.
   */
  private take(course: Course, steps: number, until: number): number {
    let taken = 0;
    let before = this.now();
    for (let many = 1; taken < steps && before < until; ) {
      const some = Math.min(many, steps - taken);
      course.walk(some);
      taken += some;
      const after = this.now();
      if (4 * (after - before) < until - after) many *= 2;
      before = after;
    }
    return taken;
  }

  /** Nothing moves any more: whoever waits for more is told at the next `arrived`. */
  stop(): void {
    for (const walk of this.walks) walk.left = 0;
  }

  /** Takes out the walks that have come to their end; call the result once they are painted. */
  arrived(): () => void {
    const arrived = this.walks.filter((walk) => walk.left === 0);
    this.walks = this.walks.filter((walk) => walk.left > 0);
    return () => {
      for (const walk of arrived) walk.resolve(walk.spent);
    };
  }

  reject(problem: Problem): void {
    for (const walk of this.walks.splice(0)) walk.reject(problem);
  }
}
