/** A line of text as an input: its values, and how they stand in a link. */

import type { LateKind } from "./late-kinds.js";
import type { TextSpec } from "./payload.js";
import { bindText } from "./text-control.js";
import { tokenizerOf, wellFormed } from "./tokens.js";

export const textKind: LateKind<TextSpec> = {
  kind: "text",
  start: (spec) => spec.default,
  accept: (spec, value) => {
    if (typeof value !== "string") return undefined;
    const line = wellFormed(value).replace(/[\r\n\u2028\u2029]+/g, " ");
    return [...line].length <= spec.longest ? line : undefined;
  },
  taken: (spec) => `a line of text of at most ${spec.longest} characters`,
  feed: (spec, value) => ({
    data: tokenizerOf(spec).feed(String(value)),
    shape: spec.shape,
    dtype: spec.dtype,
  }),
  spoken: (_, value) => String(value),
  encode: (_, value) => encodeURIComponent(String(value)).replace(/[!'()*~]/g, percent),
  decode: (_, text) => decodeURIComponent(text),
  fitsLink: () => true,
  bind: bindText,
};

/** What encodeURIComponent leaves as it is, and a Markdown link would not. */
function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
