/** What selections of a drawn Vega view hold, and how they are set from outside. */

import type { View } from "vega-view";
import type { Picked } from "./chart.js";
import type { BrushSpec } from "./payload.js";
import type { SceneItem, SceneMark } from "./vega-frame.js";

/** As much of Vega's runtime as is used here: what a view or a group in it has of its own. */
interface Scope {
  readonly signals: Readonly<Record<string, Operator>>;
  readonly scales: Readonly<Record<string, Operator<(value: number) => number>>>;
}
interface Operator<Value = unknown> {
  value: Value;
}
interface Updatable {
  update(operator: Operator, value: unknown): void;
}
interface Group extends SceneItem {
  readonly datum?: unknown;
  readonly context: Scope;
}

/** What a point selection holds, the newest last. */
export function pickedIn(view: View, name: string): readonly Picked[] {
  return view.data(`${name}_store`) as Picked[];
}

/** Gives a point selection other contents with the next run of the view. */
export function pickIn(
  view: View,
  name: string,
  picked: readonly Picked[],
  legend: string | null,
): void {
  view.data(`${name}_store`, [...picked]);
  if (legend === null) return;
  for (const { context } of groupsOf(view, null)) {
    const signal = context.signals[legend];
    // A click beside the legend would pick this again. Silently: telling would empty the selection.
    if (signal !== undefined) signal.value = null;
  }
}

/** Moves a brush with the next run of the view: the one that is drawn now, or else the first. */
export function moveBrush(
  view: View,
  name: string,
  brushes: readonly BrushSpec[],
  ends: readonly number[],
): void {
  const places = brushes.flatMap((brush) =>
    groupsOf(view, brush.group).map((group) => ({ brush, group })),
  );
  const unit = pickedIn(view, name)[0]?.unit;
  const unitOf = ({ context }: Group) => {
    const drawn = context.signals[`${name}_tuple`]?.value as Picked | null | undefined;
    return drawn?.unit;
  };
  const place = places.find(({ group }) => unitOf(group) === unit) ?? places[0];
  if (place === undefined) return;
  const { signals, scales } = place.group.context;
  const { value: scale } = scales[place.brush.scale] ?? {};
  const brush = signals[place.brush.signal];
  if (scale === undefined || brush === undefined) return;
  const flow = view as unknown as Updatable;
  // A facet knows which one it is once the pointer was on it.
  if (signals["facet"] !== undefined) flow.update(signals["facet"], place.group.datum);
  flow.update(brush, ends.map((end) => scale(end)));
}

/** The groups that a mark of that name has; the whole view where there is no name. */
function groupsOf(view: View, name: string | null): Group[] {
  const { root } = view.scenegraph() as unknown as { root: SceneMark };
  const inside = (mark: SceneMark): Group[] => {
    if (name === null || mark.name === name) return [...mark.items] as Group[];
    const marks = mark.items.flatMap((item) => item.items ?? []);
    return marks.flatMap((inner) => (inner.marktype === "group" ? inside(inner) : []));
  };
  return inside(root);
}
