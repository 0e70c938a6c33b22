/** Makes a picture as small as a tensor by averaging areas. No DOM in here. */

import type { PictureSpec } from "./payload.js";

/** A decoded picture, RGBA bytes without premultiplication. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Some rows from the top, each `4 * width` bytes. */
  rows(first: number, count: number): Uint8ClampedArray;
}

/** Weights of red, green and blue for one channel of grey (ITU-R BT.601, as in PIL and torchvision). */
const GREY = [0.299, 0.587, 0.114] as const;
/** Pixels that are read at a time. */
const BAND = 1 << 20;

/**
 * The picture as (channels, height, width) in 256 levels of [0, 1].
 *
 * Each pixel is the mean of the area that it covers, in the colours as they are stored (sRGB); pixels
 * that lie on its edge count with the share inside. Outside the picture is 0, transparent is white.
 */
export function scaled(pixels: Pixels, spec: PictureSpec): Float32Array {
  const [channels = 1, height = 1, width = 1] = spec.shape;
  const ratios = [pixels.width / width, pixels.height / height];
  /** Side of the square of the source that one pixel covers. */
  const side = spec.fit === "cover" ? Math.min(...ratios) : Math.max(...ratios);
  const left = (pixels.width - side * width) / 2;
  const top = (pixels.height - side * height) / 2;
  const sums = new Float64Array(channels * height * width);
  const row = new Float64Array(channels * width);
  const band = Math.max(1, Math.floor(BAND / pixels.width));
  const last = Math.min(pixels.height, Math.ceil(top + side * height));
  for (let first = Math.max(0, Math.floor(top)); first < last; first += band) {
    const count = Math.min(band, last - first);
    const bytes = pixels.rows(first, count);
    for (let y = 0; y < count; y++) {
      const one = bytes.subarray(4 * pixels.width * y, 4 * pixels.width * (y + 1));
      squeeze(one, row, { channels, width, left, side });
      addRow(row, sums, { channels, height, width }, first + y, top, side);
    }
  }
  return Float32Array.from(sums, (sum) => Math.round(Math.min(255, sum / (side * side))) / 255);
}

/** One row of the source, squeezed to the tensor's columns, as `row` (width, channels). */
function squeeze(
  bytes: Uint8ClampedArray,
  row: Float64Array,
  { channels, width, left, side }: { channels: number; width: number; left: number; side: number },
): void {
  for (let column = 0; column < width; column++) {
    const low = left + column * side;
    const high = low + side;
    const end = Math.min(bytes.length / 4, Math.ceil(high));
    let [red, green, blue] = [0, 0, 0];
    for (let x = Math.max(0, Math.floor(low)); x < end; x++) {
      const share = Math.min(x + 1, high) - Math.max(x, low);
      const alpha = (share * (bytes[4 * x + 3] ?? 0)) / 255;
      const paper = (share - alpha) * 255;
      red += alpha * (bytes[4 * x] ?? 0) + paper;
      green += alpha * (bytes[4 * x + 1] ?? 0) + paper;
      blue += alpha * (bytes[4 * x + 2] ?? 0) + paper;
    }
    if (channels === 1) row[column] = GREY[0] * red + GREY[1] * green + GREY[2] * blue;
    else row.set([red, green, blue], 3 * column);
  }
}

/** Adds a squeezed row of the source to the tensor's rows that it lies in. */
function addRow(
  row: Float64Array,
  sums: Float64Array,
  { channels, height, width }: { channels: number; height: number; width: number },
  y: number,
  top: number,
  side: number,
): void {
  for (const [at, share] of shares(y, top, side, height)) {
    for (let channel = 0; channel < channels; channel++) {
      const start = (channel * height + at) * width;
      for (let x = 0; x < width; x++) {
        sums[start + x] = (sums[start + x] ?? 0) + share * (row[x * channels + channel] ?? 0);
      }
    }
  }
}

/** Where a source pixel lies among the tensor's, and how much of it in each. */
function shares(at: number, start: number, side: number, count: number): [index: number, share: number][] {
  const first = Math.max(0, Math.floor((at - start) / side));
  const last = Math.min(count - 1, Math.ceil((at + 1 - start) / side) - 1);
  const found: [number, number][] = [];
  for (let index = first; index <= last; index++) {
    const low = Math.max(at, start + index * side);
    const high = Math.min(at + 1, start + (index + 1) * side);
    if (high > low) found.push([index, high - low]);
  }
  return found;
}
