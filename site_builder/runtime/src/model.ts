/** The programs of an explorable that run now: on which engine, and for which static inputs. */

import { Course } from "./course.js";
import { decodeFixture } from "./fixture.js";
import { isStatic, startValue, type InputValue } from "./inputs.js";
import { checkParity, computeFixture } from "./parity.js";
import {
  kindFor,
  tensorsOf,
  type Payload,
  type ProgramKind,
  type Programs,
  type Variant,
} from "./payload.js";
import { Problem } from "./problem.js";
import { disposePrograms, loadPrograms, type LoadedPrograms } from "./programs.js";
import type { EngineModule, Tensors } from "./tensor.js";
import type { Frame } from "./turns.js";

/** Where engines and programs come from. */
export interface Supply {
  /** The engine of the payload's or the link's choice. */
  engine(): Promise<EngineModule>;
  /** The engine that runs everywhere; null where that one is the choice. */
  readonly plainEngine: (() => Promise<EngineModule>) | null;
  /** The programs for other values of the static inputs. */
  variant(key: string): Promise<Variant>;
  /** The programs of a variant, once its script is there. */
  programs(key: string, kind: ProgramKind): Promise<Programs>;
}

/** What an explorable gets from the page around it. */
export interface Surroundings extends Supply {
  readonly frame: Frame;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** A model that computes what PyTorch computed. */
export interface Started {
  readonly course: Course;
  readonly parity: number;
  /** Every output at the default inputs. */
  readonly tensors: Tensors;
}

export const FELL_BACK =
  "The faster way to compute failed in this browser, so this figure runs in plain JavaScript now, " +
  "which is slower. If time had gone on, it starts over.";

type Texts = Omit<Variant, "name">;

export class Model {
  /** True once it runs on the engine that runs everywhere because another one failed. */
  fellBack = false;

  private engine: EngineModule | undefined;
  private texts: Texts;

  constructor(
    private readonly payload: Payload,
    private readonly supply: Supply,
    private readonly value: (input: string) => InputValue,
  ) {
    this.texts = payload;
  }

  get backend(): string {
    return this.engine?.backend ?? "";
  }

  /** True where results have to be waited for. */
  get isRemote(): boolean {
    return this.engine?.remote === true;
  }

  /** The variant that runs. */
  get key(): string {
    return this.texts.variant;
  }

  /** The variant that the inputs ask for. */
  get wantedKey(): string {
    return this.staticValues.map(([, value]) => Number(value)).join("-");
  }

  /** Names and values of the static inputs. */
  get staticValues(): [string, InputValue][] {
    const names = this.payload.inputs.filter(isStatic).map((spec) => spec.name);
    return names.map((name) => [name, this.value(name)]);
  }

  /** False for an input that the present programs don't compute with. */
  takes(input: string): boolean {
    return !this.texts.idle.includes(input);
  }

  async start(): Promise<Started> {
    try {
      return await this.startOn(await this.supply.engine());
    } catch (error) {
      return await this.fallBack(error).catch((last: unknown) => {
        throw doesNotRun(last);
      });
    }
  }

  /** Goes on with the engine that runs everywhere, from the start; throws where there is none left. */
  async fallBack(cause: unknown): Promise<Started> {
    if (this.supply.plainEngine === null || this.fellBack) throw cause;
    this.fellBack = true;
    console.info("explorables: going on without", this.backend || this.payload.backend.name, cause);
    return this.startOn(await this.supply.plainEngine());
  }

  /** Loads and checks the programs of a variant; `use` makes them the present ones. */
  async fetch(key: string): Promise<{ programs: LoadedPrograms; use: () => void }> {
    const texts = key === this.payload.variant ? this.payload : await this.supply.variant(key);
    if (this.engine === undefined) throw new Error("A variant was asked for before the start.");
    const { programs } = await this.load(this.engine, texts);
    const use = () => {
      this.texts = texts;
    };
    return { programs, use };
  }

  private async startOn(engine: EngineModule): Promise<Started> {
    this.engine = engine;
    const { programs, parity, tensors } = await this.load(engine, this.texts);
    return { course: new Course(this.payload, programs, this.value), parity, tensors };
  }

  /** Loads programs and compares them with PyTorch, at the default inputs. */
  private async load(engine: EngineModule, texts: Texts) {
    const kind = kindFor(engine.backend);
    const programs = await loadPrograms(engine, await this.supply.programs(texts.variant, kind));
    const defaults = new Map(this.payload.inputs.map((spec) => [spec.name, startValue(spec)]));
    const trial = new Course(this.payload, programs, (name) => defaults.get(name) ?? 0);
    try {
      const expected = decodeFixture(texts);
      const outputs = this.payload.outputs.flatMap(tensorsOf);
      const tensors = await computeFixture(trial, expected, outputs);
      return { programs, tensors, parity: checkParity(tensors, expected) };
    } catch (error) {
      disposePrograms(programs);
      throw error;
    } finally {
      trial.clear();
    }
  }
}

/** The sentence for a model that does not run, unless it says something better itself. */
export function doesNotRun(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(
    "The model of this figure does not run in this browser, so the figure stays as it was drawn. " +
      "Reload the page, or try another browser.",
    { cause: error },
  );
}

/** The sentence for a run that failed after others had worked. */
export function notWithThese(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(
    "The model could not run with these settings, so the picture shows the last ones that worked. " +
      "Change a setting, or reload the page.",
    { cause: error },
  );
}
