/** A small explorable with time: x becomes x * growth + jitter each step; `scale` is a static input. */

import type { Delivery, Payload, Programs, Variant } from "../src/payload.js";
import type { EngineModule, GraphModelJson, Tensors, TensorValue } from "../src/tensor.js";
import { encode, fakeModule, float, int, program, type Compute } from "./payloads.js";

type Scale = 1 | 2 | 3;

/** Which program a fake engine is asked for stands in its topology. */
function part(scale: Scale, name: string, inputs: string[], outputs: string[]) {
  const made = program(inputs, outputs);
  return { ...made, model: { ...made.model, modelTopology: { scale, name } } };
}

export function programs(scale: Scale): Programs {
  return {
    start: part(scale, "start", ["from"], ["state.x", "state.count"]),
    step: {
      ...part(scale, "step", ["state.x", "state.count", "fixed.0"], ["next.x", "next.count"]),
      prologue: part(scale, "prologue", ["growth"], ["fixed.0"]),
    },
    edit: part(scale, "edit", ["state.x", "state.count", "row", "value"], ["next.x", "next.count"]),
    forward: part(scale, "forward", ["state.x", "state.count"], ["x.value", "largest", "count"]),
  };
}

/** The start is two numbers; a static `scale` makes it so many more. */
const BODIES: Record<string, (scale: number, feeds: Record<string, TensorValue>) => Tensors> = {
  start: (scale, feeds) => ({
    "state.x": float(Array<number>(scale + 1).fill(number(feeds, "from"))),
    "state.count": int([0], []),
  }),
  prologue: (_, feeds) => ({ "fixed.0": float([number(feeds, "growth")], []) }),
  step: (_, feeds) => ({
    "next.x": float(numbers(feeds, "state.x").map((x) => x * number(feeds, "fixed.0"))),
    "next.count": int([number(feeds, "state.count") + 1], []),
  }),
  edit: (_, feeds) => {
    const x = numbers(feeds, "state.x");
    x[number(feeds, "row")] = number(feeds, "value");
    return { "next.x": float(x), "next.count": feeds["state.count"] as TensorValue };
  },
  forward: (_, feeds) => ({
    "x.value": float(numbers(feeds, "state.x")),
    largest: float([Math.max(...numbers(feeds, "state.x"))], []),
    count: feeds["state.count"] as TensorValue,
  }),
};

function numbers(feeds: Record<string, TensorValue>, name: string): number[] {
  return Array.from<number>(feeds[name]?.data ?? []);
}

function number(feeds: Record<string, TensorValue>, name: string): number {
  return numbers(feeds, name)[0] ?? NaN;
}

/** Runs of each program, by name. */
export type Runs = Record<string, number>;

export function clockworkModule(runs: Runs, backend = "cpu"): EngineModule {
  const compute = (model: GraphModelJson): Compute => {
    const { name, scale } = model.modelTopology as { name: string; scale: number };
    return (feeds) => {
      runs[name] = (runs[name] ?? 0) + 1;
      const unasked = Object.keys(feeds).filter((feed) => !(feed in model.signature.inputs));
      if (unasked.length > 0) throw new Error(`fed too much: ${unasked.join(", ")}`);
      return (BODIES[name] as (typeof BODIES)[string])(scale, feeds);
    };
  };
  return fakeModule(compute, backend);
}

function fixture(scale: Scale): Payload["fixture"] {
  const x = Array<number>(scale + 1).fill(1);
  return {
    "x.value": encode(Float32Array.from(x), [x.length], "float32"),
    largest: encode(Float32Array.of(1), [], "float32"),
    count: encode(Int32Array.of(0), [], "int32"),
    "next.x": encode(Float32Array.from(x, (value) => 2 * value), [x.length], "float32"),
    "next.count": encode(Int32Array.of(1), [], "int32"),
  };
}

export function clockworkVariant(scale: Scale): Variant {
  return { name: "clockwork", variant: String(scale - 1), fixture: fixture(scale), idle: [] };
}

/** What delivers the programs of a variant. */
export function clockworkDelivery(scale: Scale): Delivery {
  return { name: "clockwork", variant: String(scale - 1), kind: "tfjs", programs: programs(scale) };
}

export function clockworkPayload(): Payload {
  return {
    name: "clockwork",
    inputs: [
      {
        kind: "slider", name: "growth", label: "Growth", dtype: "float32", shape: [],
        min: 0, max: 1e30, step: 1, default: 2, format: "0",
      },
      {
        kind: "slider", name: "from", label: "From", dtype: "float32", shape: [],
        min: -9, max: 9, step: 1, default: 1, format: "0",
      },
      {
        kind: "choice", name: "scale", label: "Scale", dtype: "int32", shape: [],
        options: ["one", "two", "three"], default: 0, static: true,
      },
    ],
    outputs: [
      { kind: "rows", name: "x", columns: [{ name: "value", tensor: "x.value", words: null }] },
      { kind: "scalar", name: "largest", tensor: "largest" },
      { kind: "scalar", name: "count", tensor: "count" },
    ],
    noises: [],
    time: {
      strides: [{ word: "step", steps: 1 }, { word: "round", steps: 5 }],
      state: ["x", "count"],
      restart: ["from", "scale"],
    },
    variant: "0",
    variants: { "1": "two.js", "2": "three.js" },
    elsewhere: {},
    fixture: fixture(1),
    idle: [],
    figures: {},
    backend: { name: "cpu", why: "small" },
  };
}
