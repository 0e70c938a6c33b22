/** One course of an explorable through time: its programs, its noise, and its state. */

import { feedsOf, type InputValue } from "./inputs.js";
import { drawNoise } from "./noise.js";
import type { InputSpec, NoiseSpec, Payload } from "./payload.js";
import { disposePrograms, type LoadedPrograms } from "./programs.js";
import {
  isHeld,
  releaseAll,
  type Fed,
  type Feed,
  type Feeds,
  type Held,
  type Tensors,
} from "./tensor.js";

/** Without time there is no state, and `forward` is all there is. */
export class Course {
  /** Counts changes of the state. */
  revision = 0;

  /** Steps taken since the start, with those that every course goes ahead. */
  private at = 0;
  private readonly ahead: number;
  private state: Record<string, Fed> = {};
  /** Counts starts: between two of them the shapes of the state stay. */
  private era = 0;
  private readonly inputs = new Map<string, Feeds>();
  private readonly drawn = new Map<string, { seed: number; step: number; feed: Feed }>();
  private readonly specs = new Map<string, InputSpec>();
  private readonly noises = new Map<string, NoiseSpec>();
  private readonly feed = (name: string): Fed => this.fed(name);

  constructor(
    payload: Payload,
    private programs: LoadedPrograms,
    private readonly value: (input: string) => InputValue,
  ) {
    for (const spec of payload.inputs) {
      const tensors = spec.kind === "points" ? ["xy", "label", "present"] : [];
      this.specs.set(spec.name, spec);
      for (const tensor of tensors) this.specs.set(`${spec.name}.${tensor}`, spec);
    }
    for (const spec of payload.noises) this.noises.set(spec.name, spec);
    this.ahead = payload.time?.ahead ?? 0;
  }

  /** Steps taken since it was first to be seen. */
  get steps(): number {
    return this.at - this.ahead;
  }

  /** An input has another value. */
  changed(input: string): void {
    this.inputs.delete(input);
  }

  /** Goes on with other programs; the state does not suit them, so `startOver` must follow. */
  adopt(programs: LoadedPrograms): void {
    this.clear();
    disposePrograms(this.programs);
    this.programs = programs;
  }

  startOver(): void {
    this.era++;
    const state = this.programs.start?.run(this.feed, this.era);
    if (state === undefined) return;
    this.replaceState(state, 0);
    if (this.ahead > 0) this.walk(this.ahead);
  }

  /** One step of time. The state before it is freed. */
  step(): void {
    const next = this.programs.step?.run(this.feed, this.era);
    if (next !== undefined) this.replaceState(stateOf(next), this.at + 1);
  }

  /** Several steps at once, where the engine gains by it and nothing is drawn anew for each. */
  walk(steps: number): void {
    const fresh = [...this.noises.values()].some((noise) => noise.every === "step");
    const next = fresh || steps === 1 ? null : this.programs.step?.repeat(this.feed, steps);
    if (next != null) this.replaceState(stateOf(next), this.at + steps);
    else for (let taken = 0; taken < steps; taken++) this.step();
  }

  /** The tensors of `next.<key>` that a step would give, without taking it. */
  tryStep(): Record<string, Held> {
    return this.programs.step?.run(this.feed, this.era) ?? {};
  }

  /** The reader types a number into a row that shows the state. */
  edit(row: number, value: number): void {
    const typed: Feeds = {
      row: { data: [row], shape: [], dtype: "int32" },
      value: { data: [value], shape: [], dtype: "float32" },
    };
    const next = this.programs.edit?.run((name) => typed[name] ?? this.fed(name), this.era);
    if (next !== undefined) this.replaceState(stateOf(next), this.at);
  }

  forward(outputs: readonly string[]): Record<string, Held> {
    return this.programs.forward.run(this.feed, this.era, outputs);
  }

  /** A copy of the state by key. */
  async readState(): Promise<Tensors> {
    const tensors: Tensors = {};
    for (const [name, fed] of Object.entries(this.state)) {
      const read = isHeld(fed) ? await fed.read() : (fed as Tensors[string]);
      tensors[name.slice("state.".length)] = read;
    }
    return tensors;
  }

  /** Puts a state in the place of the present one, as if it had come by `steps` steps. */
  writeState(tensors: Tensors, steps: number): void {
    const named = Object.entries(tensors).map(([key, tensor]) => [`state.${key}`, tensor] as const);
    this.replaceState(Object.fromEntries(named), this.ahead + steps);
  }

  /** Frees the state. */
  clear(): void {
    this.replaceState({}, this.ahead);
  }

  /** Frees the programs as well. */
  dispose(): void {
    this.clear();
    disposePrograms(this.programs);
  }

  private replaceState(state: Record<string, Fed>, at: number): void {
    const old = Object.entries(this.state).filter((entry): entry is [string, Held] => isHeld(entry[1]));
    this.state = state;
    this.at = at;
    this.revision++;
    releaseAll(Object.fromEntries(old));
  }

  private fed(name: string): Fed {
    const state = this.state[name];
    if (state !== undefined) return state;
    const noise = this.noises.get(name);
    if (noise !== undefined) return this.noise(noise);
    const spec = this.specs.get(name);
    if (spec === undefined) throw new Error(`A program takes '${name}', which is not there.`);
    let feeds = this.inputs.get(spec.name);
    if (feeds === undefined) {
      feeds = feedsOf(spec, this.value(spec.name));
      this.inputs.set(spec.name, feeds);
    }
    return feeds[name] as Feed;
  }

  private noise(spec: NoiseSpec): Feed {
    const seed = Number(this.value(spec.seed));
    const step = spec.every === "step" ? this.at : 0;
    const known = this.drawn.get(spec.name);
    if (known?.seed === seed && known.step === step) return known.feed;
    const feed = drawNoise(spec, seed, step);
    this.drawn.set(spec.name, { seed, step, feed });
    return feed;
  }
}

/** What a step or an edit returns, under the names by which it is fed again. */
function stateOf(next: Record<string, Held>): Record<string, Held> {
  const named = Object.entries(next).map(
    ([name, held]) => [name.replace(/^next\./, "state."), held] as const,
  );
  return Object.fromEntries(named);
}
