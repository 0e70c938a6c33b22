/** The explorables of this page, and `window.explorables`, which scripts and people drive them by. */

import type { ChartModule } from "./chart.js";
import { Explorable, type Frame } from "./explorable.js";
import { makeHandle, type Handle } from "./handle.js";
import { Deliveries, type LoadScript } from "./loader.js";
import type { BackendName, Payload, Variant } from "./payload.js";
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
  /** Called by the scripts of payloads and of their variants. */
  define(part: Payload | Variant): void;
  /** Called by the scripts of engines, and by vega.js. */
  provide(name: "engine", part: EngineModule): void;
  provide(name: "vega", part: ChartModule): void;
}

/** The address bar, as far as the page's explorables are concerned. */
export interface AddressBar {
  /** The engine that the link asks for. */
  readonly backend: BackendName | null;
  enter(explorable: Explorable): void;
  leave(explorable: Explorable): void;
}

const ENGINES: Readonly<Record<BackendName, string>> = {
  cpu: "engine.js",
  wasm: "engine-wasm.js",
  webgl: "engine-webgl.js",
};

export class Page {
  private readonly payloads: Deliveries<Payload>;
  private readonly variants: Deliveries<Variant>;
  private readonly engines: Deliveries<EngineModule>;
  private readonly chartModules: Deliveries<ChartModule>;
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
    this.engines = new Deliveries(loadScript);
    this.chartModules = new Deliveries(loadScript);
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
      define: (part) => {
        if ("inputs" in part) this.payloads.deliver(part.name, part);
        else this.variants.deliver(`${part.name}/${part.variant}`, part);
      },
      provide: (name: "engine" | "vega", part: EngineModule | ChartModule) => {
        if ("load" in part) this.engines.deliver(part.backend, part);
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
    const backend = wished ?? payload.backend.name;
    const explorable = new Explorable(payload, {
      engine: () => this.engine(backend),
      plainEngine: backend === "cpu" ? null : () => this.engine("cpu"),
      variant: (key) => this.variant(payload, payloadUrl, key),
      frame: this.frame,
      now: () => performance.now(),
    });
    await explorable.start();
    this.opened.set(name, explorable);
    if (this.membersOf(name).length > 0) this.address.enter(explorable);
    return explorable;
  }

  private async variant({ name, variants }: Payload, payloadUrl: string, key: string): Promise<Variant> {
    const url = Object.hasOwn(variants, key) ? variants[key] : undefined;
    if (url === undefined) throw new Error(`'${name}' has no variant '${key}'.`);
    return this.variants.fetchAgain(`${name}/${key}`, new URL(url, payloadUrl).href);
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
