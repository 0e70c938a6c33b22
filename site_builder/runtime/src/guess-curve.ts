/** A curve that the reader draws over axes, with a pointer or with the arrow keys. */

import { short, type CurveQuestion } from "./guess-words.js";

const SVG = "http://www.w3.org/2000/svg";

/** Places across at which a height is kept, and steps of the arrow keys from bottom to top. */
const COLUMNS = 41;
const STEPS = 50;

/** Heights at evenly spaced places, null where nothing is drawn: linear between, flat beyond. */
export function completed(heights: readonly (number | null)[]): number[] | null {
  const drawn = heights.flatMap((height, column) => (height === null ? [] : [{ column, height }]));
  const points = drawn.map(({ column, height }): readonly [number, number] => [column, height]);
  return points.length === 0 ? null : heights.map((_, column) => heightAt(points, column));
}

/** The height of a line of straight pieces; x rises along the points. */
export function heightAt(points: readonly (readonly [number, number])[], x: number): number {
  const after = points.findIndex(([px]) => px >= x);
  const [bx, by] = points.at(after) ?? [0, 0]; // at(-1) is the last
  const [ax, ay] = points[after - 1] ?? [bx, by];
  return after <= 0 || bx === ax ? by : ay + ((by - ay) * (x - ax)) / (bx - ax);
}

export class DrawnCurve {
  private readonly heights = new Array<number | null>(COLUMNS).fill(null);
  private readonly line = element("path", "explorable-yours");
  private readonly cursor = element("circle", "explorable-cursor");
  private readonly presence = new AbortController();
  private column = 0;
  private last: readonly [column: number, height: number] | null = null;

  constructor(
    private readonly svg: SVGSVGElement,
    private readonly question: CurveQuestion,
    describedBy: string,
  ) {
    this.cursor.setAttribute("r", "6");
    svg.append(this.line, this.cursor);
    const [low, high] = question.up;
    const attributes = {
      tabindex: "0",
      role: "slider",
      "aria-label": `Your curve: ${question.y} over ${question.x}`,
      "aria-describedby": describedBy,
      "aria-valuemin": String(low),
      "aria-valuemax": String(high),
    };
    for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
    const { signal } = this.presence;
    svg.addEventListener("pointerdown", (event) => this.press(event), { signal });
    svg.addEventListener("pointermove", (event) => this.drag(event), { signal });
    svg.addEventListener("lostpointercapture", () => (this.last = null), { signal });
    svg.addEventListener("keydown", (event) => this.key(event), { signal });
    this.paint();
  }

  /** The reader's curve at every place, or null where there is none yet. */
  get drawn(): number[] | null {
    return completed(this.heights);
  }

  /** The true curve at the same places. */
  get truth(): number[] {
    return this.heights.map((_, column) => heightAt(this.question.points, this.xOf(column)));
  }

  clear(): void {
    this.heights.fill(null);
    this.paint();
  }

  /** Draws the true curve beside the reader's, and takes no more. */
  close(truth: string, said: string): void {
    this.presence.abort();
    const heights = this.drawn;
    if (heights !== null) this.line.setAttribute("d", this.pathOf(heights.map((height, c) => [c, height])));
    const path = element("path", "explorable-true");
    path.setAttribute("d", truth);
    this.svg.append(path);
    this.cursor.remove();
    for (const name of ["tabindex", "aria-describedby", "aria-valuemin", "aria-valuemax", "aria-valuenow", "aria-valuetext"]) {
      this.svg.removeAttribute(name);
    }
    this.svg.setAttribute("role", "img");
    this.svg.setAttribute("aria-label", said);
  }

  private press(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault(); // a drag would else select text
    this.svg.setPointerCapture(event.pointerId);
    this.svg.focus();
    this.last = null;
    this.drag(event);
  }

  private drag(event: PointerEvent): void {
    if (!this.svg.hasPointerCapture(event.pointerId)) return;
    const at = this.placeOf(event);
    if (at === null) return;
    const [column, height] = at;
    const [from, begin] = this.last ?? at;
    // A quick finger skips places.
    for (let c = Math.min(from, column); c <= Math.max(from, column); c++) {
      const share = column === from ? 1 : (c - from) / (column - from);
      this.heights[c] = begin + share * (height - begin);
    }
    this.last = at;
    this.column = column;
    this.paint();
  }

  private key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const [low, high] = this.question.up;
    const step = ((high - low) / STEPS) * (event.shiftKey ? 5 : 1);
    const moves: Record<string, () => void> = {
      ArrowRight: () => this.moveTo(this.column + (event.shiftKey ? 5 : 1)),
      ArrowLeft: () => this.moveTo(this.column - (event.shiftKey ? 5 : 1)),
      Home: () => this.moveTo(0),
      End: () => this.moveTo(COLUMNS - 1),
      ArrowUp: () => this.lift(step),
      ArrowDown: () => this.lift(-step),
      PageUp: () => this.lift(5 * step),
      PageDown: () => this.lift(-5 * step),
      Delete: () => (this.heights[this.column] = null),
      Backspace: () => (this.heights[this.column] = null),
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    move();
    this.paint();
  }

  private moveTo(column: number): void {
    this.column = Math.min(Math.max(column, 0), COLUMNS - 1);
  }

  private lift(by: number): void {
    const [low, high] = this.question.up;
    this.heights[this.column] = Math.min(Math.max(this.heightHere + by, low), high);
  }

  /** Where the cursor is: on the line, or in the middle where there is none. */
  private get heightHere(): number {
    const [low, high] = this.question.up;
    return this.drawn?.[this.column] ?? (low + high) / 2;
  }

  private paint(): void {
    const points = this.heights.flatMap((height, column) => (height === null ? [] : [[column, height] as const]));
    this.line.setAttribute("d", this.pathOf(points));
    const [x, y] = this.pixels(this.column, this.heightHere);
    this.cursor.setAttribute("cx", x.toFixed(1));
    this.cursor.setAttribute("cy", y.toFixed(1));
    const height = this.heightHere;
    const place = `${this.question.x} ${short(this.xOf(this.column))}`;
    const said = points.length === 0 ? "nothing drawn yet" : `${this.question.y} ${short(height)}`;
    this.svg.setAttribute("aria-valuenow", String(Number(height.toPrecision(4))));
    this.svg.setAttribute("aria-valuetext", `${place}: ${said}`);
  }

  /** A single point is drawn too: round ends of the line make it a dot. */
  private pathOf(points: readonly (readonly [column: number, height: number])[]): string {
    const pixels = points.map(([column, height]) => this.pixels(column, height).map((n) => n.toFixed(1)));
    const [first, ...rest] = pixels;
    if (first === undefined) return "";
    return `M${first.join()}` + (rest.length === 0 ? "h0" : rest.map((at) => `L${at.join()}`).join(""));
  }

  private xOf(column: number): number {
    const [from, to] = this.question.across;
    return from + ((to - from) * column) / (COLUMNS - 1);
  }

  private pixels(column: number, height: number): [number, number] {
    const { left, right, top, bottom } = this.question.plot;
    const [low, high] = this.question.up;
    return [
      left + ((right - left) * column) / (COLUMNS - 1),
      bottom - ((bottom - top) * (height - low)) / (high - low),
    ];
  }

  private placeOf(event: PointerEvent): [column: number, height: number] | null {
    const matrix = this.svg.getScreenCTM();
    if (matrix === null) return null; // not shown
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    const { left, right, top, bottom } = this.question.plot;
    const [low, high] = this.question.up;
    const share = (value: number, from: number, to: number) =>
      Math.min(Math.max((value - from) / (to - from), 0), 1);
    return [
      Math.round(share(x, left, right) * (COLUMNS - 1)),
      low + share(y, bottom, top) * (high - low),
    ];
  }
}

function element(name: "path" | "circle", className: string): SVGElement {
  const made = document.createElementNS(SVG, name);
  made.setAttribute("class", className);
  return made;
}
