/**
 * Broadcasting for TensorFlow.js' kernels in plain JavaScript, in place of its own (slim.mjs).
 *
 * Those find the place of each number from its index by divisions and arrays of their own, which
 * takes longer than all else in a small model.
 */

import { backend_util, buffer, util, type DataType, type TensorBuffer, type Rank } from "@tensorflow/tfjs-core";
import type { TensorData } from "./tensor.js";

type Shape = readonly number[];
type Binary = (a: number, b: number) => number;

/** A kernel for two operands: [numbers, shape]. Numbers of strings and complex numbers go elsewhere. */
export function createSimpleBinaryKernelImpl(op: Binary) {
  return (
    aShape: number[],
    bShape: number[],
    a: TensorData,
    b: TensorData,
    dtype: DataType,
  ): [TensorData, number[]] => {
    const shape = backend_util.assertAndGetBroadcastShape(aShape, bShape);
    const size = util.sizeFromShape(shape);
    const result = util.getTypedArrayFromDType(dtype as "float32", size) as TensorData;
    if (size === 0) return [result, shape];
    const [aSteps, bSteps] = [stepsOf(aShape, shape), stepsOf(bShape, shape)];
    const axes = longestRuns(shape, aSteps, bSteps);
    let to = 0;
    const walk = (axis: number, fromA: number, fromB: number): void => {
      const { length, stepA, stepB } = axes[axis] as Axis;
      if (axis === axes.length - 1) {
        for (let i = 0; i < length; i++) {
          result[to++] = op(a[fromA] as number, b[fromB] as number);
          fromA += stepA;
          fromB += stepB;
        }
        return;
      }
      for (let i = 0; i < length; i++) walk(axis + 1, fromA + i * stepA, fromB + i * stepB);
    };
    walk(0, 0, 0);
    return [result, shape];
  };
}

/** Repeats a tensor `reps` times along each axis. */
export function tileImpl(x: TensorBuffer<Rank>, reps: Shape): TensorBuffer<Rank> {
  const shape = x.shape.map((length, axis) => length * (reps[axis] ?? 1));
  const result = buffer(shape as TensorBuffer<Rank>["shape"], x.dtype);
  const [from, to] = [x.values as TensorData, result.values as TensorData];
  if (to.length === 0) return result;
  const rank = shape.length;
  const inner = util.computeStrides(x.shape);
  const outer = util.computeStrides(shape);
  /** Writes one part of an axis's numbers to `at`, and repeats it. */
  const write = (axis: number, source: number, at: number): void => {
    if (axis === rank) {
      to[at] = from[source] as number;
      return;
    }
    const length = x.shape[axis] as number;
    const times = reps[axis] as number;
    const [stepIn, stepOut] = axis === rank - 1 ? [1, 1] : [inner[axis] as number, outer[axis] as number];
    if (axis === rank - 1) {
      for (let i = 0; i < length; i++) to[at + i] = from[source + i] as number;
    } else {
      for (let i = 0; i < length; i++) write(axis + 1, source + i * stepIn, at + i * stepOut);
    }
    const part = length * stepOut;
    for (let i = part; i < part * times; i++) to[at + i] = to[at + i - part] as number;
  };
  write(0, 0, 0);
  return result;
}

interface Axis {
  readonly length: number;
  readonly stepA: number;
  readonly stepB: number;
}

/** How far apart neighbours along each axis of `shape` are in an operand; 0 where it is repeated. */
function stepsOf(operand: Shape, shape: Shape): number[] {
  const steps: number[] = new Array<number>(shape.length).fill(0);
  let step = 1;
  for (let back = 1; back <= operand.length; back++) {
    const length = operand[operand.length - back] as number;
    if (length !== 1) steps[shape.length - back] = step;
    step *= length;
  }
  return steps;
}

/** Joins axes that both operands go through in one stride, and leaves out those of length 1. */
function longestRuns(shape: Shape, aSteps: Shape, bSteps: Shape): Axis[] {
  const axes: Axis[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] as number;
    if (length === 1) continue;
    const [stepA, stepB] = [aSteps[axis] as number, bSteps[axis] as number];
    const next = axes[0];
    const joins =
      next !== undefined && stepA === next.length * next.stepA && stepB === next.length * next.stepB;
    if (joins) axes[0] = { length: length * next.length, stepA: next.stepA, stepB: next.stepB };
    else axes.unshift({ length, stepA, stepB });
  }
  return axes.length > 0 ? axes : [{ length: 1, stepA: 0, stepB: 0 }];
}
