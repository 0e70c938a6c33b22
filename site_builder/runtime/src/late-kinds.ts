/**
 * Kinds of inputs that few pages have: the code of each comes by a script of its own, before an
 * explorable with such an input starts.
 */

import type { InputValue } from "./inputs.js";
import type { InputSpec, LateSpec } from "./payload.js";
import type { Port, Show } from "./port.js";
import type { Feed } from "./tensor.js";

/** What input-text.js and input-picture.js provide. */
export interface LateKind<S extends LateSpec = LateSpec> {
  readonly kind: S["kind"];
  start(spec: S): InputValue;
  /** The value as the input holds it; undefined where the input does not take it. */
  accept(spec: S, value: unknown): InputValue | undefined;
  /** What an input takes, in words. */
  taken(spec: S): string;
  feed(spec: S, value: InputValue): Feed;
  /** What a sentence says of it. */
  spoken(spec: S, value: InputValue): string;
  /** The value as a text of letters that need no escape in a link. */
  encode(spec: S, value: InputValue): string;
  /** What `accept` judges; throws where the text says nothing. */
  decode(spec: S, text: string): unknown;
  /** False where the value is too large for a link. */
  fitsLink(spec: S, value: InputValue): boolean;
  /** Binds the control inside `root`. */
  bind(root: HTMLElement, spec: S, port: Port): Show;
}

const SCRIPTS: Readonly<Record<LateSpec["kind"], string>> = {
  text: "input-text.js",
  picture: "input-picture.js",
};

const known = new Map<string, LateKind>();

export function isLate(spec: InputSpec): spec is LateSpec {
  return Object.hasOwn(SCRIPTS, spec.kind);
}

/** Kinds that these inputs need, with the names of their scripts. */
export function lateScripts(specs: readonly InputSpec[]): [kind: string, script: string][] {
  const kinds = new Set(specs.filter(isLate).map((spec) => spec.kind));
  return [...kinds].map((kind) => [kind, SCRIPTS[kind]]);
}

export function learn(kind: LateKind): void {
  known.set(kind.kind, kind);
}

export function lateKind(spec: LateSpec): LateKind {
  const kind = known.get(spec.kind);
  if (kind === undefined) throw new Error(`The code of inputs of kind '${spec.kind}' is not here.`);
  return kind;
}
