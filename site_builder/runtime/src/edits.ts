/** Numbers of a picture that the reader types anew: a click on a mark, or a button and a list. */

import { axisOf } from "./axis.js";
import type { Chart } from "./chart.js";
import type { Explorable } from "./explorable.js";
import type { FigureSpec } from "./payload.js";
import type { Columns } from "./rows.js";

export function bindEdits(
  picture: HTMLElement,
  chart: Chart,
  spec: FigureSpec,
  explorable: Explorable,
  presence: AbortSignal,
): void {
  const { edits } = spec;
  if (edits === undefined) return;
  const editor = new Editor(edits.column, () => explorable.columns(edits.data), (row, value) => {
    explorable.edit(row, value).catch(() => undefined); // the figures tell what failed
  });
  const stop = chart.onRow(edits.data, (row, event) => editor.openOver(picture, row, event));
  const details = picture.parentElement?.querySelector("details.explorable-table > summary");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "explorable-edit-button";
  button.textContent = "Edit a number";
  button.addEventListener("click", () => editor.openAfter(button));
  details?.after(button);
  presence.addEventListener("abort", () => {
    stop();
    editor.close();
    button.remove();
  });
}

/** One small form at a time: which number, its value, and a way out. */
class Editor {
  private readonly form = document.createElement("form");
  private readonly field = document.createElement("input");
  private readonly select = document.createElement("select");
  private readonly which = document.createElement("label");
  private readonly name = document.createElement("span");
  /** Where the keyboard was before. */
  private before: HTMLElement | null = null;
  private row = 0;

  constructor(
    private readonly column: string,
    private readonly read: () => Columns,
    private readonly write: (row: number, value: number) => void,
  ) {
    const { form, field, select, which, name } = this;
    form.className = "explorable-edit";
    form.noValidate = true; // any number will do, not only those on a stop
    field.type = "number";
    field.autocomplete = "off";
    which.append("Which", select);
    const value = document.createElement("label");
    value.append(name, field);
    form.append(which, value, makeButton("Set", "submit"), makeButton("Close", "button"));
    select.addEventListener("input", () => this.choose(Number(select.value)));
    // The arrows beside the field change it at once, typing with Enter or on leaving.
    field.addEventListener("change", () => this.set());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.set();
      this.close();
    });
    form.querySelector("button[type=button]")?.addEventListener("click", () => this.close());
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      field.value = ""; // what is only half typed is not meant
      this.close();
      event.stopPropagation();
    });
  }

  /** Opens beside the mark of a row, at the place of `event`. */
  openOver(picture: HTMLElement, row: number, event: Event): void {
    const { form } = this;
    form.classList.add("explorable-over");
    this.which.hidden = true;
    this.open(picture, row);
    const around = (form.offsetParent ?? picture).getBoundingClientRect();
    const box = picture.getBoundingClientRect();
    const { clientX, clientY } = clientPlace(event) ?? { clientX: box.left, clientY: box.top };
    const right = around.width - form.offsetWidth - 4;
    form.style.left = `${Math.max(4, Math.min(clientX - around.left, right))}px`;
    form.style.top = `${clientY - around.top + 8}px`;
  }

  /** Opens after `element`, with a list of the rows. */
  openAfter(element: HTMLElement): void {
    const { form } = this;
    form.classList.remove("explorable-over");
    form.removeAttribute("style");
    this.which.hidden = false;
    const columns = this.read();
    const options = Array.from(
      { length: columns.length },
      (_, row) => new Option(describeRow(columns, row, this.column), String(row)),
    );
    this.select.replaceChildren(...options);
    this.open(element, Math.min(this.row, columns.length - 1));
  }

  close(): void {
    if (!this.form.isConnected) return;
    const inside = this.form.contains(document.activeElement);
    this.form.remove();
    if (inside) this.before?.focus({ preventScroll: true });
  }

  private open(after: HTMLElement, row: number): void {
    const active = document.activeElement;
    if (active instanceof HTMLElement && !this.form.contains(active)) this.before = active;
    after.after(this.form);
    this.choose(row);
    (this.which.hidden ? this.field : this.select).focus({ preventScroll: true });
    if (this.which.hidden) this.field.select(); // typing takes its place
  }

  private choose(row: number): void {
    const columns = this.read();
    const cells = (columns.columns.find(({ name }) => name === this.column)?.cells ?? []).map(Number);
    this.row = row;
    this.select.value = String(row);
    this.name.textContent = this.which.hidden
      ? `${this.column} of ${describeRow(columns, row, this.column)}`
      : this.column;
    const reach = Math.max(1, ...cells.map(Math.abs));
    this.field.step = String(axisOf([-reach, reach]).step);
    this.field.value = String(Number((cells[row] ?? 0).toPrecision(4)));
  }

  private set(): void {
    const value = this.field.valueAsNumber;
    if (Number.isFinite(value)) this.write(this.row, value);
  }
}

/** A row in a few words: its words where it has some, else its whole numbers, else its number. */
export function describeRow(columns: Columns, row: number, without: string): string {
  const others = columns.columns.filter(({ name }) => name !== without);
  const words = others.map(({ cells }) => cells[row]).filter((cell) => typeof cell === "string");
  if (words.length > 0) return words.join(", ");
  const whole = others.filter(({ cells }) => cells.every((cell) => Number.isInteger(cell)));
  if (whole.length > 0) return whole.map(({ name, cells }) => `${name} ${String(cells[row])}`).join(", ");
  return `row ${row + 1}`;
}

function makeButton(text: string, type: "submit" | "button"): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = type;
  button.textContent = text;
  return button;
}

/** Where a click or a touch was, in pixels of the window. */
function clientPlace(event: Event): { clientX: number; clientY: number } | undefined {
  if (event instanceof MouseEvent) return event;
  return "changedTouches" in event ? (event as TouchEvent).changedTouches[0] : undefined;
}
