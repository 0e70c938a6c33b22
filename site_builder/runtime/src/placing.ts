/** Points on a chart that the reader places: dragged, added and removed; by mouse, touch, pen and keys. */

import { axisOf, onAxis, type Axis } from "./axis.js";
import type { Chart, ScaleFrame } from "./chart.js";
import type { Explorable } from "./explorable.js";
import { HandleRow, type Pixels } from "./handles.js";
import type { FigureSpec, HandleSpec, PointSpec, PointsSpec } from "./payload.js";
import { penOf, type Pen } from "./pen.js";
import { add, move, remove, type Place, type PointList } from "./points.js";

/** How near a press must be to a point to take it, px; a finger gets the larger one. */
const REACH = { mouse: 12, finger: 20 };
/** A press that moves less is a click. */
const STILL = 4;

/** Lays a handle over each place that the chart draws of an input. Does nothing without such places. */
export function bindPlacing(
  picture: HTMLElement,
  chart: Chart,
  spec: FigureSpec,
  explorable: Explorable,
  presence: AbortSignal,
): void {
  const layer = document.createElement("div");
  layer.className = "explorable-handles";
  const groups = spec.handles.flatMap((handle) => {
    const input = explorable.inputSpec(handle.input);
    if (input?.kind !== "point" && input?.kind !== "points") return [];
    return [new HandleGroup(layer, chart, handle, input, explorable, presence)];
  });
  if (groups.length === 0) return;
  // Beside the picture, not in it: an image has no parts.
  picture.after(layer);
  presence.addEventListener("abort", () => layer.remove());

  const lay = () => {
    for (const group of groups) group.lay();
  };
  const settle = () => {
    const box = chart.element.getBoundingClientRect();
    const around = (layer.offsetParent ?? picture).getBoundingClientRect();
    const scale = scaleOf(chart.element);
    layer.style.left = `${(box.left - around.left) / scale}px`;
    layer.style.top = `${(box.top - around.top) / scale}px`;
    lay();
  };
  const watch = new ResizeObserver(settle);
  watch.observe(picture);
  watch.observe(chart.element);
  // Scales may follow the data, so that a repaint moves what nobody touched.
  const consumer = { needs: [], paint: () => void requestAnimationFrame(lay), trouble: () => undefined };
  explorable.attach(consumer).catch(() => undefined);
  const stop = explorable.onInput(lay);
  presence.addEventListener("abort", () => {
    watch.disconnect();
    explorable.detach(consumer);
    stop();
  });
  settle();
  bindPointer(picture, layer, chart.element, groups, presence);
}

/** The handles of one input on one chart. */
class HandleGroup {
  readonly pen: Pen;
  readonly adds: boolean;
  private readonly axes: readonly [Axis, Axis];
  private readonly row: HandleRow;
  private laid: readonly unknown[] = [];

  constructor(
    layer: HTMLElement,
    private readonly chart: Chart,
    private readonly handle: HandleSpec,
    private readonly spec: PointSpec | PointsSpec,
    private readonly explorable: Explorable,
    presence: AbortSignal,
  ) {
    this.axes = [axisOf(spec.x), axisOf(spec.y)];
    this.pen = penOf(explorable, spec);
    this.adds = spec.kind === "points";
    this.row = new HandleRow(layer, spec, this.axes, this.pen, {
      move: (index, place) => this.move(index, place),
      remove: (index) => this.remove(index),
    });
    this.pen.onChange(() => this.lay(), presence);
  }

  get points(): PointList {
    const value = this.explorable.input(this.spec.name) as PointList | Place;
    return this.spec.kind === "point" ? [[...(value as Place), 0]] : (value as PointList);
  }

  get frame(): ScaleFrame | undefined {
    return this.chart.frame(this.handle.x, this.handle.y);
  }

  /** Lays the handles where the points are, if points, chart or pen have changed. */
  lay(): void {
    const { frame, axes, pen } = this;
    const ends = axes.flatMap(({ low, high }, n) =>
      [low, high].map((end) => (n === 0 ? frame?.toX(end) : frame?.toY(end))),
    );
    const value = this.explorable.input(this.spec.name);
    const now = [value, pen.selected, ...ends];
    if (now.every((item, i) => Object.is(item, this.laid[i]))) return;
    this.laid = now;
    this.row.show(this.points, frame && ((x, y) => ({ x: frame.toX(x), y: frame.toY(y) })));
  }

  /** The point nearest to a pixel and how far it is, or undefined where there is none. */
  nearest(at: Pixels): { index: number; away: number; pixels: Pixels } | undefined {
    const { frame } = this;
    if (frame === undefined) return undefined;
    let best: { index: number; away: number; pixels: Pixels } | undefined;
    this.points.forEach(([x, y], index) => {
      const pixels = { x: frame.toX(x), y: frame.toY(y) };
      const away = Math.hypot(pixels.x - at.x, pixels.y - at.y);
      if (best === undefined || away < best.away) best = { index, away, pixels };
    });
    return best;
  }

  move(index: number, [x, y]: Place): void {
    const place: Place = [onAxis(this.axes[0], x), onAxis(this.axes[1], y)];
    this.set(this.spec.kind === "point" ? place : move(this.points, index, place));
  }

  moveTo(index: number, at: Pixels): void {
    const { frame } = this;
    if (frame !== undefined) this.move(index, [frame.fromX(at.x), frame.fromY(at.y)]);
  }

  remove(index: number): void {
    if (this.spec.kind !== "points") return;
    const { points } = this;
    const rest = remove(points, index);
    this.pen.keep(points, rest);
    this.pen.select(rest.length === 0 ? null : Math.min(index, rest.length - 1));
    this.set(rest);
    this.row.focus(this.pen.selected);
  }

  focus(index: number, fresh = false): void {
    this.pen.select(index);
    this.row.focus(index, fresh);
  }

  /** Adds a point there; false where the pixel is outside the plot. */
  addAt(at: Pixels): boolean {
    const { frame, spec } = this;
    if (spec.kind !== "points" || frame === undefined || !isInside(frame, at)) return false;
    const x = onAxis(this.axes[0], frame.fromX(at.x));
    const y = onAxis(this.axes[1], frame.fromY(at.y));
    const points = add(this.points, [x, y], this.pen.label, spec.capacity);
    if (points === null) this.pen.say(`There is room for ${spec.capacity} points.`);
    else {
      this.set(points);
      this.focus(points.length - 1, true);
    }
    return true;
  }

  private set(value: PointList | Place): void {
    // A run that fails is told by the figures; the hand has done its part.
    this.explorable.set({ [this.spec.name]: value }).catch(() => undefined);
  }
}

/** Dragging takes the nearest point, whichever handle lies on top; a click beside them adds one. */
function bindPointer(
  picture: HTMLElement,
  layer: HTMLElement,
  element: HTMLElement,
  groups: readonly HandleGroup[],
  presence: AbortSignal,
): void {
  let held: { pointer: number; group: HandleGroup; index: number; dx: number; dy: number } | undefined;
  let pressed: Pixels | undefined;
  const options = { signal: presence };

  const pixelsOf = (event: MouseEvent): Pixels => {
    const box = element.getBoundingClientRect();
    const scale = scaleOf(element);
    return { x: (event.clientX - box.left) / scale, y: (event.clientY - box.top) / scale };
  };
  const isHandle = (target: EventTarget | null): target is HTMLElement =>
    target instanceof HTMLElement && target.role === "slider";

  const press = (event: MouseEvent) => {
    pressed = { x: event.clientX, y: event.clientY };
  };
  picture.addEventListener("pointerdown", press, options);
  layer.addEventListener(
    "pointerdown",
    (event) => {
      if (held !== undefined || event.button !== 0 || !isHandle(event.target)) return;
      const at = pixelsOf(event);
      const reach = event.pointerType === "mouse" ? REACH.mouse : REACH.finger;
      const found = groups
        .map((group) => ({ group, near: group.nearest(at) }))
        .filter(({ near }) => near !== undefined && near.away <= reach)
        .sort((a, b) => (a.near?.away ?? 0) - (b.near?.away ?? 0))[0];
      if (found?.near === undefined) return;
      const { index, pixels } = found.near;
      event.preventDefault(); // no text selection starts here, and the focus goes to the nearest
      const [dx, dy] = [pixels.x - at.x, pixels.y - at.y];
      held = { pointer: event.pointerId, group: found.group, index, dx, dy };
      layer.setPointerCapture(event.pointerId);
      layer.classList.add("explorable-dragging");
      found.group.focus(index);
    },
    options,
  );
  layer.addEventListener(
    "pointermove",
    (event) => {
      if (held === undefined || event.pointerId !== held.pointer) return;
      const at = pixelsOf(event);
      held.group.moveTo(held.index, { x: at.x + held.dx, y: at.y + held.dy });
    },
    options,
  );
  const lift = (event: PointerEvent) => {
    if (event.pointerId !== held?.pointer) return;
    held = undefined;
    layer.classList.remove("explorable-dragging");
  };
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"] as const) {
    layer.addEventListener(end, lift, options);
  }
  picture.addEventListener(
    "click",
    (event) => {
      const still =
        pressed !== undefined &&
        Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < STILL;
      if (!still) return; // a brush was drawn
      const at = pixelsOf(event);
      groups.some((group) => group.addAt(at));
    },
    options,
  );
}

/** How much larger the element is on the screen: the page may be zoomed by a transform. */
function scaleOf(element: HTMLElement): number {
  return element.getBoundingClientRect().width / (element.offsetWidth || 1) || 1;
}

function isInside(frame: ScaleFrame, { x, y }: Pixels): boolean {
  return (
    x >= frame.left && x <= frame.left + frame.width && y >= frame.top && y <= frame.top + frame.height
  );
}
