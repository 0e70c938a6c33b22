/** The list of a picture's numbers beside it, from which the reader chooses one to type anew. */

import type { Numbers } from "./edits.js";
import type { Explorable } from "./explorable.js";
import { find } from "./port.js";

export interface EditList {
  /** Chooses a row, as a click on its mark does. */
  choose(row: number): void;
}

/** Fills and follows the list while it is open; `details` stands in the page already. */
export function bindEditList(
  details: HTMLDetailsElement,
  numbers: Numbers,
  explorable: Explorable,
  presence: AbortSignal,
): EditList {
  const select = find<HTMLSelectElement>(details, "select");
  const field = find<HTMLInputElement>(details, "input");
  const options = { signal: presence };
  let row = 0;
  let listed = "";

  const show = () => {
    const names = numbers.names();
    row = Math.min(row, names.length - 1);
    const all = names.join("\n");
    if (all !== listed) select.replaceChildren(...names.map((name, n) => new Option(name, String(n))));
    listed = all;
    select.value = String(row);
    field.step = numbers.step;
    field.value = numbers.text(row);
  };
  const follow = () => {
    // What is being typed stays; a closed list costs nothing.
    if (details.open && !details.contains(document.activeElement)) show();
  };
  details.addEventListener("toggle", () => details.open && show(), options);
  select.addEventListener(
    "input",
    () => {
      row = Number(select.value);
      show();
    },
    options,
  );
  field.addEventListener("change", () => numbers.set(row, field), options);
  const consumer = { needs: [], paint: follow, trouble: () => undefined };
  explorable.attach(consumer).catch(() => undefined);
  presence.addEventListener("abort", () => explorable.detach(consumer));
  if (details.open) show();
  return {
    choose(chosen) {
      row = chosen;
      if (details.open) show();
    },
  };
}
