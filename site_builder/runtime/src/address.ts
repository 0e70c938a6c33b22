/** The page's address: its hash sets the inputs, and the inputs write the hash. */

import type { Explorable } from "./explorable.js";
import { type InputValue, sameValue, startValue } from "./inputs.js";
import { decodeValue, type LinkState, parseLink, printLink, stepsOf, textsOf } from "./link.js";
import type { BackendName } from "./payload.js";

/** Browsers refuse more than a few changes of the address a second. */
const PAUSE = 400;

export class Address {
  private readonly explorables = new Set<Explorable>();
  /** Explorables whose inputs are listened to; they stay so when they leave the page. */
  private readonly known = new WeakSet<Explorable>();
  /** Of explorables that a link let go on, for as long as nothing else has happened to them. */
  private readonly walks = new Map<Explorable, Walk>();
  private readonly readings = new WeakMap<ReadonlyMap<string, string>, Reading>();
  private readonly listeners = new Set<() => void>();
  private path = "";
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    window.addEventListener("hashchange", () => this.follow());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.write();
    });
  }

  /** The engine that the link asks for. */
  get backend(): BackendName | null {
    return parseLink(location.hash)?.backend ?? null;
  }

  /** An explorable is in the page: it gets what the link says of it, and writes its own from now on. */
  enter(explorable: Explorable): void {
    this.explorables.add(explorable);
    this.path = location.pathname;
    if (!this.known.has(explorable)) {
      this.known.add(explorable);
      explorable.onInput(() => this.inputChanged(explorable));
      explorable.onTime(() => this.timePassed(explorable));
    }
    const link = parseLink(location.hash);
    this.tell();
    if (link === null) return;
    const bad = [...link.bad];
    const texts = link.values.get(explorable.payload.name);
    if (texts !== undefined) this.apply(explorable, texts, bad);
    if (bad.length > 0) complain(bad); // what was told of another one stays
  }

  leave(explorable: Explorable): void {
    this.explorables.delete(explorable);
    this.walks.delete(explorable);
  }

  /** The explorable of that name, where it is live in the page. */
  live(name: string): Explorable | undefined {
    return [...this.explorables].find(({ payload }) => payload.name === name);
  }

  /** Calls `listener` when an explorable enters, and whenever anything changes that a link may set. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** Sets what a link says of the explorables that it names, as a new entry of the history. */
  visit(link: LinkState): void {
    this.write(); // the entry that is left says what it was like
    const now = parseLink(location.hash);
    const hash = printLink({
      values: new Map([...(now?.values ?? []), ...link.values]),
      backend: link.backend ?? now?.backend ?? null,
    });
    if (hash === location.hash.slice(1)) return this.follow();
    if (now === null && location.hash.length > 1) markAtStart();
    location.hash = hash;
  }

  /** True where each explorable that the link names is live and in the state that the link sets. */
  holds(link: LinkState): boolean {
    return [...link.values].every(([name, texts]) => {
      const explorable = this.live(name);
      if (explorable === undefined) return false;
      const { values, steps, bad } = this.read(explorable, texts);
      const same = Object.entries(values).every(([input, value]) =>
        sameValue(explorable.input(input), value),
      );
      return same && bad.length === 0 && (steps === null || this.hasWalked(explorable, steps));
    });
  }

  /** What a link's texts say of an explorable; links are asked again and again. */
  private read(explorable: Explorable, texts: ReadonlyMap<string, string>): Reading {
    let reading = this.readings.get(texts);
    if (reading === undefined) this.readings.set(texts, (reading = read(explorable, texts)));
    return reading;
  }

  private hasWalked(explorable: Explorable, steps: number): boolean {
    const walk = this.walks.get(explorable);
    return walk?.steps === steps && explorable.steps === steps && !explorable.player?.playing;
  }

  /** The reader went back or forward, or followed a link within the page. */
  private follow(): void {
    // Instant navigation is on its way to another page; that one's explorables will enter.
    if (location.pathname !== this.path) return;
    clearTimeout(this.timer); // what was to be written is another entry of the history
    const link = parseLink(location.hash);
    if (link === null && location.hash.length > 1 && !isMarkedAtStart()) return; // a heading
    const bad = [...(link?.bad ?? [])];
    for (const explorable of this.explorables) {
      const texts = link?.values.get(explorable.payload.name) ?? new Map<string, string>();
      this.apply(explorable, texts, bad);
    }
    complain(bad);
  }

  /** Gives every input its value of the link, or its start where the link is silent. */
  private apply(explorable: Explorable, texts: ReadonlyMap<string, string>, bad: string[]): void {
    const { values, steps, bad: refused } = this.read(explorable, texts);
    bad.push(...refused);
    const walked = this.walks.has(explorable);
    explorable.set(values).catch(() => undefined); // the figures show what failed
    const walk = this.walks.get(explorable); // gone, if an input has changed
    if (steps === null) {
      this.walks.delete(explorable);
      if (walked) explorable.reset().catch(() => undefined);
    } else if (!(walk?.underway && walk.steps === steps) && !this.hasWalked(explorable, steps)) {
      this.walk(explorable, steps);
    }
  }

  /** Starts time over and lets it go on for so many steps. */
  private walk(explorable: Explorable, steps: number): void {
    const walk: Walk = { steps, inputs: inputsOf(explorable), underway: true };
    const arrive = () => {
      walk.underway = false;
      this.timePassed(explorable);
    };
    this.walks.set(explorable, walk);
    explorable.reset().catch(() => undefined);
    explorable.step(steps).then(arrive, arrive);
  }

  private inputChanged(explorable: Explorable): void {
    const walk = this.walks.get(explorable);
    if (walk !== undefined && walk.inputs !== inputsOf(explorable)) this.walks.delete(explorable);
    this.changed(explorable);
  }

  private timePassed(explorable: Explorable): void {
    const walk = this.walks.get(explorable);
    if (walk !== undefined && !walk.underway && !this.hasWalked(explorable, walk.steps)) {
      this.walks.delete(explorable);
      this.changed(explorable);
    } else this.tell();
  }

  private changed(explorable: Explorable): void {
    if (!this.explorables.has(explorable)) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), PAUSE);
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  /** What is said of explorables, with those of `values` that are not here yet. */
  private texts(values: Map<string, ReadonlyMap<string, string>>): LinkState["values"] {
    for (const explorable of this.explorables) {
      const texts = textsOf(explorable.payload.inputs, (name) => explorable.input(name));
      const walk = this.walks.get(explorable);
      if (walk !== undefined) texts.set("steps", String(walk.steps));
      if (texts.size > 0) values.set(explorable.payload.name, texts);
      else values.delete(explorable.payload.name);
    }
    return values;
  }

  private write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.explorables.size === 0 || location.pathname !== this.path) return;
    const link = parseLink(location.hash);
    // What is said of explorables that are not here yet stays said.
    const values = this.texts(new Map(link?.values));
    const hash = printLink({ values, backend: link?.backend ?? null });
    const isHeading = link === null && location.hash.length > 1;
    if (hash === location.hash.slice(1) || (hash === "" && isHeading)) return;
    const [place = ""] = location.href.split("#");
    try {
      // Material keeps the scroll position in the state.
      history.replaceState(history.state, "", hash === "" ? place : `${place}#${hash}`);
    } catch {
      // Asked too often, or from within a frame that may not: the page works without.
    }
  }
}

interface Walk {
  readonly steps: number;
  /** The inputs with which it began. */
  readonly inputs: string;
  underway: boolean;
}

function inputsOf(explorable: Explorable): string {
  return JSON.stringify([...textsOf(explorable.payload.inputs, (name) => explorable.input(name))]);
}

/** The address of a heading has no room for the start, so its entry of the history says it. */
function markAtStart(): void {
  try {
    history.replaceState({ ...(history.state as object | null), explorablesAtStart: true }, "");
  } catch {
    // Asked too often: going back then leaves the inputs as they are.
  }
}

function isMarkedAtStart(): boolean {
  return (history.state as { explorablesAtStart?: true } | null)?.explorablesAtStart === true;
}

interface Reading {
  /** Every input's value: its start where the link is silent. */
  readonly values: Record<string, InputValue>;
  readonly steps: number | null;
  /** Names of what does not fit. */
  readonly bad: readonly string[];
}

/** What a link's texts say of an explorable. */
function read(explorable: Explorable, texts: ReadonlyMap<string, string>): Reading {
  const { name, inputs } = explorable.payload;
  const values: Record<string, InputValue> = {};
  const bad: string[] = [];
  let steps: number | null = null;
  for (const spec of inputs) values[spec.name] = startValue(spec);
  for (const [part, text] of texts) {
    const spec = explorable.inputSpec(part);
    try {
      if (spec !== undefined) values[part] = decodeValue(spec, text);
      else if (part === "steps" && explorable.player !== null) steps = stepsOf(text);
      else bad.push(`${name}.${part}`);
    } catch {
      bad.push(`${name}.${part}`);
    }
  }
  return { values, steps, bad };
}

/** Tells the reader, above the first figure, that a part of the link was ignored. */
function complain(bad: readonly string[]): void {
  document.querySelector(".explorable-notice")?.remove();
  if (bad.length === 0) return;
  // A name is said only where it looks like one, so that no link can make the page speak.
  const names = [...new Set(bad)].filter((part) => /^[\w.]{1,60}$/.test(part));
  const which = names.length > 0 ? ` (${names.slice(0, 5).join(", ")})` : "";
  const notice = document.createElement("p");
  notice.className = "explorable-message explorable-notice";
  notice.setAttribute("role", "status");
  notice.textContent =
    `A part of the link that led here does not fit this page and was ignored${which}. ` +
    "The rest of it is set.";
  document.querySelector("explorable-figure")?.before(notice);
}
