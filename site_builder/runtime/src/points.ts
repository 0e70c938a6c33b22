/** Placed points as a list that is never changed in place. */

import type { PlacedPoint } from "./payload.js";

export type PointList = readonly PlacedPoint[];
export type Place = readonly [x: number, y: number];

export function move(points: PointList, index: number, [x, y]: Place): PointList {
  return points.map((point, n) => (n === index ? [x, y, point[2]] : point));
}

/** The points with one more, or null where there is no more room. */
export function add(points: PointList, [x, y]: Place, label: number, capacity: number): PointList | null {
  return points.length < capacity ? [...points, [x, y, label]] : null;
}

export function remove(points: PointList, index: number): PointList {
  return points.filter((_, n) => n !== index);
}
