/** Static inputs: the programs of other values are fetched when the reader chooses them. */

import type { Course } from "./course.js";
import type { InputValue } from "./inputs.js";
import type { Model } from "./model.js";
import { disposePrograms, type LoadedPrograms } from "./programs.js";

/** Readers are told of a loading that takes longer than this, ms. */
const SLOW = 300;
const LOADING = "Loading the model for this setting…";

export interface VariantEvents {
  arrived(): void;
  /** Loading is slow, or no longer ("") so. */
  slow(text: string): void;
  refused(cause: unknown): void;
}

interface Fetched {
  readonly key: string;
  readonly programs: LoadedPrograms;
  readonly use: () => void;
}

export class VariantSwitch {
  /** Values of the static inputs to which the present programs belong. */
  values: [string, InputValue][];

  /** The variant under way, and one that has come and waits for the next turn. */
  private fetching: string | null = null;
  private fetched: Fetched | null = null;

  constructor(
    private readonly model: Model,
    private readonly events: VariantEvents,
  ) {
    this.values = model.staticValues;
  }

  /** False while the programs for the present static inputs are under way. */
  settle(course: Course, changed: () => void): boolean {
    const key = this.model.wantedKey;
    const { fetched } = this;
    this.fetched = null;
    if (fetched !== null && fetched.key !== key) disposePrograms(fetched.programs);
    if (fetched?.key === key) {
      course.adopt(fetched.programs);
      fetched.use();
      this.values = this.model.staticValues;
      changed();
    }
    if (key === this.model.key) return true;
    if (this.fetching !== key) void this.fetch(key);
    return false;
  }

  private async fetch(key: string): Promise<void> {
    this.fetching = key;
    const slow = setTimeout(() => this.events.slow(LOADING), SLOW);
    const isNewest = () => this.fetching === key;
    try {
      const fetched = await this.model.fetch(key);
      if (isNewest()) this.fetched = { key, ...fetched };
      else disposePrograms(fetched.programs);
    } catch (cause) {
      if (isNewest()) this.events.refused(cause);
    }
    clearTimeout(slow);
    if (!isNewest()) return;
    this.fetching = null;
    if (this.fetched === null) return;
    this.events.slow("");
    this.events.arrived();
  }
}
