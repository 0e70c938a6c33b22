/** At build: whether vega.js can draw a dataflow, or needs vega-more.js beside it. */

import { pairs, type Tree } from "./expression-tree.js";

type Names = ReadonlySet<string>;
type Bag = Readonly<Record<string, unknown>>;

/** What one of the two scripts has, by name. */
export interface Stock {
  readonly transforms: Names;
  /** The functions of expressions. */
  readonly words: Names;
  /** The curves of lines. */
  readonly curves: Names;
}

const KINDS = { transforms: "transform", words: "function", curves: "curve" } as const;

/** What `dataflow` asks for that `most` has not is in `rest`; throws where it is nowhere. */
export function needsMore(dataflow: unknown, words: Names, most: Stock, rest: Stock): boolean {
  const asked = { transforms: new Set<string>(), words, curves: new Set<string>() };
  let more = false;
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (!Array.isArray(node)) {
      const bag = node as Bag;
      if (Array.isArray(bag["operators"])) {
        for (const { type } of bag["operators"] as Bag[]) {
          asked.transforms.add(String(type).toLowerCase());
        }
      }
      const curve = curveOf(bag);
      if (curve !== undefined) asked.curves.add(curve);
      if (isRare(bag)) more = true;
    }
    Object.values(node).forEach(visit);
  };
  visit(dataflow);
  for (const kind of ["transforms", "words", "curves"] as const) {
    for (const name of [...asked[kind]].filter((name) => !most[kind].has(name))) {
      if (!rest[kind].has(name)) {
        throw new Error(`it needs the ${KINDS[kind]} ${name}, which pages don't have.`);
      }
      more = true;
    }
  }
  return more;
}

/** The curve that an encoder draws; `*` where that is found out as it draws. */
function curveOf({ channels }: Bag): string | undefined {
  const trees = Array.isArray(channels) ? pairs(channels as readonly Tree[]) : [];
  const [, curve] = trees.find(([name]) => name === "interpolate") ?? [];
  if (curve === undefined || curve === null) return undefined;
  return Array.isArray(curve) && curve[0] === "'" ? String(curve[1]) : "*";
}

/** Whether an object of a dataflow tells of times, odd colours, or confidence intervals. */
function isRare(bag: Bag): boolean {
  if (bag["type"] === "scale") {
    const { type, scheme, interpolate = "rgb" } = bag["params"] as Bag;
    if (typeof type !== "string" || type === "time" || type === "utc") return true;
    if (typeof scheme === "object" || (interpolate !== "rgb" && interpolate !== "hcl")) return true;
  }
  const { formatType = "number", locale, ops, $format } = bag;
  if (formatType !== "number" || locale !== undefined) return true;
  if (Array.isArray(ops) && ops.some(isRareOp)) return true;
  return JSON.stringify($format ?? "").includes(":");
}

/** Confidence intervals of an aggregate, and what is found out as it runs. */
function isRareOp(op: unknown): boolean {
  return op === "ci0" || op === "ci1" || (typeof op === "object" && op !== null);
}
