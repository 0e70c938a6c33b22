/** `<explorable-value>`: a live number or word in a sentence. */

import { ExplorableElement } from "./element.js";
import type { Consumer, Explorable } from "./explorable.js";
import { formatValue } from "./format.js";
import { spokenValue } from "./inputs.js";

export class ExplorableValue extends ExplorableElement {
  protected override async enliven(explorable: Explorable): Promise<void> {
    const spec = explorable.inputSpec(this.partName);
    if (spec !== undefined) {
      const show = () => this.show(spokenValue(spec, explorable.input(spec.name)));
      this.whenLeaving(explorable.onInput(show));
      show();
      this.state = "live";
      return;
    }
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
    const text = formatValue(value, this.getAttribute("format") ?? this.textContent);
    const place = deepestOnlyChild(this);
    // Writing the same text again would restart a selection the reader holds.
    if (place.textContent !== text) place.textContent = text;
  }
}

/** The text goes inside emphasis that the author put around the value. */
function deepestOnlyChild(element: Element): Element {
  const child = element.firstElementChild;
  return child !== null && element.childNodes.length === 1 ? deepestOnlyChild(child) : element;
}
