/** Vega types its umbrella package only; these are the parts that are taken one by one. */

declare module "vega-dataflow" {
  export { changeset, transforms } from "vega-typings";
}
declare module "vega-parser" {
  export { parse } from "vega-typings";
}
declare module "vega-view" {
  export { View } from "vega-typings";
}
/** Packages of transforms: each exports transform constructors by their name in a specification. */
declare module "vega-encode" {
  export const axisticks: unknown;
  export const datajoin: unknown;
  export const encode: unknown;
  export const legendentries: unknown;
  export const scale: unknown;
  export const sortitems: unknown;
  export const stack: unknown;
}
declare module "vega-regression" {
  export const loess: unknown;
  export const regression: unknown;
}
declare module "vega-transforms" {
  export const aggregate: unknown;
  export const bin: unknown;
  export const collect: unknown;
  export const compare: unknown;
  export const expression: unknown;
  export const extent: unknown;
  export const facet: unknown;
  export const field: unknown;
  export const filter: unknown;
  export const flatten: unknown;
  export const fold: unknown;
  export const formula: unknown;
  export const impute: unknown;
  export const joinaggregate: unknown;
  export const kde: unknown;
  export const key: unknown;
  export const load: unknown;
  export const lookup: unknown;
  export const multiextent: unknown;
  export const multivalues: unknown;
  export const params: unknown;
  export const pivot: unknown;
  export const prefacet: unknown;
  export const project: unknown;
  export const proxy: unknown;
  export const quantile: unknown;
  export const relay: unknown;
  export const sample: unknown;
  export const sequence: unknown;
  export const sieve: unknown;
  export const subflow: unknown;
  export const timeunit: unknown;
  export const tupleindex: unknown;
  export const values: unknown;
  export const window: unknown;
}
declare module "vega-view-transforms" {
  export const bound: unknown;
  export const identifier: unknown;
  export const mark: unknown;
  export const overlap: unknown;
  export const render: unknown;
  export const viewlayout: unknown;
}
declare module "vega-voronoi" {
  export const voronoi: unknown;
}
