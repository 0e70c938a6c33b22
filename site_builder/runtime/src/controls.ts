/** Native controls, two-way bound to an input of an explorable. */

import { formatValue } from "./format.js";
import type { InputSpec, SliderSpec } from "./payload.js";
import { find, type Port, type Show } from "./port.js";
import { checkedIndex, checkOnly, separateRadios } from "./radios.js";
import { bindSketch } from "./sketchpad.js";

/** Binds the control inside `root`; the author's markup decides which kind of control it is. */
export function bindControl(root: HTMLElement, spec: InputSpec, port: Port): Show {
  switch (spec.kind) {
    case "slider":
      return bindSlider(root, spec, port);
    case "choice":
      return root.querySelector("select") === null ? bindRadios(root, port) : bindSelect(root, port);
    case "toggle":
      return bindCheckbox(root, port);
    case "sketch":
      return bindSketch(root, spec, port);
  }
}

function bindSlider(root: HTMLElement, spec: SliderSpec, port: Port): Show {
  const range = find<HTMLInputElement>(root, "input[type=range]");
  const output = root.querySelector("output");
  range.addEventListener("input", () => port.set(range.valueAsNumber), { signal: port.presence });
  return () => {
    const value = Number(port.get());
    const text = formatValue(value, spec.format);
    // Writing the value that it has would fight the finger that drags it.
    if (range.valueAsNumber !== value) range.value = String(value);
    range.setAttribute("aria-valuetext", text);
    if (output !== null) output.textContent = text;
  };
}

function bindSelect(root: HTMLElement, port: Port): Show {
  const select = find<HTMLSelectElement>(root, "select");
  select.addEventListener("input", () => port.set(Number(select.value)), { signal: port.presence });
  return () => {
    select.value = String(port.get());
  };
}

function bindRadios(root: HTMLElement, port: Port): Show {
  const radios = separateRadios(root);
  root.addEventListener("input", () => port.set(checkedIndex(radios)), { signal: port.presence });
  return () => checkOnly(radios, Number(port.get()));
}

function bindCheckbox(root: HTMLElement, port: Port): Show {
  const box = find<HTMLInputElement>(root, "input[type=checkbox]");
  box.addEventListener("input", () => port.set(box.checked), { signal: port.presence });
  return () => {
    box.checked = Boolean(port.get());
  };
}
