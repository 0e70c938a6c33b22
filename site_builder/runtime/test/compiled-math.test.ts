import assert from "node:assert/strict";
import { test } from "node:test";
import * as math from "../src/compiled-math.js";

/** Every float32 whose bits are a multiple of a prime, of either sign: denormals, infinities, NaN. */
function* everywhere(): Generator<number> {
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  for (let pattern = 0; pattern < 2 ** 32; pattern += 24_593) {
    bits[0] = pattern;
    yield float[0] as number;
  }
}

/** Where functions bend: -12 to 12. */
function* nearby(): Generator<number> {
  for (let i = -120_000; i <= 120_000; i++) yield Math.fround(i / 10_000);
}

/** How far apart two numbers are, relative to the second one. */
function apart(found: number, wanted: number): number {
  if (Object.is(found, wanted) || (Number.isNaN(found) && Number.isNaN(wanted))) return 0;
  const off = Math.abs(found - wanted);
  // Float32 has no numbers closer to one another than this.
  return off < 2 ** -149 ? 0 : off / Math.abs(wanted);
}

/** Within float32, beyond which both are infinite. */
const single = (f: (x: number) => number) => (x: number) => Math.fround(f(x));

const softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));

const CASES: [string, (x: number) => number, (x: number) => number][] = [
  ["exp", math.exp, Math.exp],
  ["tanh", math.tanh, Math.tanh],
  ["sigmoid", math.sigmoid, (x) => (x > 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))],
  ["softplus", math.softplus, softplus],
];

for (const [name, found, wanted] of CASES) {
  test(`${name} is within 1e-6 of itself, wherever a float32 can be`, () => {
    for (const points of [everywhere(), nearby()]) {
      for (const x of points) {
        const [one, other] = [single(found)(x), single(wanted)(x)];
        // Math.exp(-Infinity) / 1 and the like are 0; NaN stays.
        if (x === -Infinity && name === "sigmoid") assert.equal(one, 0);
        else assert.ok(apart(one, other) < 1e-6, `${name}(${x}) is ${one}, not ${other}`);
      }
    }
  });
}

/** The series around 0, whose terms do not yet cancel below 3; beyond, the continued fraction. */
function erf(x: number): number {
  const size = Math.abs(x);
  if (size < 3) {
    let [term, sum] = [x, x];
    for (let n = 1; n < 80; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let below = 0;
  for (let n = 60; n > 0; n--) below = n / 2 / (size + below);
  const rest = Math.exp(-x * x) / Math.sqrt(Math.PI) / (size + below);
  return Math.sign(x) * (1 - rest);
}

test("erf is within 1e-6 of itself, wherever a float32 can be", () => {
  for (const points of [everywhere(), nearby()]) {
    for (const x of points) {
      const wanted = Number.isNaN(x) ? NaN : Math.abs(x) > 6 ? Math.sign(x) : erf(x);
      const found = math.erf(x);
      assert.ok(apart(found, wanted) < 1e-6, `erf(${x}) is ${found}, not ${wanted}`);
    }
  }
});

test("the sign of 0 stays", () => {
  for (const f of [math.tanh, math.erf, math.round, math.expm1]) {
    assert.ok(Object.is(f(-0), -0) && Object.is(f(0), 0), f.name);
  }
});

test("the sign of 0 of either sign is 0, and that of no number is none", () => {
  assert.deepEqual([-3, -0, 0, 2, NaN].map(math.sign), [-1, 0, 0, 1, NaN]);
});

test("halves are rounded to the even number, and what is not finite stays", () => {
  const pairs = [
    [0.5, 0], [1.5, 2], [2.5, 2], [-0.5, -0], [-1.5, -2], [-2.5, -2], [-0.3, -0], [0.3, 0], [2.6, 3],
    [NaN, NaN], [Infinity, Infinity], [-Infinity, -Infinity], [8388607.5, 8388608], [1e30, 1e30],
  ] as const; // prettier-ignore
  for (const [x, wanted] of pairs) assert.ok(Object.is(math.round(x), wanted), `${x}: ${math.round(x)}`);
});

test("powers of 1 are 1, and those of -1 to infinity", () => {
  assert.deepEqual([math.pow(1, NaN), math.pow(1, Infinity), math.pow(-1, -Infinity)], [1, 1, 1]);
  assert.deepEqual([math.pow(NaN, 0), math.pow(NaN, 1), math.pow(-8, 1 / 3)], [1, NaN, NaN]);
});

test("integer powers are exact in 32 bits", () => {
  const wrapped = (x: number, y: number): number => Number(BigInt.asIntN(32, BigInt(x) ** BigInt(y)));
  for (const x of [-7, -2, -1, 0, 1, 3, 10, 46341, -2147483648]) {
    for (let y = 0; y < 40; y++) assert.equal(math.integerPow(x, y), wrapped(x, y), `${x} ** ${y}`);
  }
  assert.deepEqual([math.integerPow(1, -3), math.integerPow(-1, -3), math.integerPow(2, -1)], [1, -1, 0]);
  assert.equal(math.integerPow(0, -1), 0);
});

test("a remainder has the sign of the divisor, and one by 0 is 0 or not a number", () => {
  for (const [a, b] of [[7, 3], [-7, 3], [7, -3], [-7, -3], [6, 3], [-6, 3]] as const) {
    const wanted = a - Math.floor(a / b) * b;
    assert.ok(math.integerMod(a, b) === wanted && math.floorMod(a, b) === wanted, `${a} % ${b}`);
  }
  assert.equal(math.integerMod(5, 0), 0);
  assert.ok(Number.isNaN(math.floorMod(5, 0)));
});

test("a square wraps around at 32 bits", () => {
  assert.equal(math.square(65536), 0);
  assert.equal(math.square(46341), 46341 ** 2 - 2 ** 32);
});
