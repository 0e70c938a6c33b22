/** Rows of an output as columns, and what changed between two of them. */

import type { InputValue } from "./inputs.js";
import type { ColumnSpec, PlacedPoint, PointSpec, PointsSpec, RowsOutput } from "./payload.js";
import type { TensorValue, Tensors } from "./tensor.js";

export type Cell = number | boolean | string;
export type Row = Record<string, Cell>;

/** One data set: columns of one length, cells as a chart reads them. */
export interface Columns {
  readonly length: number;
  readonly columns: readonly { readonly name: string; readonly cells: readonly Cell[] }[];
}

/** One cell that is no longer what it was. */
export interface Change {
  readonly row: number;
  readonly column: string;
  readonly cell: Cell;
}

/** What makes one state of a data set of another; rows come and go at the end. */
export interface Changes {
  readonly cells: readonly Change[];
  /** How many of the last rows are gone. */
  readonly removed: number;
  /** Rows that follow what is left. */
  readonly inserted: readonly Row[];
}

/** Reads a `Rows` output; index columns with words become words. */
export function columnsOf(output: RowsOutput, tensors: Tensors): Columns {
  const columns = output.columns.map((spec) => ({
    name: spec.name,
    cells: cellsOf(spec, tensorNamed(tensors, spec.tensor)),
  }));
  return { length: columns[0]?.cells.length ?? 0, columns };
}

export function tensorNamed(tensors: Tensors, name: string): TensorValue {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`The model returned no '${name}'.`);
  return tensor;
}

function cellsOf(spec: ColumnSpec, tensor: TensorValue): Cell[] {
  const values = Array.from<number>(tensor.data);
  if (spec.words !== null) return values.map((index) => wordAt(spec.words ?? [], index));
  return tensor.dtype === "bool" ? values.map((bit) => bit !== 0) : values;
}

/** The word behind an index; an index without a word shows itself rather than nothing. */
export function wordAt(words: readonly string[], index: number): string {
  return words[index] ?? String(index);
}

/** Rows from `start` on. */
export function rowsOf(data: Columns, start = 0): Row[] {
  return Array.from({ length: Math.max(0, data.length - start) }, (_, i) => {
    const row: Row = {};
    for (const { name, cells } of data.columns) row[name] = cells[start + i] as Cell;
    return row;
  });
}

/** The places that a `Point` or `Points` input holds, as a data set. */
export function columnsOfPlaces(spec: PointSpec | PointsSpec, value: InputValue): Columns {
  if (spec.kind === "point") {
    const [x = NaN, y = NaN] = value as readonly number[];
    return { length: 1, columns: [{ name: "x", cells: [x] }, { name: "y", cells: [y] }] };
  }
  const points = value as readonly PlacedPoint[];
  const words = spec.value === null ? spec.labels : null; // a chart scales values
  return {
    length: points.length,
    columns: [
      { name: "x", cells: points.map(([x]) => x) },
      { name: "y", cells: points.map(([, y]) => y) },
      { name: "label", cells: points.map(([, , label]) => (words ? wordAt(words, label) : label)) },
      { name: "index", cells: points.map((_, index) => index) },
    ],
  };
}

/**
 * Tells two states of a data set apart, so that a chart keeps its rows and touches only what is
 * different; null when the columns differ and nothing can be kept.
 */
export function changesBetween(before: Columns, after: Columns): Changes | null {
  if (before.columns.length !== after.columns.length) return null;
  const kept = Math.min(before.length, after.length);
  const cells: Change[] = [];
  for (const [c, { name, cells: now }] of after.columns.entries()) {
    const old = before.columns[c];
    if (old === undefined || old.name !== name) return null;
    for (let row = 0; row < kept; row++) {
      const cell = now[row] as Cell;
      if (!Object.is(old.cells[row], cell)) cells.push({ row, column: name, cell });
    }
  }
  return { cells, removed: before.length - kept, inserted: rowsOf(after, kept) };
}

export function isNothing({ cells, removed, inserted }: Changes): boolean {
  return cells.length === 0 && removed === 0 && inserted.length === 0;
}
