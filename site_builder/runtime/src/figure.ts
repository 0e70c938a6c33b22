/** `<explorable-figure>`: the static picture, and the live chart that takes its place. */

import type { Chart } from "./chart.js";
import { ExplorableElement } from "./element.js";
import type { Consumer, Explorable } from "./explorable.js";
import { fontsOf } from "./fonts.js";
import { printParity } from "./parity.js";
import type { FigureSpec } from "./payload.js";
import { Problem, sentence } from "./problem.js";
import { addReset } from "./reset.js";
import { changesBetween, rowsOf, type Change, type Columns, type Row } from "./rows.js";
import { NumbersTable } from "./table.js";

export class ExplorableFigure extends ExplorableElement {
  private picture: Element | null = null;
  private controls: HTMLFieldSetElement | null = null;
  private message: HTMLElement | null = null;
  private table: NumbersTable | undefined;
  /** What the picture shows now, by data set. */
  private data: Record<string, Columns> = {};

  protected override mount(): void {
    this.picture = this.querySelector(".explorable-picture");
    this.controls = this.querySelector("fieldset.explorable-controls");
    this.message = this.querySelector(".explorable-message");
    const details = this.querySelector<HTMLDetailsElement>("details.explorable-table");
    if (details !== null) this.table = new NumbersTable(details, () => this.data, this.presence);
  }

  protected override prepare(): void {
    // Vega is the largest part: let it come while the model loads. A failure is met in enliven.
    ExplorableElement.page.charts().catch(() => undefined);
  }

  protected override async enliven(explorable: Explorable): Promise<void> {
    const presence = this.presence;
    // The model works, so the controls do, whatever becomes of this chart: others may follow them.
    this.openControls(explorable, presence);
    const spec = explorable.payload.figures[this.partName];
    if (spec === undefined || this.picture === null) {
      throw new Problem(
        `This page and its files do not belong together: they have no figure '${this.partName}'. ` +
          "Reload the page.",
      );
    }
    const [module] = await Promise.all([ExplorableElement.page.charts(), fontsOf(this.picture)]);
    if (presence.aborted) return;
    const live = new LivePicture(this.picture, spec, module.draw);
    const consumer: Consumer = {
      needs: spec.data,
      paint: async () => {
        if (!explorable.isFinite(spec.data)) return consumer.trouble(notFinite());
        try {
          const data = Object.fromEntries(spec.data.map((name) => [name, explorable.columns(name)]));
          await live.show(data);
          this.data = data;
        } catch (error) {
          explorable.detach(consumer);
          live.dispose();
          if (!presence.aborted) this.fail(notDrawn(error));
          return;
        }
        if (presence.aborted) return;
        this.setAttribute("parity", printParity(explorable.parity));
        this.state = "live";
        this.say("");
        this.table?.refresh();
      },
      trouble: (problem) => this.fail(problem),
    };
    this.whenLeaving(() => {
      explorable.detach(consumer);
      live.dispose();
    });
    await explorable.attach(consumer);
  }

  protected override showFailure(error: unknown): void {
    this.say(sentence(error));
  }

  private openControls(explorable: Explorable, presence: AbortSignal): void {
    const controls = this.controls;
    if (controls === null) return;
    controls.disabled = false;
    addReset(controls, explorable, presence);
    this.whenLeaving(() => {
      controls.disabled = true;
      this.removeAttribute("parity");
      this.say("");
    });
  }

  private say(text: string): void {
    if (this.message === null) return;
    // A screen reader announces a visible status that changes, and repeats one that is set again.
    this.message.hidden = text === "";
    if (this.message.textContent !== text) this.message.textContent = text;
  }
}

/** The chart in the place of the static picture, of the same size. */
class LivePicture {
  private readonly still: readonly ChildNode[];
  private chart: Chart | undefined;
  private shown: Record<string, Columns> = {};
  private disposed = false;
  private readonly size: Size;

  constructor(
    private readonly picture: Element,
    private readonly spec: FigureSpec,
    private readonly draw: (spec: object, data: Record<string, Row[]>) => Promise<Chart>,
  ) {
    this.still = [...picture.childNodes];
    this.size = sizeOf(picture.querySelector("svg"));
  }

  /** Draws `data` off-screen and swaps it in, or brings the drawn chart up to date. */
  async show(data: Record<string, Columns>): Promise<void> {
    if (this.chart === undefined) {
      const rows = Object.entries(data).map(([name, columns]) => [name, rowsOf(columns)] as const);
      const chart = await this.draw(this.spec.vega, Object.fromEntries(rows));
      if (this.disposed) return chart.dispose();
      this.chart = chart;
      keepSize(chart.element, this.size);
      this.picture.replaceChildren(chart.element);
    } else {
      const updates: Record<string, readonly Change[] | { rows: Row[] }> = {};
      for (const [name, columns] of Object.entries(data)) {
        const before = this.shown[name];
        const changes = before === undefined ? null : changesBetween(before, columns);
        if (changes === null) updates[name] = { rows: rowsOf(columns) };
        else if (changes.length > 0) updates[name] = changes;
      }
      if (Object.keys(updates).length > 0) await this.chart.update(updates);
      keepSize(this.chart.element, this.size);
    }
    this.shown = data;
  }

  /** Puts the static picture back. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.picture.replaceChildren(...this.still);
    this.chart?.dispose();
  }
}

/**
 * Gives the live chart the box and the scale of the static picture, so that nothing on the page moves
 * when the chart comes. Vega sizes a chart by its labels: a smaller one keeps the scale, a larger one
 * shrinks to fit.
 */
function keepSize(live: HTMLElement, still: Size): void {
  const svg = live.querySelector("svg");
  if (svg === null || !(still.width > 0 && still.height > 0)) return;
  live.style.width = `${still.width}px`;
  live.style.aspectRatio = `${still.width} / ${still.height}`;
  const { width, height } = sizeOf(svg);
  const box = `0 0 ${Math.max(width, still.width)} ${Math.max(height, still.height)}`;
  svg.setAttribute("viewBox", box);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function sizeOf(svg: SVGSVGElement | null): Size {
  return { width: Number(svg?.getAttribute("width")), height: Number(svg?.getAttribute("height")) };
}

function notDrawn(cause: unknown): Problem {
  return new Problem(
    "The live chart could not be drawn, so the picture shows the starting values. Reload the page.",
    { cause },
  );
}

function notFinite(): Problem {
  return new Problem(
    "With these settings the model gives no finite numbers, so the picture shows the last ones that " +
      "worked. Change a setting to go on.",
  );
}
