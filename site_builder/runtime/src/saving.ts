/** The state of an explorable as a file: safetensors, which Python reads as well. */

import type { Explorable } from "./explorable.js";
import type { InputValue } from "./inputs.js";
import { decodeValue, encodeValue } from "./link.js";
import { Problem } from "./problem.js";
import type { DType, TensorData, Tensors } from "./tensor.js";

/** What safetensors calls our dtypes, and how they lie in memory. */
const FORMATS = {
  float32: { name: "F32", array: Float32Array },
  int32: { name: "I32", array: Int32Array },
  bool: { name: "BOOL", array: Uint8Array },
} as const;
const DTYPES = Object.keys(FORMATS) as DType[];
/** The format's own limit. */
const LONGEST_HEADER = 100_000_000;

export interface TensorFile {
  readonly tensors: Tensors;
  readonly notes: Readonly<Record<string, string>>;
}

/** Eight bytes of the header's length, little-endian; the header in JSON; the numbers. */
export function writeTensors({ tensors, notes }: TensorFile): Uint8Array<ArrayBuffer> {
  // Wide numbers first, so that each tensor begins where its dtype may.
  const entries = Object.entries(tensors).sort(
    ([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT,
  );
  const header: Record<string, unknown> = { __metadata__: notes };
  let end = 0;
  for (const [name, { data, shape, dtype }] of entries) {
    const begin = end;
    end += data.byteLength;
    header[name] = { dtype: FORMATS[dtype].name, shape, data_offsets: [begin, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + length + end).fill(0x20, 8, 8 + length); // padded with blanks
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(text, 8);
  let at = 8 + length;
  for (const [, { data }] of entries) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** Throws a Problem where the bytes are no such file. */
export function readTensors(bytes: Uint8Array): TensorFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? Infinity : Number(view.getBigUint64(0, true));
  if (length > Math.min(LONGEST_HEADER, bytes.length - 8)) throw noFile();
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    throw noFile(cause);
  }
  if (!isRecord(header)) throw noFile();
  const tensors: Record<string, Tensors[string]> = Object.create(null) as Tensors;
  const notes: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, entry] of Object.entries(header)) {
    if (!isRecord(entry)) throw noFile();
    if (name !== "__metadata__") tensors[name] = readTensor(entry, bytes.subarray(8 + length));
    else for (const [key, note] of Object.entries(entry)) notes[key] = String(note);
  }
  return { tensors, notes };
}

function readTensor(entry: Record<string, unknown>, body: Uint8Array): Tensors[string] {
  const { shape, data_offsets: offsets } = entry;
  const dtype = DTYPES.find((known) => FORMATS[known].name === entry["dtype"]);
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) throw noFile();
  if (dtype === undefined) {
    throw new Problem("The file holds numbers of another kind than this figure's; nothing was changed.");
  }
  const { array } = FORMATS[dtype];
  const [begin = 0, end = 0] = offsets;
  const size = shape.reduce((product, count) => product * count, array.BYTES_PER_ELEMENT);
  if (end - begin !== size || end > body.length) throw noFile();
  // A copy: the numbers need not lie where their dtype may begin.
  const data: TensorData = new array(body.slice(begin, end).buffer);
  return { data, shape, dtype };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function noFile(cause?: unknown): Problem {
  const said = "This is not a whole safetensors file, so nothing was changed. Choose one that was saved here.";
  return new Problem(said, { cause });
}

/** The state by its keys, and the inputs and the number of steps as notes. */
export async function save(explorable: Explorable): Promise<Uint8Array<ArrayBuffer>> {
  const { payload } = explorable;
  const { tensors, steps } = await snapshot(explorable);
  const inputs = payload.inputs.map(
    (spec) => [`input.${spec.name}`, encodeValue(spec, explorable.input(spec.name))] as const,
  );
  const notes = { explorable: payload.name, steps: String(steps), ...Object.fromEntries(inputs) };
  return writeTensors({ tensors, notes });
}

/** Takes a file's inputs and state; throws a Problem and changes nothing where they do not fit. */
export async function load(explorable: Explorable, bytes: Uint8Array): Promise<void> {
  const { payload } = explorable;
  const { tensors, notes } = readTensors(bytes);
  if (notes["explorable"] !== payload.name) {
    throw new Problem(`The file was not saved from '${payload.name}', so nothing was changed.`);
  }
  const steps = Number(notes["steps"]);
  if (!Number.isSafeInteger(steps) || steps < 0) throw noFile();
  const values = inputsIn(explorable, notes);
  const before = await snapshot(explorable);
  const inputsBefore = payload.inputs.map((spec) => [spec.name, explorable.input(spec.name)] as const);
  // A start with the file's inputs shows the shapes that its state must have.
  explorable.pause();
  const set = explorable.set(values);
  let misfit = "";
  const done = explorable.do(async (course) => {
    misfit = misfitOf(tensors, await course.readState());
    if (misfit === "") course.writeState(tensors, steps);
  });
  await Promise.all([set, done]);
  if (misfit === "") return;
  await Promise.all([
    explorable.set(Object.fromEntries(inputsBefore)),
    explorable.do((course) => course.writeState(before.tensors, before.steps)),
  ]);
  throw new Problem(`${misfit}, so nothing was changed. Choose a file that was saved here.`);
}

async function snapshot(explorable: Explorable): Promise<{ tensors: Tensors; steps: number }> {
  let tensors: Tensors = {};
  let steps = 0;
  await explorable.do(async (course) => {
    tensors = await course.readState();
    steps = course.steps;
  });
  return { tensors, steps };
}

function inputsIn(explorable: Explorable, notes: TensorFile["notes"]): Record<string, InputValue> {
  const values: Record<string, InputValue> = {};
  for (const spec of explorable.payload.inputs) {
    const text = notes[`input.${spec.name}`];
    try {
      if (text === undefined) throw new Error(`The file has no input '${spec.name}'.`);
      values[spec.name] = decodeValue(spec, text);
    } catch (cause) {
      const said = `The file's setting of '${spec.label}' does not fit this figure, so nothing was changed.`;
      throw new Problem(said, { cause });
    }
  }
  return values;
}

/** What keeps the file's state from being this figure's, in words; "" where it fits. */
function misfitOf(tensors: Tensors, state: Tensors): string {
  for (const name of Object.keys(tensors)) {
    if (!Object.hasOwn(state, name)) return `The file has a tensor '${name}' that this figure has not`;
  }
  for (const [name, { shape, dtype }] of Object.entries(state)) {
    const found = tensors[name];
    if (found === undefined) return `The file lacks the tensor '${name}'`;
    const [mine, its] = [shape, found.shape].map((sizes) => `[${sizes.join(", ")}]`);
    if (mine !== its || dtype !== found.dtype) {
      return `The file's tensor '${name}' has the shape ${its}; with these settings it is ${mine}`;
    }
  }
  return "";
}
