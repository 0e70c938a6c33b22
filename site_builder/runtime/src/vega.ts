/** The one module that knows Vega. Bundled on its own as vega.js. */

import { changeset, transforms } from "vega-dataflow";
import * as encode from "vega-encode";
import * as geo from "vega-geo";
import { expressionInterpreter } from "vega-interpreter";
import { parse } from "vega-parser";
import * as regression from "vega-regression";
import * as data from "vega-transforms";
import { extend } from "vega-util";
import { View } from "vega-view";
import * as layout from "vega-view-transforms";
import * as voronoi from "vega-voronoi";
import type { Config, Spec } from "vega-typings";
import type { Chart, ChartModule } from "./chart.js";
import type { Change, Row } from "./rows.js";

// All that Vega-Lite can compile to. Vega's force, tree, word cloud, label and crossfilter
// transforms are beyond it and stay out of the bundle.
extend(transforms, data, layout, encode, geo, regression, voronoi);

/** No code is generated from strings, so a policy without 'unsafe-eval' holds. */
const PARSE_OPTIONS = { ast: true };
/** No <form> beside the chart: its controls are ours. */
const CONFIG: Config = { events: { bind: "none" } };

class VegaChart implements Chart {
  readonly element = document.createElement("div");
  private readonly view: View;
  private readonly rows: Record<string, Row[]>;
  /** Vega logs what goes wrong inside a run instead of rejecting. */
  private failure: unknown;

  constructor(spec: object, rows: Readonly<Record<string, Row[]>>) {
    this.rows = { ...rows };
    this.view = new View(parse(spec as Spec, CONFIG, PARSE_OPTIONS), {
      expr: expressionInterpreter,
      renderer: "svg",
      logger: quietLogger((error) => (this.failure ??= error)),
    });
    this.view.initialize(this.element);
    // The picture around it speaks for the chart; Vega's own role would say "visualization" again.
    for (const name of [...this.element.getAttributeNames()]) this.element.removeAttribute(name);
    this.element.className = "explorable-live";
    this.element.setAttribute("aria-hidden", "true");
    for (const [name, inserted] of Object.entries(rows)) this.view.insert(name, inserted);
  }

  async update(updates: Readonly<Record<string, readonly Change[] | { rows: Row[] }>>): Promise<void> {
    for (const [name, update] of Object.entries(updates)) {
      const rows = this.rows[name] ?? [];
      const changes = changeset();
      if ("rows" in update) {
        changes.remove(rows).insert(update.rows);
        this.rows[name] = update.rows;
      } else {
        for (const { row, column, cell } of update) {
          const tuple = rows[row];
          if (tuple !== undefined) changes.modify(tuple, column, cell);
        }
      }
      this.view.change(name, changes);
    }
    await this.run();
  }

  /** Evaluates and paints; queues behind a run that is under way. */
  async run(): Promise<void> {
    await this.view.runAsync();
    if (this.failure !== undefined) throw this.failure;
  }

  dispose(): void {
    this.view.finalize();
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

async function draw(spec: object, rows: Readonly<Record<string, Row[]>>): Promise<Chart> {
  const chart = new VegaChart(spec, rows);
  await chart.run();
  return chart;
}

export const charts: ChartModule = { draw };
