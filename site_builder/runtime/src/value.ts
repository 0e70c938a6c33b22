/** `<explorable-value>`: a live number or word in a sentence; with `handle`, one that sets an input. */

import { bindInline } from "./controls-inline.js";
import { ExplorableElement } from "./element.js";
import type { Consumer, Explorable } from "./explorable.js";
import { formatValue } from "./format.js";
import { spokenValue, type InputValue } from "./inputs.js";

export class ExplorableValue extends ExplorableElement {
  /** Where the text goes: inside emphasis that the author put around the value. */
  private place: Element = this;

  protected override async enliven(explorable: Explorable): Promise<void> {
    const spec = explorable.inputSpec(this.partName);
    if (spec !== undefined) {
      const { name } = spec;
      const port = {
        get: () => explorable.input(name),
        // A run that fails is told by the figures; the hand has done its part.
        set: (value: InputValue) => void explorable.set({ [name]: value }).catch(() => undefined),
        takes: () => explorable.takes(name),
        presence: this.presence,
      };
      const showControl = this.hasAttribute("handle")
        ? bindInline(this, spec, this.format, port)
        : () => undefined;
      this.findPlace();
      const show = () => {
        this.show(spokenValue(spec, explorable.input(name)));
        showControl();
      };
      this.whenLeaving(explorable.onInput(show));
      show();
      this.state = "live";
      return;
    }
    this.findPlace();
    const consumer: Consumer = {
      needs: [this.partName],
      paint: () => {
        this.show(explorable.output(this.partName));
        this.state = "live";
      },
      // The figure tells the reader why; here it is enough to mark the number as an old one.
      trouble: () => {
        this.state = "failed";
      },
      notice: () => undefined, // the number is the last finite one
    };
    explorable.output(this.partName); // an unknown name fails here, not in a later run
    this.whenLeaving(() => explorable.detach(consumer));
    await explorable.attach(consumer);
  }

  private show(value: ReturnType<Explorable["output"]>): void {
    if (typeof value === "object") throw new Error(`'${this.partName}' is not a single value.`);
    const text = formatValue(value, this.format);
    // Writing the same text again would restart a selection the reader holds.
    if (this.place.textContent !== text) this.place.textContent = text;
  }

  private findPlace(): void {
    this.place = deepestOnlyChild(this.querySelector(":scope > .explorable-knob") ?? this);
  }

  private get format(): string {
    return this.getAttribute("format") ?? this.textContent;
  }
}

function deepestOnlyChild(element: Element): Element {
  const child = element.firstElementChild;
  return child !== null && element.childNodes.length === 1 ? deepestOnlyChild(child) : element;
}
