/** The control of points: which label comes next, a file, and every point by number. */

import { axisOf, onAxis, printOn, type Axis } from "./axis.js";
import { CsvError, MOST_BYTES, parsePoints } from "./csv.js";
import type { PlacedPoint, PointsSpec } from "./payload.js";
import { add, move, remove, type PointList } from "./points.js";
import { find, say, type Port, type Show } from "./port.js";
import { checkedIndex, checkOnly, separateRadios } from "./radios.js";

export function bindPoints(root: HTMLElement, spec: PointsSpec, port: Port): Show {
  const control = new PointsControl(root, spec, port);
  return () => control.show();
}

class PointsControl {
  private readonly axes: readonly [Axis, Axis];
  private readonly radios: readonly HTMLInputElement[];
  private readonly status: HTMLElement;
  private readonly details: HTMLDetailsElement;
  private readonly select: HTMLSelectElement;
  private readonly fields: readonly HTMLInputElement[];

  constructor(
    root: HTMLElement,
    private readonly spec: PointsSpec,
    private readonly port: Port,
  ) {
    this.axes = [axisOf(spec.x), axisOf(spec.y)];
    this.radios = separateRadios(root);
    this.status = find(root, "[role=status]");
    this.details = find(root, "details");
    this.select = find(root, "select");
    this.fields = [find(root, "[data-axis=x]"), find(root, "[data-axis=y]")];
    const on = (element: Element, event: string, listener: () => void) =>
      element.addEventListener(event, listener, { signal: port.presence });

    for (const radio of this.radios) on(radio, "input", () => port.pen.choose(checkedIndex(this.radios)));
    on(find(root, ".explorable-remove-all"), "click", () => this.removeAll());
    const file = find<HTMLInputElement>(root, "input[type=file]");
    on(file, "change", () => void this.read(file));
    on(this.details, "toggle", () => this.show());
    on(this.select, "input", () => {
      port.pen.select(this.select.value === "" ? null : Number(this.select.value));
    });
    for (const field of this.fields) on(field, "change", () => this.moveSelected());
    on(find(root, ".explorable-add"), "click", () => this.add());
    on(find(root, ".explorable-remove"), "click", () => this.remove());
    port.pen.onChange(() => this.show(), port.presence);
  }

  show(): void {
    const { pen } = this.port;
    if (pen.selected !== null && pen.selected >= this.points().length) return pen.select(null);
    checkOnly(this.radios, pen.label);
    say(this.status, pen.notice);
    if (!this.details.open) return; // a drag moves many points many times; nobody sees these
    this.showOptions();
    this.showFields();
  }

  private points(): PointList {
    return this.port.get() as PointList;
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
      const value = point[n === 0 ? 0 : 1];
      if (field.valueAsNumber !== value) field.value = String(value);
    });
  }

  private describe([x, y, label]: PlacedPoint, index: number): string {
    const word = this.spec.labels?.[label];
    const place = `${printOn(this.axes[0], x)}, ${printOn(this.axes[1], y)}`;
    return `${index + 1}: ${word === undefined ? "" : `${word} at `}${place}`;
  }

  /** What is typed, or undefined with a word about it where that is no place on the chart. */
  private typed(): readonly [number, number] | undefined {
    const [x, y] = this.fields.map((field) => field.valueAsNumber);
    if (x === undefined || y === undefined || isNaN(x) || isNaN(y)) {
      this.port.pen.say("Type x and y.");
      return undefined;
    }
    const outside = [x, y].some((value, n) => {
      const { low, high } = this.axes[n === 0 ? 0 : 1];
      return value < low || value > high;
    });
    if (outside) {
      const ends = this.axes.map(({ low, high }, n) => `${"xy"[n]} from ${low} to ${high}`);
      this.port.pen.say(`The chart has ${ends.join(" and ")}.`);
      return undefined;
    }
    return [onAxis(this.axes[0], x), onAxis(this.axes[1], y)];
  }

  private moveSelected(): void {
    const { pen } = this.port;
    if (pen.selected === null) return;
    const place = this.typed();
    if (place === undefined) return;
    this.port.set(move(this.points(), pen.selected, place));
    pen.say("");
  }

  private add(): void {
    const { pen } = this.port;
    const place = this.typed();
    if (place === undefined) return;
    const points = add(this.points(), place, pen.label, this.spec.capacity);
    if (points === null) return pen.say(`There is room for ${this.spec.capacity} points.`);
    this.port.set(points);
    pen.select(null);
    pen.say(`Point ${points.length} is added.`);
  }

  private remove(): void {
    const { pen } = this.port;
    if (pen.selected === null) return pen.say("Choose a point first.");
    const number = pen.selected + 1;
    this.port.set(remove(this.points(), pen.selected));
    pen.select(null);
    pen.say(`Point ${number} is removed.`);
  }

  private removeAll(): void {
    const { length } = this.points();
    this.port.pen.select(null);
    this.port.set([]);
    this.port.pen.say(length === 1 ? "The point is removed." : `All ${length} points are removed.`);
  }

  private async read(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    if (file === undefined) return;
    const { pen, presence } = this.port;
    try {
      if (file.size > MOST_BYTES) throw new CsvError("The file is too large to hold such points.");
      const points = parsePoints(await file.text(), this.spec);
      if (presence.aborted) return;
      pen.select(null);
      this.port.set(points);
      const count = points.length === 1 ? "1 point is" : `${points.length} points are`;
      pen.say(`${count} read from ${file.name}.`);
    } catch (error) {
      const why = error instanceof CsvError ? error.message : "The file can't be read.";
      pen.say(`${file.name}: ${why} The points stay as they were.`);
    } finally {
      input.value = ""; // the same file, mended, can be chosen again
    }
  }
}
