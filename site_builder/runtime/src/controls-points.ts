/** The control of points: what the next one bears, a file, undoing, and every point by number. */

import { axisOf, onAxis, printOn, type Axis } from "./axis.js";
import { showTrack, trackIn, type Track } from "./controls-places.js";
import { CsvError, MOST_BYTES, parsePoints } from "./csv.js";
import type { PlacedPoint, PointsSpec } from "./payload.js";
import { add, bears, labelText, printValue, remove, replace, type PointList } from "./points.js";
import { find, say, type Port, type Show } from "./port.js";
import { checkedIndex, checkOnly, separateRadios } from "./radios.js";

const COLUMNS = ["x", "y", "the value"];

export function bindPoints(root: HTMLElement, spec: PointsSpec, port: Port): Show {
  const control = new PointsControl(root, spec, port);
  return () => control.show();
}

class PointsControl {
  private readonly axes: readonly [Axis, Axis];
  private readonly radios: readonly HTMLInputElement[];
  /** The value of the next point, where points have values. */
  private readonly next: Track | undefined;
  private readonly status: HTMLElement;
  private readonly undo: HTMLButtonElement;
  private readonly all: HTMLButtonElement;
  private readonly details: HTMLDetailsElement;
  private readonly select: HTMLSelectElement;
  /** Of x, y and, where points have values, the value. */
  private readonly fields: readonly HTMLInputElement[];

  constructor(
    root: HTMLElement,
    private readonly spec: PointsSpec,
    private readonly port: Port,
  ) {
    this.axes = [axisOf(spec.x), axisOf(spec.y)];
    this.radios = separateRadios(root);
    const next = root.querySelector(".explorable-slider");
    this.next = next === null ? undefined : trackIn(next);
    this.status = find(root, "[role=status]");
    this.undo = find(root, ".explorable-undo");
    this.all = find(root, ".explorable-remove-all");
    this.details = find(root, "details");
    this.select = find(root, "select");
    this.fields = [...this.details.querySelectorAll("input")];
    const on = (element: Element, event: string, listener: () => void) =>
      element.addEventListener(event, listener, { signal: port.presence });

    const { pen } = port;
    for (const radio of this.radios) {
      on(radio, "input", () => pen.choose(bears(spec, checkedIndex(this.radios))));
    }
    const range = this.next?.range;
    if (range !== undefined) on(range, "input", () => pen.choose(range.valueAsNumber));
    on(this.all, "click", () => this.removeAll());
    on(this.undo, "click", () => this.putBack());
    const file = find<HTMLInputElement>(root, "input[type=file]");
    on(file, "change", () => void this.read(file));
    on(this.details, "toggle", () => this.show());
    on(this.select, "input", () => pen.select(this.select.value === "" ? null : Number(this.select.value)));
    for (const field of this.fields) on(field, "change", () => this.changeSelected());
    on(find(root, ".explorable-add"), "click", () => this.add());
    on(find(root, ".explorable-remove"), "click", () => this.remove());
    pen.onChange(() => this.show(), port.presence);
  }

  show(): void {
    const { pen } = this.port;
    if (pen.selected !== null && pen.selected >= this.points().length) return pen.select(null);
    checkOnly(this.radios, this.radios.findIndex((_, index) => bears(this.spec, index) === pen.label));
    this.showNext();
    say(this.status, pen.notice);
    this.undo.hidden = pen.lostOf(this.points()) === undefined;
    if (!this.details.open) return; // a drag moves many points many times; nobody sees these
    this.showOptions();
    this.showFields();
  }

  private points(): PointList {
    return this.port.get() as PointList;
  }

  private showNext(): void {
    if (this.next !== undefined) showTrack(this.next, this.port.pen.label, printValue(this.port.pen.label));
  }

  private showOptions(): void {
    const points = this.points();
    const { options } = this.select;
    while (options.length > points.length + 1) options.remove(options.length - 1);
    points.forEach((point, index) => {
      const option = options[index + 1] ?? new Option("", String(index));
      const text = this.describe(point, index);
      if (option.text !== text) option.text = text;
      if (!option.isConnected) options.add(option);
    });
    const { selected } = this.port.pen;
    this.select.value = selected === null ? "" : String(selected);
  }

  private showFields(): void {
    const { selected } = this.port.pen;
    const point = selected === null ? undefined : this.points()[selected];
    if (point === undefined) return; // what was typed for a new point stays
    this.fields.forEach((field, n) => {
      const value = point[n] ?? NaN;
      if (field.valueAsNumber !== value) field.value = String(value);
    });
  }

  private describe([x, y, label]: PlacedPoint, index: number): string {
    const word = labelText(this.spec, label);
    const place = `${printOn(this.axes[0], x)}, ${printOn(this.axes[1], y)}`;
    return `${index + 1}: ${word === undefined ? "" : `${word} at `}${place}`;
  }

  /**
   * What is typed, or undefined with a word about it where that is no point of the chart. It bears
   * `label` where nothing else is typed.
   */
  private typed(label: number): PlacedPoint | undefined {
    const [x = NaN, y = NaN, value = NaN] = this.fields.map((field) => field.valueAsNumber);
    const { spec } = this;
    if (isNaN(x) || isNaN(y)) {
      this.port.pen.say("Type x and y.");
      return undefined;
    }
    const point: PlacedPoint = [x, y, isNaN(value) ? label : value];
    const ends = [spec.x, spec.y, ...(spec.value === null ? [] : [spec.value])];
    if (ends.some(([low, high], n) => (point[n] ?? 0) < low || (point[n] ?? 0) > high)) {
      const ranges = ends.map(([low, high], n) => `${COLUMNS[n]} from ${low} to ${high}`);
      this.port.pen.say(`The chart has ${ranges.slice(0, -1).join(", ")} and ${ranges.at(-1)}.`);
      return undefined;
    }
    return [onAxis(this.axes[0], x), onAxis(this.axes[1], y), point[2]];
  }

  private changeSelected(): void {
    const { pen } = this.port;
    const old = pen.selected === null ? undefined : this.points()[pen.selected];
    if (old === undefined || pen.selected === null) return;
    const point = this.typed(old[2]);
    if (point === undefined) return;
    this.port.set(replace(this.points(), pen.selected, point));
    pen.say("");
  }

  private add(): void {
    const { pen } = this.port;
    const point = this.typed(pen.label);
    if (point === undefined) return;
    const [x, y, label] = point;
    const points = add(this.points(), [x, y], label, this.spec.capacity);
    if (points === null) return pen.say(`There is room for ${this.spec.capacity} points.`);
    this.port.set(points);
    pen.select(null);
    pen.say(`Point ${points.length} is added.`);
  }

  private remove(): void {
    const { pen } = this.port;
    if (pen.selected === null) return pen.say("Choose a point first.");
    const number = pen.selected + 1;
    this.lose(remove(this.points(), pen.selected), `Point ${number} is removed.`);
  }

  private removeAll(): void {
    const { length } = this.points();
    if (length === 0) return this.port.pen.say("There are no points.");
    this.lose([], length === 1 ? "The point is removed." : `All ${length} points are removed.`);
  }

  /** Sets points that take the place of others, and offers to put those back. */
  private lose(points: PointList, said: string): void {
    const { pen } = this.port;
    pen.select(null);
    if (this.points().length > 0) pen.keep(this.points(), points);
    this.port.set(points);
    pen.say(said);
  }

  private putBack(): void {
    const { pen } = this.port;
    const lost = pen.lostOf(this.points());
    if (lost === undefined) return;
    this.all.focus({ preventScroll: true }); // the button that has the focus goes
    this.port.set(lost);
    pen.say(`The points are as they were: ${lost.length} of them.`);
  }

  private async read(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    if (file === undefined) return;
    const { pen, presence } = this.port;
    try {
      if (file.size > MOST_BYTES) throw new CsvError("The file is too large to hold such points.");
      const points = parsePoints(await file.text(), this.spec);
      if (presence.aborted) return;
      const count = points.length === 1 ? "1 point is" : `${points.length} points are`;
      this.lose(points, `${count} read from ${file.name}.`);
    } catch (error) {
      const why = error instanceof CsvError ? error.message : "The file can't be read.";
      pen.say(`${file.name}: ${why} The points stay as they were.`);
    } finally {
      input.value = ""; // the same file, mended, can be chosen again
    }
  }
}
