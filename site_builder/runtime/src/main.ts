/** explorables.js: defines the elements and the one global, `window.explorables`. */

import { ExplorableElement } from "./element.js";
import { ExplorableFigure } from "./figure.js";
import { ExplorableInput } from "./input.js";
import { insertScript } from "./loader.js";
import { Page, type PublicFace } from "./page.js";
import { ExplorableValue } from "./value.js";

declare global {
  interface Window {
    explorables?: PublicFace;
  }
}

const script = document.currentScript;
// A page that names this script twice gets it once.
if (script instanceof HTMLScriptElement && window.explorables === undefined) {
  const page = new Page(script.src, insertScript, (callback) => {
    requestAnimationFrame(callback);
  });
  window.explorables = page.publicFace();
  ExplorableElement.page = page;
  customElements.define("explorable-value", ExplorableValue);
  customElements.define("explorable-input", ExplorableInput);
  customElements.define("explorable-figure", ExplorableFigure);
}
