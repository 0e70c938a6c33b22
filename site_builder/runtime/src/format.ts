/** Prints a value the way the author typed it, as the build does in Python; reads what a reader typed. */

const NUMBER = /-?\d+(?:,\d+)*(?:\.\d+)?/;
const PERCENT = /^[ \u00a0]?%/;

/**
 * Prints `value` in the pattern of `text`: decimals and thousands commas as typed, a `%` after the
 * number multiplies by a hundred, everything around the number is kept. Words replace the whole text.
 */
export function formatValue(value: number | boolean | string, text: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "on" : "off";
  const match = NUMBER.exec(text);
  if (match === null) return Number.isFinite(value) ? String(value) : formatNonFinite(value);
  const pattern = match[0];
  const before = text.slice(0, match.index);
  const after = text.slice(match.index + pattern.length);
  if (!Number.isFinite(value)) return before + formatNonFinite(value) + after.replace(PERCENT, "");
  const number = formatNumber(PERCENT.test(after) ? value * 100 : value, pattern);
  return before + number + after;
}

/** True where the pattern of `text` shows hundredths as per cent. */
export function isPercent(text: string): boolean {
  const match = NUMBER.exec(text);
  return match !== null && PERCENT.test(text.slice(match.index + match[0].length));
}

/**
 * The number that a reader typed where `format` is shown; NaN where it is none. A comma parts
 * thousands where the format has them or where it can part nothing else; else it is a decimal comma.
 */
export function readValue(typed: string, format: string): number {
  let text = typed.trim().replace(/^[\u2212\u2013]/, "-");
  const percent = /[ \u00a0]?%$/;
  const hundredths = percent.test(text) || isPercent(format);
  text = text.replace(percent, "");
  const thousands = /^-?\d{1,3}(,\d{3})+(\.\d*)?$/;
  const parted = NUMBER.exec(format)?.[0].includes(",") === true || /,.*[,.]/.test(text);
  if (thousands.test(text) && parted) text = text.replaceAll(",", "");
  else text = text.replace(/^(-?\d*),(\d+)$/, "$1.$2");
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) return NaN;
  return hundredths ? Number((Number(text) / 100).toPrecision(12)) : Number(text);
}

function formatNonFinite(value: number): string {
  if (Number.isNaN(value)) return "not a number";
  return value > 0 ? "infinity" : "-infinity";
}

/** From 1e21 on, where every double is a whole number, toFixed would write an exponent. */
function wholeDigits(value: number, decimals: number): string {
  return BigInt(value).toString() + (decimals > 0 ? `.${"0".repeat(decimals)}` : "");
}

function formatNumber(value: number, pattern: string): string {
  const point = pattern.indexOf(".");
  const decimals = point < 0 ? 0 : pattern.length - point - 1;
  let digits = Math.abs(value) < 1e21 ? value.toFixed(decimals) : wholeDigits(value, decimals);
  if (/^-[0.]*$/.test(digits)) digits = digits.slice(1); // "-0.0" reads as a misprint
  if (!pattern.includes(",")) return digits;
  const [whole = "", fraction] = digits.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
