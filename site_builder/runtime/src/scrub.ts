/** A number in a sentence that the reader drags sideways, moves with keys, or types. */

import { isPercent, readValue } from "./format.js";
import type { SizeSpec, SliderSpec } from "./payload.js";
import { say, type Port, type Show } from "./port.js";
import { Stops } from "./stops.js";

/** Pixels within which a press is a click. */
const STILL = 3;
/** Milliseconds within which a second tap belongs to the first. */
const TWICE = 400;
const HINT = "Drag it sideways or press the arrow keys. Enter: type a number. Double-click or Delete: as at the start.";

let fields = 0;

/** Makes `knob`, which shows the number inside `root`, a slider; the result tells it the number's text. */
export function bindScrub(
  root: HTMLElement,
  knob: HTMLElement,
  spec: SliderSpec | SizeSpec,
  format: string,
  port: Pick<Port, "get" | "set" | "presence">,
): Show {
  const stops = new Stops(spec);
  const value = () => Number(port.get());
  const options = { signal: port.presence };
  const isIdle = () => knob.ariaDisabled === "true";
  knob.role = "slider";
  knob.tabIndex = 0;
  knob.title = HINT;
  knob.ariaLabel = spec.label;
  knob.ariaValueMin = String(spec.min);
  knob.ariaValueMax = String(spec.max);

  let drag: { pointer: number; x: number; from: number; moved: boolean } | undefined;
  const drop = () => {
    drag = undefined;
    knob.classList.remove("explorable-dragging");
  };
  knob.addEventListener(
    "pointerdown",
    (event) => {
      if (drag !== undefined || event.button !== 0 || isIdle()) return;
      event.preventDefault(); // no text selection starts here
      knob.focus({ preventScroll: true });
      knob.setPointerCapture(event.pointerId);
      drag = { pointer: event.pointerId, x: event.clientX, from: value(), moved: false };
    },
    options,
  );
  knob.addEventListener(
    "pointermove",
    (event) => {
      if (event.pointerId !== drag?.pointer) return;
      const pixels = event.clientX - drag.x;
      if (!drag.moved && Math.abs(pixels) < STILL) return;
      drag.moved = true;
      knob.classList.add("explorable-dragging");
      port.set(stops.dragged(drag.from, pixels));
    },
    options,
  );
  // The finger scrolls the page after all: what it moved on its way does not count.
  const giveUp = () => {
    if (drag?.moved) port.set(drag.from);
    drop();
  };
  knob.addEventListener("pointercancel", giveUp, options);
  knob.addEventListener(
    "pointerup",
    (event) => {
      const tapped = event.pointerType === "touch" && drag?.moved === false;
      drop();
      // A finger has no keys before there is a field.
      if (tapped) openField({ tapped: event.timeStamp });
    },
    options,
  );
  knob.addEventListener("lostpointercapture", drop, options);
  knob.addEventListener("dblclick", () => isIdle() || port.set(spec.default), options);
  knob.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isIdle()) return;
      const way = wayOf(event.key, stops);
      if (way !== undefined) port.set(stops.moved(value(), way));
      else if (event.key === "Delete" || event.key === "Backspace") port.set(spec.default);
      else if (event.key === "Enter") openField();
      else if (/^[\d.,\u2212-]$/.test(event.key)) openField({ key: event.key });
      else if (event.key === "Escape" && drag !== undefined) giveUp();
      else return;
      event.preventDefault(); // the page does not scroll under it
      event.stopPropagation(); // a page generator has shortcuts, such as a comma
    },
    options,
  );

  const print = (number: number) =>
    isPercent(format) ? `${Number((number * 100).toPrecision(10))}%` : String(number);
  const typedNow = () => print(Number(value().toPrecision(10)));

  /**
   * Opens a field in the number's place, with the number to be typed over or with the `key` that was
   * pressed. Soon after it was `tapped`, a second tap meets the field, and resets.
   */
  function openField({ key, tapped = -Infinity }: { key?: string; tapped?: number } = {}): void {
    const field = document.createElement("input");
    const status = document.createElement("span");
    field.className = "explorable-field";
    field.inputMode = "decimal";
    field.autocomplete = "off";
    field.ariaLabel = spec.label;
    status.className = "explorable-said";
    status.role = "status";
    status.id = `explorable-said-${++fields}`;
    status.hidden = true;
    field.setAttribute("aria-describedby", status.id);
    const widen = () => {
      field.style.width = `${Math.max(field.value.length, 3) + 1}ch`;
    };
    let open = true;
    const close = (focus: boolean) => {
      open = false; // a field that goes loses the focus, which is no reason to take its number again
      field.remove();
      status.remove();
      knob.hidden = false;
      if (focus) knob.focus({ preventScroll: true });
    };
    /** Why the number is not taken; empty where it is. */
    const take = (): string => {
      if (field.value === typedNow()) return ""; // also between two stops
      const number = readValue(field.value, format);
      const ends = `from ${print(spec.min)} to ${print(spec.max)}`;
      if (Number.isNaN(number)) return `This takes a number ${ends}, such as ${print(spec.default)}.`;
      if (number < spec.min) return `${field.value} is too small: this goes ${ends}.`;
      if (number > spec.max) return `${field.value} is too large: this goes ${ends}.`;
      port.set(stops.nearest(number));
      return "";
    };
    field.addEventListener("input", () => {
      widen();
      field.ariaInvalid = null;
      say(status, "");
    });
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") close(true);
      else if (event.key === "Enter") {
        const wrong = take();
        if (wrong === "") return close(true);
        field.ariaInvalid = "true";
        say(status, wrong);
        keepInside(status);
      }
    });
    field.addEventListener("pointerdown", (event) => {
      if (event.timeStamp - tapped > TWICE) return;
      event.preventDefault();
      port.set(spec.default);
      close(true);
    });
    // Who goes elsewhere has typed all there is; what is no number is forgotten.
    field.addEventListener("blur", () => {
      if (!open) return;
      take();
      close(false);
    });
    port.presence.addEventListener("abort", () => open && close(false), { once: true });
    knob.hidden = true;
    root.append(field, status);
    field.value = key ?? typedNow();
    widen();
    field.focus({ preventScroll: true });
    if (key === undefined) field.select();
  }

  return () => {
    const text = knob.textContent;
    const now = String(value());
    // A screen reader hears each setting.
    if (knob.ariaValueNow !== now) knob.ariaValueNow = now;
    if (knob.ariaValueText !== text) knob.ariaValueText = text;
  };
}

function wayOf(key: string, stops: Stops): number | undefined {
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return 1;
    case "ArrowLeft":
    case "ArrowDown":
      return -1;
    case "PageUp":
      return stops.leap;
    case "PageDown":
      return -stops.leap;
    case "Home":
      return -Infinity;
    case "End":
      return Infinity;
    default:
      return undefined;
  }
}

/** Moves a bubble to the left, where it would reach over the window's right edge. */
function keepInside(bubble: HTMLElement): void {
  bubble.style.translate = "";
  const over = bubble.getBoundingClientRect().right + 8 - document.documentElement.clientWidth;
  if (over > 0) bubble.style.translate = `${-over}px`;
}
