/** A picture as an input: its values, and how they stand in a link. */

import type { LateKind } from "./late-kinds.js";
import { fromText, toText } from "./link.js";
import type { PictureSpec } from "./payload.js";
import { bindPicture } from "./picture-control.js";
import { blank, countOf, exampleOf, examplesOf, fitsLink, nameOf } from "./picture-values.js";

export const pictureKind: LateKind<PictureSpec> = {
  kind: "picture",
  start: (spec) => (spec.default === null ? blank(spec) : (examplesOf(spec)[spec.default] ?? blank(spec))),
  accept: (spec, value) => {
    if (!isNumbers(value) || value.length !== countOf(spec)) return undefined;
    return value.every((level) => level >= 0 && level <= 1) ? Float32Array.from(value) : undefined;
  },
  taken: (spec) => `${countOf(spec)} numbers from 0 to 1 (${spec.shape.join(" by ")}: channels, height, width)`,
  feed: (spec, value) => ({ data: value as Float32Array, shape: spec.shape, dtype: spec.dtype }),
  spoken: (spec, value) => nameOf(spec, value) ?? "your own picture",
  // Digits are an example's number; "p" begins the levels of any other picture.
  encode: (spec, value) => {
    const example = exampleOf(spec, value);
    if (example >= 0) return String(example);
    return `p${toText(Uint8Array.from(value as Float32Array, (level) => Math.round(level * 255)))}`;
  },
  decode: (spec, text) => {
    if (/^\d+$/.test(text)) return examplesOf(spec)[Number(text)];
    if (!text.startsWith("p")) throw new Error("This is no picture.");
    return Float32Array.from(fromText(text.slice(1)), (level) => level / 255);
  },
  fitsLink,
  bind: bindPicture,
};

function isNumbers(value: unknown): value is ArrayLike<number> & Float32Array {
  if (value instanceof Float32Array) return true;
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}
