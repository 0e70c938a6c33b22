/** How parameters and selections of a chart say the value of an input. No DOM in here. */

import type { Chart } from "./chart.js";
import { acceptValue, sameValue, type InputValue } from "./inputs.js";
import type {
  BrushSpec,
  InputSpec,
  IntervalSpec,
  PickSpec,
  SelectionSpec,
  SliderSpec,
} from "./payload.js";

/** The value of an input as one parameter or selection of a chart has it. */
export interface ChartValue {
  /** Undefined where nothing is selected, or what the input does not take. */
  read(): InputValue | undefined;
  write(value: InputValue): void;
  /** Whether the chart is as `write` would leave it. */
  is(value: InputValue): boolean;
}

export function valueOn(
  chart: Chart,
  selection: SelectionSpec | undefined,
  input: InputSpec,
): ChartValue {
  if (selection === undefined) return parameter(chart, input);
  if ("field" in selection) return picks(chart, selection, input);
  return stretch(chart, selection.brushes, input as IntervalSpec);
}

/** `alt.param`: the value itself; of a choice its word, where the parameter began as a word. */
function parameter(chart: Chart, input: InputSpec): ChartValue {
  const words = input.kind === "choice" || input.kind === "choices" ? input.options : [];
  const spoken = ([chart.signal(input.name)].flat() as unknown[]).some((v) => typeof v === "string");
  const say = (value: unknown) => (spoken ? words[Number(value)] : value);
  const mean = (value: unknown) => (typeof value === "string" ? words.indexOf(value) : value);
  const read = () => {
    const value = chart.signal(input.name);
    return taken(input, Array.isArray(value) ? value.map(mean) : mean(value));
  };
  return {
    read,
    write(value) {
      const said = Array.isArray(value) ? (value as unknown[]).map(say) : say(value);
      chart.setSignal(input.name, said);
    },
    is: (value) => sameValue(read(), value),
  };
}

/** The view that what an input picks is in. */
const OURS = "input";

/** `alt.selection_point(fields=[...])`: the marks whose field holds what the input does. */
function picks(chart: Chart, { field, legend }: PickSpec, input: InputSpec): ChartValue {
  const { name } = input;
  let written: InputValue | undefined;
  return {
    read() {
      const chosen = new Set<unknown>();
      for (const { fields, values } of chart.picked(name)) {
        const at = fields.findIndex((other) => other.field === field);
        if (at < 0) continue; // a view of other columns
        const value = meant(input, [values[at]].flat()[0]);
        // Shift adds a mark to those of the input, or takes it away by being there twice.
        if (!chosen.delete(value) || input.kind !== "choices") chosen.add(value);
      }
      return taken(input, input.kind === "choices" ? [...chosen] : [...chosen].at(-1));
    },
    write(value) {
      written = value;
      const picked = ([value].flat() as unknown[]).map((one) => ({
        unit: OURS,
        fields: [{ type: "E", field }],
        values: [formsOf(input, one)],
      }));
      chart.pick(name, picked, legend);
    },
    is(value) {
      const picked = chart.picked(name);
      const ours = picked.length > 0 && picked.every(({ unit }) => unit === OURS);
      return ours && sameValue(written, value);
    },
  };
}

/** Everything that a field may hold where it means this value of an input, the likeliest first. */
function formsOf(input: InputSpec, value: unknown): unknown[] {
  if ("options" in input) {
    const word = input.options[Number(value)] ?? "";
    const number = Number(word);
    return String(number) === word ? [word, number] : [word];
  }
  // Rows hold numbers that went through float32, and truth as 0 or 1.
  return [value, Math.fround(Number(value))];
}

/** What the value of a field means to an input: the other way round. */
function meant(input: InputSpec, value: unknown): unknown {
  if ("options" in input) return input.options.indexOf(String(value));
  if (input.kind === "toggle") return Boolean(value);
  return input.kind === "slider" ? onStop(input, Number(value)) : value;
}

/** `alt.selection_interval(encodings=["x"])`, or y: the brush. */
function stretch(chart: Chart, brushes: readonly BrushSpec[], input: IntervalSpec): ChartValue {
  const { name } = input;
  const onStops = (ends: readonly number[]) => ends.map((end) => onStop(input, end));
  const read = () => {
    const [ends] = Object.values(Object(chart.signal(name))) as unknown[];
    if (!Array.isArray(ends) || ends.length !== 2) return undefined;
    return taken(input, onStops(ends.map(Number)).sort((a, b) => a - b));
  };
  return {
    read,
    write: (value) => chart.brush(name, brushes, value as readonly number[]),
    is(value) {
      const said = read();
      const [low, high] = value as readonly number[];
      if (said === undefined) return low === high; // no width is no brush
      return sameValue(said, onStops(value as readonly number[])); // a link may say more exactly
    },
  };
}

function onStop({ min, max, step }: IntervalSpec | SliderSpec, value: number): number {
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
