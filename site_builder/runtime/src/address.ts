/** The page's address: its hash sets the inputs, and the inputs write the hash. */

import type { Explorable } from "./explorable.js";
import type { InputValue } from "./inputs.js";
import { startValue } from "./inputs.js";
import { decodeValue, parseLink, printLink, textsOf } from "./link.js";
import type { BackendName } from "./payload.js";

/** Browsers refuse more than a few changes of the address a second. */
const PAUSE = 400;

export class Address {
  private readonly explorables = new Set<Explorable>();
  /** Explorables whose inputs are listened to; they stay so when they leave the page. */
  private readonly known = new WeakSet<Explorable>();
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
      explorable.onInput(() => this.changed(explorable));
    }
    const link = parseLink(location.hash);
    if (link === null) return;
    const bad = [...link.bad];
    const texts = link.values.get(explorable.payload.name);
    if (texts !== undefined) this.apply(explorable, texts, bad);
    complain(bad);
  }

  leave(explorable: Explorable): void {
    this.explorables.delete(explorable);
  }

  /** The reader went back or forward, or followed a link within the page. */
  private follow(): void {
    // Instant navigation is on its way to another page; that one's explorables will enter.
    if (location.pathname !== this.path) return;
    clearTimeout(this.timer); // what was to be written is another entry of the history
    const link = parseLink(location.hash);
    if (link === null && location.hash.length > 1) return; // a heading
    const bad = [...(link?.bad ?? [])];
    for (const explorable of this.explorables) {
      const texts = link?.values.get(explorable.payload.name) ?? new Map<string, string>();
      this.apply(explorable, texts, bad);
    }
    complain(bad);
  }

  /** Gives every input its value of the link, or its start where the link is silent. */
  private apply(explorable: Explorable, texts: ReadonlyMap<string, string>, bad: string[]): void {
    const { name, inputs } = explorable.payload;
    const values: Record<string, InputValue> = {};
    for (const spec of inputs) {
      const text = texts.get(spec.name);
      values[spec.name] = startValue(spec);
      if (text === undefined) continue;
      try {
        values[spec.name] = decodeValue(spec, text);
      } catch {
        bad.push(`${name}.${spec.name}`);
      }
    }
    for (const input of texts.keys()) {
      if (explorable.inputSpec(input) === undefined) bad.push(`${name}.${input}`);
    }
    explorable.set(values).catch(() => undefined); // the figures show what failed
  }

  private changed(explorable: Explorable): void {
    if (!this.explorables.has(explorable)) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), PAUSE);
  }

  private write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.explorables.size === 0 || location.pathname !== this.path) return;
    const link = parseLink(location.hash);
    // What is said of explorables that are not here yet stays said.
    const values = new Map(link?.values);
    for (const explorable of this.explorables) {
      const texts = textsOf(explorable.payload.inputs, (name) => explorable.input(name));
      if (texts.size > 0) values.set(explorable.payload.name, texts);
      else values.delete(explorable.payload.name);
    }
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
