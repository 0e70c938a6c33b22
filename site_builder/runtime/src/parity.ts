/** Does this browser compute what PyTorch computed? */

import type { Course } from "./course.js";
import { countOf, type Expected, type Fixture } from "./fixture.js";
import { Problem } from "./problem.js";
import { releaseAll, type Held, type TensorValue, type Tensors } from "./tensor.js";

const TOLERANCE = 1e-4;

/**
 * Computes the tensors `outputs` at the start of time, and what else `expected` holds: the state as
 * `state.<key>`, and what one step makes of it as `next.<key>`.
 */
export async function computeFixture(
  course: Course,
  expected: Fixture,
  outputs: readonly string[],
): Promise<Tensors> {
  const names = Object.keys(expected);
  course.startOver();
  const tensors = await readAll(course.forward(outputs));
  if (names.some((name) => name.startsWith("state."))) {
    const state = await course.readState();
    for (const [key, tensor] of Object.entries(state)) tensors[`state.${key}`] = tensor;
  }
  if (names.some((name) => name.startsWith("next."))) {
    Object.assign(tensors, await readAll(course.tryStep()));
  }
  return tensors;
}

/** Reads tensors and releases them. */
export async function readAll(held: Record<string, Held>): Promise<Tensors> {
  try {
    const names = Object.keys(held);
    const reads = Object.values(held).map((one) => one.read());
    // Asked for all at once, a GPU answers them together; numbers that are here are not waited for.
    const values = reads.some((read) => read instanceof Promise) ? await Promise.all(reads) : reads;
    return Object.fromEntries(names.map((name, i) => [name, values[i] as TensorValue]));
  } finally {
    releaseAll(held);
  }
}

/**
 * Largest absolute difference over all tensors of `expected`, of which some are samples.
 *
 * Floats agree when |a - b| <= 1e-4 * max(1, max|b|) over the tensor; integers and bools must be
 * equal. Throws a Problem on disagreement.
 */
export function checkParity(actual: Tensors, expected: Fixture): number {
  let largest = 0;
  for (const [name, truth] of Object.entries(expected)) {
    const computed = actual[name];
    if (computed === undefined) throw disagreement(`'${name}' was not computed`);
    largest = Math.max(largest, difference(name, computed, truth));
  }
  return largest;
}

function difference(name: string, computed: TensorValue, truth: Expected): number {
  const shapes = [computed.shape, truth.shape].map((shape) => `[${shape.join(", ")}]`);
  if (shapes[0] !== shapes[1] || computed.data.length !== countOf(truth.shape)) {
    throw disagreement(`'${name}' has shape ${shapes[0]} instead of ${shapes[1]}`);
  }
  const { sampled } = truth;
  let largest = 0;
  let scale = Math.max(1, sampled?.largest ?? 0);
  truth.data.forEach((b, i) => {
    const a = computed.data[sampled?.places[i] ?? i] ?? NaN;
    if (Number.isFinite(b)) scale = Math.max(scale, Math.abs(b));
    if (Object.is(a, b)) return; // as NaN is where a curve has not come yet
    const error = Math.abs(a - b);
    // NaN would lose every comparison and slip through.
    largest = Number.isNaN(error) ? Infinity : Math.max(largest, error);
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
