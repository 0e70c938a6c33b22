/** What the model gave last, as figures, sentences and scripts read it. */

import type { Course } from "./course.js";
import { readAll } from "./parity.js";
import { tensorsOf, type OutputSpec, type Payload, type RowsOutput } from "./payload.js";
import { columnsOf, rowsOf, tensorNamed, wordAt, type Cell, type Columns } from "./rows.js";
import { isFiniteTensor, type TensorValue, type Tensors } from "./tensor.js";

/** A surface or a tile, row by row. */
export type Surface = number[][];
export type OutputRow = Record<string, Cell | Surface>;
export type OutputValue = Cell | Cell[] | Surface | OutputRow[];

export class Results {
  /** True when the state has left the finite numbers; starting over ends it. */
  diverged = false;
  /** How long the last update took to compute, ms. */
  took = 0;

  /** The step from which the numbers are. */
  private steps = 0;
  private readonly tensors: Tensors = {};
  /** For each tensor, the version of inputs and state that it was computed from. */
  private readonly computedFrom = new Map<string, number>();

  constructor(private readonly payload: Pick<Payload, "name" | "outputs">) {}

  /** Takes tensors in; they were computed from `version`. */
  take(tensors: Tensors, version: number): void {
    Object.assign(this.tensors, tensors);
    for (const name of Object.keys(tensors)) this.computedFrom.set(name, version);
  }

  /**
   * Computes those of `names` that are not from `version` yet.
   *
   * Where time has made a number that was finite not finite any more, the old numbers stay.
   */
  async update(
    course: Course,
    names: readonly string[],
    version: number,
    now: () => number,
  ): Promise<void> {
    if (names.every((name) => this.computedFrom.get(name) === version)) return;
    const began = now();
    const fresh = await readAll(course.forward(names));
    // A setting alone may give numbers that are not finite, too: then figures say so themselves.
    const moved = this.diverged || course.steps !== this.steps;
    this.diverged = moved && course.steps > 0 && this.wouldDiverge(fresh);
    for (const name of names) this.computedFrom.set(name, version);
    if (this.diverged) return;
    Object.assign(this.tensors, fresh);
    this.steps = course.steps;
    this.took = now() - began;
  }

  /** True when a number that was finite is not finite in `fresh`. */
  private wouldDiverge(fresh: Tensors): boolean {
    return Object.entries(fresh).some(([name, tensor]) => {
      const before = this.tensors[name];
      return !isFiniteTensor(tensor) && before !== undefined && isFiniteTensor(before);
    });
  }

  spec(name: string): OutputSpec | undefined {
    return this.payload.outputs.find((spec) => spec.name === name);
  }

  tensorsBehind(outputs: Iterable<string>): string[] {
    const wanted = new Set(outputs);
    const specs = this.payload.outputs.filter((spec) => wanted.has(spec.name));
    return [...new Set(specs.flatMap(tensorsOf))];
  }

  /** A number, a boolean or a word; lists of them; rows; or a surface as rows of numbers. */
  value(name: string): OutputValue {
    const spec = this.spec(name);
    if (spec === undefined) {
      const known = this.payload.outputs.map((output) => output.name).join(", ");
      throw new Error(`'${this.payload.name}' has no output '${name}'; it has: ${known}.`);
    }
    if (spec.kind === "rows") return this.rows(spec);
    const tensor = tensorNamed(this.tensors, spec.tensor);
    if (spec.kind === "field") return surface(tensor, 0, spec.shape);
    const values = Array.from<number>(tensor.data).map((value) => {
      if (spec.kind === "labels") return wordAt(spec.words, value);
      return tensor.dtype === "bool" ? value !== 0 : value;
    });
    return tensor.shape.length === 0 && values[0] !== undefined ? values[0] : values;
  }

  /** The columns of a `Rows` output that are cells; tiles are pictures and not among them. */
  columns(name: string): Columns {
    const spec = this.spec(name);
    if (spec?.kind !== "rows") throw new Error(`'${this.payload.name}' has no rows '${name}'.`);
    return columnsOf(withoutTiles(spec), this.tensors);
  }

  /** The numbers of a field, (height, width), or of a column of tiles, (rows, height, width). */
  field(name: string, column?: string): TensorValue {
    const spec = this.spec(name);
    if (spec?.kind === "field") return tensorNamed(this.tensors, spec.tensor);
    const found = spec?.kind === "rows" && spec.columns.find((one) => one.name === column);
    if (!found) {
      throw new Error(`'${this.payload.name}' has no surface '${name}${column ? `.${column}` : ""}'.`);
    }
    return tensorNamed(this.tensors, found.tensor);
  }

  /** False when any number behind these outputs is NaN or infinite. */
  isFinite(outputs: readonly string[]): boolean {
    const names = this.tensorsBehind(outputs);
    return names.every((name) => isFiniteTensor(tensorNamed(this.tensors, name)));
  }

  private rows(spec: RowsOutput): OutputRow[] {
    const rows: OutputRow[] = rowsOf(columnsOf(withoutTiles(spec), this.tensors));
    for (const { name, tensor, tile } of spec.columns) {
      if (tile === undefined) continue;
      const tiles = tensorNamed(this.tensors, tensor);
      for (let i = 0; i < (tiles.shape[0] ?? 0); i++) {
        (rows[i] ??= {})[name] = surface(tiles, i * tile[0] * tile[1], tile);
      }
    }
    return rows;
  }
}

function withoutTiles(spec: RowsOutput): RowsOutput {
  return { ...spec, columns: spec.columns.filter((column) => column.tile === undefined) };
}

function surface({ data }: TensorValue, from: number, [height, width]: readonly [number, number]): Surface {
  const row = (y: number) => [...data.subarray(from + y * width, from + (y + 1) * width)];
  return Array.from({ length: height }, (_, y) => row(y));
}
