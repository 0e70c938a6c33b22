/** One input of every kind. */

import type { InputSpec } from "../src/payload.js";

export function everyKind(): InputSpec[] {
  const scalar = { dtype: "float32", shape: [] } as const;
  const index = { dtype: "int32", shape: [] } as const;
  return [
    {
      kind: "slider", name: "rate", label: "Rate", ...scalar,
      min: 0, max: 1, step: 0.01, default: 0.03, format: "0.00",
    },
    { kind: "choice", name: "depth", label: "Depth", ...index, options: ["1", "2"], default: 1, static: true },
    {
      kind: "choices", name: "features", label: "Features", dtype: "int32", shape: [3],
      options: ["x1", "x2", "x1x2"], default: [0, 1],
    },
    { kind: "toggle", name: "strict", label: "Strict", dtype: "bool", shape: [], default: true },
    {
      kind: "sketch", name: "drawing", label: "Drawing", dtype: "float32", shape: [2, 3],
      examples: [{ label: "a dot", pixels: btoa("\x00\x00\xff\x33\x00\x00") }], default: 0,
    },
    { kind: "size", name: "units", label: "Units", dtype: "int32", shape: [8], min: 1, max: 8, default: 4 },
    {
      kind: "point", name: "start_at", label: "Start", dtype: "float32", shape: [2],
      x: [-6, 6], y: [-6, 6], default: [1, 2],
    },
    {
      kind: "points", name: "own", label: "Own points", dtype: "float32", shape: [3, 2], capacity: 3, value: null,
      x: [-6, 6], y: [-6, 6], labels: ["orange", "blue"], default: [[1, 2, 0], [-1.5, 0.25, 1]],
    },
    {
      kind: "interval", name: "window", label: "Window", dtype: "float32", shape: [2],
      min: 0, max: 24, step: 0.5, default: [6, 9], format: "0.0",
    },
    { kind: "seed", name: "seed", label: "Seed", ...index, default: 1 },
  ];
}
