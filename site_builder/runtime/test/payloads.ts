/** A small explorable for tests: a slider and a toggle, rows, a scalar and a label. */

import type { EncodedTensor, Payload } from "../src/payload.js";
import type { DType, Engine, Feeds, TensorData, Tensors, TensorValue } from "../src/tensor.js";

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
    fixture,
    figures: {},
    model: {
      format: "graph-model",
      modelTopology: { node: [] },
      signature: { inputs: {}, outputs: {} },
      weightSpecs: [],
    },
    weights: "",
  };
}

/** An engine that computes in TypeScript and remembers what it was asked. */
export class FakeEngine implements Engine {
  readonly backend = "fake";
  readonly runs: { threshold: number; outputs: readonly string[] }[] = [];
  /** Replaces what the model computes. */
  model: (threshold: number) => Tensors = computed;

  run(feeds: Feeds, outputs: readonly string[] = Object.keys(computed(0))): Promise<Tensors> {
    const threshold = Number(feeds["threshold"]?.data[0]);
    this.runs.push({ threshold, outputs });
    const all = this.model(threshold);
    return Promise.resolve(
      Object.fromEntries(outputs.map((name) => [name, all[name] as TensorValue])),
    );
  }

  dispose(): void {}
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
