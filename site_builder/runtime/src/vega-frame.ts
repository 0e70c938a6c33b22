/** Where a drawn Vega view has put its scales. */

import type { View } from "vega-view";
import type { ScaleFrame } from "./chart.js";
import type { ScaleRef } from "./payload.js";
import type { Cell } from "./rows.js";

/** As much of a d3 scale as is used here; those of words have a band and no inverse. */
interface Scale {
  (value: Cell): number;
  range(): number[];
  invert?(pixel: number): number | Date;
  bandwidth?(): number;
}

/** As much of Vega's scenegraph as is used here: marks hold items, items of groups hold marks. */
export interface SceneItem {
  readonly x?: number;
  readonly y?: number;
  readonly items?: readonly SceneMark[];
}
export interface SceneMark {
  readonly name?: string;
  readonly marktype: string;
  readonly items: readonly SceneItem[];
}

/** The frame of two scales; `zoom` is CSS px to a pixel of the view. */
export function frameOf(view: View, x: ScaleRef, y: ScaleRef, zoom: number): ScaleFrame {
  const root = (view.scenegraph() as unknown as { root: SceneMark }).root;
  const { left, top } = view.padding() as { left: number; top: number };
  const [originX, originY] = view.origin();
  const [groupX, groupY] = placeOf(root, x.group ?? y.group) ?? [NaN, NaN];
  const alongX = axisOf(scaleOf(view, x.scale), left + originX + groupX, zoom);
  const alongY = axisOf(scaleOf(view, y.scale), top + originY + groupY, zoom);
  return {
    zoom,
    left: alongX.start,
    top: alongY.start,
    width: alongX.length,
    height: alongY.length,
    toX: alongX.to,
    toY: alongY.to,
    fromX: alongX.from,
    fromY: alongY.from,
  };
}

function axisOf(scale: Scale | undefined, offset: number, zoom: number) {
  const ends = scale?.range() ?? [NaN, NaN];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const middle = (scale?.bandwidth?.() ?? 0) / 2;
  return {
    start: (offset + low) * zoom,
    length: (high - low) * zoom,
    to: (value: Cell) => (scale === undefined ? NaN : (offset + scale(value) + middle) * zoom),
    from: (pixel: number) => Number(scale?.invert?.(pixel / zoom - offset) ?? NaN),
  };
}

function scaleOf(view: View, name: string): Scale | undefined {
  try {
    return view.scale(name) as Scale;
  } catch {
    return undefined; // Vega throws where it has no scale of that name
  }
}

/** Where the plot of a group begins; of the whole view where there is no group. */
function placeOf(mark: SceneMark, group: string | null, x = 0, y = 0): [number, number] | undefined {
  for (const item of mark.items) {
    const at: [number, number] = [x + (item.x ?? 0), y + (item.y ?? 0)];
    if (group === null || mark.name === group) return at;
    for (const inner of item.items ?? []) {
      const found = inner.marktype === "group" ? placeOf(inner, group, ...at) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
