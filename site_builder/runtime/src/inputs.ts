/** Values of inputs: where they start, which are accepted, and how they enter the model. */

import { isLate, lateKind } from "./late-kinds.js";
import {
  decodePixels,
  type InputSpec,
  type PlacedPoint,
  type PointsSpec,
  type Range,
  type SketchSpec,
} from "./payload.js";
import { bears } from "./points.js";
import type { Feed, Feeds } from "./tensor.js";

/**
 * A slider's, size's or seed's number, a choice's index, a toggle's boolean, a line of text, a
 * sketch's ink or a picture's colours in [0, 1], row-major; indices of several choices, in order; a
 * point's x and y; an interval's ends; placed points.
 */
export type InputValue = number | boolean | string | Float32Array | readonly number[] | readonly PlacedPoint[];

export const LARGEST_SEED = 999_999;

export function startValue(spec: InputSpec): InputValue {
  if (isLate(spec)) return lateKind(spec).start(spec);
  if (spec.kind !== "sketch") return spec.default;
  const example = spec.default === null ? undefined : spec.examples[spec.default];
  return example === undefined ? new Float32Array(pixelCount(spec)) : decodePixels(example.pixels);
}

/** Returns `value` as the input holds it, or throws an Error that says what the input takes. */
export function acceptValue(spec: InputSpec, value: unknown): InputValue {
  const accepted = accept(spec, value);
  if (accepted !== undefined) return accepted;
  throw new Error(`The input '${spec.name}' takes ${taken(spec)}; it was given ${describe(value)}.`);
}

/** The value as the input holds it; undefined where the input does not take it. */
function accept(spec: InputSpec, value: unknown): InputValue | undefined {
  switch (spec.kind) {
    case "slider":
      if (!isWithin(value, [spec.min, spec.max])) return undefined;
      return spec.dtype === "int32" && !Number.isInteger(value) ? undefined : value;
    case "size":
      return isWhole(value, spec.min, spec.max) ? value : undefined;
    case "seed":
      return isWhole(value, 0, LARGEST_SEED) ? value : undefined;
    case "choice":
      return isWhole(value, 0, spec.options.length - 1) ? value : undefined;
    case "choices": {
      const last = spec.options.length - 1;
      if (!Array.isArray(value) || value.length === 0) return undefined;
      if (!value.every((index) => isWhole(index, 0, last))) return undefined;
      const chosen = [...new Set(value as number[])];
      return chosen.length === value.length ? chosen.sort((a, b) => a - b) : undefined;
    }
    case "toggle":
      return typeof value === "boolean" ? value : undefined;
    case "sketch":
      if (!isNumbers(value) || value.length !== pixelCount(spec)) return undefined;
      return value.every((ink) => ink >= 0 && ink <= 1) ? Float32Array.from(value) : undefined;
    case "point":
      if (!isPair(value)) return undefined;
      return isWithin(value[0], spec.x) && isWithin(value[1], spec.y) ? [...value] : undefined;
    case "interval": {
      const range: Range = [spec.min, spec.max];
      if (!isPair(value) || !value.every((end) => isWithin(end, range))) return undefined;
      return value[0] <= value[1] ? [...value] : undefined;
    }
    case "points": {
      if (!Array.isArray(value) || value.length > spec.capacity) return undefined;
      const points = value.map((point) => acceptPoint(spec, point));
      return points.includes(undefined) ? undefined : (points as PlacedPoint[]);
    }
    default:
      return lateKind(spec).accept(spec, value);
  }
}

function acceptPoint(spec: PointsSpec, point: unknown): PlacedPoint | undefined {
  if (!Array.isArray(point)) return undefined;
  const [x, y, label = bears(spec, 0)] = point as unknown[];
  if (!isWithin(x, spec.x) || !isWithin(y, spec.y) || !isLabel(label, spec)) return undefined;
  return [x, y, label];
}

function isLabel(label: unknown, { labels, value }: PointsSpec): label is number {
  return value === null ? isWhole(label, 0, Math.max(labels?.length ?? 0, 1) - 1) : isWithin(label, value);
}

/** What an input takes, in words. */
function taken(spec: InputSpec): string {
  switch (spec.kind) {
    case "slider":
      return `a ${spec.dtype === "int32" ? "whole " : ""}number from ${spec.min} to ${spec.max}`;
    case "size":
      return `a whole number from ${spec.min} to ${spec.max}`;
    case "seed":
      return `a whole number from 0 to ${LARGEST_SEED}`;
    case "choice":
      return `an index from 0 to ${spec.options.length - 1} (${spec.options.join(", ")})`;
    case "choices":
      return `one or more different indices from 0 to ${spec.options.length - 1} (${spec.options.join(", ")})`;
    case "toggle":
      return "true or false";
    case "sketch":
      return `${pixelCount(spec)} numbers from 0 to 1 (${spec.shape.join(" by ")}, row by row)`;
    case "point":
      return `[x, y] with x from ${spec.x.join(" to ")} and y from ${spec.y.join(" to ")}`;
    case "interval":
      return `[low, high] from ${spec.min} to ${spec.max}`;
    case "points": {
      const ends = spec.value ?? (spec.labels === null ? null : [0, spec.labels.length - 1]);
      const label = ends === null ? "" : `, ${spec.value === null ? "label" : "value"} from ${ends.join(" to ")}`;
      const ranges = `x from ${spec.x.join(" to ")}, y from ${spec.y.join(" to ")}${label}`;
      return `at most ${spec.capacity} points [x, y, label] with ${ranges}`;
    }
    default:
      return lateKind(spec).taken(spec);
  }
}

function isWithin(value: unknown, [low, high]: Range): value is number {
  return typeof value === "number" && value >= low && value <= high;
}

function isWhole(value: unknown, low: number, high: number): value is number {
  return isWithin(value, [low, high]) && Number.isInteger(value);
}

function isNumbers(value: unknown): value is Float32Array {
  if (value instanceof Float32Array) return true;
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}

function isPair(value: unknown): value is [number, number] {
  return isNumbers(value) && value.length === 2;
}

function describe(value: unknown): string {
  if (typeof value === "string") return `the text '${value}'`;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const length = (value as ArrayLike<unknown>).length;
    return `${length} values`;
  }
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** The value as the model takes it, by the names of the graph's tensors: points are three. */
export function feedsOf(spec: InputSpec, value: InputValue): Feeds {
  if (spec.kind === "points") return feedsOfPoints(spec, value as readonly PlacedPoint[]);
  return { [spec.name]: feedOf(spec, value) };
}

function feedOf(spec: InputSpec, value: InputValue): Feed {
  if (isLate(spec)) return lateKind(spec).feed(spec, value);
  const { shape, dtype } = spec;
  if (value instanceof Float32Array) return { data: value, shape, dtype };
  if (typeof value === "object") {
    const numbers = value as readonly number[];
    return { data: dtype === "int32" ? Int32Array.from(numbers) : Float32Array.from(numbers), shape: [numbers.length], dtype };
  }
  if (spec.kind === "size") {
    const size = Number(value);
    return { data: Int32Array.from({ length: size }, (_, i) => i), shape: [size], dtype: "int32" };
  }
  return { data: [Number(value)], shape, dtype };
}

/** Places that hold no point are 0, 0 with label 0, as PyTorch sees them. */
function feedsOfPoints({ name, capacity, value }: PointsSpec, points: readonly PlacedPoint[]): Feeds {
  const xy = new Float32Array(2 * capacity);
  const label = value === null ? new Int32Array(capacity) : new Float32Array(capacity);
  const present = new Uint8Array(capacity);
  points.forEach((point, i) => {
    xy.set([point[0], point[1]], 2 * i);
    label[i] = point[2];
    present[i] = 1;
  });
  return {
    [`${name}.xy`]: { data: xy, shape: [capacity, 2], dtype: "float32" },
    [`${name}.label`]: { data: label, shape: [capacity], dtype: value === null ? "int32" : "float32" },
    [`${name}.present`]: { data: present, shape: [capacity], dtype: "bool" },
  };
}

export function sameValue(a: InputValue | undefined, b: InputValue): boolean {
  if (typeof a !== "object" || typeof b !== "object") return a === b;
  if (a.length !== b.length) return false;
  // Typed arrays and arrays of numbers or of points: equal item by item, points number by number.
  for (let i = 0; i < a.length; i++) {
    const [one, other] = [a[i], b[i]];
    if (typeof one === "object" && typeof other === "object") {
      if (!sameValue(one, other)) return false;
    } else if (one !== other) return false;
  }
  return true;
}

/** What a sentence says of an input; a drawing has no words. */
export function spokenValue(spec: InputSpec, value: InputValue): number | boolean | string {
  if (isLate(spec)) return lateKind(spec).spoken(spec, value);
  if (typeof value !== "object") {
    return spec.kind === "choice" ? (spec.options[Number(value)] ?? "") : value;
  }
  if (value instanceof Float32Array) return "a drawing";
  const numbers = value as readonly number[];
  switch (spec.kind) {
    case "choices":
      return numbers.map((index) => spec.options[index] ?? "").join(", ");
    case "interval":
      return numbers.map((end) => trimmed(end)).join(" to ");
    case "point":
      return `(${numbers.map((place) => trimmed(place)).join(", ")})`;
    default:
      return value.length; // of points, their number
  }
}

/** A hand places points on any of a thousand digits; three are read. */
function trimmed(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** True where each value of the input has programs of its own. */
export function isStatic(spec: InputSpec): boolean {
  return "static" in spec && spec.static === true;
}

export function pixelCount(spec: SketchSpec): number {
  return spec.shape.reduce((product, size) => product * size, 1);
}
