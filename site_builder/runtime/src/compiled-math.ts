/**
 * Functions of compiled programs that JavaScript's `Math` lacks or has only slowly.
 *
 * Errors beside the true values are below 1e-7 of the result or of 1, whichever is larger; results
 * are stored as float32, which has a precision of 6e-8.
 */

const LOG2_E = Math.LOG2E;
/** 2 to the power of -1023 to 1024; the first is 0, the last infinite. */
const POWERS = Float64Array.from({ length: 2048 }, (_, k) => 2 ** (k - 1023));

/**
 * e^x = 2^k e^r with k whole and |r| <= ln(2) / 2, where Taylor's series to the seventh power is
 * 5e-9 off.
 */
export function exp(x: number): number {
  if (!(x > -700 && x < 700)) return Math.exp(x);
  const k = Math.floor(x * LOG2_E + 0.5);
  const r = x - k * Math.LN2;
  const r2 = r * r;
  const series =
    1 + r + r2 * (0.5 + r * (1 / 6) + r2 * (1 / 24 + r * (1 / 120) + r2 * (1 / 720 + r * (1 / 5040))));
  return series * (POWERS[k + 1023] as number);
}

/** Near 0 by its series, so that small numbers, and the sign of 0, stay. */
export function tanh(x: number): number {
  if (x > -1e-3 && x < 1e-3) return x - (x * x * x) / 3;
  if (x > 20) return 1;
  if (x < -20) return -1;
  const power = exp(2 * x);
  return (power - 1) / (power + 1);
}

export function sigmoid(x: number): number {
  return 1 / (1 + exp(-x));
}

/** ln(1 + e^x), without e^x growing beyond all bounds. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(exp(-Math.abs(x)));
}

export const expm1 = Math.expm1;
export const pow = Math.pow;

/** Abramowitz and Stegun (1964), 7.1.26: 1.5e-7 off at most. */
export function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const positive = 1 - series * exp(-x * x);
  return x < 0 ? -positive : positive;
}

/** -1, 0 or 1; what is not a number stays so. */
export function sign(x: number): number {
  return x > 0 ? 1 : x < 0 ? -1 : x;
}

/** To the nearest whole number, and halves to the even one. */
export function round(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest < 0.5) return down;
  return rest > 0.5 || down % 2 !== 0 ? down + 1 : down;
}

/** The remainder with the sign of the divisor. */
export function floorMod(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** The same of integers. */
export function integerMod(a: number, b: number): number {
  const rest = a % b | 0;
  return rest !== 0 && rest < 0 !== b < 0 ? (rest + b) | 0 : rest;
}

/** The square of an integer, in 32 bits. */
export function square(x: number): number {
  return Math.imul(x, x);
}
