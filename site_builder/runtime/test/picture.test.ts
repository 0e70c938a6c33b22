import assert from "node:assert/strict";
import { test } from "node:test";
import type { PictureSpec } from "../src/payload.js";
import { extentOf } from "../src/picture-header.js";
import { scaled, type Pixels } from "../src/picture-scaling.js";

function spec(channels: number, height: number, width: number, fit: "cover" | "contain" = "cover"): PictureSpec {
  return {
    kind: "picture", name: "photo", label: "Photo", dtype: "float32", shape: [channels, height, width],
    fit, examples: [], default: null,
  };
}

/** A picture from grey levels, or from [red, green, blue, opacity], row by row. */
function pixels(rows: readonly (readonly (number | readonly number[])[])[]): Pixels {
  const width = rows[0]?.length ?? 0;
  const bytes = rows.flatMap((row) => row.flatMap((one) => (typeof one === "number" ? [one, one, one, 255] : one)));
  const data = Uint8ClampedArray.from(bytes);
  return { width, height: rows.length, rows: (first, count) => data.slice(4 * width * first, 4 * width * (first + count)) };
}

function levels(picture: Float32Array): number[] {
  return Array.from(picture, (level) => Math.round(level * 255));
}

test("a picture of the tensor's size stays as it is, channel by channel", () => {
  const source = pixels([[[1, 2, 3, 255], [4, 5, 6, 255]]]);
  assert.deepEqual(levels(scaled(source, spec(3, 1, 2))), [1, 4, 2, 5, 3, 6]);
});

test("each pixel is the mean of the area that it covers", () => {
  const source = pixels([[0, 100, 10, 10], [100, 200, 10, 30]]);
  assert.deepEqual(levels(scaled(source, spec(1, 1, 2))), [100, 15]);
});

test("a pixel that lies across an edge counts on both sides with its share", () => {
  // Three columns in two: the middle one belongs to both halves.
  const source = pixels([[0, 90, 240], [0, 90, 240], [0, 90, 240]]);
  assert.deepEqual(levels(scaled(source, spec(1, 2, 2))), [30, 190, 30, 190]);
});

test("a small picture is enlarged", () => {
  assert.deepEqual(levels(scaled(pixels([[10, 20]]), spec(1, 2, 4))), [10, 10, 20, 20, 10, 10, 20, 20]);
});

test("to cover takes the middle, to contain leaves black on either side", () => {
  const source = pixels([[9, 50, 70, 9]]);
  assert.deepEqual(levels(scaled(source, spec(1, 1, 2))), [50, 70]);
  const tall = pixels([[40], [80]]);
  assert.deepEqual(levels(scaled(tall, spec(1, 2, 4, "contain"))), [0, 20, 20, 0, 0, 40, 40, 0]);
});

test("transparent places are white, and half transparent ones half so", () => {
  const source = pixels([[[0, 0, 0, 0], [0, 0, 0, 51]]]);
  assert.deepEqual(levels(scaled(source, spec(1, 1, 2))), [255, 204]);
});

test("grey is the eye's mean of the colours", () => {
  const source = pixels([[[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]]]);
  assert.deepEqual(levels(scaled(source, spec(1, 1, 3))), [76, 150, 29]);
});

test("a picture that is read band by band is the one that is read at once", () => {
  const row = Array.from({ length: 1 << 19 }, (_, x) => x % 251);
  const source = pixels([row, row, row, row, row]); // two rows a band
  let calls = 0;
  const counted = { ...source, rows: (first: number, count: number) => (calls++, source.rows(first, count)) };
  const found = scaled(counted, spec(1, 5, 1 << 19));
  assert.equal(calls, 3);
  assert.equal(levels(found)[4 * row.length + 17], 17);
});

function bytesOf(text: string, length = 64): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i < text.length ? text.charCodeAt(i) : 0));
}

const HEADS: readonly [kind: string, bytes: Uint8Array][] = [
  ["PNG", bytesOf("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x40\0\0\0\xf0")],
  ["JPEG", bytesOf("\xff\xd8\xff\xe1\0\x06ABCD\xff\xff\xc4\0\x02\xff\xc2\0\x11\x08\0\xf0\x01\x40")],
  ["GIF", bytesOf("GIF89a\x40\x01\xf0\0")],
  ["BMP", bytesOf("BM".padEnd(14, "\0") + "\x28\0\0\0\x40\x01\0\0\x10\xff\xff\xff")],
  ["lossy WebP", bytesOf("RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x40\x01\xf0\0")],
  ["lossless WebP", bytesOf("RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x3f\xc1\x3b\0")],
  ["animated WebP", bytesOf("RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x3f\x01\0\xef\0\0")],
  ["AVIF", bytesOf("\0\0\0\x14ftypavif\0\0\0\0mif1ispe\0\0\0\0\0\0\x01\x40\0\0\0\xf0")],
];

for (const [kind, bytes] of HEADS) {
  test(`the size of a ${kind} is told before it is decoded`, () => {
    assert.deepEqual(extentOf(bytes), { width: 320, height: 240 });
  });

  test(`a ${kind} that is cut off has no size`, () => {
    assert.equal(extentOf(bytes.subarray(0, kind === "GIF" ? 9 : 14)), undefined);
  });
}

for (const text of ["<svg xmlns='http://www.w3.org/2000/svg'>", "<?xml version='1.0'?>", "%PDF-1.7", "", "\0\0\0\x18ftypheic"]) {
  test(`'${text}' begins no picture of pixels`, () => {
    assert.equal(extentOf(bytesOf(text, text.length)), null);
  });
}
