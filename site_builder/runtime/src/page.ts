/** The explorables of this page, and `window.explorables`, which scripts and people drive them by. */

import type { ChartModule, MoreCharts } from "./chart.js";
import { Explorable, type Frame } from "./explorable.js";
import { makeHandle, type Handle } from "./handle.js";
import { lateScripts, learn, type LateKind } from "./late-kinds.js";
import { Deliveries, type LoadScript } from "./loader.js";
import {
  kindFor,
  type BackendName,
  type Delivery,
  type Payload,
  type ProgramKind,
  type Programs,
  type Variant,
} from "./payload.js";
import type { EngineModule } from "./tensor.js";

/** An element that shows or steers an explorable. */
export interface Member {
  readonly explorableName: string;
  readonly payloadUrl: string;
  /** True for a figure: without one, nothing shows that time goes on. */
  readonly isFigure: boolean;
  /** Brings it to life even when it is far from the viewport; never rejects. */
  hydrate(): Promise<void>;
}

/** `window.explorables`. */
export interface PublicFace {
  readonly names: string[];
  get(name: string): Handle;
  /** Called by the scripts of payloads, of their variants, and of programs. */
  define(part: Payload | Variant | Delivery): void;
  /** Called by the scripts of engines, and by vega.js. */
  provide(name: "engine", part: EngineModule): void;
  provide(name: "vega", part: ChartModule): void;
  provide(name: "vega-more", part: MoreCharts): void;
  /** Called by the scripts of kinds of inputs. */
  provide(name: "input", part: LateKind): void;
}

/** The address bar, as far as the page's explorables are concerned. */
export interface AddressBar {
  /** The engine that the link asks for. */
  readonly backend: BackendName | null;
  enter(explorable: Explorable): void;
  leave(explorable: Explorable): void;
}

const ENGINES: Readonly<Record<BackendName, string>> = {
  compiled: "engine-compiled.js",
  cpu: "engine.js",
  wasm: "engine-wasm.js",
  webgl: "engine-webgl.js",
};

export class Page {
  private readonly payloads: Deliveries<Payload>;
  private readonly variants: Deliveries<Variant>;
  private readonly programs: Deliveries<Programs>;
  private readonly engines: Deliveries<EngineModule>;
  private readonly chartModules: Deliveries<ChartModule>;
  private readonly moreCharts: Deliveries<MoreCharts>;
  private readonly lateKinds: Deliveries<LateKind>;
  private readonly opening = new Map<string, Promise<Explorable>>();
  private readonly opened = new Map<string, Explorable>();
  private readonly members = new Set<Member>();
  private readonly handles = new Map<string, Handle>();

  /** `base` is the folder of explorables.js, in which the engines and vega.js lie beside it. */
  constructor(
    private readonly base: string,
    loadScript: LoadScript,
    private readonly frame: Frame,
    private readonly address: AddressBar,
  ) {
    this.payloads = new Deliveries(loadScript);
    this.variants = new Deliveries(loadScript);
    this.programs = new Deliveries(loadScript);
    this.engines = new Deliveries(loadScript);
    this.chartModules = new Deliveries(loadScript);
    this.moreCharts = new Deliveries(loadScript);
    this.lateKinds = new Deliveries(loadScript);
  }

  /** Counts an element in for as long as it is in the page; returns how to count it out. */
  join(member: Member): () => void {
    const returns = this.membersOf(member.explorableName).length === 0;
    this.members.add(member);
    const known = this.opened.get(member.explorableName);
    if (returns && known !== undefined) this.address.enter(known);
    return () => {
      this.members.delete(member);
      // A part of the page that is only moved leaves and joins in one go.
      queueMicrotask(() => this.rest(member));
    };
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

  /** What draws charts; with `more`, also those that need what few need. */
  async charts(more: boolean): Promise<ChartModule> {
    const module = this.chartModules.fetch("vega", new URL("vega.js", this.base).href);
    if (more) {
      const late = this.moreCharts.fetch("vega-more", new URL("vega-more.js", this.base).href);
      const [charts, rest] = await Promise.all([module, late]);
      charts.extend(rest);
    }
    return module;
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
      define: (part) => {
        if ("inputs" in part) this.payloads.deliver(part.name, part);
        else if ("programs" in part) {
          this.programs.deliver(`${part.name}/${part.variant}/${part.kind}`, part.programs);
        } else this.variants.deliver(`${part.name}/${part.variant}`, part);
      },
      provide: (name: string, part: EngineModule | ChartModule | MoreCharts | LateKind) => {
        if (typeof part === "function") this.moreCharts.deliver(name, part);
        else if ("kind" in part) this.lateKinds.deliver(part.kind, part);
        else if ("load" in part) this.engines.deliver(part.backend, part);
        else this.chartModules.deliver(name, part);
      },
    };
  }

  private membersOf(name: string): Member[] {
    return [...this.members].filter((member) => member.explorableName === name);
  }

  /** Pauses what nobody sees any more. It keeps its state, and goes on with it when it returns. */
  private rest({ explorableName, isFigure }: Member): void {
    const left = this.membersOf(explorableName);
    const explorable = this.opened.get(explorableName);
    if (explorable === undefined) return;
    if (left.length === 0) this.address.leave(explorable);
    if (left.length === 0 || (isFigure && !left.some((member) => member.isFigure))) explorable.pause();
  }

  private engine(backend: BackendName): Promise<EngineModule> {
    return this.engines.fetch(backend, new URL(ENGINES[backend], this.base).href);
  }

  private async start(name: string, payloadUrl: string): Promise<Explorable> {
    const wished = this.address.backend;
    // It comes beside the payload, which else has to say first which engine it needs.
    if (wished !== null) this.engine(wished).catch(() => undefined);
    const payload = await this.payloads.fetch(name, payloadUrl);
    const wanted = wished ?? payload.backend.name;
    const isThere = wanted === payload.backend.name || payload.elsewhere[kindFor(wanted)] !== undefined
      || kindFor(wanted) === kindFor(payload.backend.name);
    const backend = isThere ? wanted : payload.backend.name;
    const late = lateScripts(payload.inputs);
    if (late.length > 0) this.engine(backend).catch(() => undefined); // beside those scripts
    await Promise.all(late.map(([kind, script]) => this.learn(kind, script)));
    const explorable = new Explorable(payload, {
      engine: () => this.engine(backend),
      plainEngine: backend === "cpu" ? null : () => this.engine("cpu"),
      variant: (key) => this.variant(payload, payloadUrl, key),
      programs: (key, kind) => this.programsOf(payload, payloadUrl, key, kind),
      frame: this.frame,
      now: () => performance.now(),
    });
    await explorable.start();
    this.opened.set(name, explorable);
    if (this.membersOf(name).length > 0) this.address.enter(explorable);
    return explorable;
  }

  private async learn(kind: string, script: string): Promise<void> {
    learn(await this.lateKinds.fetch(kind, new URL(script, this.base).href));
  }

  private async variant({ name, variants }: Payload, payloadUrl: string, key: string): Promise<Variant> {
    const url = Object.hasOwn(variants, key) ? variants[key] : undefined;
    if (url === undefined) throw new Error(`'${name}' has no variant '${key}'.`);
    return this.variants.fetchAgain(`${name}/${key}`, new URL(url, payloadUrl).href);
  }

  private async programsOf(
    { name, elsewhere }: Payload,
    payloadUrl: string,
    key: string,
    kind: ProgramKind,
  ): Promise<Programs> {
    const scripts = elsewhere[kind] ?? {};
    const url = Object.hasOwn(scripts, key) ? scripts[key] : undefined;
    // Those of the payload's own kind have come with it, or with the variant's script.
    const script = url === undefined ? payloadUrl : new URL(url, payloadUrl).href;
    return this.programs.fetchAgain(`${name}/${key}/${kind}`, script);
  }

  private handle(name: string): Handle {
    let handle = this.handles.get(name);
    if (handle === undefined) {
      handle = makeHandle(
        () => this.opened.get(name),
        () => this.wake(name),
      );
      this.handles.set(name, handle);
    }
    return handle;
  }

  private async wake(name: string): Promise<Explorable> {
    const members = this.membersOf(name);
    const first = members[0];
    if (first === undefined) throw new Error(`No explorable '${name}' in this page any more.`);
    const explorable = await this.open(name, first.payloadUrl);
    explorable.watchAll = true; // whoever holds a handle may read any output at any time
    await Promise.all(members.map((member) => member.hydrate()));
    return explorable;
  }
}
