/** What explorables.js asks of vega.js; it holds no Vega, so that the page starts without it. */

import type { Change, Row } from "./rows.js";

/** A live chart. Failures, Vega's own included, reject. */
export interface Chart {
  /** The element to put into the page; complete and painted. */
  readonly element: HTMLElement;
  /** Changes single cells, or replaces all rows of a data set; resolves when painted. */
  update(updates: Readonly<Record<string, readonly Change[] | { rows: Row[] }>>): Promise<void>;
  dispose(): void;
}

export interface ChartModule {
  /** Draws a compiled Vega specification off-screen, with these rows in its data sets. */
  draw(spec: object, data: Readonly<Record<string, Row[]>>): Promise<Chart>;
}
