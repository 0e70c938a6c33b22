/**
 * The transforms that Vega-Lite compiles to, without maps. Vega's others (force, trees, contours,
 * word clouds, labels, crossfilter, ...) are beyond Altair and stay out of the bundle.
 */

export { axisticks, datajoin, encode, legendentries, scale, sortitems, stack } from "vega-encode";
export { loess, regression } from "vega-regression";
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
  kde,
  key,
  load,
  lookup,
  multiextent,
  multivalues,
  params,
  pivot,
  prefacet,
  project,
  proxy,
  quantile,
  relay,
  sample,
  sequence,
  sieve,
  subflow,
  timeunit,
  tupleindex,
  values,
  window,
} from "vega-transforms";
export { bound, identifier, mark, overlap, render, viewlayout } from "vega-view-transforms";
export { voronoi } from "vega-voronoi";
