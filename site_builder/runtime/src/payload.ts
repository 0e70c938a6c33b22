/** The payload of one explorable, as the build writes it: types, and how its numbers are decoded. */

import {
  bytesFromBase64,
  viewBytes,
  type DType,
  type GraphModelJson,
  type TensorValue,
  type Tensors,
} from "./tensor.js";

interface InputBase {
  readonly name: string;
  readonly label: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export interface SliderSpec extends InputBase {
  readonly kind: "slider";
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly default: number;
  readonly format: string;
}

export interface ChoiceSpec extends InputBase {
  readonly kind: "choice";
  readonly options: readonly string[];
  /** Index of the option it starts with. */
  readonly default: number;
}

export interface ToggleSpec extends InputBase {
  readonly kind: "toggle";
  readonly default: boolean;
}

export interface SketchSpec extends InputBase {
  readonly kind: "sketch";
  /** Pixels are base64 of uint8, shape (height, width), 255 being full ink. */
  readonly examples: readonly { readonly label: string; readonly pixels: string }[];
  /** Index of the example it starts with; null starts blank. */
  readonly default: number | null;
}

export type InputSpec = SliderSpec | ChoiceSpec | ToggleSpec | SketchSpec;

export interface ScalarOutput {
  readonly kind: "scalar";
  readonly name: string;
  readonly tensor: string;
}

export interface LabelsOutput {
  readonly kind: "labels";
  readonly name: string;
  readonly tensor: string;
  readonly words: readonly string[];
}

export interface ColumnSpec {
  readonly name: string;
  readonly tensor: string;
  readonly words: readonly string[] | null;
}

export interface RowsOutput {
  readonly kind: "rows";
  readonly name: string;
  readonly columns: readonly ColumnSpec[];
}

export type OutputSpec = ScalarOutput | LabelsOutput | RowsOutput;

export interface EncodedTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: string;
}

export interface FigureSpec {
  /** A compiled Vega specification whose data sets named in `data` are empty. */
  readonly vega: object;
  readonly data: readonly string[];
}

export interface Payload {
  readonly name: string;
  readonly inputs: readonly InputSpec[];
  readonly outputs: readonly OutputSpec[];
  readonly fixture: Record<string, EncodedTensor>;
  readonly figures: Record<string, FigureSpec>;
  readonly model: GraphModelJson;
  readonly weights: string;
}

export function decodeTensor(encoded: EncodedTensor): TensorValue {
  const data = viewBytes(bytesFromBase64(encoded.data), encoded.dtype);
  return { data, shape: encoded.shape, dtype: encoded.dtype };
}

/** Every output at the default inputs, as PyTorch computed it. */
export function decodeFixture(payload: Payload): Tensors {
  const tensors: Tensors = {};
  for (const [name, encoded] of Object.entries(payload.fixture)) {
    tensors[name] = decodeTensor(encoded);
  }
  return tensors;
}

/** Pixels of one example as ink in [0, 1], row-major. */
export function decodePixels(pixels: string): Float32Array {
  return Float32Array.from(bytesFromBase64(pixels), (byte) => byte / 255);
}

/** Names of the tensors behind one output. */
export function tensorsOf(output: OutputSpec): string[] {
  return output.kind === "rows" ? output.columns.map((column) => column.tensor) : [output.tensor];
}
