/** What the elements share: they mount, wait to come near, wake, and say how they are. */

import type { Explorable } from "./explorable.js";
import { whenNear } from "./nearby.js";
import type { Member, Page } from "./page.js";
import { report } from "./problem.js";

export type State = "static" | "loading" | "live" | "failed";

export abstract class ExplorableElement extends HTMLElement implements Member {
  /** Set once, before the elements are defined: browsers construct elements without arguments. */
  static page: Page;

  private departure = new AbortController();
  private hydration: Promise<void> | undefined;

  get explorableName(): string {
    return this.nameParts[0];
  }

  /** The figure, input or output that this element stands for. */
  get partName(): string {
    return this.nameParts[1];
  }

  get payloadUrl(): string {
    return new URL(this.getAttribute("src") ?? "", this.baseURI).href;
  }

  get isFigure(): boolean {
    return this.localName === "explorable-figure";
  }

  get state(): State {
    return (this.getAttribute("state") ?? "static") as State;
  }

  set state(state: State) {
    if (this.getAttribute("state") !== state) this.setAttribute("state", state);
  }

  connectedCallback(): void {
    this.departure = new AbortController();
    this.state = "static";
    const leave = ExplorableElement.page.join(this);
    // The half of a formula that only screen readers get is clipped away, and so never near itself.
    const seen = this.closest(".katex") ?? this;
    const stopWaiting = whenNear(seen, () => void this.hydrate());
    this.whenLeaving(leave);
    this.whenLeaving(stopWaiting);
    this.mount();
  }

  disconnectedCallback(): void {
    this.departure.abort();
    this.hydration = undefined;
  }

  hydrate(): Promise<void> {
    this.hydration ??= this.wake(this.departure.signal);
    return this.hydration;
  }

  /** Does `undo` when the element leaves the page, as instant navigation makes it do. */
  protected whenLeaving(undo: () => void): void {
    this.departure.signal.addEventListener("abort", undo, { once: true });
  }

  /** The end of listeners added while the element is in the page. */
  protected get presence(): AbortSignal {
    return this.departure.signal;
  }

  /** Before anything is loaded. */
  protected mount(): void {}

  /** When it comes near, beside the loading of the explorable. */
  protected prepare(): void {}

  /** Brings the element to life; what it throws is what failed. */
  protected abstract enliven(explorable: Explorable): Promise<void>;

  /** Shows a failure; the static content stays. */
  protected showFailure(_error: unknown): void {}

  protected fail(error: unknown): void {
    const already = this.state === "failed";
    this.state = "failed";
    this.showFailure(error);
    // A drag through settings that fail would otherwise fill the console.
    if (!already) report(`<${this.localName} name="${this.getAttribute("name")}">`, error);
  }

  private get nameParts(): [string, string] {
    const [explorable = "", part = ""] = (this.getAttribute("name") ?? "").split(".");
    return [explorable, part];
  }

  private async wake(presence: AbortSignal): Promise<void> {
    this.state = "loading";
    this.prepare();
    try {
      const explorable = await ExplorableElement.page.open(this.explorableName, this.payloadUrl);
      if (presence.aborted) return;
      await this.enliven(explorable);
    } catch (error) {
      if (!presence.aborted) this.fail(error);
    }
  }
}
