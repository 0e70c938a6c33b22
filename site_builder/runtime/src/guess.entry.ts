/** guess.js: questions that the reader answers before seeing more; only pages with one load it. */

import { GuessElement } from "./guess.js";

// A page that names this script twice gets it once.
if (customElements.get("explorable-guess") === undefined) {
  customElements.define("explorable-guess", GuessElement);
}
