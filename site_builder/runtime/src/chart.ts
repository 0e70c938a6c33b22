/** What explorables.js asks of vega.js; it holds no Vega, so that the page starts without it. */

import type { BrushSpec, FigureSpec, ScaleRef } from "./payload.js";
import type { Cell, Changes, Row } from "./rows.js";

/** Where a pair of scales puts data: pixels are CSS px from the top left of the chart's element. */
export interface ScaleFrame {
  /** The plot area. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** CSS px to a pixel of the chart: below 1 where the page is too narrow for the chart. */
  readonly zoom: number;
  toX(value: Cell): number;
  toY(value: Cell): number;
  fromX(pixel: number): number;
  fromY(pixel: number): number;
}

/** All rows of a data set anew, or what is different. */
export type Update = Changes | { readonly rows: Row[] };

/** What a point selection holds of one mark, or of several that have a value of each list. */
export interface Picked {
  /** The view that it was picked in. */
  readonly unit?: string;
  readonly fields: readonly { readonly type: string; readonly field: string }[];
  /** For each field a value, or a list of values. */
  readonly values: readonly unknown[];
}

/** A live chart. Failures, Vega's own included, reject. */
export interface Chart {
  /** The element to put into the page; complete and painted. */
  readonly element: HTMLElement;
  /** Brings data sets up to date; resolves when painted. */
  update(updates: Readonly<Record<string, Update>>): Promise<void>;
  /**
   * Paints anew after the page's colours or its pixels changed; `paper` takes the colours of paper.
   * Only a canvas has to be told.
   */
  repaint(paper?: boolean): Promise<void>;
  dispose(): void;
  /**
   * Pixels of the picture and data of a pair of scales; undefined while it is not in the page. A
   * scale that the chart has not gives NaN.
   */
  frame(x: ScaleRef, y: ScaleRef): ScaleFrame | undefined;
  signal(name: string): unknown;
  setSignal(name: string, value: unknown): void;
  /** Calls back outside the dataflow whenever the signal changes; returns how to stop. */
  onSignal(name: string, callback: (value: unknown) => void): () => void;
  /** What a point selection holds, the newest last. */
  picked(name: string): readonly Picked[];
  /** Gives a point selection other contents; the signal of a legend forgets what it had picked. */
  pick(name: string, picked: readonly Picked[], legend: string | null): void;
  /** Draws an interval selection between two values. */
  brush(name: string, brushes: readonly BrushSpec[], ends: readonly number[]): void;
  /**
   * Calls back when a mark of that data set is clicked, or when Enter is pressed on it; returns how
   * to stop. Only the data set of `edits` has rows that can be told apart.
   */
  onRow(data: string, callback: (row: number, event: Event) => void): () => void;
}

/** Width and height in CSS px. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface ChartModule {
  /**
   * Draws a figure off-screen with these rows in its data sets.
   *
   * The chart gets the box and the scale of the static picture, of size `still`, so that nothing on
   * the page moves when it comes. Vega sizes a chart by its labels: a smaller one keeps the scale, a
   * larger one shrinks to fit.
   */
  draw(figure: FigureSpec, data: Readonly<Record<string, Row[]>>, still: Size): Promise<Chart>;
  /** Takes what few figures need; those that say `more` are drawn after it. */
  extend(more: MoreCharts): void;
}

/** vega-more.js: it fills what vega.js keeps open for it, and lends it (vega-kit.ts). */
export type MoreCharts = (kit: object) => void;
