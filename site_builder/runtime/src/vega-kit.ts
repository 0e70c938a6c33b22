/** What vega.js lends to vega-more.js, so that no part of Vega is there twice where it must not be. */

import {
  Operator,
  Transform,
  derive,
  ingest,
  isTuple,
  rederive,
  replace,
  stableCompare,
  transforms,
  tupleid,
} from "vega-dataflow";
import { scale } from "vega-scale";
import { Bounds, intersect } from "vega-scenegraph";
import { curves, fill, interpolators, scheme } from "./vega-late.js";
import { words } from "./vega-words.js";

export const kit = {
  /** The bundler gives vega-more.js these in the place of the packages. */
  dataflow: {
    Operator,
    Transform,
    derive,
    ingest,
    isTuple,
    rederive,
    replace,
    stableCompare,
    tupleid,
  },
  scenegraph: { Bounds, intersect },
  /** Tables and places to be filled. */
  curves,
  fill,
  interpolators,
  scale,
  scheme,
  transforms,
  words,
};

export type Kit = typeof kit;
