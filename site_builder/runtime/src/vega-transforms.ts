/**
 * The transforms that most charts need. Those of vega-more-transforms.ts complete what Vega-Lite
 * compiles to, maps aside; Vega's others (force, trees, contours, word clouds, ...) are beyond Altair.
 */

export { axisticks, datajoin, encode, legendentries, scale, sortitems, stack } from "vega-encode";
export {
  aggregate,
  bin,
  collect,
  compare,
  expression,
  extent,
  facet,
  field,
  filter,
  flatten,
  fold,
  formula,
  impute,
  joinaggregate,
  key,
  multiextent,
  multivalues,
  params,
  prefacet,
  project,
  proxy,
  relay,
  sequence,
  sieve,
  subflow,
  tupleindex,
  values,
} from "vega-transforms";
export { bound, identifier, mark, overlap, render, viewlayout } from "vega-view-transforms";
