/** explorables.js: defines the elements and the one global, `window.explorables`. */

import { Address } from "./address.js";
import { ExplorableElement } from "./element.js";
import { ExplorableFigure } from "./figure.js";
import { ExplorableInput } from "./input.js";
import { insertScript } from "./loader.js";
import { Page, type PublicFace } from "./page.js";
import { StateLinks } from "./state-links.js";
import { ExplorableTime } from "./time.js";
import { ExplorableValue } from "./value.js";

declare global {
  interface Window {
    explorables?: PublicFace;
  }
}

const script = document.currentScript;
// A page that names this script twice gets it once.
if (script instanceof HTMLScriptElement && window.explorables === undefined) {
  const frame = (callback: () => void) => void requestAnimationFrame(callback);
  const address = new Address();
  const page = new Page(script.src, insertScript, frame, address);
  new StateLinks(address);
  window.explorables = page.publicFace();
  ExplorableElement.page = page;
  customElements.define("explorable-value", ExplorableValue);
  customElements.define("explorable-input", ExplorableInput);
  customElements.define("explorable-time", ExplorableTime);
  customElements.define("explorable-figure", ExplorableFigure);
}
