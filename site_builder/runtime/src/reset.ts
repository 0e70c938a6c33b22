/** The way back: a button that gives the controls of one figure their starting values. */

import type { Explorable } from "./explorable.js";
import { startValue } from "./inputs.js";

export function addReset(
  controls: HTMLFieldSetElement,
  explorable: Explorable,
  presence: AbortSignal,
): void {
  const names = [...controls.querySelectorAll("explorable-input")].map(
    (element) => element.getAttribute("name")?.split(".")[1] ?? "",
  );
  const button = document.createElement("button");
  button.type = "button";
  button.className = "explorable-reset";
  // Where time is played, starting over is what the time bar does.
  button.textContent = explorable.player === null ? "Start over" : "Default settings";
  const refresh = () => {
    button.hidden = explorable.isAtStart(names);
  };
  button.addEventListener("click", () => {
    const specs = explorable.payload.inputs.filter((spec) => names.includes(spec.name));
    const start = Object.fromEntries(specs.map((spec) => [spec.name, startValue(spec)]));
    // The button is about to hide, and must not take the keyboard's place with it.
    controls.querySelector<HTMLElement>("explorable-input:not([hidden]) :is(input, select)")?.focus({ preventScroll: true });
    explorable.set(start).catch(() => undefined); // the figure shows what failed
  });
  // It stands at the end of the figure, where it can come and go without moving anything.
  controls.parentElement?.append(button);
  refresh();
  const stop = explorable.onInput(refresh);
  presence.addEventListener("abort", () => {
    stop();
    button.remove();
  });
}
