/** The explorables of this page, and `window.explorables`, which scripts and people drive them by. */

import type { ChartModule } from "./chart.js";
import { Explorable, type Frame, type OutputValue } from "./explorable.js";
import type { InputValue } from "./inputs.js";
import { Deliveries, type LoadScript } from "./loader.js";
import type { Payload } from "./payload.js";
import { Problem } from "./problem.js";
import { bytesFromBase64, type Engine, type EngineModule } from "./tensor.js";

/** An element that shows or steers an explorable. */
export interface Member {
  readonly explorableName: string;
  readonly payloadUrl: string;
  /** Brings it to life even when it is far from the viewport; never rejects. */
  hydrate(): Promise<void>;
}

/** One explorable, as `explorables.get(name)` hands it out. Its numbers appear once it is ready. */
export interface Handle {
  /** Asking for it brings every element of the explorable to life. */
  readonly ready: Promise<void>;
  readonly inputs: Record<string, InputValue>;
  readonly outputs: Record<string, OutputValue>;
  /** Changes inputs; resolves when the outcome is painted, rejects when a value is refused. */
  set(changes: Readonly<Record<string, unknown>>): Promise<void>;
}

/** `window.explorables`. */
export interface PublicFace {
  readonly names: string[];
  get(name: string): Handle;
  /** Called by payload scripts. */
  define(payload: Payload): void;
  /** Called by engine.js and vega.js. */
  provide(name: "engine", part: EngineModule): void;
  provide(name: "vega", part: ChartModule): void;
}

export class Page {
  private readonly payloads: Deliveries<Payload>;
  private readonly engines: Deliveries<EngineModule>;
  private readonly chartModules: Deliveries<ChartModule>;
  private readonly opening = new Map<string, Promise<Explorable>>();
  private readonly opened = new Map<string, Explorable>();
  private readonly members = new Set<Member>();
  private readonly handles = new Map<string, Handle>();

  /** `base` is the folder of explorables.js, in which engine.js and vega.js lie beside it. */
  constructor(
    private readonly base: string,
    loadScript: LoadScript,
    private readonly frame: Frame,
  ) {
    this.payloads = new Deliveries(loadScript);
    this.engines = new Deliveries(loadScript);
    this.chartModules = new Deliveries(loadScript);
  }

  /** Counts an element in for as long as it is in the page; returns how to count it out. */
  join(member: Member): () => void {
    this.members.add(member);
    return () => this.members.delete(member);
  }

  /** The explorable, started and found in agreement with PyTorch; the same one for every caller. */
  open(name: string, payloadUrl: string): Promise<Explorable> {
    let opening = this.opening.get(name);
    if (opening === undefined) {
      opening = this.start(name, payloadUrl);
      this.opening.set(name, opening);
    }
    return opening;
  }

  charts(): Promise<ChartModule> {
    return this.chartModules.fetch("vega", new URL("vega.js", this.base).href);
  }

  publicFace(): PublicFace {
    const names = () => [...new Set([...this.members].map((member) => member.explorableName))];
    return {
      get names() {
        return names();
      },
      get: (name) => {
        if (!names().includes(name)) {
          throw new Error(`No explorable '${name}' in this page; it has: ${names().join(", ")}.`);
        }
        return this.handle(name);
      },
      define: (payload) => this.payloads.deliver(payload.name, payload),
      provide: (name: "engine" | "vega", part: EngineModule | ChartModule) => {
        if (name === "engine") this.engines.deliver(name, part as EngineModule);
        else this.chartModules.deliver(name, part as ChartModule);
      },
    };
  }

  private async start(name: string, payloadUrl: string): Promise<Explorable> {
    const [payload, engineModule] = await Promise.all([
      this.payloads.fetch(name, payloadUrl),
      this.engines.fetch("engine", new URL("engine.js", this.base).href),
    ]);
    let explorable: Explorable;
    try {
      const weights = bytesFromBase64(payload.weights).buffer;
      const engine: Engine = await engineModule.load(payload.model, weights);
      explorable = new Explorable(payload, engine, this.frame);
      await explorable.start();
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw new Problem(
        "The model of this figure does not run in this browser, so the figure stays as it was drawn. " +
          "Reload the page, or try another browser.",
        { cause: error },
      );
    }
    this.opened.set(name, explorable);
    return explorable;
  }

  private handle(name: string): Handle {
    let handle = this.handles.get(name);
    if (handle === undefined) {
      handle = this.makeHandle(name);
      this.handles.set(name, handle);
    }
    return handle;
  }

  private makeHandle(name: string): Handle {
    let waking: Promise<Explorable> | undefined;
    const wake = () => (waking ??= this.wake(name));
    const explorable = () => this.opened.get(name);
    return {
      get ready() {
        const ready = wake().then(() => undefined);
        ready.catch(() => undefined); // told to the reader and the console already
        return ready;
      },
      get inputs() {
        const known = explorable();
        if (known === undefined) return {};
        const names = known.payload.inputs.map((spec) => spec.name);
        return Object.fromEntries(names.map((input) => [input, copyOf(known.input(input))]));
      },
      get outputs() {
        const known = explorable();
        if (known === undefined) return {};
        const names = known.payload.outputs.map((spec) => spec.name);
        return Object.fromEntries(names.map((output) => [output, known.output(output)]));
      },
      set: async (changes) => (await wake()).set(changes),
    };
  }

  private async wake(name: string): Promise<Explorable> {
    const members = [...this.members].filter((member) => member.explorableName === name);
    const first = members[0];
    if (first === undefined) throw new Error(`No explorable '${name}' in this page any more.`);
    const explorable = await this.open(name, first.payloadUrl);
    explorable.watchAll = true; // whoever holds a handle may read any output at any time
    await Promise.all(members.map((member) => member.hydrate()));
    return explorable;
  }
}

/** A drawing is handed out as a copy: writing into the original would change it unseen. */
function copyOf(value: InputValue): InputValue {
  return value instanceof Float32Array ? value.slice() : value;
}
