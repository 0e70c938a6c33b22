/** The compiled programs of an explorable, loaded into an engine. */

import { inputsBehind } from "./behind.js";
import type { ModelText, Part, Program, Programs } from "./payload.js";
import {
  bytesFromBase64,
  inputsOf,
  releaseAll,
  type Engine,
  type EngineModule,
  type Fed,
  type Held,
} from "./tensor.js";

/** Finds what a program is fed, by the name of the graph's tensor. */
export type FeedByName = (name: string) => Fed;

/** A loaded model and the names that it takes. */
interface Loaded {
  readonly engine: Engine;
  readonly takes: readonly string[];
}

/** What does not change from step to step; its outputs are held. */
interface LoadedPrologue extends Loaded {
  /** By output, the inputs that it is computed from. */
  readonly behind: ReadonlyMap<string, ReadonlySet<string>>;
}

/** One program; what does not change from step to step is computed once, by its prologue. */
export class LoadedProgram {
  private fixed: Record<string, Held> = {};
  /** What the prologue was fed, by name; null before its first run. */
  private fixedFrom: Readonly<Record<string, unknown>> | null = null;

  constructor(
    private readonly main: Loaded,
    private readonly prologue: LoadedPrologue | null,
  ) {}

  /**
   * Computes `outputs`, or every output when left out; whoever calls releases them.
   *
   * `era` tells states of different shapes apart: the prologue reads no more of a state than that.
   */
  run(feed: FeedByName, era: number, outputs?: readonly string[]): Record<string, Held> {
    if (this.prologue !== null) this.prepare(this.prologue, feed, era);
    const feeds: Record<string, Fed> = {};
    for (const name of this.main.takes) feeds[name] = this.fixed[name] ?? feed(name);
    return this.main.engine.run(feeds, outputs);
  }

  /** Runs so many times, each fed with the state that the run before made; the last outputs. */
  repeat(feed: FeedByName, times: number): Record<string, Held> | null {
    const { engine, takes } = this.main;
    if (engine.repeat === undefined || this.prologue !== null) return null;
    const feeds: Record<string, Fed> = {};
    for (const name of takes) feeds[name] = feed(name);
    return engine.repeat(feeds, times);
  }

  dispose(): void {
    releaseAll(this.fixed);
    this.fixed = {};
    this.main.engine.dispose();
    this.prologue?.engine.dispose();
  }

  /** Computes what stands behind anything that is another object than last time. */
  private prepare({ engine, takes, behind }: LoadedPrologue, feed: FeedByName, era: number): void {
    const feeds: Record<string, Fed> = {};
    const from: Record<string, unknown> = {};
    for (const name of takes) {
      feeds[name] = feed(name);
      from[name] = name.startsWith("state.") ? era : feeds[name];
    }
    const before = this.fixedFrom;
    const changed = takes.filter((name) => before === null || from[name] !== before[name]);
    if (before !== null && changed.length === 0) return;
    const due = [...behind].filter(
      ([, inputs]) => before === null || changed.some((name) => inputs.has(name)),
    );
    const fresh = engine.run(feeds, due.map(([output]) => output));
    for (const [name, held] of Object.entries(fresh)) {
      this.fixed[name]?.release();
      this.fixed[name] = held;
    }
    this.fixedFrom = from;
  }
}

export type LoadedPrograms = { readonly forward: LoadedProgram } & {
  readonly [part in Part]?: LoadedProgram;
};

export async function loadPrograms(module: EngineModule, programs: Programs): Promise<LoadedPrograms> {
  const { start, step, edit } = programs;
  return {
    forward: await loadProgram(module, programs.forward),
    ...(start && { start: await loadProgram(module, start) }),
    ...(step && { step: await loadProgram(module, step) }),
    ...(edit && { edit: await loadProgram(module, edit) }),
  };
}

export function disposePrograms(programs: LoadedPrograms): void {
  for (const program of Object.values(programs)) program.dispose();
}

async function loadProgram(module: EngineModule, program: Program): Promise<LoadedProgram> {
  const { prologue } = program;
  const main = await load(module, program);
  if (prologue === null || "bind" in prologue.model) return new LoadedProgram(main, null);
  const behind = inputsBehind(prologue.model);
  return new LoadedProgram(main, { ...(await load(module, prologue)), behind });
}

async function load(module: EngineModule, { model, weights }: ModelText): Promise<Loaded> {
  const engine = await module.load(model, bytesFromBase64(weights).buffer);
  return { engine, takes: inputsOf(model) };
}
