/** What the reader's hand holds at a `Points` input: one for its control and for every chart of it. */

export class Pen {
  /** Index of the label that the next point takes. */
  label = 0;
  /** Index of the point that is chosen, or null. */
  selected: number | null = null;
  /** What happened last that a control should say, such as that there is no more room. */
  notice = "";

  private readonly listeners = new Set<() => void>();

  choose(label: number): void {
    this.label = label;
    this.tell();
  }

  select(point: number | null): void {
    if (this.selected === point && this.notice === "") return;
    this.selected = point;
    this.notice = "";
    this.tell();
  }

  say(notice: string): void {
    this.notice = notice;
    this.tell();
  }

  onChange(listener: () => void, presence: AbortSignal): void {
    this.listeners.add(listener);
    presence.addEventListener("abort", () => this.listeners.delete(listener));
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

const pens = new WeakMap<object, Map<string, Pen>>();

/** The pen of one input of an explorable. */
export function penOf(explorable: object, input: string): Pen {
  let owned = pens.get(explorable);
  if (owned === undefined) pens.set(explorable, (owned = new Map()));
  let pen = owned.get(input);
  if (pen === undefined) owned.set(input, (pen = new Pen()));
  return pen;
}
