/** One explorable: its inputs, its time, one turn per frame, its outputs. No DOM in here. */

import { Audience, type Consumer } from "./audience.js";
import type { Course } from "./course.js";
import type { InputValue } from "./inputs.js";
import { doesNotRun, FELL_BACK, Model, notWithThese, type Started, type Surroundings } from "./model.js";
import type { InputSpec, OutputSpec, Payload, StrideSpec } from "./payload.js";
import { Player } from "./player.js";
import { Results, type OutputValue } from "./results.js";
import type { Columns } from "./rows.js";
import { Settings, type NamedValue } from "./settings.js";
import type { TensorValue } from "./tensor.js";
import { Turns, type Outcome } from "./turns.js";
import { VariantSwitch } from "./variants.js";
import { BUDGET, Walks } from "./walk.js";

export type { Consumer } from "./audience.js";
export type { OutputValue } from "./results.js";
export type { Surroundings } from "./model.js";
export type { Frame } from "./turns.js";

export class Explorable {
  /** Largest difference from PyTorch at the default inputs; known once started. */
  parity = NaN;
  /** Compute every output whenever nothing plays, not only those on show. */
  watchAll = false;
  /** Play, pause and speed, where there is time. */
  readonly player: Player | null;

  private readonly settings: Settings;
  private readonly results: Results;
  private readonly model: Model;
  private readonly variants: VariantSwitch;
  private readonly walks: Walks;
  private readonly audience = new Audience();
  private course!: Course;
  /** Counts changes of the inputs and of the programs; the course counts those of the state. */
  private changes = 0;
  private readonly timeListeners = new Set<() => void>();
  private readonly turns: Turns;
  /** What is to be done to the course between two frames. */
  private jobs: ((course: Course) => void | Promise<void>)[] = [];
  private startDue = false;
  /** Something to tell the reader while the picture is in order. */
  private note = "";

  constructor(
    readonly payload: Payload,
    private readonly around: Surroundings,
  ) {
    this.settings = new Settings(payload);
    this.results = new Results(payload);
    this.model = new Model(payload, around, (name) => this.input(name));
    this.variants = new VariantSwitch(this.model, {
      arrived: () => this.turns.schedule(),
      slow: (text) => this.audience.tell(text === "" ? this.note : text),
      refused: (cause) => this.refuseVariant(cause),
    });
    const played = payload.time !== null && !payload.time.ahead;
    this.player = played ? new Player(payload.time.strides) : null;
    this.walks = new Walks(around.now, this.player);
    const goesOn = () => this.player?.playing === true || this.walks.pending || this.jobs.length > 0;
    this.turns = new Turns(around.frame, () => this.turn(), goesOn);
  }

  /** Runs at the default inputs and compares with PyTorch; throws a Problem where they disagree. */
  async start(): Promise<void> {
    const started = await this.model.start();
    this.begin(started);
    this.results.take(started.tensors, this.version);
  }

  get backend(): string {
    return this.model.backend;
  }

  /** True when the state has left the finite numbers; starting over ends it. */
  get diverged(): boolean {
    return this.results.diverged;
  }

  /** Steps taken since the start. */
  get steps(): number {
    return this.course.steps;
  }

  inputSpec(name: string): InputSpec | undefined {
    return this.settings.spec(name);
  }

  outputSpec(name: string): OutputSpec | undefined {
    return this.results.spec(name);
  }

  input(name: string): InputValue {
    return this.settings.value(name);
  }

  output(name: string): OutputValue {
    return this.results.value(name);
  }

  columns(name: string): Columns {
    return this.results.columns(name);
  }

  /** The numbers of a field, (height, width), or of a column of tiles, (rows, height, width). */
  field(name: string, column?: string): TensorValue {
    return this.results.field(name, column);
  }

  /** False when any number behind these outputs is NaN or infinite. */
  isFinite(outputs: readonly string[]): boolean {
    return this.results.isFinite(outputs);
  }

  /** False for an input that does nothing now, as the width of a layer that is not there. */
  takes(name: string): boolean {
    return this.model.takes(name);
  }

  isAtStart(names: readonly string[]): boolean {
    return this.settings.isAtStart(names);
  }

  /** Calls `listener` at once whenever an input changes; returns how to stop. */
  onInput(listener: () => void): () => void {
    return this.settings.listen(listener);
  }

  /** Calls `listener` whenever time has gone on, starts, stops or fails; returns how to stop. */
  onTime(listener: () => void): () => void {
    this.timeListeners.add(listener);
    return () => this.timeListeners.delete(listener);
  }

  /** Adds a consumer; resolves once it is painted with outputs of the newest inputs. */
  attach(consumer: Consumer): Promise<void> {
    this.audience.add(consumer);
    return this.refresh();
  }

  detach(consumer: Consumer): void {
    this.audience.remove(consumer);
  }

  /** Resolves once all that is seen is up to date; to be called when something comes into view. */
  refresh(): Promise<void> {
    return this.turns.ask();
  }

  /**
   * Changes inputs; resolves when the outcome is painted. A burst of changes becomes one run.
   * Rejects, changing nothing, when a name is unknown or a value is not one the input takes.
   */
  async set(changes: Readonly<Record<string, unknown>>): Promise<void> {
    this.change(this.settings.accept(changes));
    return this.refresh();
  }

  play(): void {
    if (this.player === null || this.diverged) return;
    this.player.play();
    this.tellTime();
    this.turns.schedule();
  }

  pause(): void {
    if (this.player?.playing !== true) return;
    this.player.pause();
    this.tellTime();
    this.turns.schedule(); // what only scripts watch was not computed while time ran
  }

  /** Starts time over and leaves it standing; resolves when painted. */
  reset(): Promise<void> {
    this.player?.pause();
    this.startDue = this.payload.time !== null;
    return this.refresh();
  }

  /** Takes steps and paints once; resolves to the milliseconds spent computing them. */
  step(steps = 1): Promise<number> {
    const walked = this.walks.ask(steps);
    this.turns.schedule();
    return walked;
  }

  /** How many steps a stride has now; a stride may ask an output. */
  stepsOf(stride: StrideSpec): number {
    const steps = typeof stride.steps === "number" ? stride.steps : this.output(stride.steps);
    return Math.max(1, Math.floor(Number(steps)) || 1);
  }

  /** Gives the state another number, as the program `edit` understands row and value. */
  edit(row: number, value: number): Promise<void> {
    return this.do((course) => course.edit(row, value));
  }

  /** Does something to the course between two frames; resolves when painted. */
  do(job: (course: Course) => void | Promise<void>): Promise<void> {
    this.jobs.push(job);
    return this.refresh();
  }

  private get version(): number {
    return this.changes + this.course.revision;
  }

  private begin({ course, parity }: Started): void {
    if (this.course !== undefined) this.changes = this.version + 1;
    this.course = course;
    this.parity = parity;
    this.startDue = this.payload.time !== null;
    if (this.model.fellBack) this.note = FELL_BACK;
  }

  private change(values: readonly NamedValue[]): void {
    const changed = this.settings.take(values);
    if (changed.length === 0) return;
    for (const name of changed) this.course.changed(name);
    this.startDue ||= changed.some((name) => this.takes(name) && this.settings.startsOver(name));
    this.changes++;
    this.settings.tell();
  }

  private refuseVariant(cause: unknown): void {
    const problem = doesNotRun(cause);
    this.change(this.variants.values);
    this.audience.trouble(problem);
    this.turns.refuse(problem);
  }

  private tellTime(): void {
    for (const listener of this.timeListeners) listener();
  }

  /** Programs, time, outputs and painting, for everyone who asked up to now. */
  private async turn(): Promise<Outcome> {
    const seen = this.audience.seen();
    try {
      if (!this.variants.settle(this.course, () => this.startOverWithPrograms())) return "wait";
      const version = await this.compute(seen);
      if (version === null) return "again";
      const arrived = this.walks.arrived();
      const { diverged, note } = this;
      await this.audience.paint(seen, { version, diverged, note });
      arrived();
      if (this.player !== null) this.tellTime();
      return "done";
    } catch (error) {
      return this.recover(error, seen);
    }
  }

  private startOverWithPrograms(): void {
    this.changes++;
    this.startDue = this.payload.time !== null;
    this.settings.tell(); // other inputs may have come into use
  }

  /** Time goes on, and the outputs follow. Null while somebody waits for steps of later frames. */
  private async compute(seen: readonly Consumer[]): Promise<number | null> {
    if (this.startDue) {
      this.course.startOver();
      this.startDue = false;
      this.results.diverged = false;
    }
    for (const job of this.jobs.splice(0)) await job(this.course);
    const { now } = this.around;
    const began = now();
    if (this.diverged) this.walks.stop();
    const taken = this.walks.advance(this.course, this.results.took, (stride) => this.stepsOf(stride));
    if (this.walks.unfinished) return null;
    const needed = this.results.tensorsBehind(this.outputsFor(seen));
    const { version } = this; // inputs may change while a GPU is waited for
    await this.results.update(this.course, needed, version, now);
    if (this.diverged) this.player?.pause();
    if (this.model.isRemote) this.player?.hold(taken, now() - began, 2 * BUDGET);
    return version;
  }

  private outputsFor(seen: readonly Consumer[]): string[] {
    const everything = this.watchAll && this.player?.playing !== true;
    const shown = everything
      ? this.payload.outputs.map((spec) => spec.name)
      : seen.flatMap((consumer) => consumer.needs);
    const strides = this.payload.time?.strides ?? [];
    return [...shown, ...strides.map(({ steps }) => String(steps))];
  }

  /** Lets another engine take over, or tells what is wrong. */
  private async recover(error: unknown, seen: readonly Consumer[]): Promise<Outcome> {
    try {
      this.begin(await this.model.fallBack(error));
      return "again";
    } catch (cause) {
      const problem = notWithThese(cause);
      this.player?.pause();
      this.walks.reject(problem);
      this.audience.trouble(problem, seen);
      if (this.player !== null) this.tellTime();
      return problem;
    }
  }
}
