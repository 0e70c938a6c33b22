/** What the first bytes of a file tell of a picture, before anything decodes it. No DOM in here. */

/** Kinds of files of pixels; drawings that can hold scripts, such as SVG, are none of them. */
export const KINDS = "PNG, JPEG, GIF, WebP, AVIF and BMP";

/** Width and height in pixels. */
export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** The size of a picture; null where the bytes are not the begin of any, undefined where it is cut off. */
export function extentOf(bytes: Uint8Array): Extent | null | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (at: number, length: number) => String.fromCharCode(...bytes.subarray(at, at + length));
  try {
    if (text(0, 8) === "\x89PNG\r\n\x1a\n") return { width: view.getUint32(16), height: view.getUint32(20) };
    if (text(0, 2) === "\xff\xd8") return ofJpeg(view);
    if (/^GIF8[79]a/.test(text(0, 6))) return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (text(0, 4) === "RIFF" && text(8, 4) === "WEBP") return ofWebp(view, text(12, 4));
    if (/^ftypavi[fs]/.test(text(4, 8))) return ofAvif(view, bytes);
    if (text(0, 2) === "BM") return ofBmp(view);
    return null;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** ITU-T T.81: segments up to a start of frame, of any kind but those of tables. */
function ofJpeg(view: DataView): Extent {
  for (let at = 2; ; ) {
    const marker = view.getUint16(at);
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker);
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    // Bytes of 0xff may stand between segments.
    at += marker === 0xffff ? 1 : 2 + view.getUint16(at + 2);
  }
}

function ofWebp(view: DataView, kind: string): Extent {
  if (kind === "VP8 ") return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (kind === "VP8L") {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  const three = (at: number) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16) + 1;
  return { width: three(24), height: three(27) };
}

/** ISO/IEC 23008-12: the largest of the sizes of its images. */
function ofAvif(view: DataView, bytes: Uint8Array): Extent {
  let found: Extent | undefined;
  for (let at = 12; at + 16 <= bytes.length; at++) {
    if (view.getUint32(at) !== 0x69737065) continue; // "ispe"
    const one = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    if (found === undefined || one.width * one.height > found.width * found.height) found = one;
  }
  if (found === undefined) throw new RangeError("no size");
  return found;
}

function ofBmp(view: DataView): Extent {
  if (view.getUint32(14, true) === 12) return { width: view.getUint16(18, true), height: view.getUint16(20, true) };
  return { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) };
}
