import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeFixture, decodeTensor, type EncodedSample } from "../src/fixture.js";
import { checkParity } from "../src/parity.js";
import { Problem } from "../src/problem.js";
import { encode, float } from "./payloads.js";

test("tensors survive the way through base64, in every dtype", () => {
  for (const data of [
    Float32Array.of(0.1, -3e38, 1e-45),
    Int32Array.of(-2147483648, 7),
    Uint8Array.of(0, 1, 1),
  ]) {
    const dtype = data instanceof Float32Array ? "float32" : data instanceof Int32Array ? "int32" : "bool";
    const decoded = decodeTensor(encode(data, [data.length], dtype));
    assert.deepEqual(decoded, { data, shape: [data.length], dtype });
  }
});

/** Three numbers, 0, 4 and 9, of a tensor of 10. */
function sample(values: number[], more: Partial<EncodedSample> = {}): EncodedSample {
  const { data, dtype } = encode(Float32Array.from(values), [values.length], "float32");
  return { dtype, shape: [2, 5], sample: data, largest: 9, ...more };
}

const COUNTED = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** What a tensor of numbers gives when it is compared with a sample. */
function compared(numbers: number[], encoded: EncodedSample, shape = [2, 5]): number {
  return checkParity({ a: float(numbers, shape) }, decodeFixture({ fixture: { a: encoded } }));
}

test("a sample is compared with the numbers at its places, from the first to the last", () => {
  assert.equal(compared(COUNTED, sample([0, 4, 9])), 0);
  for (const place of [0, 4, 9]) {
    const wrong = COUNTED.map((value, i) => (i === place ? value + 0.5 : value));
    assert.throws(() => compared(wrong, sample([0, 4, 9])), Problem);
  }
  assert.equal(compared(COUNTED.map((value, i) => (i === 5 ? 70 : value)), sample([0, 4, 9])), 0);
});

test("the shape of a sample is that of the whole tensor", () => {
  assert.throws(() => compared(COUNTED, sample([0, 4, 9]), [10]), Problem);
  assert.throws(() => compared([0, 4, 9], sample([0, 4, 9]), [3]), Problem);
  assert.throws(() => compared([...COUNTED, 10], sample([0, 4, 9])), Problem);
});

test("a sample's tolerance is that of the whole tensor", () => {
  const near = COUNTED.map((value) => value + 0.05);
  assert.throws(() => compared(near, sample([0, 4, 9])), Problem);
  assert.doesNotThrow(() => compared(near, sample([0, 4, 9], { largest: 1000 })));
});

test("a fixture whose numbers do not fit its shape is refused by its name", () => {
  const whole = encode(Float32Array.of(1, 2, 3), [2], "float32");
  const damaged = [
    whole,
    sample([0]),
    sample(COUNTED),
    sample([0, 4, 9], { largest: NaN }),
    sample([0, 4, 9], { largest: Infinity }),
    sample([0, 4, 9], { largest: -1 }),
  ];
  for (const encoded of damaged) {
    assert.throws(() => decodeFixture({ fixture: { a: encoded } }), /'a' is damaged/);
  }
});
