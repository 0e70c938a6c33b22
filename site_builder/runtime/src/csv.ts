/** Points from a file: `x,y,label` or `x,y,value` in each line, as spreadsheets write it. */

import type { PlacedPoint, PointsSpec, Range } from "./payload.js";
import { bears } from "./points.js";

/** A file with a mistake; the message is for the reader. */
export class CsvError extends Error {}

/** Larger files hold something else. */
export const MOST_BYTES = 2_000_000;

/**
 * Reads points: commas, semicolons or tabs between the fields, an optional heading, empty lines
 * skipped, decimals with a comma where semicolons or tabs stand between. Nothing is guessed: the
 * first line that is wrong is told.
 */
export function parsePoints(text: string, spec: PointsSpec): PlacedPoint[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  const separator = separatorOf(lines.find((line) => line.trim() !== "") ?? "");
  const points: PlacedPoint[] = [];
  let first = true;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const fields = fieldsOf(line, separator);
    const heading = first && [0, 1].every((n) => isNaN(numberOf(fields[n] ?? "", separator)));
    first = false;
    if (!heading) points.push(pointOf(fields, separator, index + 1, spec));
  }
  if (points.length === 0) throw new CsvError(`The file holds no points. ${shape(spec)}`);
  if (points.length > spec.capacity) {
    throw new CsvError(`The file has ${points.length} points; there is room for ${spec.capacity}.`);
  }
  return points;
}

function pointOf(
  fields: readonly string[],
  separator: string,
  line: number,
  spec: PointsSpec,
): PlacedPoint {
  const wanted = spec.labels === null && spec.value === null ? 2 : 3;
  const filled = fields.at(-1) === "" ? fields.slice(0, -1) : fields;
  if (filled.length < wanted) {
    throw new CsvError(`Line ${line} has ${count(filled.length, "field")}. ${shape(spec)}`);
  }
  const [x, y] = (["x", "y"] as const).map((axis, n) => {
    const field = fields[n] ?? "";
    const value = numberOf(field, separator);
    if (isNaN(value)) {
      throw new CsvError(`Line ${line}: ${axis} is '${brief(field)}', which is no number.`);
    }
    checkRange(value, axis, spec[axis], line);
    return value;
  });
  return [x ?? 0, y ?? 0, labelOf(fields[2] ?? "", separator, line, spec)];
}

function checkRange(value: number, axis: string, [low, high]: Range, line: number): void {
  if (value >= low && value <= high) return;
  throw new CsvError(`Line ${line}: ${axis} is ${value}; it must lie between ${low} and ${high}.`);
}

function labelOf(field: string, separator: string, line: number, spec: PointsSpec): number {
  const { labels, value } = spec;
  if (labels === null && value === null) return 0;
  const words = labels ?? [];
  const index = words.findIndex((label) => label.toLowerCase() === field.toLowerCase());
  if (index >= 0) return bears(spec, index);
  const number = numberOf(field, separator);
  if (value !== null) {
    if (isNaN(number)) {
      const or = words.length > 0 ? ` and not ${words.join(" or ")}` : "";
      throw new CsvError(`Line ${line}: the value is '${brief(field)}', which is no number${or}.`);
    }
    checkRange(number, "the value", value, line);
    return number;
  }
  if (Number.isInteger(number) && number >= 0 && number < words.length) return number;
  throw new CsvError(
    `Line ${line}: the label is '${brief(field)}'; known: ${words.join(", ")}, ` +
      `or their numbers from 0 to ${words.length - 1}.`,
  );
}

/** What a line must look like. */
export function shape({ labels, value }: PointsSpec): string {
  if (value !== null) {
    const words = labels === null ? "" : `, or one of the words ${labels.join(", ")}`;
    return `Each line needs x,y,value, with a value from ${value.join(" to ")}${words}.`;
  }
  return labels === null
    ? "Each line needs x,y."
    : `Each line needs x,y,label, with one of the labels ${labels.join(", ")}.`;
}

function separatorOf(line: string): string {
  if (line.includes("\t")) return "\t";
  return line.includes(";") ? ";" : ",";
}

/** The fields of a line; one in double quotes may hold the separator, and "" is a quote. */
function fieldsOf(line: string, separator: string): string[] {
  const fields: string[] = [];
  let field = "";
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i] ?? "";
    if (c === '"') {
      if (quoted && line[i + 1] === '"') field += line[i++];
      else quoted = !quoted;
    } else if (c === separator && !quoted) {
      fields.push(field.trim());
      field = "";
    } else field += c;
  }
  return [...fields, field.trim()];
}

/** NaN for what is no finite decimal number, such as an empty field, `0x10` or `Infinity`. */
function numberOf(field: string, separator: string): number {
  const text = separator === "," ? field : field.replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
}

function brief(field: string): string {
  return field.length > 30 ? `${field.slice(0, 30)}…` : field;
}

function count(n: number, thing: string): string {
  return `${n} ${thing}${n === 1 ? "" : "s"}`;
}
