/** A reader's own picture, from a file or a camera, as the numbers of a tensor. */

import type { PictureSpec } from "./payload.js";
import { extentOf, KINDS } from "./picture-header.js";
import { scaled, type Pixels } from "./picture-scaling.js";

const MEGA = 1e6;
/** More of them fill a telephone's memory. */
const MOST_PIXELS = 40 * MEGA;
const MOST_BYTES = 64 * MEGA;
/** The size of a picture stands within so many bytes of its file. */
const HEAD = 4 * MEGA;

/** Its message is for the reader. */
export class PictureError extends Error {}

/** Reads a file; throws a PictureError where it is no picture that can be read here. */
export async function readPicture(file: Blob, spec: PictureSpec): Promise<Float32Array> {
  if (file.size > MOST_BYTES) {
    throw new PictureError(`The file has ${Math.ceil(file.size / MEGA)} megabytes; up to ${MOST_BYTES / MEGA} are read.`);
  }
  const head = new Uint8Array(await bytesOf(file.slice(0, HEAD)));
  const extent = extentOf(head);
  if (extent === null) throw new PictureError(`This is no picture of a kind that is read here: ${KINDS}.`);
  if (extent === undefined) throw new PictureError(DAMAGED);
  const count = extent.width * extent.height;
  if (count > MOST_PIXELS) {
    throw new PictureError(
      `The picture has ${Math.ceil(count / MEGA)} megapixels; up to ${MOST_PIXELS / MEGA} are read. Make it smaller first.`,
    );
  }
  let bitmap: ImageBitmap;
  try {
    // No address is made for it, so that no policy of a server can forbid it.
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new PictureError(DAMAGED);
  }
  return numbersOf(bitmap, spec);
}

/** What a camera shows now. */
export async function readVideo(video: HTMLVideoElement, spec: PictureSpec): Promise<Float32Array> {
  return numbersOf(await createImageBitmap(video), spec);
}

const DAMAGED = "The picture is damaged, or of a kind that this browser can't read.";

async function bytesOf(file: Blob): Promise<ArrayBuffer> {
  try {
    return await file.arrayBuffer();
  } catch {
    throw new PictureError("The file can't be read."); // a folder, or a file that is gone
  }
}

function numbersOf(bitmap: ImageBitmap, spec: PictureSpec): Float32Array {
  try {
    return scaled(pixelsOf(bitmap), spec);
  } finally {
    bitmap.close();
  }
}

function pixelsOf(bitmap: ImageBitmap): Pixels {
  const { width, height } = bitmap;
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new PictureError("This browser lends no canvas to read a picture on.");
  return {
    width,
    height,
    rows: (first, count) => {
      // A new size clears the canvas; a band is drawn pixel by pixel, so that nobody smooths it.
      canvas.width = width;
      canvas.height = count;
      context.drawImage(bitmap, 0, first, width, count, 0, 0, width, count);
      return context.getImageData(0, 0, width, count).data;
    },
  };
}
