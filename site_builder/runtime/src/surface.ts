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
    const again = () => {
      this.canvas.width = 0; // as after a change of size
      this.paint();
    };
    this.canvas.addEventListener("contextrestored", again, { signal: presence });
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

  /** Paints what was read last where the chart's scales are now; nothing where it stands there. */
  paint(): void {
    const { canvas, painters, size, ratio } = this;
    if (painters.length === 0) return;
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    const resized = canvas.width !== width || canvas.height !== height;
    const moved = painters.map((painter) =>
      painter.place(this.chart.frame(painter.spec.x, painter.spec.y)),
    );
    if (!resized && !moved.includes(true)) return;
    if (resized) [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d");
    if (context === null) return;
    context.resetTransform();
    context.clearRect(0, 0, width, height);
    for (const painter of painters) painter.paint(context, ratio);
  }

  /** Pixels of the screen to a CSS px. */
  private get ratio(): number {
    return devicePixelRatio || 1;
  }
}

type Box = readonly [left: number, top: number, width: number, height: number];

/** One surface: its numbers as colours, pixel by pixel, on a canvas of its own. */
class Painter {
  private readonly colours: ColourTable;
  private readonly pixels = document.createElement("canvas");
  private image: ImageData | undefined;
  private places: { readonly xs: readonly Cell[]; readonly ys: readonly Cell[] } = { xs: [], ys: [] };
  private field: FieldOutput | undefined;
  /** Left, top, width and height of each image in CSS px; of a field that runs the other way less than 0. */
  private boxes: readonly Box[] = [];
  private fresh = true;

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

  /** Takes the scales; whether something else is to be seen than what was painted last. */
  place(frame: ScaleFrame | undefined): boolean {
    const before = this.boxes;
    this.boxes = frame === undefined ? [] : this.boxesIn(frame);
    const stays = (box: Box, at: number) => box.every((number, n) => Object.is(number, before[at]?.[n]));
    return this.fresh || before.length !== this.boxes.length || !this.boxes.every(stays);
  }

  paint(context: CanvasRenderingContext2D, ratio: number): void {
    const { pixels, image, boxes } = this;
    this.fresh = false;
    if (image === undefined) return;
    context.imageSmoothingEnabled = true;
    const step = pixels.height / Math.max(1, boxes.length);
    boxes.forEach(([left, top, width, height], row) => {
      if (!Number.isFinite(left + top)) return;
      // A scale may run the other way, and an image is not mirrored by a negative width.
      const [x, y] = [(ratio * width) / pixels.width, (ratio * height) / step];
      context.setTransform(x, 0, 0, y, ratio * left, ratio * top);
      context.drawImage(pixels, 0, row * step, pixels.width, step, 0, 0, pixels.width, step);
    });
  }

  private boxesIn({ toX, toY, zoom }: ScaleFrame): Box[] {
    const { field, places, spec } = this;
    if (field !== undefined) {
      const [left, right] = field.x.map(toX) as [number, number];
      const [bottom, top] = field.y.map(toY) as [number, number];
      return [[left, top, right - left, bottom - top]];
    }
    const [width, height] = [(spec.width ?? 0) * zoom, (spec.height ?? 0) * zoom];
    return places.xs.map((x, row) => {
      const y = places.ys[row] ?? NaN;
      return [toX(x) - width / 2, toY(y) - height / 2, width, height];
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
      this.fresh ||= this.image !== undefined;
      this.image = undefined;
      return;
    }
    if (this.image?.width !== width || this.image.height !== height) {
      this.image = new ImageData(width, height);
      this.pixels.width = width;
      this.pixels.height = height;
      this.fresh = true;
    }
    if (!this.colours.paint(data, this.image.data)) return;
    this.fresh = true;
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

  /**
   * Writes the colour of each value as four bytes; what is no number stays transparent. Tells whether
   * a colour has changed.
   */
  paint(values: ArrayLike<number>, rgba: Uint8ClampedArray): boolean {
    const out = new Uint32Array(rgba.buffer, rgba.byteOffset, values.length);
    const { table } = this;
    const [low, high] = this.domain;
    const last = table.length - 1;
    const scale = last / (high - low);
    let changed = false;
    for (let i = 0; i < out.length; i++) {
      const place = ((values[i] as number) - low) * scale + 0.5;
      let colour = Number.isNaN(place) ? 0 : (table[0] as number);
      if (place >= last) colour = table[last] as number;
      else if (place > 0) colour = table[place | 0] as number;
      changed ||= colour !== out[i];
      out[i] = colour;
    }
    return changed;
  }
}
