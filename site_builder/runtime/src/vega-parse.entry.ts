/**
 * vega-parse.js: what a page's Vega would otherwise do with a specification before it draws. It
 * runs when a site is built (site_builder/vega_parsing.py), never in a page.
 */

import { transforms } from "vega-dataflow";
import { parse } from "vega-parser";
import { lookup as allCurves } from "vega-scenegraph/src/path/curves.js";
import { extend } from "vega-util";
import type { Config, Spec } from "vega-typings";
import { FUNCTIONS } from "./expression-words.js";
import { OF_EVENT } from "./expressions.js";
import { curves } from "./vega-late.js";
import { leanly } from "./vega-lean.js";
import * as moreTransforms from "./vega-more-transforms.js";
import { words as moreWords } from "./vega-more-words.js";
import { needsMore, type Stock } from "./vega-need.js";
import { schemesOf } from "./vega-schemes.js";
import * as transformsOfMost from "./vega-transforms.js";
import { words } from "./vega-words.js";

extend(transforms, transformsOfMost, moreTransforms);

/** No <form> beside the chart: its controls are ours. */
const CONFIG: Config = { events: { bind: "none" } };

const MOST: Stock = {
  transforms: new Set(["operator", ...Object.keys(transformsOfMost)]),
  words: new Set(["if", ...OF_EVENT, ...Object.keys(FUNCTIONS), ...Object.keys(words)]),
  curves: new Set(Object.keys(curves)),
};
const REST: Stock = {
  transforms: new Set(Object.keys(moreTransforms)),
  words: new Set(Object.keys(moreWords)),
  curves: new Set(["*", ...Object.keys(allCurves)]),
};

/**
 * The dataflow of a Vega specification, both as JSON, its colour schemes, and whether it needs
 * vega-more.js.
 *
 * Throws where a page has not what it asks for.
 */
function parseVega(specification: string): string {
  const words = new Set<string>();
  const runtime = parse(JSON.parse(specification) as Spec, CONFIG, { ast: true });
  const dataflow = leanly(runtime, words);
  const more = needsMore(dataflow, words, MOST, REST);
  return JSON.stringify({ dataflow, more, schemes: schemesOf(dataflow) });
}

Object.assign(globalThis, { parseVega });
