/** At build: the colours of the schemes that a dataflow names, so that pages carry no others. */

import { continuous, discrete } from "vega-scale/src/palettes.js";
import type { SchemeSpec } from "./payload.js";

type Palettes = Readonly<Record<string, string | readonly string[]>>;

const KNOWN: ReadonlyMap<string, SchemeSpec> = new Map([
  ...specsOf(discrete as Palettes, false),
  ...specsOf(continuous as Palettes, true),
]);

function specsOf(palettes: Palettes, smooth: boolean): [string, SchemeSpec][] {
  return Object.entries(palettes).map(([name, palette]) => {
    const colours = typeof palette === "string" ? palette : palette.join("").replaceAll("#", "");
    return [name.toLowerCase(), { colours, smooth }];
  });
}

/** Throws where a scale names a scheme that there is not. */
export function schemesOf(dataflow: unknown): Record<string, SchemeSpec> {
  const found: Record<string, SchemeSpec> = {};
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type, params } = node as { type?: unknown; params?: { scheme?: unknown } };
    const name = type === "scale" ? params?.scheme : undefined;
    if (typeof name === "string") {
      const scheme = KNOWN.get(name.toLowerCase());
      if (scheme === undefined) throw new Error(`there is no colour scheme '${name}'.`);
      found[name.toLowerCase()] = scheme;
    }
    Object.values(node).forEach(visit);
  };
  visit(dataflow);
  return found;
}
