/** The sliders of a point and of an interval. */

import { axisOf, printOn } from "./axis.js";
import { formatValue } from "./format.js";
import type { IntervalSpec, PointSpec } from "./payload.js";
import { find, type Port, type Show } from "./port.js";

export interface Track {
  readonly range: HTMLInputElement;
  readonly output: HTMLElement;
}

/** Two sliders, one for each axis. */
export function bindPoint(root: HTMLElement, spec: PointSpec, port: Port): Show {
  const axes = [axisOf(spec.x), axisOf(spec.y)] as const;
  const tracks = (["x", "y"] as const).map((axis) => trackIn(find(root, `[data-axis=${axis}]`)));
  tracks.forEach(({ range }, n) => {
    const move = () => {
      const [x, y] = port.get() as readonly [number, number];
      port.set(n === 0 ? [range.valueAsNumber, y] : [x, range.valueAsNumber]);
    };
    range.addEventListener("input", move, { signal: port.presence });
  });
  return () => {
    const place = port.get() as readonly number[];
    axes.forEach((axis, n) => showTrack(tracks[n], place[n] ?? 0, printOn(axis, place[n] ?? 0)));
  };
}

/** Two sliders that push against each other instead of crossing. */
export function bindInterval(root: HTMLElement, spec: IntervalSpec, port: Port): Show {
  const tracks = [...root.querySelectorAll(".explorable-slider")].map(trackIn);
  tracks.forEach(({ range }, n) => {
    const move = () => {
      const [low, high] = port.get() as readonly [number, number];
      const value = range.valueAsNumber;
      port.set(n === 0 ? [Math.min(value, high), high] : [low, Math.max(value, low)]);
      show(); // where it was held back, nothing changed and nobody tells
    };
    range.addEventListener("input", move, { signal: port.presence });
  });
  const show = () => {
    const ends = port.get() as readonly number[];
    ends.forEach((end, n) => showTrack(tracks[n], end, formatValue(end, spec.format)));
  };
  return show;
}

export function trackIn(element: Element): Track {
  return { range: find(element, "input[type=range]"), output: find(element, "output") };
}

export function showTrack(track: Track | undefined, value: number, text: string): void {
  if (track === undefined) return;
  // Writing the value that it has would fight the finger that drags it.
  if (track.range.valueAsNumber !== value) track.range.value = String(value);
  track.range.setAttribute("aria-valuetext", text);
  track.output.textContent = text;
}
