/** Prints a value the way the author typed it. The build does the same in Python. */

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
