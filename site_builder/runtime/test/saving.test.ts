import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../src/problem.js";
import { readTensors, writeTensors } from "../src/saving.js";
import { float, int } from "./payloads.js";

const CONTENT = {
  tensors: {
    here: { data: Uint8Array.of(1, 0, 1), shape: [3], dtype: "bool" as const },
    weight: float([1, -2, 3.5, 0], [2, 2]),
    steps: int([7], []),
  },
  notes: { explorable: "playground", "input.rate": "0.03" },
};

test("tensors and notes come back as they were written", () => {
  const { tensors, notes } = readTensors(writeTensors(CONTENT));
  assert.deepEqual({ ...tensors }, CONTENT.tensors);
  assert.deepEqual({ ...notes }, CONTENT.notes);
});

test("the file is safetensors: header length, JSON padded to eight bytes, numbers without gaps", () => {
  const file = writeTensors(CONTENT);
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  assert.equal(length % 8, 0);
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as object;
  assert.deepEqual(header, {
    __metadata__: CONTENT.notes,
    weight: { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] },
    steps: { dtype: "I32", shape: [], data_offsets: [16, 20] },
    here: { dtype: "BOOL", shape: [3], data_offsets: [20, 23] },
  });
  assert.equal(file.length, 8 + length + 23);
});

function withHeader(header: string): Uint8Array {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + text.length + 8);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

test("bytes that are no such file are refused in the reader's words", () => {
  const whole = writeTensors(CONTENT);
  const damaged: Uint8Array[] = [
    new Uint8Array(0),
    new Uint8Array(7),
    new Uint8Array(100).fill(255),
    whole.subarray(0, whole.length - 1),
    withHeader("{"),
    withHeader("[]"),
    withHeader('{"x": 3}'),
    withHeader('{"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 400]}}'),
    withHeader('{"x": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}'),
    withHeader('{"x": {"dtype": "F32", "shape": [2], "data_offsets": [4, 8]}}'),
    withHeader('{"x": {"dtype": "F32", "shape": [1e300], "data_offsets": [0, 4]}}'),
  ];
  for (const bytes of damaged) {
    assert.throws(() => readTensors(bytes), (error) => error instanceof Problem && /not a whole/.test(error.message));
  }
  assert.throws(
    () => readTensors(withHeader('{"x": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}}')),
    /numbers of another kind/,
  );
});

test("a file that begins anywhere in memory is read", () => {
  const file = writeTensors(CONTENT);
  const shifted = new Uint8Array(file.length + 3);
  shifted.set(file, 3);
  assert.deepEqual(readTensors(shifted.subarray(3)).tensors["weight"], CONTENT.tensors.weight);
});
