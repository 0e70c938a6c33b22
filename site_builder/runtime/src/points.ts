/** Placed points as a list that is never changed in place. */

import type { PlacedPoint, PointsSpec } from "./payload.js";

export type PointList = readonly PlacedPoint[];
export type Place = readonly [x: number, y: number];

export function move(points: PointList, index: number, [x, y]: Place): PointList {
  return points.map((point, n) => (n === index ? [x, y, point[2]] : point));
}

/** The points with one more, or null where there is no more room. */
export function add(points: PointList, [x, y]: Place, label: number, capacity: number): PointList | null {
  return points.length < capacity ? [...points, [x, y, label]] : null;
}

/** The points with another one in the place of one. */
export function replace(points: PointList, index: number, point: PlacedPoint): PointList {
  return points.map((old, n) => (n === index ? point : old));
}

export function remove(points: PointList, index: number): PointList {
  return points.filter((_, n) => n !== index);
}

/** What a point of the label with this index bears: the index, or that end of the values. */
export function bears(spec: PointsSpec, index: number): number {
  return spec.value === null ? index : (spec.value[index] ?? spec.value[0]);
}

/** What a point bears in words or digits; undefined where points have no labels. */
export function labelText(spec: PointsSpec, label: number): string | undefined {
  return spec.value === null ? spec.labels?.[label] : printValue(label);
}

export function printValue(value: number): string {
  return String(Number(value.toPrecision(3)));
}
