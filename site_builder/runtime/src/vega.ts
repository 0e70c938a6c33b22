/** The one module that knows Vega. Bundled on its own as vega.js. */

import { changeset, transforms } from "vega-dataflow";
import { interpolateColors, scheme } from "vega-scale";
import { extend } from "vega-util";
import { View } from "vega-view";
import type { EventListenerHandler, Runtime, SignalValue } from "vega-typings";
import { PageColours, teachColours } from "./canvas-colours.js";
import type { Chart, ChartModule, MoreCharts, Picked, ScaleFrame, Size, Update } from "./chart.js";
import { expressions } from "./expressions.js";
import type { BrushSpec, FigureSpec, ScaleRef } from "./payload.js";
import type { Row } from "./rows.js";
import * as offered from "./vega-transforms.js";
import { frameOf } from "./vega-frame.js";
import { kit } from "./vega-kit.js";
import { moveBrush, pickedIn, pickIn } from "./vega-selections.js";

extend(transforms, offered);

/** The field that holds a row's number. */
const ROW = "explorable row";

/** What Vega does when the ratio of pixels changes, and offers to nobody else. */
interface Repaintable {
  _redraw: boolean;
  _resize: number;
}

class VegaChart implements Chart {
  readonly element = document.createElement("div");
  private readonly view: View;
  private readonly colours = new PageColours(this.element);
  private readonly rows: Record<string, Row[]> = {};
  /** The data set whose rows can be told apart. */
  private readonly numbered: string | undefined;
  /** Pixels of the view from left to right of the element. */
  private span = NaN;
  /** CSS px from left to right of the element, once known. */
  private width = 0;
  private readonly watch = new ResizeObserver(([entry]) => {
    this.width = entry?.contentRect.width ?? 0;
  });
  private due = false;
  private disposed = false;
  /** Vega logs what goes wrong inside a run instead of rejecting. */
  private failure: unknown;

  constructor(
    figure: FigureSpec,
    rows: Readonly<Record<string, Row[]>>,
    private readonly still: Size,
  ) {
    this.numbered = figure.edits?.data;
    const holder = document.createElement("div");
    this.element.append(holder);
    learn(figure.schemes);
    this.view = new View(figure.dataflow as Runtime, {
      expr: expressions,
      renderer: figure.renderer,
      logger: quietLogger((error) => (this.failure ??= error)),
    });
    this.view.initialize(holder);
    // The picture around it speaks for the chart; Vega's own role would say "visualization" again.
    for (const name of [...holder.getAttributeNames()]) holder.removeAttribute(name);
    holder.className = "explorable-view";
    this.element.className = "explorable-live";
    this.element.setAttribute("aria-hidden", "true");
    const context = holder.querySelector("canvas")?.getContext("2d");
    if (context) teachColours(context, this.colours);
    for (const [name, inserted] of Object.entries(rows)) {
      this.rows[name] = inserted;
      this.view.insert(name, this.number(name, inserted));
    }
    this.watch.observe(this.element);
  }

  async update(updates: Readonly<Record<string, Update>>): Promise<void> {
    for (const [name, update] of Object.entries(updates)) {
      const rows = this.rows[name] ?? [];
      const changes = changeset();
      if ("rows" in update) {
        changes.remove(rows).insert(this.number(name, update.rows));
        this.rows[name] = update.rows;
      } else {
        const left = rows.length - update.removed;
        if (update.removed > 0) changes.remove(rows.splice(left));
        for (const { row, column, cell } of update.cells) {
          const tuple = rows[row];
          if (tuple !== undefined) changes.modify(tuple, column, cell);
        }
        if (update.inserted.length > 0) changes.insert(this.number(name, update.inserted, left));
        rows.push(...update.inserted);
      }
      this.view.change(name, changes);
    }
    await this.run();
  }

  /** Evaluates and paints; queues behind a run that is under way. */
  async run(): Promise<void> {
    await this.view.runAsync();
    if (this.failure !== undefined) throw this.failure;
    if (!this.disposed) this.fit();
  }

  async repaint(paper = false): Promise<void> {
    if (this.disposed) return;
    this.colours.forget(paper);
    const view = this.view as unknown as Repaintable;
    view._redraw = true;
    view._resize = 1;
    await this.run();
  }

  frame(x: ScaleRef, y: ScaleRef): ScaleFrame | undefined {
    // Reading the width makes the browser lay the page out, so what was observed goes first.
    const width = this.width || this.element.clientWidth;
    return width > 0 && !this.disposed ? frameOf(this.view, x, y, width / this.span) : undefined;
  }

  signal(name: string): unknown {
    return this.view.signal(name);
  }

  setSignal(name: string, value: unknown): void {
    if (this.disposed) return;
    this.view.signal(name, value as SignalValue);
    this.runSoon();
  }

  onSignal(name: string, callback: (value: unknown) => void): () => void {
    let listening = true;
    const listener = (_: string, value: unknown) => {
      // Vega is in the middle of a run here and would not begin another.
      queueMicrotask(() => {
        if (listening) callback(value);
      });
    };
    this.view.addSignalListener(name, listener);
    return () => {
      listening = false;
      if (!this.disposed) this.view.removeSignalListener(name, listener);
    };
  }

  picked(name: string): readonly Picked[] {
    return pickedIn(this.view, name);
  }

  pick(name: string, picked: readonly Picked[], legend: string | null): void {
    if (this.disposed) return;
    pickIn(this.view, name, picked, legend);
    this.runSoon();
  }

  brush(name: string, brushes: readonly BrushSpec[], ends: readonly number[]): void {
    if (this.disposed) return;
    moveBrush(this.view, name, brushes, ends);
    this.runSoon();
  }

  onRow(data: string, callback: (row: number, event: Event) => void): () => void {
    const listener: EventListenerHandler = (event, item) => {
      const datum = (item?.datum ?? {}) as Partial<Record<string, unknown>>;
      const row = data === this.numbered ? datum[ROW] : undefined;
      const meant = event.type === "click" || (event as KeyboardEvent).key === "Enter";
      if (typeof row === "number" && meant) callback(row, event);
    };
    for (const type of ["click", "keydown"]) this.view.addEventListener(type, listener);
    return () => {
      if (this.disposed) return;
      for (const type of ["click", "keydown"]) this.view.removeEventListener(type, listener);
    };
  }

  dispose(): void {
    this.disposed = true;
    this.watch.disconnect();
    this.view.finalize();
  }

  /** One run for all that is set before it. */
  private runSoon(): void {
    if (this.due) return;
    this.due = true;
    queueMicrotask(() => {
      this.due = false;
      this.run().catch(() => undefined); // the next update tells
    });
  }

  /** Numbers the rows that can be clicked. Vega copies rows, so that a number must be a field. */
  private number(name: string, rows: readonly Row[], start = 0): readonly Row[] {
    if (name === this.numbered) rows.forEach((row, i) => (row[ROW] = start + i));
    return rows;
  }

  /** Gives the chart the box and the scale of the static picture. */
  private fit(): void {
    const drawn = this.element.querySelector<SVGSVGElement | HTMLCanvasElement>(".explorable-view > *");
    const { still, element } = this;
    if (drawn === null || !(still.width > 0 && still.height > 0)) return;
    const { width, height } = sizeOf(drawn);
    const shrink = Math.max(1, width / still.width, height / still.height);
    this.span = still.width * shrink;
    element.style.width = `${still.width}px`;
    element.style.aspectRatio = `${still.width} / ${still.height}`;
    if (drawn instanceof SVGSVGElement) {
      const box = `0 0 ${this.span} ${still.height * shrink}`;
      if (drawn.getAttribute("viewBox") !== box) drawn.setAttribute("viewBox", box);
    } else {
      // A transform, since Vega reckons with one when it looks for what is under the pointer. The
      // quotient of two lengths, which CSS has no division for, is the tangent of their angle.
      drawn.style.transform = `scale(tan(atan2(100cqw, ${this.span}px)))`;
    }
  }
}

function sizeOf(drawn: SVGSVGElement | HTMLCanvasElement): Size {
  if (drawn instanceof HTMLCanvasElement) {
    return { width: parseFloat(drawn.style.width), height: parseFloat(drawn.style.height) };
  }
  return { width: Number(drawn.getAttribute("width")), height: Number(drawn.getAttribute("height")) };
}

/** Makes colour schemes known to Vega. */
export function learn(schemes: FigureSpec["schemes"]): void {
  for (const [name, { colours, smooth }] of Object.entries(schemes)) {
    const list = (colours.match(/.{6}/g) ?? []).map((digits) => `#${digits}`);
    scheme(name, smooth ? interpolateColors(list) : list);
  }
}

/** Warnings are for whoever builds the page and were shown there; errors go to `fail`. */
function quietLogger(fail: (error: unknown) => void) {
  const logger = {
    level: () => logger,
    error: (error: unknown) => {
      fail(error);
      return logger;
    },
    warn: () => logger,
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}

async function draw(
  figure: FigureSpec,
  rows: Readonly<Record<string, Row[]>>,
  still: Size,
): Promise<Chart> {
  const chart = new VegaChart(figure, rows, still);
  await chart.run();
  return chart;
}

let extended = false;

function extendOnce(more: MoreCharts): void {
  if (!extended) more(kit);
  extended = true;
}

export const charts: ChartModule = { draw, extend: extendOnce };
