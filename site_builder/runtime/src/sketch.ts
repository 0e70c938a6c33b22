/** Ink on a grid: how a stroke becomes numbers. No DOM in here. */

/** A grid of ink in [0, 1], row-major, shape (height, width). */
export interface Grid {
  readonly ink: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** A place on the grid, in pixels; the first pixel's centre is (0.5, 0.5). */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** A line of this radius on a grid of this size is as thick as a pen's on paper. */
const REFERENCE_RADIUS = 1.6;
const REFERENCE_SIZE = 32;

export function brushRadius(width: number, height: number): number {
  return (REFERENCE_RADIUS * Math.min(width, height)) / REFERENCE_SIZE;
}

/**
 * Draws a round stroke from `from` to `to` (the same place makes a dot).
 *
 * A pixel's ink falls from 1 to 0 over one pixel at the rim, by the distance of its centre from
 * the stroke. Ink only grows, so a stroke's joints are not darker than its middle.
 */
export function drawStroke(grid: Grid, from: Place, to: Place, radius: number): void {
  const reach = radius + 0.5;
  const left = clamp(Math.floor(Math.min(from.x, to.x) - reach), 0, grid.width);
  const right = clamp(Math.ceil(Math.max(from.x, to.x) + reach), 0, grid.width);
  const top = clamp(Math.floor(Math.min(from.y, to.y) - reach), 0, grid.height);
  const bottom = clamp(Math.ceil(Math.max(from.y, to.y) + reach), 0, grid.height);
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const distance = distanceToSegment({ x: column + 0.5, y: row + 0.5 }, from, to);
      const ink = clamp(reach - distance, 0, 1);
      const at = row * grid.width + column;
      if (ink > (grid.ink[at] ?? 1)) grid.ink[at] = ink;
    }
  }
}

function distanceToSegment(place: Place, from: Place, to: Place): number {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : ((place.x - from.x) * dx + (place.y - from.y) * dy) / squared;
  const t = clamp(along, 0, 1);
  return Math.hypot(place.x - from.x - t * dx, place.y - from.y - t * dy);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** Ink as RGBA bytes: black whose opacity is the ink, for a canvas to colour. */
export function inkToRgba(ink: Float32Array): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(ink.length * 4);
  ink.forEach((value, i) => {
    rgba[i * 4 + 3] = value * 255;
  });
  return rgba;
}
