/** Rows of an output as columns, and what changed between two of them. */

import type { ColumnSpec, RowsOutput } from "./payload.js";
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

export function rowsOf(data: Columns): Row[] {
  return Array.from({ length: data.length }, (_, i) => {
    const row: Row = {};
    for (const { name, cells } of data.columns) row[name] = cells[i] as Cell;
    return row;
  });
}

/**
 * Lists the cells in which `after` differs from `before`, so that a chart keeps its rows and
 * touches only those; null when the number of rows or the columns differ and nothing can be kept.
 */
export function changesBetween(before: Columns, after: Columns): Change[] | null {
  if (before.length !== after.length || before.columns.length !== after.columns.length) return null;
  const changes: Change[] = [];
  for (const [c, { name, cells }] of after.columns.entries()) {
    const old = before.columns[c];
    if (old === undefined || old.name !== name) return null;
    cells.forEach((cell, row) => {
      if (!Object.is(old.cells[row], cell)) changes.push({ row, column: name, cell });
    });
  }
  return changes;
}
