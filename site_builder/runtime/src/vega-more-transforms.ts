/** The transforms of Vega-Lite that few charts need. */

export { loess, regression } from "vega-regression";
export {
  kde,
  load,
  lookup,
  pivot,
  quantile,
  sample,
  timeunit,
  window,
} from "vega-transforms";
export { voronoi } from "vega-voronoi";
