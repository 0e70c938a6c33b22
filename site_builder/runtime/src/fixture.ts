/**
 * What PyTorch computed at the default inputs, as a payload holds it.
 *
 * Tests compare every number of every model when the site is built. What a page compares tells
 * whether this browser computes rightly, for which a sample of a large tensor is enough.
 */

import { bytesFromBase64, viewBytes, type DType, type TensorValue } from "./tensor.js";

interface Encoded {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** All numbers of a tensor: base64 of little-endian bytes. */
export interface EncodedTensor extends Encoded {
  readonly data: string;
}

/** Some numbers of a large tensor. */
export interface EncodedSample extends Encoded {
  /** As `data` of a whole tensor; of n numbers of N, number i is at floor(i * (N - 1) / (n - 1)). */
  readonly sample: string;
  /** Largest absolute value of the whole tensor, NaN and infinities aside. */
  readonly largest: number;
}

export type EncodedFixture = Readonly<Record<string, EncodedTensor | EncodedSample>>;

/** What a tensor has to be: `shape` is that of the whole, and `data` is what is known of it. */
export interface Expected extends TensorValue {
  /** Left out where `data` is all of it. */
  readonly sampled?: Sampled;
}

export interface Sampled {
  /** Where each number of `data` stands in the whole tensor, row by row. */
  readonly places: readonly number[];
  readonly largest: number;
}

export type Fixture = Record<string, Expected>;

/** Throws where an encoded tensor has not the numbers that its shape asks for. */
export function decodeFixture(holder: { readonly fixture: EncodedFixture }): Fixture {
  const fixture: Fixture = {};
  for (const [name, encoded] of Object.entries(holder.fixture)) {
    try {
      fixture[name] = "sample" in encoded ? decodeSample(encoded) : decodeTensor(encoded);
    } catch (error) {
      throw new Error(`The fixture's '${name}' is damaged.`, { cause: error });
    }
  }
  return fixture;
}

export function decodeTensor({ data: text, shape, dtype }: EncodedTensor): TensorValue {
  const data = viewBytes(bytesFromBase64(text), dtype);
  if (data.length !== countOf(shape)) {
    throw new Error(`It has ${data.length} numbers for the shape [${shape.join(", ")}].`);
  }
  return { data, shape, dtype };
}

function decodeSample({ sample, largest, shape, dtype }: EncodedSample): Expected {
  const data = viewBytes(bytesFromBase64(sample), dtype);
  const count = countOf(shape);
  if (data.length < 2 || data.length >= count) {
    throw new Error(`It has a sample of ${data.length} numbers of ${count}.`);
  }
  // A comparison with NaN, or with what is no number, would let everything pass or nothing.
  if (!(Number.isFinite(largest) && largest >= 0)) throw new Error(`Its largest value is ${largest}.`);
  const places = Array.from(data, (_, i) => Math.floor((i * (count - 1)) / (data.length - 1)));
  return { data, shape, dtype, sampled: { places, largest } };
}

/** How many numbers a tensor of that shape has. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((count, length) => count * length, 1);
}
