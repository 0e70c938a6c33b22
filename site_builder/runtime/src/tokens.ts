/**
 * How a text is cut into the tokens of a vocabulary, to the last code point as in
 * site_builder/tokens.py, which has the rules in words. No DOM in here.
 */

import type { TextSpec } from "./payload.js";

const SPACES = "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

export interface Token {
  /** The part of the text, in normal form. */
  readonly text: string;
  readonly id: number;
}

const tokenizers = new WeakMap<TextSpec, Tokenizer>();

/** The tokenizer of an input, made once. */
export function tokenizerOf(spec: TextSpec): Tokenizer {
  let tokenizer = tokenizers.get(spec);
  if (tokenizer === undefined) tokenizers.set(spec, (tokenizer = new Tokenizer(spec)));
  return tokenizer;
}

export class Tokenizer {
  readonly vocabulary: readonly string[];
  private readonly ids: ReadonlyMap<string, number>;
  /** Code points of the longest token. */
  private readonly longest: number;
  private readonly runs: RegExp;
  private readonly words: RegExp;

  constructor(private readonly spec: TextSpec) {
    this.vocabulary = spec.vocabulary.split("\n");
    const known = [...this.vocabulary.entries()].filter(([id]) => id !== spec.unknown && id !== spec.pad);
    this.ids = new Map(known.map(([id, token]) => [token, id]));
    this.longest = known.reduce((most, [, token]) => Math.max(most, [...token].length), 1);
    const letters = classOf(spec.letters);
    this.runs = new RegExp(`[${letters}]+`, "gu");
    this.words = new RegExp(`[${letters}]+|[^${SPACES}]`, "gu");
  }

  /** All tokens of a text, however many. */
  tokens(text: string): Token[] {
    return this.parts(text).map((part) => ({ text: part, id: this.ids.get(part) ?? this.spec.unknown }));
  }

  /** The ids of the first tokens, filled up with the padding's; as long as the tensor. */
  feed(text: string): Int32Array {
    const ids = new Int32Array(this.spec.shape[0] ?? 0).fill(this.spec.pad);
    const tokens = this.tokens(text).slice(0, ids.length);
    ids.set(tokens.map(({ id }) => id));
    return ids;
  }

  /** The text in normal form, cut. */
  parts(text: string): string[] {
    const folded = this.fold(text);
    if (this.spec.cut === "words") return folded.match(this.words) ?? [];
    const points = [...folded];
    return this.spec.cut === "characters" ? points : this.pieces(points);
  }

  private pieces(points: readonly string[]): string[] {
    const found: string[] = [];
    for (let at = 0; at < points.length; ) {
      let size = Math.min(this.longest, points.length - at);
      while (size > 1 && !this.ids.has(points.slice(at, at + size).join(""))) size--;
      found.push(points.slice(at, at + size).join(""));
      at += size;
    }
    return found;
  }

  private fold(text: string): string {
    return wellFormed(text)
      .replace(/[\ufe0e\ufe0f]/g, "")
      .replace(this.runs, (run) => this.foldRun(run));
  }

  private foldRun(run: string): string {
    const composed = run.normalize("NFC");
    if (!this.spec.lowercase) return composed;
    // By itself: in its word, a sigma's small letter depends on what stands around it.
    return [...composed].map((letter) => letter.toLowerCase()).join("").normalize("NFC");
  }
}

/** The text with U+FFFD in the place of halves of pairs of surrogates. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

/** Stretches of code points (site_builder/letters.py) as a class of a regular expression. */
function classOf(letters: string): string {
  const numbers = letters.split(" ").map((word) => parseInt(word, 36));
  let at = 0;
  let ranges = "";
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    const first = at + (numbers[i] ?? 0);
    at = first + (numbers[i + 1] ?? 0);
    ranges += `\\u{${first.toString(16)}}-\\u{${(at - 1).toString(16)}}`;
  }
  return ranges;
}
