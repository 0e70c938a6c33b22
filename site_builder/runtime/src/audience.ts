/** Who shows an explorable: what they need, what they have painted, what they are told. */

import { Problem } from "./problem.js";

/** A figure or a sentence that shows outputs. */
export interface Consumer {
  /** Names of the outputs it shows. */
  readonly needs: readonly string[];
  /** Shows the outputs as they are now. */
  paint(): void | Promise<void>;
  /** A run failed: say so and keep what is shown. The next paint means it is over. */
  trouble(problem: Problem): void;
  /** False while nobody sees it: then it is not computed nor painted, after its first time. */
  visible?(): boolean;
  /** Something to tell the reader while the picture is in order; "" when that is over. */
  notice?(text: string): void;
}

const DIVERGED =
  "The numbers have grown beyond all bounds, so time stands still and the picture shows the last " +
  "finite ones. Change a setting, such as a smaller rate, and start over.";

export class Audience {
  private readonly consumers = new Set<Consumer>();
  /** The version that each consumer shows; none before its first paint and after trouble. */
  private readonly painted = new Map<Consumer, number>();

  add(consumer: Consumer): void {
    this.consumers.add(consumer);
  }

  remove(consumer: Consumer): void {
    this.consumers.delete(consumer);
    this.painted.delete(consumer);
  }

  /** Those that somebody sees, and those that have nothing to show yet. */
  seen(): Consumer[] {
    return [...this.consumers].filter(
      (consumer) => !this.painted.has(consumer) || consumer.visible?.() !== false,
    );
  }

  /** Lets consumers paint what they have not painted yet; one that fails keeps no other from it. */
  async paint(
    seen: readonly Consumer[],
    { version, diverged, note }: { version: number; diverged: boolean; note: string },
  ): Promise<void> {
    await Promise.allSettled(
      seen.map(async (consumer) => {
        const before = this.painted.get(consumer);
        // Numbers that are not finite are not shown: the last finite ones stay.
        if (before === undefined || (before !== version && !diverged)) {
          await consumer.paint();
          if (this.consumers.has(consumer)) this.painted.set(consumer, version);
        }
        if (consumer.notice !== undefined) consumer.notice(diverged ? DIVERGED : note);
        else if (diverged) consumer.trouble(new Problem(DIVERGED));
      }),
    );
  }

  trouble(problem: Problem, consumers: Iterable<Consumer> = this.consumers): void {
    for (const consumer of [...consumers]) {
      this.painted.delete(consumer);
      consumer.trouble(problem);
    }
  }

  tell(text: string): void {
    for (const consumer of this.consumers) consumer.notice?.(text);
  }
}
