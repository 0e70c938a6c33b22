/** Vega types its umbrella package only; these are the parts that are taken one by one. */

declare module "vega-dataflow" {
  export { changeset, transforms } from "vega-typings";
  export const Operator: unknown;
  export const Transform: unknown;
  export const derive: unknown;
  export const ingest: unknown;
  export const isTuple: unknown;
  export const rederive: unknown;
  export const replace: unknown;
  export const stableCompare: unknown;
  export const tupleid: unknown;
}
declare module "vega-parser" {
  export { parse } from "vega-typings";
}
declare module "vega-view" {
  export { View } from "vega-typings";
}
declare module "vega-format" {
  export const resetTimeFormatDefaultLocale: (...values: unknown[]) => unknown;
  export const timeFormatDefaultLocale: () => Record<string, (...values: unknown[]) => unknown>;
  export const timeFormatLocale: (...values: unknown[]) => unknown;
}
declare module "vega-scale" {
  export const interpolateColors: (colours: readonly string[]) => unknown;
  export const scale: (type: string, make: unknown, metadata: readonly string[]) => unknown;
  export const scheme: (name: string, colours?: unknown) => unknown;
}
declare module "vega-scale/src/palettes.js" {
  export const continuous: Readonly<Record<string, unknown>>;
  export const discrete: Readonly<Record<string, unknown>>;
}
declare module "vega-scenegraph" {
  export const Bounds: unknown;
  export const intersect: unknown;
}
declare module "vega-scenegraph/src/path/curves.js" {
  export const lookup: Readonly<Record<string, object>>;
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
/** Packages of functions that expressions call, or that are handed on. */
declare module "vega-functions" {
  export const bandspace: unknown;
  export const bandwidth: unknown;
  export const containerSize: unknown;
  export const contrast: unknown;
  export const copy: unknown;
  export const data: unknown;
  export const dayAbbrevFormat: unknown;
  export const dayFormat: unknown;
  export const debug: unknown;
  export const domain: unknown;
  export const easeFunctions: Readonly<Record<string, unknown>>;
  export const encode: unknown;
  export const format: unknown;
  export const inScope: unknown;
  export const indata: unknown;
  export const indexof: unknown;
  export const info: unknown;
  export const interpolateLinear: unknown;
  export const invert: unknown;
  export const join: unknown;
  export const lastindexof: unknown;
  export const luminance: unknown;
  export const merge: unknown;
  export const modify: unknown;
  export const monthAbbrevFormat: unknown;
  export const monthFormat: unknown;
  export const pathShape: unknown;
  export const pinchAngle: unknown;
  export const pinchDistance: unknown;
  export const pluck: unknown;
  export const range: unknown;
  export const replace: unknown;
  export const reverse: unknown;
  export const scale: unknown;
  export const scaleGradient: unknown;
  export const screen: unknown;
  export const setdata: unknown;
  export const slice: unknown;
  export const sort: unknown;
  export const timeFormat: unknown;
  export const timeParse: unknown;
  export const treeAncestors: unknown;
  export const treePath: unknown;
  export const utcFormat: unknown;
  export const utcParse: unknown;
  export const warn: unknown;
  export const windowSize: unknown;
}
declare module "vega-selections" {
  export const selectionIdTest: unknown;
  export const selectionResolve: unknown;
  export const selectionTest: unknown;
  export const selectionTuples: unknown;
}
declare module "d3-array" {
  export const range: unknown;
}
declare module "d3-color" {
  export const hcl: unknown;
  export const hsl: unknown;
  export const lab: unknown;
  export const rgb: unknown;
}
declare module "d3-scale" {
  export const scaleTime: unknown;
  export const scaleUtc: unknown;
}
declare module "d3-shape" {
  export const curveLinear: unknown;
  export const curveLinearClosed: unknown;
  export const curveMonotoneX: unknown;
  export const curveMonotoneY: unknown;
  export const curveNatural: unknown;
  export const curveStep: unknown;
  export const curveStepAfter: unknown;
  export const curveStepBefore: unknown;
}
declare module "vega-statistics" {
  type Callable = (...values: unknown[]) => unknown;
  export const bootstrapCI: Callable;
  export const cumulativeLogNormal: Callable;
  export const cumulativeNormal: Callable;
  export const cumulativeUniform: Callable;
  export const densityLogNormal: Callable;
  export const densityNormal: Callable;
  export const densityUniform: Callable;
  export const quantileLogNormal: Callable;
  export const quantileNormal: Callable;
  export const quantileUniform: Callable;
  export const random: Callable;
  export const sampleLogNormal: Callable;
  export const sampleNormal: Callable;
  export const sampleUniform: Callable;
}
declare module "vega-time" {
  type Callable = (...values: unknown[]) => unknown;
  export const dayofyear: Callable;
  export const isoweek: Callable;
  export const timeInterval: Callable;
  export const timeOffset: Callable;
  export const timeSequence: Callable;
  export const timeUnitSpecifier: Callable;
  export const utcInterval: Callable;
  export const utcOffset: Callable;
  export const utcSequence: Callable;
  export const utcdayofyear: Callable;
  export const utcisoweek: Callable;
  export const utcweek: Callable;
  export const week: Callable;
}
declare module "vega-functions/src/functions/intersect.js" {
  const intersect: unknown;
  export default intersect;
}
declare module "vega-functions/src/functions/lasso.js" {
  export const intersectLasso: unknown;
  export const lassoAppend: unknown;
  export const lassoPath: unknown;
}
declare module "d3-interpolate" {
  export const interpolateHcl: unknown;
  export const interpolateRgb: unknown;
  export const piecewise: unknown;
}
