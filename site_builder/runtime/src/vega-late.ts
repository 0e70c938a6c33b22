/**
 * Where the parts of Vega stand that few charts need. vega.js has these places and vega-more.js
 * fills them; the bundler puts the modules below in the places of Vega's own (slim-vega.mjs).
 */

import {
  curveLinear,
  curveLinearClosed,
  curveMonotoneX,
  curveMonotoneY,
  curveNatural,
  curveStep,
  curveStepAfter,
  curveStepBefore,
} from "d3-shape";
import { interpolateHcl, interpolateRgb, piecewise } from "d3-interpolate";

type Callable = (...values: unknown[]) => unknown;
type Table = Record<string, unknown>;

/** Functions that come late, by name. */
const late: Record<string, Callable> = {};

export function fill(functions: Readonly<Record<string, Callable>>): void {
  Object.assign(late, functions);
}

function waiting(name: string): Callable {
  return (...values) => {
    const found = late[name];
    if (found === undefined) throw new Error(`This chart was drawn without Vega's '${name}'.`);
    return found(...values);
  };
}

// vega-statistics: the confidence intervals of aggregates.
export const bootstrapCI = waiting("bootstrapCI");

// vega-time, as far as scales ask it, and vega-format's times.
export const timeInterval = waiting("timeInterval");
export const utcInterval = waiting("utcInterval");
export const timeFormatLocale = waiting("timeFormatLocale");
export const resetTimeFormatDefaultLocale = waiting("resetTimeFormatDefaultLocale");
const times = Object.fromEntries(
  ["timeFormat", "utcFormat", "timeParse", "utcParse"].map((name) => [name, waiting(name)]),
);
export const timeFormatDefaultLocale = () => times;

// vega-scale: colour schemes, which come with figures too, and ways between two colours.
const schemes: Table = {};
export function scheme(name: string, colours?: unknown): unknown {
  return (schemes[name.toLowerCase()] ??= colours);
}
export const interpolators: Table = { interpolateHcl, interpolateRgb, piecewise };

// vega-scenegraph: the curves of lines.
interface Curve {
  readonly curve?: unknown;
  readonly horizontal?: unknown;
  readonly vertical?: unknown;
  /** The method that sets the tension. */
  readonly tension?: string;
}
export const curves: Record<string, Curve> = {
  linear: { curve: curveLinear },
  "linear-closed": { curve: curveLinearClosed },
  monotone: { horizontal: curveMonotoneY, vertical: curveMonotoneX },
  natural: { curve: curveNatural },
  step: { curve: curveStep },
  "step-after": { curve: curveStepAfter },
  "step-before": { curve: curveStepBefore },
};
export function curve(
  type: string,
  orientation: "horizontal" | "vertical" = "vertical",
  tension?: number | null,
): unknown {
  const entry = Object.hasOwn(curves, type) ? curves[type] : undefined;
  const found = entry?.curve ?? entry?.[orientation] ?? null;
  if (entry?.tension === undefined || tension === undefined || tension === null) return found;
  return (found as Record<string, Callable>)[entry.tension]?.(tension);
}
