/** A small explorable for tests: a slider and a toggle, rows, a scalar and a label. */

import type { Surroundings } from "../src/explorable.js";
import type { EncodedTensor } from "../src/fixture.js";
import type { Payload, Program } from "../src/payload.js";
import type {
  DType,
  EngineModule,
  Fed,
  Feed,
  GraphModelJson,
  Held,
  TensorData,
  Tensors,
  TensorValue,
} from "../src/tensor.js";

const INPUTS = ["threshold", "strict", "detector", "drawing"];

export function encode(data: TensorData, shape: readonly number[], dtype: DType): EncodedTensor {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { dtype, shape, data: btoa(String.fromCharCode(...bytes)) };
}

export function float(values: number[], shape = [values.length]): TensorValue {
  return { data: Float32Array.from(values), shape, dtype: "float32" };
}

export function int(values: number[], shape = [values.length]): TensorValue {
  return { data: Int32Array.from(values), shape, dtype: "int32" };
}

/** What the model computes: three scores, which of them exceed the threshold, and how many do. */
export function computed(threshold: number): Tensors {
  const scores = [1, 2, 4];
  const alarms = scores.map((score) => Number(score > threshold));
  const caught = alarms.reduce((sum, alarm) => sum + alarm, 0);
  return {
    "logins.score": float(scores),
    "logins.verdict": int(alarms),
    caught: int([caught], []),
    share: float([caught / 3], []),
    mood: int([Math.min(caught, 1)], []),
  };
}

export function smallPayload(): Payload {
  const fixture = Object.fromEntries(
    Object.entries(computed(3)).map(([name, { data, shape, dtype }]) => [
      name,
      encode(data, shape, dtype),
    ]),
  );
  return {
    name: "anomaly",
    inputs: [
      {
        kind: "slider", name: "threshold", label: "Alarm threshold", dtype: "float32", shape: [],
        min: 0, max: 10, step: 0.1, default: 3, format: "3.0",
      },
      { kind: "toggle", name: "strict", label: "Strict", dtype: "bool", shape: [], default: false },
      {
        kind: "choice", name: "detector", label: "Detector", dtype: "int32", shape: [],
        options: ["k-means", "autoencoder"], default: 0,
      },
      {
        kind: "sketch", name: "drawing", label: "Drawing", dtype: "float32", shape: [2, 2],
        examples: [{ label: "a dot", pixels: btoa("\xff\x00\x00\x33") }], default: 0,
      },
    ],
    outputs: [
      {
        kind: "rows", name: "logins",
        columns: [
          { name: "score", tensor: "logins.score", words: null },
          { name: "verdict", tensor: "logins.verdict", words: ["quiet", "alarm"] },
        ],
      },
      { kind: "scalar", name: "caught", tensor: "caught" },
      { kind: "scalar", name: "share", tensor: "share" },
      { kind: "labels", name: "mood", tensor: "mood", words: ["calm", "alert"] },
    ],
    noises: [],
    time: null,
    variant: "",
    variants: {},
    elsewhere: {},
    fixture,
    idle: [],
    figures: {},
    backend: { name: "cpu", why: "small" },
  };
}

/** The tensors that a program takes, of which an engine in TypeScript needs to know no more. */
export function program(inputs: readonly string[], outputs: readonly string[]): Program {
  const named = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, { name: `${name}:0` }]));
  const signature = { inputs: named(inputs), outputs: named(outputs) };
  const model = { format: "graph-model", modelTopology: {}, signature, weightSpecs: [] };
  return { model, weights: "", prologue: null };
}

/** How many tensors of the engines below are held and not released. */
export const count = { held: 0 };

export class FakeHeld implements Held {
  private released = false;

  constructor(private readonly value: TensorValue) {
    count.held++;
  }

  get shape(): readonly number[] {
    return this.value.shape;
  }

  get dtype(): DType {
    return this.value.dtype;
  }

  read(): TensorValue {
    if (this.released) throw new Error("read after release");
    return this.value;
  }

  release(): void {
    if (!this.released) count.held--;
    this.released = true;
  }
}

export type Compute = (feeds: Record<string, TensorValue>) => Tensors;

/** Engines that compute in TypeScript, one function for each program, told apart by signature. */
export function fakeModule(
  compute: (model: GraphModelJson) => Compute,
  backend = "cpu",
): EngineModule {
  return {
    backend,
    load: (given) => {
      const model = given as GraphModelJson;
      return Promise.resolve({
        backend,
        run: (feeds, outputs = Object.keys(model.signature.outputs)) => {
          const values = Object.fromEntries(
            Object.entries(feeds).map(([name, fed]) => [name, valueOf(fed)]),
          );
          const all = compute(model)(values);
          return Object.fromEntries(
            outputs.map((name) => [name, new FakeHeld(all[name] as TensorValue)]),
          );
        },
        dispose: () => undefined,
      });
    },
  };
}

function valueOf(fed: Fed): TensorValue {
  if (fed instanceof FakeHeld) return fed.read();
  const { data, shape, dtype } = fed as Feed;
  const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
  return { data: arrays[dtype].from(data), shape, dtype };
}

/** The engine of the small explorable: remembers what it was asked. */
export class FakeEngine {
  readonly runs: { threshold: number; outputs: readonly string[] }[] = [];
  /** Replaces what the model computes. */
  model: (threshold: number) => Tensors = computed;

  readonly module: EngineModule = {
    backend: "cpu",
    load: () =>
      Promise.resolve({
        backend: "cpu",
        run: (feeds, outputs = Object.keys(computed(0))) => {
          const threshold = Number((feeds["threshold"] as Feed).data[0]);
          this.runs.push({ threshold, outputs });
          const all = this.model(threshold);
          return Object.fromEntries(
            outputs.map((name) => [name, new FakeHeld(all[name] as TensorValue)]),
          );
        },
        dispose: () => undefined,
      }),
  };
}

/** A page around an explorable: an engine, frames, and a clock that stands still by itself. */
export function around(
  module: EngineModule,
  frames: FakeFrames,
  more: Partial<Surroundings> = {},
): Surroundings {
  return {
    engine: () => Promise.resolve(module),
    plainEngine: null,
    variant: (key) => Promise.reject(new Error(`no variant '${key}'`)),
    programs: () => Promise.resolve({ forward: program(INPUTS, Object.keys(computed(3))) }),
    frame: frames.request,
    now: () => 0,
    ...more,
  };
}

/** A clock of frames that tests advance by hand. */
export class FakeFrames {
  private waiting: (() => void)[] = [];

  readonly request = (callback: () => void): void => {
    this.waiting.push(callback);
  };

  get pending(): number {
    return this.waiting.length;
  }

  /** Runs one frame and lets everything that it started settle. */
  async next(): Promise<void> {
    const callbacks = this.waiting;
    this.waiting = [];
    for (const callback of callbacks) callback();
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** Lets frames go by until `promise` settles. */
export async function during<T>(promise: Promise<T>, frames: FakeFrames): Promise<T> {
  let settled = false;
  const done = () => (settled = true);
  promise.then(done, done);
  while (!settled) await frames.next();
  return promise;
}
