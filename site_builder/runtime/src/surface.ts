/** Fields and tiles: one canvas under the transparent chart, aligned with the chart's own scales. */

import type { Chart, ScaleFrame, Size } from "./chart.js";
import type { Explorable } from "./explorable.js";
import type { FieldOutput, SurfaceSpec } from "./payload.js";
import type { Cell } from "./rows.js";
import { bytesFromBase64, type TensorValue } from "./tensor.js";

/** What a surface needs of an explorable. */
export type SurfaceSource = Pick<Explorable, "field" | "columns" | "outputSpec">;

export class Surfaces {
  private readonly canvas = document.createElement("canvas");
  private readonly painters: readonly Painter[];
  private size: Size;

  constructor(
    private readonly chart: Chart,
    specs: readonly SurfaceSpec[],
    private readonly source: SurfaceSource,
    presence: AbortSignal,
  ) {
    const { element } = chart;
    this.painters = specs.map((spec) => new Painter(spec));
    this.size = { width: element.clientWidth, height: element.clientHeight };
    if (specs.length === 0) return;
    this.canvas.className = "explorable-surface";
    element.prepend(this.canvas);
    const watch = new ResizeObserver(([entry]) => {
      // Asking the element itself in every paint would make the browser lay the page out.
      if (entry !== undefined) this.size = entry.contentRect;
      this.paint();
    });
    watch.observe(element);
    presence.addEventListener("abort", () => watch.disconnect());
  }

  /** Takes the newest numbers; `paint` shows them. */
  read(): void {
    for (const painter of this.painters) painter.read(this.source);
  }

  /** Paints what was read last where the chart's scales are now. */
  paint(): void {
    if (this.painters.length === 0) return;
    const context = this.clear();
    if (context === null) return;
    for (const painter of this.painters) {
      const frame = this.chart.frame(painter.spec.x, painter.spec.y);
      if (frame !== undefined) painter.paint(context, frame, this.ratio);
    }
  }

  /** Pixels of the screen to a CSS px. */
  private get ratio(): number {
    return devicePixelRatio || 1;
  }

  /** The canvas, empty, with a pixel for each of the screen. */
  private clear(): CanvasRenderingContext2D | null {
    const { canvas, size, ratio } = this;
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    const context = canvas.getContext("2d");
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    } else {
      context?.resetTransform();
      context?.clearRect(0, 0, width, height);
    }
    return context;
  }
}

/** One surface: its numbers as colours, pixel by pixel, on a canvas of its own. */
class Painter {
  private readonly colours: ColourTable;
  private readonly pixels = document.createElement("canvas");
  private image: ImageData | undefined;
  private places: { readonly xs: readonly Cell[]; readonly ys: readonly Cell[] } = { xs: [], ys: [] };
  private field: FieldOutput | undefined;

  constructor(readonly spec: SurfaceSpec) {
    this.colours = new ColourTable(spec.lut, spec.domain);
  }

  read(source: SurfaceSource): void {
    const { spec } = this;
    const output = source.outputSpec(spec.output);
    if (output?.kind === "field") this.field = output;
    else this.places = this.placesOf(source);
    this.fill(source.field(spec.output, spec.column));
  }

  paint(context: CanvasRenderingContext2D, frame: ScaleFrame, ratio: number): void {
    const { pixels, image, field, places, spec } = this;
    if (image === undefined) return;
    context.imageSmoothingEnabled = true;
    if (field !== undefined) {
      const [left, right] = field.x.map(frame.toX) as [number, number];
      const [bottom, top] = field.y.map(frame.toY) as [number, number];
      // A scale may run the other way, and an image is not mirrored by a negative width.
      context.setTransform(
        (ratio * (right - left)) / pixels.width, 0,
        0, (ratio * (bottom - top)) / pixels.height,
        ratio * left, ratio * top,
      );
      context.drawImage(pixels, 0, 0);
      return;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const [width, height] = [(spec.width ?? 0) * frame.zoom, (spec.height ?? 0) * frame.zoom];
    const rows = Math.max(1, places.xs.length);
    const step = pixels.height / rows;
    places.xs.forEach((x, row) => {
      const [left, top] = [frame.toX(x) - width / 2, frame.toY(places.ys[row] ?? NaN) - height / 2];
      if (!Number.isFinite(left + top)) return;
      context.drawImage(pixels, 0, row * step, pixels.width, step, left, top, width, height);
    });
  }

  private placesOf(source: SurfaceSource) {
    const { columns } = source.columns(this.spec.output);
    const cells = (name: string | undefined) => columns.find((column) => column.name === name)?.cells;
    return { xs: cells(this.spec.x.field) ?? [], ys: cells(this.spec.y.field) ?? [] };
  }

  /** Colours the values; tiles are stacked, the first at the top. */
  private fill({ data, shape }: TensorValue): void {
    const width = shape.at(-1) ?? 0;
    const height = width > 0 ? data.length / width : 0;
    if (width === 0 || height === 0) {
      this.image = undefined;
      return;
    }
    if (this.image?.width !== width || this.image.height !== height) {
      this.image = new ImageData(width, height);
      this.pixels.width = width;
      this.pixels.height = height;
    }
    this.colours.paint(data, this.image.data);
    this.pixels.getContext("2d")?.putImageData(this.image, 0, 0);
  }
}

/** 256 colours from the first to the last value of a domain; beyond it the last ones go on. */
export class ColourTable {
  private readonly table: Uint32Array;

  constructor(
    lut: string,
    private readonly domain: readonly [number, number],
  ) {
    this.table = new Uint32Array(bytesFromBase64(lut).buffer);
  }

  /** Writes the colour of each value as four bytes; what is no number stays transparent. */
  paint(values: ArrayLike<number>, rgba: Uint8ClampedArray): void {
    const out = new Uint32Array(rgba.buffer, rgba.byteOffset, values.length);
    const { table } = this;
    const [low, high] = this.domain;
    const last = table.length - 1;
    const scale = last / (high - low);
    for (let i = 0; i < out.length; i++) {
      const place = ((values[i] as number) - low) * scale + 0.5;
      if (place >= last) out[i] = table[last] as number;
      else if (place > 0) out[i] = table[place | 0] as number;
      else out[i] = Number.isNaN(place) ? 0 : (table[0] as number);
    }
  }
}
