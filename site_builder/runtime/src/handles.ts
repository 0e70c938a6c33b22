/** The handles of one input on a chart: a slider of two directions over each point. */

import { printOn, type Axis } from "./axis.js";
import type { PointSpec, PointsSpec } from "./payload.js";
import type { Pen } from "./pen.js";
import { labelText, type Place, type PointList } from "./points.js";

export interface Pixels {
  readonly x: number;
  readonly y: number;
}

/** What keys and the remove button do. */
export interface Deeds {
  move(index: number, place: Place): void;
  remove(index: number): void;
}

const ARROWS: Readonly<Record<string, Place>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
/** What Shift makes of one stop. */
const LEAP = 10;

let rows = 0;

export class HandleRow {
  private readonly handles: HTMLElement[] = [];
  private readonly hint = document.createElement("span");
  private readonly cross = document.createElement("button");
  private points: PointList = [];
  /** A point that was added a moment ago: its button would be in the way of the next one. */
  private fresh: number | null = null;

  constructor(
    private readonly layer: HTMLElement,
    private readonly spec: PointSpec | PointsSpec,
    private readonly axes: readonly [Axis, Axis],
    private readonly pen: Pen,
    private readonly deeds: Deeds,
  ) {
    const many = spec.kind === "points";
    this.hint.id = `explorable-hint-${++rows}`;
    this.hint.hidden = true;
    this.hint.textContent = many
      ? "Arrow keys move it. Page Up and Page Down go to another point. Delete removes it."
      : "Arrow keys move it.";
    layer.append(this.hint);
    layer.tabIndex = -1;
    if (!many) return;
    this.cross.type = "button";
    this.cross.className = "explorable-remove-point";
    this.cross.textContent = "×";
    this.cross.hidden = true;
    // The focus stays on the point: where it left, the button would be gone before the click.
    this.cross.addEventListener("pointerdown", (event) => event.preventDefault());
    this.cross.addEventListener("click", () => {
      if (this.pen.selected !== null) deeds.remove(this.pen.selected);
    });
    layer.append(this.cross);
  }

  /** Lays a handle over each point; none while the chart is not drawn. */
  show(points: PointList, toPixels: ((x: number, y: number) => Pixels) | undefined): void {
    this.points = toPixels === undefined ? [] : points;
    while (this.handles.length > this.points.length) this.handles.pop()?.remove();
    while (this.handles.length < this.points.length) this.append(this.handles.length);
    const current = this.current();
    this.cross.hidden = true;
    this.points.forEach(([x, y, label], index) => {
      const handle = this.handles[index];
      if (handle === undefined || toPixels === undefined) return;
      const pixels = toPixels(x, y);
      handle.style.translate = `${pixels.x}px ${pixels.y}px`;
      handle.tabIndex = index === current ? 0 : -1; // one stop for the Tab key, however many points
      this.describe(handle, index, [x, y], label);
      if (index !== this.pen.selected) return;
      this.cross.hidden = index === this.fresh;
      this.cross.style.translate = handle.style.translate;
      this.cross.setAttribute("aria-label", `Remove ${nameOf(index, points.length)}`);
    });
  }

  /** The keyboard goes to a point; where it is `fresh`, the way to remove it waits for another touch. */
  focus(index: number | null, fresh = false): void {
    this.fresh = fresh ? index : null;
    this.cross.hidden = fresh || index === null;
    // Where the last point is gone, a keyboard stays on the chart.
    const place = index === null ? this.layer : this.handles[index];
    place?.focus({ preventScroll: true });
  }

  /** Index of the handle that the Tab key goes to. */
  private current(): number {
    return this.spec.kind === "point" ? 0 : Math.min(this.pen.selected ?? 0, this.points.length - 1);
  }

  private append(index: number): void {
    const handle = document.createElement("div");
    handle.className = "explorable-handle";
    handle.role = "slider";
    handle.setAttribute("aria-roledescription", "movable point");
    handle.setAttribute("aria-describedby", this.hint.id);
    handle.setAttribute("aria-valuemin", String(this.axes[0].low));
    handle.setAttribute("aria-valuemax", String(this.axes[0].high));
    handle.addEventListener("focus", () => {
      if (this.spec.kind === "points") this.pen.select(index);
    });
    handle.addEventListener("keydown", (event) => this.key(event, index));
    this.handles.push(handle);
    // The button stays last, so that the Tab key comes to it from the point.
    this.layer.insertBefore(handle, this.cross.isConnected ? this.cross : null);
  }

  private describe(handle: HTMLElement, index: number, [x, y]: Place, label: number): void {
    const { spec, axes } = this;
    const word = spec.kind === "points" ? labelText(spec, label) : undefined;
    const name = spec.kind === "point" ? "" : `: ${nameOf(index, this.points.length)}`;
    write(handle, "aria-label", `${spec.label}${name}${word === undefined ? "" : `, ${word}`}`);
    write(handle, "aria-valuenow", String(x));
    write(handle, "aria-valuetext", `x ${printOn(axes[0], x)}, y ${printOn(axes[1], y)}`);
  }

  private key(event: KeyboardEvent, index: number): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const point = this.points[index];
    const way = ARROWS[event.key];
    if (point === undefined) return;
    if (way !== undefined) {
      const stops = event.shiftKey ? LEAP : 1;
      const [x, y] = way.map((direction, n) => direction * stops * (this.axes[n]?.step ?? 0));
      this.deeds.move(index, [point[0] + (x ?? 0), point[1] + (y ?? 0)]);
    } else if (this.spec.kind === "point") return;
    else if (event.key === "Delete" || event.key === "Backspace") this.deeds.remove(index);
    else if (event.key === "PageDown") this.focus((index + 1) % this.points.length);
    else if (event.key === "PageUp") this.focus((index + this.points.length - 1) % this.points.length);
    else return;
    event.preventDefault(); // the page does not scroll under it
  }
}

function nameOf(index: number, count: number): string {
  return `point ${index + 1} of ${count}`;
}

/** Sets an attribute that is not so already: a screen reader hears each setting. */
function write(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
