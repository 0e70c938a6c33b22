/** Numbers as they travel between payload, engine and elements; no element and no engine in here. */

import type { Bind } from "./compiled.js";

export type DType = "float32" | "int32" | "bool";
export type TensorData = Float32Array | Int32Array | Uint8Array;

/** Row-major values of one tensor; a bool is a Uint8Array of 0 and 1. */
export interface TensorValue {
  readonly data: TensorData;
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** What an engine is fed: plain numbers are accepted so that a slider need not build an array. */
export interface Feed {
  readonly data: TensorData | readonly number[];
  readonly shape: readonly number[];
  readonly dtype: DType;
}

export type Tensors = Record<string, TensorValue>;
export type Feeds = Record<string, Feed>;

/** A tensor that stays where it was computed until it is released. */
export interface Held {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** A copy of the numbers; a promise where the memory is the GPU's. */
  read(): Promise<TensorValue> | TensorValue;
  /** Frees it; a second call does nothing. */
  release(): void;
}

/** Numbers, or a tensor that the same backend holds and that stays the caller's. */
export type Fed = Feed | Held;

/** One loaded model. Names are the keys of the model's signature. */
export interface Engine {
  readonly backend: string;
  /** Computes `outputs`, or every output when left out; whoever calls releases them. */
  run(feeds: Readonly<Record<string, Fed>>, outputs?: readonly string[]): Record<string, Held>;
  /**
   * Runs so many times, each but the first fed with what the run before made of the state; gives
   * the last outputs. Only engines that gain by it have it.
   */
  repeat?(feeds: Readonly<Record<string, Fed>>, times: number): Record<string, Held>;
  dispose(): void;
}

/** What engine.js, engine-wasm.js and engine-webgl.js provide. */
export interface EngineModule {
  readonly backend: string;
  /** Its memory is not the processor's: numbers have to be waited for. */
  readonly remote?: boolean;
  load(model: LoadableModel, weights: ArrayBuffer): Promise<Engine>;
}

export function isHeld(fed: Fed): fed is Held {
  return "release" in fed;
}

export function releaseAll(held: Readonly<Record<string, Held>>): void {
  for (const one of Object.values(held)) one.release();
}

/** A TF.js graph model without its weights, as it stands in the payload. */
export interface GraphModelJson {
  readonly format: string;
  readonly modelTopology: object;
  readonly signature: {
    readonly inputs: Record<string, SignatureEntry>;
    readonly outputs: Record<string, SignatureEntry>;
  };
  readonly weightSpecs: readonly { name: string; shape: number[]; dtype: string }[];
}

export interface SignatureEntry {
  readonly name: string;
  readonly dtype?: string;
  readonly tensorShape?: object;
}

/** A graph that was compiled ahead of time; the payload holds the function itself. */
export interface CompiledModel {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly bind: Bind;
  /** Kernels in WebAssembly: base64 of a zlib stream, since base64 itself packs badly. */
  readonly native?: string;
}

export type LoadableModel = GraphModelJson | CompiledModel;

/** What a model is fed, by name. */
export function inputsOf(model: LoadableModel): readonly string[] {
  return "bind" in model ? model.inputs : Object.keys(model.signature.inputs);
}

/** Decodes base64 to bytes (the payload is a script, so numbers travel as text). */
export function bytesFromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Views bytes as little-endian numbers of `dtype`; every platform that runs browsers is one. */
export function viewBytes(bytes: Uint8Array<ArrayBuffer>, dtype: DType): TensorData {
  if (dtype === "float32") return new Float32Array(bytes.buffer);
  if (dtype === "int32") return new Int32Array(bytes.buffer);
  return bytes;
}

/** True when no value is NaN or infinite. Integers and bools always are finite. */
export function isFiniteTensor(tensor: TensorValue): boolean {
  return !(tensor.data instanceof Float32Array) || tensor.data.every(Number.isFinite);
}
