/** What stands between a control and its input. */

import type { InputValue } from "./inputs.js";
import type { Pen } from "./pen.js";

/** The input's side of a control. */
export interface Port {
  get(): InputValue;
  set(value: InputValue): void;
  /** What the hand holds, where the input is points. */
  readonly pen: Pen;
  /** Ends with the element's time in the page; listeners go with it. */
  readonly presence: AbortSignal;
}

/** Makes the control show the input's current value. */
export type Show = () => void;

export function find<T extends Element>(root: Element, selector: string): T {
  const element = root.querySelector<T>(selector);
  if (element === null) throw new Error(`<${root.localName}> holds no '${selector}'.`);
  return element;
}

/** Says something in a status line, which a screen reader reads out; nothing hides it. */
export function say(status: HTMLElement, text: string): void {
  status.hidden = text === "";
  if (status.textContent !== text) status.textContent = text;
}
