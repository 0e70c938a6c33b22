/** Vega types its umbrella package only; these are the parts that vega.ts takes one by one. */

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
  export {};
}
declare module "vega-geo" {
  export {};
}
declare module "vega-regression" {
  export {};
}
declare module "vega-transforms" {
  export {};
}
declare module "vega-view-transforms" {
  export {};
}
declare module "vega-voronoi" {
  export {};
}
