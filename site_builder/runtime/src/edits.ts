/** Numbers of a picture that the reader types anew: a click on a mark, or a list beside the picture. */

import { axisOf } from "./axis.js";
import type { Chart } from "./chart.js";
import { bindEditList } from "./edit-list.js";
import { EditOver } from "./edit-over.js";
import type { Explorable } from "./explorable.js";
import type { FigureSpec } from "./payload.js";
import type { Columns } from "./rows.js";

/** How far beside a mark a click still means it, px; a finger gets the larger one. */
const REACH = { mouse: 6, finger: 14 };
const DIRECTIONS = 8;

export function bindEdits(
  picture: HTMLElement,
  chart: Chart,
  spec: FigureSpec,
  explorable: Explorable,
  presence: AbortSignal,
): void {
  const { edits } = spec;
  if (edits === undefined) return;
  const numbers = new Numbers(edits.column, () => explorable.columns(edits.data), (row, value) => {
    explorable.edit(row, value).catch(() => undefined); // the figures tell what failed
  });
  const over = new EditOver(picture, numbers);
  const details = picture.parentElement?.querySelector<HTMLDetailsElement>("details.explorable-edits");
  const list = details ? bindEditList(details, numbers, explorable, presence) : undefined;
  let [met, seeking] = [false, false];
  const stop = chart.onRow(edits.data, (row, event) => {
    met = true;
    list?.choose(row);
    over.open(row, event);
  });
  // A thin line is hard to hit, above all with a finger: what lies next to the place will do. On a
  // canvas, which is one element, only a hit counts.
  picture.addEventListener(
    "click",
    (event) => {
      const reach = (event as PointerEvent).pointerType === "touch" ? REACH.finger : REACH.mouse;
      seeking = true;
      for (const [x, y] of around(event, reach)) {
        if (met) break;
        const there = document.elementFromPoint(x, y);
        if (there === event.target || !chart.element.contains(there)) continue;
        there?.dispatchEvent(new MouseEvent("click", { bubbles: true, clientX: x, clientY: y, view: window }));
      }
      met = seeking = false;
    },
    { signal: presence },
  );
  // Those clicks are for the chart alone: another one on the picture might add a point.
  chart.element.addEventListener("click", (event) => seeking && event.stopPropagation(), { signal: presence });
  presence.addEventListener("abort", () => {
    stop();
    over.close();
  });
}

/** Places around a click, the nearest first, in px of the window. */
function around({ clientX, clientY }: MouseEvent, reach: number): [x: number, y: number][] {
  const places: [number, number][] = [];
  for (let away = 2; away <= reach; away += 2) {
    for (let n = 0; n < DIRECTIONS; n++) {
      const angle = (2 * Math.PI * n) / DIRECTIONS;
      places.push([clientX + away * Math.cos(angle), clientY + away * Math.sin(angle)]);
    }
  }
  return places;
}

/** The numbers that can be typed anew: one of each row. */
export class Numbers {
  constructor(
    readonly column: string,
    private readonly read: () => Columns,
    private readonly write: (row: number, value: number) => void,
  ) {}

  /** A row's number, in the digits that a reader types. */
  text(row: number): string {
    return String(Number((this.cells[row] ?? 0).toPrecision(4)));
  }

  /** What the arrows beside a field add. */
  get step(): string {
    const reach = Math.max(1, ...this.cells.map(Math.abs));
    return String(axisOf([-reach, reach]).step);
  }

  /** Every row in a few words. */
  names(): string[] {
    const columns = this.read();
    return Array.from({ length: columns.length }, (_, row) => describeRow(columns, row, this.column));
  }

  /** Whose number it is. */
  title(row: number): string {
    const name = describeRow(this.read(), row, this.column);
    return name.startsWith("from ") ? `${this.column} ${name}` : `${this.column} of ${name}`;
  }

  /** Takes what is typed into a field, where it is a number. */
  set(row: number, field: HTMLInputElement): void {
    const value = field.valueAsNumber;
    if (Number.isFinite(value)) this.write(row, value);
  }

  private get cells(): number[] {
    return (this.read().columns.find(({ name }) => name === this.column)?.cells ?? []).map(Number);
  }
}

/**
 * A row in a few words: its word where it has one, all of them with their columns' names where it
 * has several, else its whole numbers, else its number. What goes `from` one `to` another is said so.
 */
export function describeRow(columns: Columns, row: number, without: string): string {
  const others = columns.columns.filter(({ name }) => name !== without);
  const named = (chosen: typeof others, comma = ", ") =>
    chosen.map(({ name, cells }) => `${name} ${String(cells[row])}`).join(comma);
  const words = others.filter(({ cells }) => typeof cells[row] === "string");
  if (words.length > 1) return named(words, words.map(({ name }) => name).join() === "from,to" ? " " : ", ");
  if (words[0] !== undefined) return String(words[0].cells[row]);
  const whole = others.filter(({ cells }) => cells.every((cell) => Number.isInteger(cell)));
  return whole.length > 0 ? named(whole) : `row ${row + 1}`;
}
