/** The state of a page as a link: `#playground.rate=0.03&playground.seed=7`. No DOM in here. */

import { acceptValue, pixelCount, sameValue, startValue, type InputValue } from "./inputs.js";
import { isLate, lateKind } from "./late-kinds.js";
import type { BackendName, InputSpec, PlacedPoint, PointsSpec, Range } from "./payload.js";
import { bytesFromBase64 } from "./tensor.js";

/** What a link says; values are texts until the explorable is there to judge them. */
export interface LinkState {
  /** Texts by explorable and input. */
  readonly values: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly backend: BackendName | null;
  /** Parts that are not understood. */
  readonly bad: readonly string[];
}

const BACKENDS: readonly string[] = ["compiled", "cpu", "wasm", "webgl"] satisfies BackendName[];
/** Longer ones are nobody's: five thousand points take 60,000 letters. */
const LONGEST = 200_000;
const PART = /^([a-z_]\w*)\.([a-z_]\w*)=(.*)$/is;
const BACKEND = /^backend=(.*)$/s;
/** So many steps of a small network take some seconds. */
const MOST_STEPS = 10_000;
/** Bytes of a point: x and y as float32, and its label as a byte, or its value as float32. */
const pointBytes = (spec: PointsSpec) => (spec.value === null ? 9 : 12);

/** Reads a URL's hash; null where it is no state, as that of a heading is not. */
export function parseLink(hash: string): LinkState | null {
  const parts = hash.replace(/^#/, "").split("&");
  if (!parts.some((part) => PART.test(part) || BACKEND.test(part))) return null;
  if (hash.length > LONGEST) return { values: new Map(), backend: null, bad: [hash] };
  const values = new Map<string, Map<string, string>>();
  const bad: string[] = [];
  let backend: BackendName | null = null;
  for (const part of parts) {
    const [, explorable, input, text] = PART.exec(part) ?? [];
    const wish = BACKEND.exec(part)?.[1];
    if (explorable !== undefined && input !== undefined && text !== undefined) {
      const inputs = values.get(explorable) ?? new Map<string, string>();
      values.set(explorable, inputs.set(input, text));
    } else if (wish !== undefined && BACKENDS.includes(wish)) {
      backend = wish as BackendName;
    } else bad.push(part);
  }
  return { values, backend, bad };
}

/** The hash without its `#` for texts by explorable and input. */
export function printLink({ values, backend }: Omit<LinkState, "bad">): string {
  const parts = [...values].flatMap(([explorable, inputs]) =>
    [...inputs].map(([input, text]) => `${explorable}.${input}=${text}`),
  );
  return [...parts, ...(backend === null ? [] : [`backend=${backend}`])].join("&");
}

/** The texts of those inputs that are not at their start, and that a link can hold. */
export function textsOf(
  specs: readonly InputSpec[],
  value: (name: string) => InputValue,
): Map<string, string> {
  const changed = specs.filter((spec) => {
    const now = value(spec.name);
    return !sameValue(now, startValue(spec)) && (!isLate(spec) || lateKind(spec).fitsLink(spec, now));
  });
  return new Map(changed.map((spec) => [spec.name, encodeValue(spec, value(spec.name))]));
}

/** A value as a text of letters, digits, `-`, `_`, `.`, `,` and `%`. */
export function encodeValue(spec: InputSpec, value: InputValue): string {
  if (isLate(spec)) return lateKind(spec).encode(spec, value);
  if (value instanceof Float32Array) return toText(packInk(value));
  if (spec.kind === "points") return toText(packPoints(value as readonly PlacedPoint[], spec));
  if (typeof value === "object") return value.join(",");
  return String(Number(value));
}

/** The value behind a text; throws an Error where the input does not take it. */
export function decodeValue(spec: InputSpec, text: string): InputValue {
  if (isLate(spec)) return acceptValue(spec, lateKind(spec).decode(spec, text));
  switch (spec.kind) {
    case "sketch":
      return acceptValue(spec, unpackInk(fromText(text), pixelCount(spec)));
    case "points":
      return acceptValue(spec, unpackPoints(fromText(text), spec));
    case "choices":
    case "point":
    case "interval":
      return acceptValue(spec, text.split(",").map(number));
    case "toggle":
      return acceptValue(spec, text === "1" ? true : text === "0" ? false : text);
    default:
      return acceptValue(spec, number(text));
  }
}

/** The steps of time that a link asks for; throws an Error where the text is no such number. */
export function stepsOf(text: string): number {
  const steps = number(text);
  if (Number.isInteger(steps) && steps >= 0 && steps <= MOST_STEPS) return steps;
  throw new Error(`A link takes steps from 0 to ${MOST_STEPS}.`);
}

function number(text: string): number {
  return /^-?\d*\.?\d+(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
}

/** Base64 in the letters that need no escape in a URL. */
export function toText(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function fromText(text: string): Uint8Array<ArrayBuffer> {
  return bytesFromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
}

/** Float32 is what the model takes, so whoever follows the link sees the same to the last bit. */
function packPoints(points: readonly PlacedPoint[], spec: PointsSpec): Uint8Array {
  const size = pointBytes(spec);
  const bytes = new Uint8Array(points.length * size);
  const view = new DataView(bytes.buffer);
  points.forEach(([x, y, label], i) => {
    view.setFloat32(i * size, x, true);
    view.setFloat32(i * size + 4, y, true);
    if (spec.value === null) view.setUint8(i * size + 8, label);
    else view.setFloat32(i * size + 8, label, true);
  });
  return bytes;
}

function unpackPoints(bytes: Uint8Array<ArrayBuffer>, spec: PointsSpec): PlacedPoint[] {
  const size = pointBytes(spec);
  if (bytes.length % size !== 0) throw new Error("The points of the link are cut off.");
  const view = new DataView(bytes.buffer);
  // The float32 next to the end of an axis may lie beyond it.
  const number = (at: number, ends: Range) => snap(view.getFloat32(at, true), ends);
  return Array.from({ length: bytes.length / size }, (_, i): PlacedPoint => {
    const at = i * size;
    const label = spec.value === null ? view.getUint8(at + 8) : number(at + 8, spec.value);
    return [number(at, spec.x), number(at + 4, spec.y), label];
  });
}

function snap(value: number, ends: Range): number {
  return ends.find((end) => Math.fround(end) === value) ?? value;
}

/** Most of a sheet is blank: a count of blank pixels, a count of inked ones, and their ink. */
function packInk(ink: Float32Array): Uint8Array {
  const bytes = Uint8Array.from(ink, (value) => Math.round(value * 255));
  const packed: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    let blank = 0;
    while (blank < 255 && bytes[at + blank] === 0) blank++;
    at += blank;
    let inked = 0;
    while (inked < 255 && (bytes[at + inked] ?? 0) > 0) inked++;
    packed.push(blank, inked, ...bytes.subarray(at, at + inked));
    at += inked;
  }
  return Uint8Array.from(packed);
}

function unpackInk(packed: Uint8Array, count: number): Float32Array {
  const ink = new Float32Array(count);
  let [from, to] = [0, 0];
  while (from < packed.length) {
    const [blank = 0, inked = 0] = packed.subarray(from, from + 2);
    to += blank;
    if (to + inked > count || from + 2 + inked > packed.length) {
      throw new Error("The drawing of the link does not fit the sheet.");
    }
    packed.subarray(from + 2, from + 2 + inked).forEach((byte, i) => {
      ink[to + i] = byte / 255;
    });
    to += inked;
    from += 2 + inked;
  }
  return ink;
}
