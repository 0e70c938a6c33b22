/** The values of a picture, and what they are called. No DOM in here. */

import type { InputValue } from "./inputs.js";
import { decodePixels, type PictureSpec } from "./payload.js";

/** Longer links are cut off on their way: so many bytes are 16,384 letters, and 64 by 64 pixels. */
const LONGEST = 3 * 64 * 64;

const decoded = new WeakMap<PictureSpec, Float32Array[]>();

export function examplesOf(spec: PictureSpec): readonly Float32Array[] {
  let examples = decoded.get(spec);
  if (examples === undefined) {
    decoded.set(spec, (examples = spec.examples.map(({ pixels }) => decodePixels(pixels))));
  }
  return examples;
}

/** Index of the example that the picture is; -1 where it is none. */
export function exampleOf(spec: PictureSpec, value: InputValue): number {
  const levels = value as Float32Array;
  return examplesOf(spec).findIndex((example) => example.every((level, i) => level === levels[i]));
}

/** What a picture is called; undefined for the reader's own. */
export function nameOf(spec: PictureSpec, value: InputValue): string | undefined {
  const example = spec.examples[exampleOf(spec, value)];
  if (example !== undefined) return example.label;
  return (value as Float32Array).every((level) => level === 0) ? "all black" : undefined;
}

export function blank(spec: PictureSpec): Float32Array {
  return new Float32Array(countOf(spec));
}

export function countOf(spec: PictureSpec): number {
  return spec.shape.reduce((product, size) => product * size, 1);
}

/** False where a link would be too long. An example's is its number. */
export function fitsLink(spec: PictureSpec, value: InputValue): boolean {
  return countOf(spec) <= LONGEST || exampleOf(spec, value) >= 0;
}
