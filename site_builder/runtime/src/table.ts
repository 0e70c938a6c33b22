/** The numbers of a picture as tables, made when the reader opens them and fresh while open. */

import type { Cell, Columns } from "./rows.js";

/** More rows than anyone reads would only slow the page. */
const MOST_ROWS = 200;
const SIGNIFICANT_DIGITS = 4;

export class NumbersTable {
  private shown = new Map<string, { shape: string; cells: HTMLTableCellElement[] }>();

  constructor(
    private readonly details: HTMLDetailsElement,
    private readonly read: () => Record<string, Columns>,
    presence: AbortSignal,
  ) {
    details.addEventListener("toggle", () => this.refresh(), { signal: presence });
  }

  /** Shows the current numbers, where the reader has the tables open. */
  refresh(): void {
    if (!this.details.open) return;
    const sets = Object.entries(this.read());
    this.note(sets.length === 0 ? "The numbers appear once the figure is live." : "");
    for (const [name, data] of sets) this.show(name, data);
  }

  private note(text: string): void {
    this.details.querySelector(".explorable-note")?.remove();
    if (text === "") return;
    const note = document.createElement("p");
    note.className = "explorable-note";
    note.textContent = text;
    this.details.append(note);
  }

  private show(name: string, data: Columns): void {
    const count = Math.min(data.length, MOST_ROWS);
    const shape = [data.length, ...data.columns.map((column) => column.name)].join();
    let table = this.shown.get(name);
    if (table?.shape !== shape) {
      table = { shape, cells: this.build(name, data, count) };
      this.shown.set(name, table);
    }
    const width = data.columns.length;
    for (let row = 0; row < count; row++) {
      data.columns.forEach(({ cells }, column) => {
        const cell = table.cells[row * width + column];
        const text = printCell(cells[row] ?? "");
        if (cell !== undefined && cell.textContent !== text) cell.textContent = text;
      });
    }
  }

  private build(name: string, data: Columns, count: number): HTMLTableCellElement[] {
    const table = document.createElement("table");
    table.className = "explorable-numbers";
    table.createCaption().textContent =
      count < data.length ? `${name}: the first ${count} of ${data.length} rows` : name;
    const head = table.createTHead().insertRow();
    for (const column of data.columns) {
      const heading = document.createElement("th");
      heading.scope = "col";
      heading.textContent = column.name;
      if (typeof column.cells[0] === "number") heading.className = "explorable-number";
      head.append(heading);
    }
    const body = table.createTBody();
    const cells: HTMLTableCellElement[] = [];
    for (let i = 0; i < count; i++) {
      const row = body.insertRow();
      for (const column of data.columns) {
        const cell = row.insertCell();
        if (typeof column.cells[i] === "number") cell.className = "explorable-number";
        cells.push(cell);
      }
    }
    this.place(name, table);
    return cells;
  }

  private place(name: string, table: HTMLTableElement): void {
    const frame = document.createElement("div");
    frame.className = "explorable-scroll";
    frame.dataset["set"] = name;
    frame.tabIndex = 0; // a keyboard scrolls what has the focus
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", `Numbers: ${name}`);
    frame.append(table);
    const old = [...this.details.children].find(
      (child) => child instanceof HTMLElement && child.dataset["set"] === name,
    );
    if (old === undefined) this.details.append(frame);
    else old.replaceWith(frame);
  }
}

function printCell(cell: Cell): string {
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  if (typeof cell === "string" || Number.isInteger(cell)) return String(cell);
  return String(Number(cell.toPrecision(SIGNIFICANT_DIGITS)));
}
