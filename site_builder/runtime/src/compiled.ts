/** The engine of graphs that were compiled ahead of time: programs in the payload, no library. */

import * as math from "./compiled-math.js";
import {
  bytesFromBase64,
  isHeld,
  type CompiledModel,
  type DType,
  type Engine,
  type EngineModule,
  type Fed,
  type Held,
  type TensorData,
  type TensorValue,
} from "./tensor.js";

/** Where a tensor stands in a program's memory. */
export interface Port {
  readonly dtype: DType;
  /** In elements of its type. */
  readonly start: number;
  readonly length: number;
  readonly shape: readonly number[];
}

/** What programs call: functions of numbers, and what says where a tensor stands. */
const functions = {
  ...math,
  port: (dtype: DType, start: number, shape: readonly number[]): Port => {
    return { dtype, start, length: shape.reduce((product, size) => product * size, 1), shape };
  },
};

/** A program that is bound to the sizes of its inputs. */
export interface CompiledProgram {
  readonly memory: ArrayBuffer;
  readonly inputs: Readonly<Record<string, Port>>;
  readonly outputs: Readonly<Record<string, Port>>;
  readonly constants: readonly Port[];
  /**
   * Computes the outputs whose bits are set in `wanted`, and before that what depends only on
   * inputs that seldom change, where one of those has its bit set in `changed`. The 31st bit
   * stands for all from there on. In a first run all bits of `changed` are set.
   */
  run(wanted: number, changed: number): void;
  /** Outputs become the inputs of the next run. */
  carry(): void;
  /** Inputs that outputs become. */
  readonly carried: readonly string[];
  /** Those of them in whose place an output is written. */
  readonly overwritten: readonly string[];
}

type Shapes = Record<string, readonly number[]>;
/** Memory of so many bytes and kernels in WebAssembly that import these sizes; null without it. */
type Native = (bytes: number, sizes: readonly number[]) => [ArrayBuffer, Kernels | null];
type Kernels = Readonly<Record<string, (wanted: number) => void>>;
/** Null for sizes that the compiler left out. */
export type Bind = (m: typeof functions, given: Shapes, native: Native) => CompiledProgram | null;

const LAST_BIT = 30;
const PAGE = 65536;
const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Numbers that nothing changes: what is released is left to the garbage collector. */
class HeldNumbers implements Held {
  constructor(
    readonly data: TensorData,
    readonly shape: readonly number[],
    readonly dtype: DType,
  ) {}

  read(): TensorValue {
    return { data: this.data.slice(), shape: this.shape, dtype: this.dtype };
  }

  release(): void {}
}

class CompiledEngine implements Engine {
  readonly backend = "compiled";
  private program: CompiledProgram | undefined;
  private memory: WebAssembly.Memory | undefined;
  /** What each input was last fed: the same object need not be copied again. */
  private readonly last = new Map<string, Fed>();

  constructor(
    private readonly model: CompiledModel,
    private readonly weights: ArrayBuffer,
    private readonly kernels: WebAssembly.Module | null,
  ) {}

  run(
    feeds: Readonly<Record<string, Fed>>,
    outputs: readonly string[] = this.model.outputs,
  ): Record<string, Held> {
    const [program, changed] = this.fed(feeds);
    let wanted = 0;
    for (const name of outputs) wanted |= 1 << Math.min(this.numberOf(name), LAST_BIT);
    program.run(wanted, changed);
    for (const name of program.overwritten) this.last.delete(name);
    return this.read(program, outputs);
  }

  repeat(feeds: Readonly<Record<string, Fed>>, times: number): Record<string, Held> {
    const [program, changed] = this.fed(feeds);
    program.run(~0, changed);
    for (let turn = 1; turn < times; turn++) {
      program.carry();
      program.run(~0, 0);
    }
    for (const name of program.carried) this.last.delete(name);
    return this.read(program, this.model.outputs);
  }

  dispose(): void {
    this.program = undefined;
    this.last.clear();
  }

  private numberOf(output: string): number {
    const number = this.model.outputs.indexOf(output);
    if (number >= 0) return number;
    throw new Error(`The model has no '${output}'; it has: ${this.model.outputs.join(", ")}.`);
  }

  /** The program for the shapes of what is fed, with that in its memory, and what is new of it. */
  private fed(feeds: Readonly<Record<string, Fed>>): [CompiledProgram, number] {
    for (const name of this.model.inputs) {
      if (feeds[name] === undefined) throw new Error(`The model needs the input '${name}'.`);
    }
    let changed = 0;
    if (this.program === undefined || !this.fits(this.program, feeds)) {
      this.program = this.bind(feeds);
      this.last.clear();
      changed = ~0;
    }
    const { memory, inputs } = this.program;
    for (const [number, name] of this.model.inputs.entries()) {
      const fed = feeds[name] as Fed;
      if (this.last.get(name) === fed) continue;
      changed |= 1 << Math.min(number, LAST_BIT);
      const port = inputs[name] as Port;
      const data = dataOf(fed, port);
      if (port.length === 1) viewOf(memory, port)[0] = data[0] as number;
      else viewOf(memory, port).set(data as number[]);
      this.last.set(name, fed);
    }
    return [this.program, changed];
  }

  private fits(program: CompiledProgram, feeds: Readonly<Record<string, Fed>>): boolean {
    for (const name of this.model.inputs) {
      const shape = (feeds[name] as Fed).shape;
      const bound = (program.inputs[name] as Port).shape;
      if (shape.length !== bound.length) return false;
      for (let axis = 0; axis < shape.length; axis++) if (shape[axis] !== bound[axis]) return false;
    }
    return true;
  }

  private bind(feeds: Readonly<Record<string, Fed>>): CompiledProgram {
    const shapes: Shapes = {};
    for (const name of this.model.inputs) shapes[name] = (feeds[name] as Fed).shape;
    const program = this.model.bind(functions, shapes, (bytes, sizes) => this.native(bytes, sizes));
    if (program === null || !this.fits(program, feeds)) {
      const text = Object.entries(shapes).map(([name, shape]) => `${name} [${shape.join(", ")}]`);
      throw new Error(`Shapes that do not fit one another: ${text.join("; ")}.`);
    }
    let at = 0;
    for (const port of program.constants) {
      const array = new ARRAYS[port.dtype](this.weights, at, port.length);
      viewOf(program.memory, port).set(array);
      at += Math.ceil(array.byteLength / 4) * 4;
    }
    return program;
  }

  /** Fresh memory; in WebAssembly always the same one, which reserves much of the address space. */
  private native(bytes: number, sizes: readonly number[]): [ArrayBuffer, Kernels | null] {
    if (this.kernels === null) return [new ArrayBuffer(bytes), null];
    const pages = Math.ceil(bytes / PAGE);
    const memory = (this.memory ??= new WebAssembly.Memory({ initial: pages }));
    const present = memory.buffer.byteLength / PAGE;
    if (present < pages) memory.grow(pages - present);
    new Uint8Array(memory.buffer).fill(0);
    const { exports } = new WebAssembly.Instance(this.kernels, {
      n: Object.fromEntries(sizes.entries()),
      m: { m: memory },
    });
    return [memory.buffer, exports as unknown as Kernels];
  }

  private read(program: CompiledProgram, outputs: readonly string[]): Record<string, Held> {
    const results: Record<string, Held> = {};
    for (const name of outputs) {
      const port = program.outputs[name] as Port;
      const data = viewOf(program.memory, port).slice();
      results[name] = new HeldNumbers(data, port.shape, port.dtype);
    }
    return results;
  }
}

function viewOf(memory: ArrayBuffer, { dtype, start, length }: Port): TensorData {
  const Array = ARRAYS[dtype];
  return new Array(memory, start * Array.BYTES_PER_ELEMENT, length);
}

function dataOf(fed: Fed, port: Port): TensorData | readonly number[] {
  if (fed.dtype !== port.dtype) throw new Error(`An input is ${fed.dtype}, not ${port.dtype}.`);
  if (!isHeld(fed)) {
    if (fed.data.length !== port.length) throw new Error("An input has not as many numbers as it says.");
    return fed.data;
  }
  if (fed instanceof HeldNumbers) return fed.data;
  throw new Error("A tensor of another engine cannot be fed to this one.");
}

/** A browser says so each time that a policy makes it refuse WebAssembly: once is enough. */
let refused = false;

/** Kernels in WebAssembly; null where a browser has none, or no vectors, or a policy refuses it. */
async function compiled(base64: string): Promise<WebAssembly.Module | null> {
  if (refused) return null;
  try {
    const packed = new Blob([bytesFromBase64(base64)]).stream();
    const bytes = packed.pipeThrough(new DecompressionStream("deflate"));
    return await WebAssembly.compile(await new Response(bytes).arrayBuffer());
  } catch {
    refused = true;
    return null; // the program has the same kernels in JavaScript
  }
}

export const compiledEngine: EngineModule = {
  backend: "compiled",
  load: async (model, weights) => {
    if (!("bind" in model)) throw new Error("This model was not compiled ahead of time.");
    return new CompiledEngine(model, weights, model.native ? await compiled(model.native) : null);
  },
};
