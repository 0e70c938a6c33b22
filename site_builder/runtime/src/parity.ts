/** Does this browser compute what PyTorch computed? */

import { Problem } from "./problem.js";
import type { TensorValue, Tensors } from "./tensor.js";

const TOLERANCE = 1e-4;

/**
 * Largest absolute difference over all tensors of `expected`.
 *
 * Floats agree when |a - b| <= 1e-4 * max(1, max|b|) over the tensor; integers and bools must be
 * equal. Throws a Problem on disagreement.
 */
export function checkParity(actual: Tensors, expected: Tensors): number {
  let largest = 0;
  for (const [name, truth] of Object.entries(expected)) {
    const computed = actual[name];
    if (computed === undefined) throw disagreement(`'${name}' was not computed`);
    largest = Math.max(largest, difference(name, computed, truth));
  }
  return largest;
}

function difference(name: string, computed: TensorValue, truth: TensorValue): number {
  const shapes = [computed.shape, truth.shape].map((shape) => `[${shape.join(", ")}]`);
  if (shapes[0] !== shapes[1] || computed.data.length !== truth.data.length) {
    throw disagreement(`'${name}' has shape ${shapes[0]} instead of ${shapes[1]}`);
  }
  let largest = 0;
  let scale = 1;
  truth.data.forEach((b, i) => {
    const error = Math.abs((computed.data[i] ?? NaN) - b);
    // NaN would lose every comparison and slip through.
    largest = Number.isNaN(error) ? Infinity : Math.max(largest, error);
    scale = Math.max(scale, Math.abs(b));
  });
  const allowed = truth.dtype === "float32" ? TOLERANCE * scale : 0;
  if (!(largest <= allowed)) throw disagreement(`'${name}' differs by ${largest}, allowed ${allowed}`);
  return largest;
}

function disagreement(detail: string): Problem {
  return new Problem(
    "This browser computed other numbers than the ones this page was checked against, so the figure " +
      "stays as it was drawn. Try another browser.",
    { cause: new Error(`parity: ${detail}`) },
  );
}

/** A difference as the `parity` attribute shows it, such as "1.2e-7" or "0". */
export function printParity(difference: number): string {
  return difference === 0 ? "0" : difference.toExponential(1);
}
