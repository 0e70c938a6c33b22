/** Native controls, two-way bound to an input of an explorable. */

import { bindInterval, bindPoint } from "./controls-places.js";
import { bindPoints } from "./controls-points.js";
import { formatValue } from "./format.js";
import { LARGEST_SEED } from "./inputs.js";
import { lateKind } from "./late-kinds.js";
import type { InputSpec } from "./payload.js";
import { find, say, type Port, type Show } from "./port.js";
import { checkedIndex, checkOnly, separateRadios } from "./radios.js";
import { bindSketch } from "./sketchpad.js";

/** Binds the control inside `root`; the author's markup decides which kind of control it is. */
export function bindControl(root: HTMLElement, spec: InputSpec, port: Port): Show {
  switch (spec.kind) {
    case "slider":
      return bindSlider(root, spec.format, port);
    case "size":
      return bindSlider(root, "0", port);
    case "choice":
      return root.querySelector("select") === null ? bindRadios(root, port) : bindSelect(root, port);
    case "choices":
      return bindCheckboxes(root, port);
    case "toggle":
      return bindCheckbox(root, port);
    case "seed":
      return bindSeed(root, port);
    case "point":
      return bindPoint(root, spec, port);
    case "points":
      return bindPoints(root, spec, port);
    case "interval":
      return bindInterval(root, spec, port);
    case "sketch":
      return bindSketch(root, spec, port);
    default:
      return lateKind(spec).bind(root, spec, port);
  }
}

function bindSlider(root: HTMLElement, format: string, port: Port): Show {
  const range = find<HTMLInputElement>(root, "input[type=range]");
  const output = root.querySelector("output");
  range.addEventListener("input", () => port.set(range.valueAsNumber), { signal: port.presence });
  return () => {
    const value = Number(port.get());
    const text = formatValue(value, format);
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

/** Several of several: the last one that is checked stays so, and the page says why. */
function bindCheckboxes(root: HTMLElement, port: Port): Show {
  const boxes = [...root.querySelectorAll<HTMLInputElement>("input[type=checkbox]")];
  const status = find<HTMLElement>(root, "[role=status]");
  root.addEventListener(
    "input",
    () => {
      const chosen = boxes.filter((box) => box.checked).map((box) => Number(box.value));
      say(status, chosen.length === 0 ? "At least one has to stay." : "");
      if (chosen.length > 0) port.set(chosen);
      else show();
    },
    { signal: port.presence },
  );
  const show = () => {
    const chosen = port.get() as readonly number[];
    for (const box of boxes) box.checked = chosen.includes(Number(box.value));
  };
  return show;
}

function bindSeed(root: HTMLElement, port: Port): Show {
  const field = find<HTMLInputElement>(root, "input[type=number]");
  const options = { signal: port.presence };
  const show = () => {
    field.value = String(port.get());
  };
  // On change, not on input: the first digits of a number are another seed.
  field.addEventListener(
    "change",
    () => {
      const seed = field.valueAsNumber;
      if (Number.isInteger(seed) && seed >= 0 && seed <= LARGEST_SEED) port.set(seed);
      else show();
    },
    options,
  );
  find(root, ".explorable-new-seed").addEventListener(
    "click",
    () => port.set(Math.floor(Math.random() * (LARGEST_SEED + 1))),
    options,
  );
  return show;
}
