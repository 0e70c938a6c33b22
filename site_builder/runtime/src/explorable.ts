/** One explorable: its inputs, one run of its model per frame, its outputs. No DOM in here. */

import { acceptValue, feedOf, sameValue, startValue, type InputValue } from "./inputs.js";
import { checkParity } from "./parity.js";
import { decodeFixture, tensorsOf, type InputSpec, type OutputSpec, type Payload } from "./payload.js";
import { Problem } from "./problem.js";
import { columnsOf, rowsOf, tensorNamed, wordAt, type Columns, type Row } from "./rows.js";
import { isFiniteTensor, type Engine, type Feeds, type Tensors } from "./tensor.js";

/** Calls back before the next repaint; requestAnimationFrame in a page, a fake in tests. */
export type Frame = (callback: () => void) => void;

/** A figure or a sentence that shows outputs. */
export interface Consumer {
  /** Names of the outputs it shows. */
  readonly needs: readonly string[];
  /** Shows the outputs as they are now. */
  paint(): void | Promise<void>;
  /** A run failed: say so and keep what is shown. The next paint means it is over. */
  trouble(problem: Problem): void;
}

export type OutputValue = number | boolean | string | (number | boolean | string)[] | Row[];

interface Waiter {
  resolve(): void;
  reject(problem: Problem): void;
}

export class Explorable {
  /** Largest difference from PyTorch at the default inputs; known once started. */
  parity = NaN;
  /** Compute every output in every run, not only those on show. */
  watchAll = false;

  private readonly values = new Map<string, InputValue>();
  private readonly tensors: Tensors = {};
  /** For each tensor, the version of the inputs that it was computed from. */
  private readonly computedFrom = new Map<string, number>();
  private version = 0;
  private readonly consumers = new Set<Consumer>();
  private readonly inputListeners = new Set<() => void>();
  private waiting: Waiter[] = [];
  private busy = false;

  constructor(
    readonly payload: Payload,
    private readonly engine: Engine,
    private readonly frame: Frame,
  ) {
    for (const spec of payload.inputs) this.values.set(spec.name, startValue(spec));
  }

  /** Runs at the default inputs and compares with PyTorch; throws a Problem where they disagree. */
  async start(): Promise<void> {
    const names = this.payload.outputs.flatMap(tensorsOf);
    await this.compute(names);
    this.parity = checkParity(this.tensors, decodeFixture(this.payload));
  }

  inputSpec(name: string): InputSpec | undefined {
    return this.payload.inputs.find((spec) => spec.name === name);
  }

  outputSpec(name: string): OutputSpec | undefined {
    return this.payload.outputs.find((spec) => spec.name === name);
  }

  input(name: string): InputValue {
    const value = this.values.get(name);
    if (value === undefined) throw new Error(this.unknownInput(name));
    return value;
  }

  /** A number, a boolean or a word; lists of them; or rows. */
  output(name: string): OutputValue {
    const spec = this.outputSpec(name);
    if (spec === undefined) {
      const known = this.payload.outputs.map((output) => output.name).join(", ");
      throw new Error(`'${this.payload.name}' has no output '${name}'; it has: ${known}.`);
    }
    if (spec.kind === "rows") return rowsOf(columnsOf(spec, this.tensors));
    const tensor = tensorNamed(this.tensors, spec.tensor);
    const values = Array.from<number>(tensor.data).map((value) => {
      if (spec.kind === "labels") return wordAt(spec.words, value);
      return tensor.dtype === "bool" ? value !== 0 : value;
    });
    return tensor.shape.length === 0 && values[0] !== undefined ? values[0] : values;
  }

  columns(name: string): Columns {
    const spec = this.outputSpec(name);
    if (spec?.kind !== "rows") throw new Error(`'${this.payload.name}' has no rows '${name}'.`);
    return columnsOf(spec, this.tensors);
  }

  /** False when any number behind these outputs is NaN or infinite. */
  isFinite(outputs: readonly string[]): boolean {
    return this.tensorsBehind(outputs).every((name) => isFiniteTensor(tensorNamed(this.tensors, name)));
  }

  /** True when every input of `names` has its starting value. */
  isAtStart(names: readonly string[]): boolean {
    return this.payload.inputs
      .filter((spec) => names.includes(spec.name))
      .every((spec) => sameValue(this.values.get(spec.name), startValue(spec)));
  }

  /** Calls `listener` at once whenever an input changes; returns how to stop. */
  onInput(listener: () => void): () => void {
    this.inputListeners.add(listener);
    return () => this.inputListeners.delete(listener);
  }

  /** Adds a consumer; resolves once it is painted with outputs of the newest inputs. */
  attach(consumer: Consumer): Promise<void> {
    this.consumers.add(consumer);
    return this.request();
  }

  detach(consumer: Consumer): void {
    this.consumers.delete(consumer);
  }

  /**
   * Changes inputs; resolves when the outcome is painted. A burst of changes becomes one run.
   * Rejects, changing nothing, when a name is unknown or a value is not one the input takes.
   */
  async set(changes: Readonly<Record<string, unknown>>): Promise<void> {
    const accepted = Object.entries(changes).map(([name, value]): [string, InputValue] => {
      const spec = this.inputSpec(name);
      if (spec === undefined) throw new Error(this.unknownInput(name));
      return [name, acceptValue(spec, value)];
    });
    const changed = accepted.filter(([name, value]) => !sameValue(this.values.get(name), value));
    for (const [name, value] of changed) this.values.set(name, value);
    if (changed.length > 0) {
      this.version++;
      for (const listener of this.inputListeners) listener();
    }
    return this.request();
  }

  private unknownInput(name: string): string {
    const known = this.payload.inputs.map((spec) => spec.name).join(", ");
    return `'${this.payload.name}' has no input '${name}'; it has: ${known}.`;
  }

  private tensorsBehind(outputs: readonly string[]): string[] {
    return this.payload.outputs.filter((spec) => outputs.includes(spec.name)).flatMap(tensorsOf);
  }

  private request(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.busy) return; // the turn under way schedules the next one itself
    this.busy = true;
    this.frame(() => void this.turn());
  }

  /** One run and one painting, for everyone who asked up to now. */
  private async turn(): Promise<void> {
    const waiting = this.waiting;
    this.waiting = [];
    const shown = this.watchAll
      ? this.payload.outputs.map((spec) => spec.name)
      : [...this.consumers].flatMap((consumer) => consumer.needs);
    const needed = [...new Set(this.tensorsBehind(shown))];
    let problem: Problem | null = null;
    try {
      if (needed.some((name) => this.computedFrom.get(name) !== this.version)) {
        await this.compute(needed);
      }
    } catch (error) {
      problem = new Problem(
        "The model could not run with these settings, so the picture shows the last ones that worked. " +
          "Change a setting, or reload the page.",
        { cause: error },
      );
    }
    await Promise.allSettled(
      [...this.consumers].map(async (consumer) => {
        if (problem === null) await consumer.paint();
        else consumer.trouble(problem);
      }),
    );
    for (const waiter of waiting) {
      if (problem === null) waiter.resolve();
      else waiter.reject(problem);
    }
    this.busy = false;
    if (this.waiting.length > 0) this.schedule();
  }

  private async compute(names: readonly string[]): Promise<void> {
    const version = this.version;
    const feeds: Feeds = {};
    for (const spec of this.payload.inputs) feeds[spec.name] = feedOf(spec, this.input(spec.name));
    Object.assign(this.tensors, await this.engine.run(feeds, names));
    for (const name of names) this.computedFrom.set(name, version);
  }
}
