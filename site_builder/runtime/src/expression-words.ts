/** The words of Vega's expression language that need nothing of Vega. */

type Callable = (...values: never[]) => unknown;

const date =
  (part: (date: Date) => number) =>
  (value: number): number =>
    part(new Date(value));

const table: Record<string, Callable> = {
  isNaN: Number.isNaN,
  isFinite: Number.isFinite,
  clamp: (value: number, low: number, high: number) => Math.max(low, Math.min(high, value)),

  now: Date.now,
  utc: Date.UTC,
  datetime: (year: number | string, month = 0, day = 1, h = 0, m = 0, s = 0, ms = 0) =>
    typeof year === "string" ? new Date(year) : new Date(year, month, day, h, m, s, ms),
  date: date((d) => d.getDate()),
  day: date((d) => d.getDay()),
  year: date((d) => d.getFullYear()),
  month: date((d) => d.getMonth()),
  hours: date((d) => d.getHours()),
  minutes: date((d) => d.getMinutes()),
  seconds: date((d) => d.getSeconds()),
  milliseconds: date((d) => d.getMilliseconds()),
  time: date((d) => d.getTime()),
  timezoneoffset: date((d) => d.getTimezoneOffset()),
  utcdate: date((d) => d.getUTCDate()),
  utcday: date((d) => d.getUTCDay()),
  utcyear: date((d) => d.getUTCFullYear()),
  utcmonth: date((d) => d.getUTCMonth()),
  utchours: date((d) => d.getUTCHours()),
  utcminutes: date((d) => d.getUTCMinutes()),
  utcseconds: date((d) => d.getUTCSeconds()),
  utcmilliseconds: date((d) => d.getUTCMilliseconds()),

  length: (value: { length: unknown }) => value.length,
  parseFloat: Number.parseFloat,
  parseInt: Number.parseInt,
  upper: (text: unknown) => String(text).toUpperCase(),
  lower: (text: unknown) => String(text).toLowerCase(),
  trim: (text: unknown) => String(text).trim(),
  substring: (text: unknown, from: number, to?: number) => String(text).substring(from, to),
  split: (text: unknown, by: string | RegExp, limit?: number) => String(text).split(by, limit),
  btoa: (text: string) => btoa(text),
  atob: (text: string) => atob(text),
  encodeURIComponent: (text: string) => encodeURIComponent(text),
  regexp: (pattern: string, flags?: string) => new RegExp(pattern, flags),
  test: (pattern: string | RegExp, text: string) => RegExp(pattern).test(text),
};

for (const name of [
  ...["abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "exp", "floor", "hypot", "log"],
  ...["max", "min", "pow", "round", "sin", "sqrt", "tan"],
] as const) {
  table[name] = Math[name];
}

export const FUNCTIONS = table as Readonly<Record<string, (...values: unknown[]) => unknown>>;

export const CONSTANTS: Readonly<Record<string, number>> = {
  NaN,
  E: Math.E,
  LN2: Math.LN2,
  LN10: Math.LN10,
  LOG2E: Math.LOG2E,
  LOG10E: Math.LOG10E,
  PI: Math.PI,
  SQRT1_2: Math.SQRT1_2,
  SQRT2: Math.SQRT2,
  MIN_VALUE: Number.MIN_VALUE,
  MAX_VALUE: Number.MAX_VALUE,
};

/** What JavaScript does with two values of any type; `number` is for the type checker only. */
export const BINARY: Readonly<Record<string, (a: number, b: number) => unknown>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
  "==": (a, b) => a == b,
  "!=": (a, b) => a != b,
  "===": (a, b) => a === b,
  "!==": (a, b) => a !== b,
  "&": (a, b) => a & b,
  "|": (a, b) => a | b,
  "^": (a, b) => a ^ b,
  "<<": (a, b) => a << b,
  ">>": (a, b) => a >> b,
  ">>>": (a, b) => a >>> b,
};

export const UNARY: Readonly<Record<string, (a: number) => unknown>> = {
  "+": (a) => +a,
  "-": (a) => -a,
  "~": (a) => ~a,
  "!": (a) => !a,
};
