/** What the reader's hand holds at a `Points` input: one for its control and for every chart of it. */

import { sameValue } from "./inputs.js";
import type { InputSpec } from "./payload.js";
import { bears, type PointList } from "./points.js";

export class Pen {
  /** What the next point bears: the index of its label, or its value. */
  label: number;
  /** Index of the point that is chosen, or null. */
  selected: number | null = null;
  /** What happened last that a control should say, such as that there is no more room. */
  notice = "";

  /** Points that were there before the last removal, and those that it left. */
  private lost: { readonly before: PointList; readonly after: PointList } | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(spec: InputSpec) {
    this.label = spec.kind === "points" ? bears(spec, 0) : 0;
  }

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

  /** Remembers what a removal takes away. */
  keep(before: PointList, after: PointList): void {
    this.lost = { before, after };
  }

  /** The points before the last removal; undefined where anything has changed since. */
  lostOf(now: PointList): PointList | undefined {
    return this.lost !== undefined && sameValue(this.lost.after, now) ? this.lost.before : undefined;
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
export function penOf(explorable: object, spec: InputSpec): Pen {
  let owned = pens.get(explorable);
  if (owned === undefined) pens.set(explorable, (owned = new Map()));
  let pen = owned.get(spec.name);
  if (pen === undefined) owned.set(spec.name, (pen = new Pen(spec)));
  return pen;
}
