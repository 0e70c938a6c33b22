/** Chart parameters and selections that bear an input's name are that input, both ways. */

import type { Chart } from "./chart.js";
import { valueOn } from "./chart-values.js";
import type { Explorable } from "./explorable.js";
import type { FigureSpec } from "./payload.js";

export function bindSignals(
  _picture: HTMLElement,
  chart: Chart,
  spec: FigureSpec,
  explorable: Explorable,
  presence: AbortSignal,
): void {
  if (spec.signals.length === 0) return;
  const pointer = watchPointer(presence);
  for (const name of spec.signals) {
    const input = explorable.inputSpec(name);
    if (input === undefined) continue;
    const shown = valueOn(chart, spec.selections[name], input);
    const push = () => {
      const value = explorable.input(name);
      if (!shown.is(value)) shown.write(value);
    };
    const pull = () => {
      if (shown.is(explorable.input(name))) return; // what was written comes back
      const said = shown.read();
      // A click beside the marks empties a selection, but an input always has a value. While a
      // brush is being drawn it is empty too, and begins to be one with the next move.
      if (said === undefined) return pointer.whenUp(push);
      explorable.set({ [name]: said }).catch(() => undefined);
      push(); // the same value may have been said in other words
    };
    const stops = [explorable.onInput(push), chart.onSignal(name, pull)];
    presence.addEventListener("abort", () => stops.forEach((stop) => stop()));
    push();
  }
}

/** Lets things wait until no button is down and no finger on the screen. */
function watchPointer(presence: AbortSignal): { whenUp(callback: () => void): void } {
  let down = false;
  let waiting = new Set<() => void>();
  const later = () => {
    const due = waiting;
    waiting = new Set();
    for (const callback of due) callback();
  };
  const options = { signal: presence, capture: true };
  window.addEventListener("pointerdown", () => (down = true), options);
  for (const end of ["pointerup", "pointercancel"]) {
    window.addEventListener(
      end,
      () => {
        down = false;
        setTimeout(later); // the chart hears of it first
      },
      options,
    );
  }
  return {
    whenUp(callback) {
      waiting.add(callback);
      if (!down) setTimeout(later);
    },
  };
}
