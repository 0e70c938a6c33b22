/** What `explorables.get(name)` hands out, to the console, to tests and to a teacher's script. */

import type { Explorable, OutputValue } from "./explorable.js";
import type { InputValue } from "./inputs.js";
import { load, save } from "./saving.js";

/** Its numbers appear once it is ready. Whatever changes something wakes it first. */
export interface Handle {
  /** Asking for it brings every element of the explorable to life. */
  readonly ready: Promise<void>;
  readonly inputs: Record<string, InputValue>;
  /** While time plays, those that no figure shows are as old as the last pause. */
  readonly outputs: Record<string, OutputValue>;
  /** Null where there is no time, and before it is ready. */
  readonly time: { readonly steps: number; readonly playing: boolean } | null;
  /** The engine's backend. */
  readonly backend: string;
  /** Changes inputs; resolves when the outcome is painted, rejects when a value is refused. */
  set(changes: Readonly<Record<string, unknown>>): Promise<void>;
  play(): Promise<void>;
  pause(): Promise<void>;
  reset(): Promise<void>;
  /** Takes steps, paints once, and resolves to the milliseconds spent computing them. */
  step(steps?: number): Promise<number>;
  /** Gives the state another number, as the figures do that can be edited. */
  edit(row: number, value: number): Promise<void>;
  /** The state and the inputs as a safetensors file. */
  save(): Promise<Uint8Array>;
  load(bytes: Uint8Array | ArrayBuffer): Promise<void>;
}

export function makeHandle(
  explorable: () => Explorable | undefined,
  open: () => Promise<Explorable>,
): Handle {
  let waking: Promise<Explorable> | undefined;
  const wake = () => (waking ??= open());
  return {
    get ready() {
      const ready = wake().then(() => undefined);
      ready.catch(() => undefined); // told to the reader and the console already
      return ready;
    },
    get inputs() {
      const known = explorable();
      const names = known?.payload.inputs.map((spec) => spec.name) ?? [];
      return Object.fromEntries(names.map((name) => [name, copyOf(known?.input(name) ?? 0)]));
    },
    get outputs() {
      const known = explorable();
      const names = known?.payload.outputs.map((spec) => spec.name) ?? [];
      return Object.fromEntries(names.map((name) => [name, known?.output(name) ?? NaN]));
    },
    get time() {
      const known = explorable();
      if (known === undefined || known.player === null) return null;
      return { steps: known.steps, playing: known.player.playing };
    },
    get backend() {
      return explorable()?.backend ?? "";
    },
    set: async (changes) => (await wake()).set(changes),
    play: async () => timed(await wake()).play(),
    pause: async () => timed(await wake()).pause(),
    reset: async () => timed(await wake()).reset(),
    step: async (steps) => timed(await wake()).step(steps),
    edit: async (row, value) => timed(await wake()).edit(row, value),
    save: async () => save(timed(await wake())),
    load: async (bytes) => load(timed(await wake()), new Uint8Array(bytes)),
  };
}

/** Refuses what only time can do where there is none. */
function timed(explorable: Explorable): Explorable {
  if (explorable.player !== null) return explorable;
  throw new Error(`'${explorable.payload.name}' has no time: its class defines no start and step.`);
}

/** Values are handed out as copies: writing into the original would change it unseen. */
function copyOf(value: InputValue): InputValue {
  if (value instanceof Float32Array) return value.slice();
  return typeof value === "object" ? structuredClone(value) : value;
}
