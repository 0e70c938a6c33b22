/** The canvas a reader draws on, its Clear button and its examples. */

import { sameValue } from "./inputs.js";
import { decodePixels, type SketchSpec } from "./payload.js";
import { find, type Port, type Show } from "./port.js";
import { checkedIndex, checkOnly, separateRadios } from "./radios.js";
import { onSchemeChange } from "./scheme.js";
import { brushRadius, drawStroke, inkToRgba, type Grid, type Place } from "./sketch.js";

export function bindSketch(root: HTMLElement, spec: SketchSpec, port: Port): Show {
  const [height = 1, width = 1] = spec.shape;
  const canvas = find<HTMLCanvasElement>(root, "canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.setAttribute("role", "img");
  const radios = separateRadios(root);
  const examples = spec.examples.map((example) => decodePixels(example.pixels));
  const current = () => port.get() as Float32Array;
  const options = { signal: port.presence };

  for (const radio of radios) {
    radio.addEventListener(
      "input",
      () => {
        const pixels = examples[checkedIndex(radios)];
        if (pixels !== undefined) port.set(pixels);
      },
      options,
    );
  }
  root
    .querySelector(".explorable-clear")
    ?.addEventListener("click", () => port.set(new Float32Array(width * height)), options);
  onStroke(canvas, width, height, port.presence, (from, to) => {
    const grid: Grid = { ink: Float32Array.from(current()), width, height };
    drawStroke(grid, from, to, brushRadius(width, height));
    port.set(grid.ink);
  });

  const paint = () => paintInk(canvas, current());
  onSchemeChange(paint, port.presence);
  return () => {
    paint();
    // A drawing that is no example's any more has none checked.
    checkOnly(radios, examples.findIndex((pixels) => sameValue(pixels, current())));
  };
}

/** Paints the ink in the canvas's own text colour, so that it follows the page's scheme. */
function paintInk(canvas: HTMLCanvasElement, ink: Float32Array): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.globalCompositeOperation = "source-over";
  context.putImageData(new ImageData(inkToRgba(ink), canvas.width, canvas.height), 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = getComputedStyle(canvas).color;
  context.fillRect(0, 0, canvas.width, canvas.height);
}

/** Calls back with each piece of a stroke, in grid pixels, whatever draws it: mouse, finger, pen. */
function onStroke(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  presence: AbortSignal,
  draw: (from: Place, to: Place) => void,
): void {
  let pointer: number | undefined;
  let last: Place = { x: 0, y: 0 };
  const options = { signal: presence };

  const placeOf = (event: PointerEvent): Place => {
    const box = canvas.getBoundingClientRect();
    const scale = box.width / (canvas.offsetWidth || 1); // the page may be zoomed by a transform
    return {
      x: ((event.clientX - box.left) / scale - canvas.clientLeft) * (width / canvas.clientWidth),
      y: ((event.clientY - box.top) / scale - canvas.clientTop) * (height / canvas.clientHeight),
    };
  };
  canvas.addEventListener(
    "pointerdown",
    (event) => {
      if (pointer !== undefined || event.button !== 0 || canvas.closest("fieldset:disabled")) return;
      event.preventDefault(); // no text selection starts here
      pointer = event.pointerId;
      canvas.setPointerCapture(pointer);
      last = placeOf(event);
      draw(last, last);
    },
    options,
  );
  canvas.addEventListener(
    "pointermove",
    (event) => {
      if (event.pointerId !== pointer) return;
      // Between two frames a fast hand passes many places; without them curves become polygons.
      const passed = event.getCoalescedEvents?.() ?? [];
      for (const each of passed.length > 0 ? passed : [event]) {
        const place = placeOf(each);
        draw(last, place);
        last = place;
      }
    },
    options,
  );
  const lift = (event: PointerEvent) => {
    if (event.pointerId === pointer) pointer = undefined;
  };
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"] as const) {
    canvas.addEventListener(end, lift, options);
  }
}
