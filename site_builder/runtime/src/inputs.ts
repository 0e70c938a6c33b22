/** Values of inputs: where they start, which are accepted, and how they enter the model. */

import { decodePixels, type InputSpec, type SketchSpec } from "./payload.js";
import type { Feed } from "./tensor.js";

/** A slider's number, a choice's index, a toggle's boolean, a sketch's ink in [0, 1], row-major. */
export type InputValue = number | boolean | Float32Array;

export function startValue(spec: InputSpec): InputValue {
  if (spec.kind !== "sketch") return spec.default;
  const example = spec.default === null ? undefined : spec.examples[spec.default];
  return example === undefined ? new Float32Array(pixelCount(spec)) : decodePixels(example.pixels);
}

/** Returns `value` as the input holds it, or throws an Error that says what the input takes. */
export function acceptValue(spec: InputSpec, value: unknown): InputValue {
  const reject = (takes: string): never => {
    throw new Error(`The input '${spec.name}' takes ${takes}; it was given ${describe(value)}.`);
  };
  switch (spec.kind) {
    case "slider":
      if (typeof value !== "number" || !(value >= spec.min && value <= spec.max)) {
        return reject(`a number from ${spec.min} to ${spec.max}`);
      }
      if (spec.dtype === "int32" && !Number.isInteger(value)) {
        return reject(`a whole number from ${spec.min} to ${spec.max}`);
      }
      return value;
    case "choice": {
      const last = spec.options.length - 1;
      if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > last) {
        return reject(`an index from 0 to ${last} (${spec.options.join(", ")})`);
      }
      return value;
    }
    case "toggle":
      return typeof value === "boolean" ? value : reject("true or false");
    case "sketch": {
      const count = pixelCount(spec);
      if (!isNumbers(value) || value.length !== count || !value.every((ink) => ink >= 0 && ink <= 1)) {
        return reject(`${count} numbers from 0 to 1 (${spec.shape.join(" by ")}, row by row)`);
      }
      return Float32Array.from(value);
    }
  }
}

function isNumbers(value: unknown): value is Float32Array {
  if (value instanceof Float32Array) return true;
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}

function describe(value: unknown): string {
  if (typeof value === "string") return `the text '${value}'`;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const length = (value as ArrayLike<unknown>).length;
    return `${length} values`;
  }
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** The value as the model takes it. */
export function feedOf(spec: InputSpec, value: InputValue): Feed {
  const data = value instanceof Float32Array ? value : [Number(value)];
  return { data, shape: spec.shape, dtype: spec.dtype };
}

export function sameValue(a: InputValue | undefined, b: InputValue): boolean {
  if (a instanceof Float32Array && b instanceof Float32Array) {
    return a.length === b.length && a.every((ink, i) => ink === b[i]);
  }
  return a === b;
}

/** What a sentence says of an input; a drawing has no words. */
export function spokenValue(spec: InputSpec, value: InputValue): number | boolean | string {
  if (value instanceof Float32Array) return "a drawing";
  return spec.kind === "choice" ? (spec.options[Number(value)] ?? "") : value;
}

export function pixelCount(spec: SketchSpec): number {
  return spec.shape.reduce((product, size) => product * size, 1);
}
