/** A small form over a picture, beside the mark whose number the reader types anew. */

import type { Numbers } from "./edits.js";

export class EditOver {
  private readonly form = document.createElement("form");
  private readonly field = document.createElement("input");
  private readonly name = document.createElement("span");
  /** Where the keyboard was before. */
  private before: HTMLElement | null = null;
  private row = 0;

  constructor(
    private readonly picture: HTMLElement,
    private readonly numbers: Numbers,
  ) {
    const { form, field, name } = this;
    form.className = "explorable-edit";
    form.noValidate = true; // any number will do, not only those on a stop
    field.type = "number";
    field.autocomplete = "off";
    const label = document.createElement("label");
    label.append(name, field);
    form.append(label, makeButton("Set", "submit"), makeButton("Close", "button"));
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
  open(row: number, event: Event): void {
    const { form, field, picture, numbers } = this;
    const active = document.activeElement;
    if (active instanceof HTMLElement && !form.contains(active)) this.before = active;
    this.row = row;
    this.name.textContent = numbers.title(row);
    field.step = numbers.step;
    field.value = numbers.text(row);
    picture.after(form);
    const around = (form.offsetParent ?? picture).getBoundingClientRect();
    const box = picture.getBoundingClientRect();
    const { clientX, clientY } = clientPlace(event) ?? { clientX: box.left, clientY: box.top };
    const right = around.width - form.offsetWidth - 4;
    form.style.left = `${Math.max(4, Math.min(clientX - around.left, right))}px`;
    form.style.top = `${clientY - around.top + 8}px`;
    field.focus({ preventScroll: true });
    field.select(); // typing takes its place
  }

  close(): void {
    if (!this.form.isConnected) return;
    const inside = this.form.contains(document.activeElement);
    this.form.remove();
    if (inside) this.before?.focus({ preventScroll: true });
  }

  private set(): void {
    this.numbers.set(this.row, this.field);
  }
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
