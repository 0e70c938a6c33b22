/** Links that set a state, things to try: what a click does, what is told, and which are in force. */

import type { Address } from "./address.js";
import type { Explorable } from "./explorable.js";
import { formatValue } from "./format.js";
import { spokenValue } from "./inputs.js";
import { parseLink, type LinkState } from "./link.js";

/** The class that the build gives them. */
const LINKS = "a.explorable-link";
/** A figure is in sight where so much of its picture, or of the window, is. */
const IN_SIGHT = 0.25;

export class StateLinks {
  private readonly states = new Map<string, LinkState | null>();
  private readonly status = document.createElement("p");
  /** What is yet to be told, until its explorables are live. */
  private untold: LinkState | null = null;
  private marking = false;

  constructor(private readonly address: Address) {
    this.status.className = "explorable-hidden";
    this.status.role = "status";
    document.addEventListener("click", (event) => this.click(event), { capture: true });
    address.onChange(() => this.update());
  }

  private click(event: MouseEvent): void {
    const elsewhere = event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (event.defaultPrevented || elsewhere || !(event.target instanceof Element)) return;
    const link = event.target.closest<HTMLAnchorElement>(LINKS);
    const state = link === null ? null : this.stateOf(link);
    if (state === null) return;
    event.preventDefault();
    event.stopPropagation(); // instant navigation would make an entry of the history of its own
    // A region that comes with its words is not read out.
    if (!this.status.isConnected) document.body.append(this.status);
    this.status.textContent = "";
    this.untold = state;
    this.address.visit(state);
    show([...state.values.keys()]);
    this.update();
  }

  private stateOf({ hash }: HTMLAnchorElement): LinkState | null {
    let state = this.states.get(hash);
    if (state === undefined) this.states.set(hash, (state = parseLink(hash)));
    return state;
  }

  /** Marks the links that are in force, once a frame. */
  private update(): void {
    if (this.marking) return;
    this.marking = true;
    requestAnimationFrame(() => {
      this.marking = false;
      for (const link of document.querySelectorAll<HTMLAnchorElement>(LINKS)) {
        const state = this.stateOf(link);
        const holds = state !== null && state.values.size > 0 && this.address.holds(state);
        if (holds !== link.hasAttribute("aria-current")) link.ariaCurrent = holds ? "true" : null;
      }
      if (this.untold !== null && this.address.holds(this.untold)) this.tell(this.untold);
    });
  }

  private tell(state: LinkState): void {
    this.untold = null;
    const parts = [...state.values].flatMap(([name, texts]) => {
      const explorable = this.address.live(name);
      if (explorable === undefined) return [];
      return [...texts].map(([input, text]) => wordsFor(explorable, input, text));
    });
    this.status.textContent = `Set: ${parts.join("; ")}.`;
  }
}

function wordsFor(explorable: Explorable, input: string, text: string): string {
  const spec = explorable.inputSpec(input);
  if (spec === undefined) return `${text} steps`;
  const spoken = spokenValue(spec, explorable.input(input));
  if (spec.kind === "points") return `${spec.label} ${String(spoken)} points`;
  const format = spec.kind === "slider" ? spec.format : "0";
  return `${spec.label} ${formatValue(spoken, format)}`;
}

/** Brings the first figure of these explorables into view, if none of them is. */
function show(names: readonly string[]): void {
  const pictures = [...document.querySelectorAll<HTMLElement>("explorable-figure")]
    .filter((figure) => names.includes(figure.getAttribute("name")?.split(".")[0] ?? ""))
    .map((figure) => figure.querySelector<HTMLElement>(".explorable-picture") ?? figure)
    .filter(isUnfolded);
  if (pictures.some(isInSight)) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  pictures[0]?.scrollIntoView({ block: "center", behavior: still ? "instant" : "smooth" });
}

/** False inside closed details and behind another tab; older browsers know only of the latter. */
function isUnfolded(picture: HTMLElement): boolean {
  return picture.checkVisibility?.() ?? picture.getClientRects().length > 0;
}

function isInSight(picture: HTMLElement): boolean {
  const { top, bottom, height } = picture.getBoundingClientRect();
  const seen = Math.min(bottom, innerHeight) - Math.max(top, 0);
  return seen > 0 && seen >= IN_SIGHT * Math.min(height, innerHeight);
}
