/**
 * Functions of compiled programs that JavaScript's `Math` lacks or has only slowly.
 *
 * Errors beside the true values are below 1e-7 of the result or of 1, whichever is larger; results
 * are stored as float32, which has a precision of 6e-8.
 */

/** 2 to the power of -1023 to 1024; the first is 0, the last infinite. */
const POWERS = Float64Array.from({ length: 2048 }, (_, k) => 2 ** (k - 1023));
/** 2 to the power of 0/32 to 31/32. */
const ROOTS = Float64Array.from({ length: 32 }, (_, k) => 2 ** (k / 32));
const ROOTS_OF_2 = 32;
/** Makes what is rounded towards 0 be rounded to the nearest. */
const ABOVE_ZERO = 65536 * ROOTS_OF_2 + 0.5;

/**
 * e^x = 2^(k/32) e^r with k whole and |r| <= ln(2) / 64, where Taylor's series to the third power is
 * 6e-10 off.
 */
export function exp(x: number): number {
  if (!(x > -700 && x < 700)) return Math.exp(x);
  const k = ((x * (ROOTS_OF_2 * Math.LOG2E) + ABOVE_ZERO) | 0) - 65536 * ROOTS_OF_2;
  const r = x - k * (Math.LN2 / ROOTS_OF_2);
  const power = (ROOTS[k & (ROOTS_OF_2 - 1)] as number) * (POWERS[(k >> 5) + 1023] as number);
  return power * (1 + r + r * r * (0.5 + r * (1 / 6)));
}

/** From here on tanh is taken for that of 9, which is 1 but for 3e-8. */
const FLAT = 9;
const NODES = 1024;
const APART = (4 * FLAT) / NODES;
/** e^y at places from -18 to 18, and the same less 1. */
const NODE = Float64Array.from({ length: NODES + 1 }, (_, i) => Math.exp((i - NODES / 2) * APART));
// The negative zero in the middle makes the tanh of -0 be -0, as it should be.
const LESS_1 = NODE.map((power, i) => (i === NODES / 2 ? -0 : power - 1));

/**
 * d / (d + 2), where d = e^(2x) - 1 comes from the nearest place of a table and a series from there.
 * Without any branch but at the ends: engines set short functions into the loops that call them.
 */
export function tanh(x: number): number {
  const near = x > FLAT ? FLAT : x < -FLAT ? -FLAT : x;
  const k = (near * (2 / APART) + (NODES / 2 + 0.5)) | 0;
  const r = 2 * near - (k - NODES / 2) * APART;
  const d = (NODE[k] as number) * (r * (1 + r * (0.5 + r * (1 / 6)))) + (LESS_1[k] as number);
  return d / (d + 2);
}

export function sigmoid(x: number): number {
  return 1 / (1 + exp(-x));
}

/** ln(1 + e^x), without e^x growing beyond all bounds. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(exp(-Math.abs(x)));
}

export const expm1 = Math.expm1;

/** As C has it: 1 to whatever power is 1, and so is -1 to an infinite one. */
export function pow(x: number, y: number): number {
  if (x === 1 || (x === -1 && (y === Infinity || y === -Infinity))) return 1;
  return Math.pow(x, y);
}

/** Of integers, in 32 bits; what lies between -1 and 1 is rounded towards 0. */
export function integerPow(x: number, y: number): number {
  if (y < 0) return Math.pow(x, y) | 0;
  let result = 1;
  for (let square = x, left = y; left > 0; left = left >> 1) {
    if ((left & 1) === 1) result = Math.imul(result, square);
    square = Math.imul(square, square);
  }
  return result;
}

/**
 * Near 0 the series, of which what is left out is below 1e-9 of the result; beyond, Abramowitz and
 * Stegun (1964), 7.1.26, which is 1.5e-7 off at most.
 */
export function erf(x: number): number {
  if (x > -0.5 && x < 0.5) {
    const s = x * x;
    const sixth = 1 / 216 + s * (-1 / 1320 + s * (1 / 9360));
    return (2 / Math.sqrt(Math.PI)) * x * (1 + s * (-1 / 3 + s * (1 / 10 + s * (-1 / 42 + s * sixth))));
  }
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const positive = 1 - series * exp(-x * x);
  return x < 0 ? -positive : positive;
}

/** -1, 0 or 1; what is not a number stays so. */
export function sign(x: number): number {
  return x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : x;
}

/** To the nearest whole number, and halves to the even one; the sign of 0 stays. */
export function round(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest < 0.5) return down;
  const near = rest > 0.5 || down % 2 !== 0 ? down + 1 : down;
  return near === 0 && x < 0 ? -0 : near;
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
