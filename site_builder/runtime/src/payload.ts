/** The payload of one explorable, as the build writes it: types, and how its numbers are decoded. */

import type { EncodedFixture } from "./fixture.js";
import { bytesFromBase64, type DType, type LoadableModel } from "./tensor.js";

interface InputBase {
  readonly name: string;
  readonly label: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** Two ends of an axis, the lower one first. */
export type Range = readonly [number, number];

export interface SliderSpec extends InputBase {
  readonly kind: "slider";
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly default: number;
  readonly format: string;
  /** Each value has programs of its own, in a variant. */
  readonly static?: true;
}

export interface ChoiceSpec extends InputBase {
  readonly kind: "choice";
  readonly options: readonly string[];
  /** Index of the option it starts with. */
  readonly default: number;
  /** Each option has programs of its own, in a variant. */
  readonly static?: true;
}

/** Several options of several, at least one. */
export interface ChoicesSpec extends InputBase {
  readonly kind: "choices";
  readonly options: readonly string[];
  /** Indices of the options it starts with, in order. */
  readonly default: readonly number[];
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

/** A whole number that is a shape: the model takes 0, 1, ..., size - 1. */
export interface SizeSpec extends InputBase {
  readonly kind: "size";
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

/** A place on a chart. */
export interface PointSpec extends InputBase {
  readonly kind: "point";
  readonly x: Range;
  readonly y: Range;
  readonly default: readonly [number, number];
}

/** A place and the index of its label, 0 where points have no labels; or its value. */
export type PlacedPoint = readonly [x: number, y: number, label: number];

/** A data set that the reader places: at most `capacity` points. */
export interface PointsSpec extends InputBase {
  readonly kind: "points";
  readonly capacity: number;
  readonly x: Range;
  readonly y: Range;
  readonly labels: readonly string[] | null;
  /** Where points bear values: their ends, which labels name. */
  readonly value: Range | null;
  readonly default: readonly PlacedPoint[];
}

export interface IntervalSpec extends InputBase {
  readonly kind: "interval";
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly default: Range;
  readonly format: string;
}

/** The seed of noise, a whole number from 0 to 999999. */
export interface SeedSpec extends InputBase {
  readonly kind: "seed";
  readonly default: number;
}

/** A line of text; the model takes the ids of its first tokens, shape (length,). */
export interface TextSpec extends InputBase {
  readonly kind: "text";
  /** The tokens, joined by line breaks; a token's id is its place. */
  readonly vocabulary: string;
  readonly cut: "characters" | "words" | "pieces";
  readonly lowercase: boolean;
  /** Id of the token that is read for all that the vocabulary lacks. */
  readonly unknown: number;
  /** Id of what fills up a short text. */
  readonly pad: number;
  /** Stretches of letters, marks and digits (site_builder/letters.py). */
  readonly letters: string;
  /** Code points that a text may have. */
  readonly longest: number;
  readonly examples: readonly string[];
  readonly default: string;
}

/** A picture of shape (channels, height, width). */
export interface PictureSpec extends InputBase {
  readonly kind: "picture";
  readonly fit: "cover" | "contain";
  /** Pixels are base64 of uint8 in the tensor's shape. */
  readonly examples: readonly { readonly label: string; readonly pixels: string }[];
  /** Index of the example it starts with; null starts black. */
  readonly default: number | null;
}

/** Kinds whose code comes by a script of its own (late-kinds.ts). */
export type LateSpec = TextSpec | PictureSpec;

export type InputSpec =
  | LateSpec
  | SliderSpec
  | ChoiceSpec
  | ChoicesSpec
  | ToggleSpec
  | SketchSpec
  | SizeSpec
  | PointSpec
  | PointsSpec
  | IntervalSpec
  | SeedSpec;

/** Seeded random numbers; see noise.ts. */
export interface NoiseSpec {
  readonly name: string;
  readonly kind: "normal" | "uniform" | "permutation";
  readonly shape: readonly number[];
  readonly every: "start" | "step";
  readonly dtype: DType;
  /** The input that seeds it. */
  readonly seed: string;
}

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
  /** Height and width where each row holds a small picture: the tensor is (rows, height, width). */
  readonly tile?: readonly [number, number];
}

export interface RowsOutput {
  readonly kind: "rows";
  readonly name: string;
  readonly columns: readonly ColumnSpec[];
}

/** A surface of shape (height, width); row 0 is at the top, where y is highest. */
export interface FieldOutput {
  readonly kind: "field";
  readonly name: string;
  readonly tensor: string;
  readonly shape: readonly [number, number];
  readonly x: Range;
  readonly y: Range;
}

export type OutputSpec = ScalarOutput | LabelsOutput | RowsOutput | FieldOutput;

/** A scale of a chart. */
export interface ScaleRef {
  readonly scale: string;
  /** Name of the Vega group mark that holds it, where charts are concatenated. */
  readonly group: string | null;
  /** The row's field that the scale places, for tiles. */
  readonly field?: string;
}

/** A picture under a chart: a field, or a tile in each row. */
export interface SurfaceSpec {
  /** Name of the field or of the rows. */
  readonly output: string;
  /** The tiles' column. */
  readonly column?: string;
  readonly x: ScaleRef;
  readonly y: ScaleRef;
  /** Size of a tile, px. */
  readonly width?: number;
  readonly height?: number;
  /** Base64 of 256 RGBA colours. */
  readonly lut: string;
  /** Values of the first and the last colour. */
  readonly domain: Range;
}

/** An input that is moved by hand on the chart. */
export interface HandleSpec {
  readonly input: string;
  readonly x: ScaleRef;
  readonly y: ScaleRef;
}

/** A selection of a chart that bears an input's name: marks are picked, or a stretch is brushed. */
export type SelectionSpec = PickSpec | { readonly brushes: readonly BrushSpec[] };

export interface PickSpec {
  /** The field of the data that holds values of the input. */
  readonly field: string;
  /** The signal of a legend that picks too. */
  readonly legend: string | null;
}

/** What draws an interval in one of the views that have it. */
export interface BrushSpec {
  /** The signal that holds the ends in pixels. */
  readonly signal: string;
  readonly scale: string;
  /** The mark whose groups have that signal; null where it is the whole view's. */
  readonly group: string | null;
}

/** A colour scheme. */
export interface SchemeSpec {
  /** Six hexadecimal digits for each colour. */
  readonly colours: string;
  /** Whether there are colours between them. */
  readonly smooth: boolean;
}

export interface FigureSpec {
  /** A parsed Vega specification, of which the data sets named in `data` are empty. */
  readonly dataflow: object;
  /** The colour schemes that it names. */
  readonly schemes: Readonly<Record<string, SchemeSpec>>;
  /** Whether it needs vega-more.js beside vega.js. */
  readonly more: boolean;
  /** What the chart is drawn with; a canvas where marks are many. */
  readonly renderer: "svg" | "canvas";
  /** Rows outputs, and inputs of kind point or points. */
  readonly data: readonly string[];
  readonly surfaces: readonly SurfaceSpec[];
  readonly handles: readonly HandleSpec[];
  /** Inputs that are signals of the chart. */
  readonly signals: readonly string[];
  /** Those of them that are selections, by name. */
  readonly selections: Readonly<Record<string, SelectionSpec>>;
  /** Clicking a row of `data` lets the reader type its `column`. */
  readonly edits?: { readonly data: string; readonly column: string };
}

/** A model with its weights in base64. */
export interface ModelText {
  readonly model: LoadableModel;
  readonly weights: string;
}

export interface Program extends ModelText {
  /**
   * Computes what does not change from step to step: tensors `fixed.N` that `model` takes. A
   * compiled program does so itself.
   */
  readonly prologue: ModelText | null;
}

export type Part = "forward" | "start" | "step" | "edit";
export type Programs = { readonly forward: Program } & { readonly [part in Part]?: Program };

export interface StrideSpec {
  readonly word: string;
  /** How many steps, or the name of a scalar output that says it. */
  readonly steps: number | string;
}

export interface TimeSpec {
  readonly strides: readonly StrideSpec[];
  /** Keys of the state. */
  readonly state: readonly string[];
  /** Inputs and noises that `start` reads: a change of one starts over. */
  readonly restart: readonly string[];
  /** Steps that every course goes before it is shown; then nobody plays it, and there are no strides. */
  readonly ahead?: number;
}

export interface Payload {
  readonly name: string;
  readonly inputs: readonly InputSpec[];
  readonly outputs: readonly OutputSpec[];
  readonly noises: readonly NoiseSpec[];
  readonly time: TimeSpec | null;
  /** Key of the default variant; "" where no input is static. */
  readonly variant: string;
  /** Other keys, and their scripts' addresses relative to this payload's. */
  readonly variants: Readonly<Record<string, string>>;
  /** Where programs are that come neither with this script nor with those of the variants. */
  readonly elsewhere: Elsewhere;
  readonly fixture: EncodedFixture;
  /** Inputs that these programs don't compute with, so that they do nothing. */
  readonly idle: readonly string[];
  readonly figures: Readonly<Record<string, FigureSpec>>;
  readonly backend: { readonly name: BackendName; readonly why: string };
}

export type BackendName = "compiled" | "cpu" | "wasm" | "webgl";

/** What programs are written for: the compiled ones run by themselves, the others on TensorFlow.js. */
export type ProgramKind = "compiled" | "tfjs";

/** By kind and variant, the addresses of scripts relative to the payload's; kinds there are not lack. */
export type Elsewhere = { readonly [kind in ProgramKind]?: Readonly<Record<string, string>> };

export function kindFor(backend: string): ProgramKind {
  return backend === "compiled" ? "compiled" : "tfjs";
}

/** The programs of one variant, as a script delivers them. */
export interface Delivery {
  readonly name: string;
  readonly variant: string;
  readonly kind: ProgramKind;
  readonly programs: Programs;
}

/** What is particular to other values of the static inputs; their script delivers programs, too. */
export interface Variant {
  readonly name: string;
  readonly variant: string;
  readonly fixture: EncodedFixture;
  readonly idle: readonly string[];
}

/** Pixels of one example as ink in [0, 1], row-major. */
export function decodePixels(pixels: string): Float32Array {
  return Float32Array.from(bytesFromBase64(pixels), (byte) => byte / 255);
}

/** Names of the tensors behind one output. */
export function tensorsOf(output: OutputSpec): string[] {
  return output.kind === "rows" ? output.columns.map((column) => column.tensor) : [output.tensor];
}
