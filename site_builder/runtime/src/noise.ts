/**
 * Seeded random numbers, equal to the last bit to those of site_builder/noise.py.
 *
 * The generator counts instead of remembering: a number is a function of the seed, the noise's name,
 * the step and its place, so that a link brings back any state of a page.
 */

import type { NoiseSpec } from "./payload.js";
import type { Feed } from "./tensor.js";

/** The numbers of a noise after `step` steps since the start. */
export function drawNoise(spec: NoiseSpec, seed: number, step: number): Feed {
  const count = spec.shape.reduce((product, size) => product * size, 1);
  const words = randomWords(count, seed, fnv1a(spec.name), spec.every === "step" ? step + 1 : 0);
  return { data: NUMBERS[spec.kind](words), shape: spec.shape, dtype: spec.dtype };
}

const NUMBERS = { uniform, normal, permutation } as const;

/** Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). */
export function randomWords(count: number, seed: number, stream: number, moment: number): Uint32Array {
  const words = new Uint32Array(Math.ceil(count / 4) * 4);
  for (let block = 0; block * 4 < count; block++) {
    let [a, b, c, d] = [block, moment >>> 0, 0, 0];
    let [low, high] = [seed >>> 0, stream >>> 0];
    for (let round = 0; round < 10; round++) {
      const top = (multiplyHigh(c, 0xcd9e8d57) ^ b ^ low) >>> 0;
      const middle = (multiplyHigh(a, 0xd2511f53) ^ d ^ high) >>> 0;
      b = Math.imul(c, 0xcd9e8d57) >>> 0;
      d = Math.imul(a, 0xd2511f53) >>> 0;
      a = top;
      c = middle;
      low = (low + 0x9e3779b9) >>> 0;
      high = (high + 0xbb67ae85) >>> 0;
    }
    words.set([a, b, c, d], block * 4);
  }
  return words.subarray(0, count);
}

/** Upper 32 bits of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const cross = aHigh * bLow + ((aLow * bLow) >>> 16);
  const middle = aLow * bHigh + (cross & 0xffff);
  return aHigh * bHigh + Math.floor(cross / 0x10000) + Math.floor(middle / 0x10000);
}

/** 32 bits of a name: Fowler, Noll and Vo's hash, 1a. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

function uniform(words: Uint32Array): Float32Array {
  return Float32Array.from(words, (word) => (word >>> 8) * 2 ** -24);
}

/** The whole numbers below the count, by their words, the earlier one first among equals. */
function permutation(words: Uint32Array): Int32Array {
  const order = Int32Array.from(words, (_, i) => i);
  return order.sort((i, j) => (words[i] ?? 0) - (words[j] ?? 0) || i - j);
}

function normal(words: Uint32Array): Float32Array {
  return Float32Array.from(words, (word) => normalQuantile((word >>> 8) * 2 ** -24 + 2 ** -25));
}

type Coefficients = readonly number[];

// Wichura's PPND16 (algorithm AS 241, Applied Statistics 37, 1988): numerator and denominator for
// the middle and for the tails on either side of r = 5, highest power first. As many digits as a
// double has say the same number as the paper's.
const MIDDLE: readonly [Coefficients, Coefficients] = [
  [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987,
    13731.69376550946, 1971.5909503065513, 133.14166789178438, 3.3871328727963665,
  ],
  [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597,
    5394.196021424751, 687.1870074920579, 42.31333070160091, 1,
  ],
];
const NEAR: readonly [Coefficients, Coefficients] = [
  [
    7.745450142783414e-4, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684,
    3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  [
    1.0507500716444169e-9, 5.475938084995345e-4, 0.015198666563616457, 0.14810397642748008,
    0.6897673349851, 1.6763848301838038, 2.053191626637759, 1,
  ],
];
const FAR: readonly [Coefficients, Coefficients] = [
  [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124,
    0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ],
  [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100547e-5, 7.868691311456133e-4,
    0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1,
  ],
];

/** The normal number below which a share `u` of all lies; good to 1e-16. */
function normalQuantile(u: number): number {
  const q = u - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(MIDDLE, 0.180625 - q * q);
  const r = Math.sqrt(-logarithm(q < 0 ? u : 1 - u));
  const tail = r <= 5 ? ratio(NEAR, r - 1.6) : ratio(FAR, r - 5);
  return q < 0 ? -tail : tail;
}

const SERIES: Coefficients = Array.from({ length: 11 }, (_, i) => 1 / (21 - 2 * i));

/**
 * The natural logarithm of 0 < x < 1 by its own series: a browser's may differ in the last bit.
 *
 * x = m 2^e with m near 1, and ln m = 2 artanh((m - 1) / (m + 1)).
 */
function logarithm(x: number): number {
  let m = x;
  let e = 0;
  while (m < Math.SQRT1_2) {
    m *= 2;
    e--;
  }
  const s = (m - 1) / (m + 1);
  return 2 * s * horner(SERIES, s * s) + e * Math.LN2;
}

function ratio([above, below]: readonly [Coefficients, Coefficients], x: number): number {
  return horner(above, x) / horner(below, x);
}

function horner(coefficients: Coefficients, x: number): number {
  return coefficients.reduce((value, coefficient) => value * x + coefficient, 0);
}
