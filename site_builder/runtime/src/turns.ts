/** One turn per animation frame, for everyone who asked since the last one. */

import { Problem } from "./problem.js";

/** Calls back before the next repaint; requestAnimationFrame in a page, a fake in tests. */
export type Frame = (callback: () => void) => void;

/**
 * What became of a turn. After "again" there is another one at once, and after "wait" one as soon as
 * somebody asks; those who wait go on waiting in both.
 */
export type Outcome = "done" | "again" | "wait" | Problem;

interface Waiter {
  resolve(): void;
  reject(problem: Problem): void;
}

export class Turns {
  private waiting: Waiter[] = [];
  private busy = false;
  /** Somebody asked during the turn under way. */
  private asked = false;

  constructor(
    private readonly frame: Frame,
    private readonly turn: () => Promise<Outcome>,
    private readonly goesOn: () => boolean,
  ) {}

  /** Asks for a turn; resolves when it is done. */
  ask(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.schedule();
    });
  }

  schedule(): void {
    this.asked = true;
    if (this.busy) return; // the turn under way schedules the next one itself
    this.busy = true;
    this.frame(() => void this.take());
  }

  /** Tells everyone who waits that it is in vain. */
  refuse(problem: Problem): void {
    for (const waiter of this.waiting.splice(0)) waiter.reject(problem);
  }

  private async take(): Promise<void> {
    const waiting = this.waiting.splice(0);
    this.asked = false;
    const outcome = await this.turn();
    if (outcome === "again" || outcome === "wait") this.waiting.unshift(...waiting);
    else {
      for (const waiter of waiting) {
        if (outcome === "done") waiter.resolve();
        else waiter.reject(outcome);
      }
    }
    this.busy = false;
    const next = outcome === "again" || (outcome !== "wait" && this.goesOn());
    if (next || this.asked) this.schedule();
  }
}
