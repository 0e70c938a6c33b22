/** At build: a parsed dataflow as JSON, without what says nothing to the page that runs it. */

import { pairs, type Channels } from "./expression-tree.js";
import { isParsed, short } from "./vega-trees.js";

/** `value` as JSON can hold it; `words` gets the functions that its expressions call. */
export function leanly(value: unknown, words: Set<string>, key = ""): unknown {
  if (typeof value === "function" || (typeof value === "number" && !Number.isFinite(value))) {
    throw new Error(`the chart holds ${String(value)} as '${key}', which JSON can't.`);
  }
  if (Array.isArray(value)) return value.map((item) => leanly(item, words, key));
  if (typeof value !== "object" || value === null) return value;
  if (isParsed(value)) return short(value, words);
  const kept: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    if (saysNothing(name, inner, value)) continue;
    kept[name] = leanly(inner, words, name);
  }
  if ("$output" in kept) dropOutput(kept);
  if (key === "data" && Object.values(value).every(Array.isArray)) dropRepetitions(kept);
  return kept;
}

/** What the runtime takes for granted, where it is empty. */
function saysNothing(name: string, value: unknown, holder: object): boolean {
  if (value === undefined) return true;
  if (name === "$params") return Object.keys(value as object).length === 0;
  if (name === "$fields") return (value as readonly unknown[]).length === 0;
  return (name === "description" || name === "bindings") && "operators" in holder;
}

/** An encoder sets its channels: the list of what it sets is told only where it has others too. */
function dropOutput(encoder: Record<string, unknown>): void {
  const { channels } = encoder["$expr"] as Channels;
  const names = pairs(channels).map(([name]) => name);
  if (String(encoder["$output"]) === String(names)) delete encoder["$output"];
}

/** An operator's part in data sets is noted once for each scope that sees them. */
function dropRepetitions(roles: Record<string, unknown>): void {
  for (const [name, list] of Object.entries(roles)) roles[name] = [...new Set(list as unknown[])];
}
