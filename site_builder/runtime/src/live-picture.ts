/** The live chart in the place of a figure's static picture, of the same size. */

import type { Chart, ChartModule, Size, Update } from "./chart.js";
import { bindEdits } from "./edits.js";
import type { Explorable } from "./explorable.js";
import type { FigureSpec } from "./payload.js";
import { bindPlacing } from "./placing.js";
import {
  changesBetween,
  columnsOfPlaces,
  isNothing,
  rowsOf,
  type Columns,
} from "./rows.js";
import { onSchemeChange } from "./scheme.js";
import { bindSignals } from "./signals.js";
import { Surfaces } from "./surface.js";

export class LivePicture {
  private readonly still: readonly ChildNode[];
  private readonly size: Size;
  private chart: Chart | undefined;
  private surfaces: Surfaces | undefined;
  private shown: Record<string, Columns> = {};
  private readonly ended = new AbortController();

  constructor(
    private readonly picture: HTMLElement,
    private readonly spec: FigureSpec,
    private readonly explorable: Explorable,
    private readonly draw: ChartModule["draw"],
  ) {
    this.still = [...picture.childNodes];
    this.size = sizeOf(picture.querySelector("svg"));
  }

  /** The outputs that are to be computed for this picture. */
  static needs(spec: FigureSpec, explorable: Explorable): string[] {
    const names = [...spec.data, ...spec.surfaces.map((surface) => surface.output)];
    return [...new Set(names)].filter((name) => explorable.outputSpec(name) !== undefined);
  }

  /** Shows the data sets as they are now, and returns them. */
  async show(): Promise<Record<string, Columns>> {
    const data = Object.fromEntries(this.spec.data.map((name) => [name, this.columns(name)]));
    if (this.chart === undefined) await this.begin(data);
    else await this.update(this.chart, data);
    this.shown = data;
    return data;
  }

  /** Puts the static picture back. */
  dispose(): void {
    if (this.ended.signal.aborted) return;
    this.ended.abort();
    this.picture.replaceChildren(...this.still);
    this.chart?.dispose();
  }

  private columns(name: string): Columns {
    const { explorable } = this;
    const input = explorable.inputSpec(name);
    if (input?.kind !== "point" && input?.kind !== "points") return explorable.columns(name);
    return columnsOfPlaces(input, explorable.input(name));
  }

  /** Draws off-screen, swaps the chart in, and lets the reader's hand at it. */
  private async begin(data: Record<string, Columns>): Promise<void> {
    const { picture, spec, explorable } = this;
    const rows = Object.entries(data).map(([name, columns]) => [name, rowsOf(columns)] as const);
    const chart = await this.draw(spec, Object.fromEntries(rows), this.size);
    const presence = this.ended.signal;
    if (presence.aborted) return chart.dispose();
    this.chart = chart;
    picture.replaceChildren(chart.element);
    // A canvas finds the page's colours and measures only once it is in the page.
    if (spec.renderer === "canvas") await chart.repaint();
    this.surfaces = new Surfaces(chart, spec.surfaces, explorable, presence);
    this.surfaces.read();
    this.surfaces.paint();
    this.followPage(chart, presence);
    for (const bind of [bindPlacing, bindSignals, bindEdits]) {
      bind(picture, chart, spec, explorable, presence);
    }
  }

  private async update(chart: Chart, data: Record<string, Columns>): Promise<void> {
    const updates: Record<string, Update> = {};
    for (const [name, columns] of Object.entries(data)) {
      const before = this.shown[name];
      const changes = before === undefined ? null : changesBetween(before, columns);
      if (changes === null) updates[name] = { rows: rowsOf(columns) };
      else if (!isNothing(changes)) updates[name] = changes;
    }
    this.surfaces?.read();
    if (Object.keys(updates).length > 0) await chart.update(updates);
    this.surfaces?.paint();
  }

  /** A canvas is told when the page's colours or the screen's pixels change; paper has its own. */
  private followPage(chart: Chart, presence: AbortSignal): void {
    const repaint = (paper = false) => {
      if (presence.aborted) return;
      if (this.spec.renderer === "canvas") void chart.repaint(paper).catch(() => undefined);
      this.surfaces?.paint();
    };
    onPixelRatioChange(repaint, presence);
    if (this.spec.renderer !== "canvas") return;
    onSchemeChange(() => repaint(), presence);
    window.addEventListener("beforeprint", () => repaint(true), { signal: presence });
    window.addEventListener("afterprint", () => repaint(), { signal: presence });
  }
}

/** Zooming resizes the window; moving it to another screen need not. */
function onPixelRatioChange(callback: () => void, presence: AbortSignal): void {
  let ratio = devicePixelRatio;
  const check = () => {
    if (devicePixelRatio === ratio) return;
    ratio = devicePixelRatio;
    watch();
    callback();
  };
  const watch = () => {
    const media = matchMedia(`(resolution: ${ratio}dppx)`);
    media.addEventListener("change", check, { once: true, signal: presence });
  };
  window.addEventListener("resize", check, { signal: presence });
  watch();
}

function sizeOf(svg: SVGSVGElement | null): Size {
  return { width: Number(svg?.getAttribute("width")), height: Number(svg?.getAttribute("height")) };
}
