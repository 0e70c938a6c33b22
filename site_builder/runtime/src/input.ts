/** `<explorable-input>`: a native control that steers an explorable. */

import { bindControl } from "./controls.js";
import { ExplorableElement } from "./element.js";
import type { Explorable } from "./explorable.js";
import { penOf } from "./pen.js";

export class ExplorableInput extends ExplorableElement {
  protected override enliven(explorable: Explorable): Promise<void> {
    const name = this.partName;
    const spec = explorable.inputSpec(name);
    if (spec === undefined) throw new Error(`'${explorable.payload.name}' has no input '${name}'.`);
    const showValue = bindControl(this, spec, {
      get: () => explorable.input(name),
      // A run that fails is told by the figures; the control has done its part.
      set: (value) => void explorable.set({ [name]: value }).catch(() => undefined),
      pen: penOf(explorable, spec),
      presence: this.presence,
    });
    const show = () => {
      // A control that does nothing would have the reader wonder.
      this.hidden = !explorable.takes(name);
      showValue();
    };
    this.whenLeaving(explorable.onInput(show));
    // Browsers put back what a form held before, also after this: the explorable knows better.
    window.addEventListener("pageshow", show, { signal: this.presence });
    show();
    this.state = "live";
    return Promise.resolve();
  }
}
