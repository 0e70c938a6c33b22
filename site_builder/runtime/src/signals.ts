/** Chart parameters and selections that bear an input's name are that input, both ways. */

import type { Chart } from "./chart.js";
import type { Explorable } from "./explorable.js";
import { acceptValue, sameValue, type InputValue } from "./inputs.js";
import type { BrushSpec, FigureSpec, InputSpec, IntervalSpec, SelectionSpec } from "./payload.js";

/** How one signal and one input say the same thing. */
interface Link {
  /** What the signal says of the input; undefined where nothing is selected or it can't be taken. */
  read(): InputValue | undefined;
  write(value: InputValue): void;
  /** Whether a chart has no way to show this value but by selecting nothing. */
  isNothing(value: InputValue): boolean;
}

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
    const link = linkOf(chart, spec.selections[name], input);
    const push = () => {
      const value = explorable.input(name);
      const said = link.read();
      const shown = said === undefined ? link.isNothing(value) : sameValue(said, value);
      if (!shown) link.write(value);
    };
    const pull = () => {
      const said = link.read();
      if (said !== undefined) explorable.set({ [name]: said }).catch(() => undefined);
      // A click beside the marks empties a selection, but an input always has a value. While a
      // brush is being drawn it is empty too, and begins to be one with the next move.
      else pointer.whenUp(push);
    };
    const stops = [explorable.onInput(push), chart.onSignal(name, pull)];
    presence.addEventListener("abort", () => stops.forEach((stop) => stop()));
    push();
  }
}

function linkOf(chart: Chart, selection: SelectionSpec | undefined, input: InputSpec): Link {
  if (selection === undefined) return parameterLink(chart, input);
  if (input.kind === "interval") return brushLink(chart, selection.brush, input);
  return pickLink(chart, input, selection.settable);
}

/** `alt.param`: the value itself; of a choice its word, where the parameter began as a word. */
function parameterLink(chart: Chart, input: InputSpec): Link {
  const words = input.kind === "choice" || input.kind === "choices" ? input.options : [];
  const spoken = ([chart.signal(input.name)].flat() as unknown[]).some((v) => typeof v === "string");
  const say = (value: unknown) => (spoken ? words[Number(value)] : value);
  const mean = (value: unknown) => (typeof value === "string" ? words.indexOf(value) : value);
  return {
    read() {
      const value = chart.signal(input.name);
      return taken(input, Array.isArray(value) ? value.map(mean) : mean(value));
    },
    write(value) {
      const said = Array.isArray(value) ? (value as unknown[]).map(say) : say(value);
      chart.setSignal(input.name, said);
    },
    isNothing: () => false,
  };
}

/** `alt.selection_point(fields=[...])`: the mark whose field holds the choice's word. */
function pickLink(chart: Chart, input: InputSpec, settable: boolean): Link {
  const { name } = input;
  const options = "options" in input ? input.options : [];
  return {
    read() {
      const indices = listIn(chart.signal(name))?.map((word) => options.indexOf(String(word)));
      return taken(input, input.kind === "choices" ? indices : indices?.at(-1));
    },
    write(value) {
      if (!settable || input.kind !== "choice") return; // a chart of its own among others
      const fields = chart.signal(`${name}_tuple_fields`);
      chart.setSignal(`${name}_toggle`, false); // Shift may have been held at the last click
      chart.setSignal(`${name}_tuple`, { unit: "", fields, values: [options[Number(value)]] });
    },
    isNothing: () => false,
  };
}

/** `alt.selection_interval(encodings=["x"])`, or y: the brush, which Vega keeps in pixels. */
function brushLink(chart: Chart, brush: BrushSpec | null, input: IntervalSpec): Link {
  return {
    read() {
      const ends = listIn(chart.signal(input.name));
      if (ends?.length !== 2) return undefined;
      return taken(input, ends.map((end) => onStop(input, Number(end))).sort((a, b) => a - b));
    },
    write(value) {
      if (brush === null) return;
      const isX = brush.axis === "x";
      const [x, y] = isX ? [brush.scale, "y"] : ["x", brush.scale];
      const frame = chart.frame({ scale: x, group: null }, { scale: y, group: null });
      if (frame === undefined) return;
      const { zoom, left, top } = frame;
      const pixels = (value as readonly number[]).map((end) =>
        isX ? (frame.toX(end) - left) / zoom : (frame.toY(end) - top) / zoom,
      );
      chart.setSignal(brush.signal, pixels);
    },
    isNothing: (value) => {
      const [low, high] = value as readonly number[];
      return low === high; // a brush without width is no brush
    },
  };
}

function onStop({ min, max, step }: IntervalSpec, value: number): number {
  const stop = min + Math.round((value - min) / step) * step;
  return Math.min(Math.max(Number(stop.toPrecision(12)), min), max);
}

function taken(input: InputSpec, value: unknown): InputValue | undefined {
  try {
    return acceptValue(input, value);
  } catch {
    return undefined; // the chart says what the input does not take
  }
}

/** The values of the one field that a selection is over; Vega adds fields of its own. */
function listIn(selection: unknown): readonly unknown[] | undefined {
  if (typeof selection !== "object" || selection === null) return undefined;
  return Object.values(selection).find((value): value is unknown[] => Array.isArray(value));
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
