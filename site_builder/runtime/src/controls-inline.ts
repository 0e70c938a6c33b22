/** Inputs as parts of a sentence: a number to drag, a word to choose, a word to switch. */

import type { ChoiceSpec, InputSpec } from "./payload.js";
import type { Port, Show } from "./port.js";
import { bindScrub } from "./scrub.js";

/** The input's side of a word in a sentence. */
export interface InlinePort extends Pick<Port, "get" | "set" | "presence"> {
  /** False where the input does nothing now. */
  takes(): boolean;
}

/** A link, a button and the like take the hand themselves: inside them a value is only shown. */
const TAKEN = "a, button, label, summary";

/**
 * Makes a control of `root`, whose text is the input's value in `format`; returns what is to be done
 * after that text was written anew. Undone with the end of the port's presence.
 */
export function bindInline(root: HTMLElement, spec: InputSpec, format: string, port: InlinePort): Show {
  if (root.closest(TAKEN) !== null) return () => undefined;
  switch (spec.kind) {
    case "slider":
    case "size": {
      const knob = wrap(root, document.createElement("span"), port);
      const show = bindScrub(root, knob, spec, format, port);
      return () => {
        knob.ariaDisabled = String(!port.takes());
        show();
      };
    }
    case "choice":
      return bindWord(root, spec, port);
    case "toggle":
      return bindSwitch(root, spec.label, port);
    default:
      return () => undefined;
  }
}

/** Puts an element around all that `root` holds, until it leaves the page. */
function wrap<T extends HTMLElement>(root: HTMLElement, knob: T, { presence }: InlinePort): T {
  knob.className = "explorable-knob";
  knob.append(...root.childNodes);
  root.append(knob);
  presence.addEventListener("abort", () => knob.replaceWith(...knob.childNodes), { once: true });
  return knob;
}

/** The word stands in the text as it is; over it lies a native list, which nobody sees. */
function bindWord(root: HTMLElement, spec: ChoiceSpec, port: InlinePort): Show {
  const word = wrap(root, document.createElement("span"), port);
  const select = document.createElement("select");
  word.ariaHidden = "true"; // the list says it
  select.ariaLabel = spec.label;
  select.title = spec.label;
  select.autocomplete = "off";
  spec.options.forEach((text, index) => {
    const option = document.createElement("option");
    option.label = text; // as an attribute: the sentence's text stays what the reader sees
    option.value = String(index);
    select.append(option);
  });
  select.addEventListener("input", () => port.set(Number(select.value)), { signal: port.presence });
  port.presence.addEventListener("abort", () => select.remove(), { once: true });
  root.append(select);
  return () => {
    select.value = String(port.get());
    select.disabled = !port.takes();
  };
}

function bindSwitch(root: HTMLElement, label: string, port: InlinePort): Show {
  const button = wrap(root, document.createElement("button"), port);
  button.type = "button";
  button.role = "switch";
  button.ariaLabel = label;
  button.title = label;
  button.addEventListener("click", () => port.set(port.get() !== true), { signal: port.presence });
  return () => {
    button.ariaChecked = String(port.get());
    button.disabled = !port.takes();
  };
}
