/** The control of a picture: a file, a drop, the clipboard, the camera, and examples. */

import { Camera, CameraError } from "./camera.js";
import type { PictureSpec } from "./payload.js";
import { PictureError, readPicture, readVideo } from "./picture-file.js";
import { blank, exampleOf, examplesOf, fitsLink, nameOf } from "./picture-values.js";
import { find, say, type Port, type Show } from "./port.js";
import { checkedIndex, checkOnly, separateRadios } from "./radios.js";

const STAYS = "The picture stays as it was.";
const TOO_LARGE = "It is too large for a link: whoever follows one sees the opening picture.";

export function bindPicture(root: HTMLElement, spec: PictureSpec, port: Port): Show {
  const control = new PictureControl(root, spec, port);
  return () => control.show();
}

class PictureControl {
  private readonly canvas: HTMLCanvasElement;
  private readonly video: HTMLVideoElement;
  private readonly camera: Camera;
  private readonly buttons: Readonly<Record<"use" | "take" | "stop", HTMLButtonElement>>;
  private readonly radios: readonly HTMLInputElement[];
  private readonly status: HTMLElement;
  private shown: Float32Array | undefined;
  /** Counts what was asked for: an older picture that takes longer does not win. */
  private turn = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly spec: PictureSpec,
    private readonly port: Port,
  ) {
    this.canvas = find(root, ".explorable-preview > canvas");
    this.video = find(root, "video");
    this.status = find(root, "[role=status]");
    this.radios = separateRadios(root);
    this.buttons = {
      use: find(root, ".explorable-camera"),
      take: find(root, ".explorable-take"),
      stop: find(root, ".explorable-stop"),
    };
    this.camera = new Camera(this.video, () => this.showCamera(), port.presence);
    root.querySelector(".explorable-preview > img")?.remove(); // it stood in for the canvas
    this.canvas.hidden = false;
    this.paintExamples();
    this.listen();
  }

  show(): void {
    const picture = this.port.get() as Float32Array;
    if (picture === this.shown) return;
    this.shown = picture;
    paint(this.canvas, picture, this.spec);
    this.canvas.setAttribute("aria-label", `${this.spec.label}: ${nameOf(this.spec, picture) ?? "your own picture"}`);
    checkOnly(this.radios, exampleOf(this.spec, picture));
  }

  private listen(): void {
    const { root, port, spec, buttons } = this;
    const on = <E extends Event>(element: Element, event: string, listener: (event: E) => void) =>
      element.addEventListener(event, listener as EventListener, { signal: port.presence });
    for (const radio of this.radios) {
      on(radio, "input", () => this.take(examplesOf(spec)[checkedIndex(this.radios)], ""));
    }
    on(find(root, ".explorable-clear"), "click", () => this.take(blank(spec), ""));
    const file = find<HTMLInputElement>(root, "input[type=file]");
    on(file, "change", () => {
      const chosen = file.files?.[0];
      if (chosen !== undefined) void this.read(chosen, chosen.name);
      file.value = ""; // the same file, mended, can be chosen again
    });
    on<ClipboardEvent>(root, "paste", (event) => this.bring(event, event.clipboardData, "What was pasted"));
    on<DragEvent>(root, "dragover", (event) => {
      if (event.dataTransfer?.types.includes("Files") !== true || this.isOff) return;
      event.preventDefault(); // else the browser would open the file in the page's stead
      root.classList.add("explorable-dropping");
    });
    for (const end of ["dragleave", "dragend", "drop"]) {
      on(root, end, () => root.classList.remove("explorable-dropping"));
    }
    on<DragEvent>(root, "drop", (event) => this.bring(event, event.dataTransfer, "What was dropped"));
    on(buttons.use, "click", () => void this.useCamera());
    on(buttons.stop, "click", () => this.leaveCamera());
    on(buttons.take, "click", () => void this.photograph());
  }

  /** A figure that is not live takes nothing. */
  private get isOff(): boolean {
    return this.root.closest("fieldset:disabled") !== null;
  }

  private bring(event: Event, data: DataTransfer | null, what: string): void {
    if (this.isOff || data === null) return;
    event.preventDefault();
    const file = data.files[0];
    if (file !== undefined) void this.read(file, file.name);
    else say(this.status, `${what} is no picture. ${STAYS}`);
  }

  private async read(file: File, name: string): Promise<void> {
    const turn = ++this.turn;
    say(this.status, `Reading ${name} …`);
    try {
      const picture = await readPicture(file, this.spec);
      if (turn === this.turn && !this.port.presence.aborted) this.take(picture, `This is ${name}.`);
    } catch (error) {
      if (turn !== this.turn) return;
      const why = error instanceof PictureError ? error.message : "The picture can't be read.";
      say(this.status, `${name}: ${why} ${STAYS}`);
    }
  }

  private take(picture: Float32Array | undefined, said: string): void {
    if (picture === undefined) return;
    this.turn++;
    this.port.set(picture);
    const own = said !== "" && !fitsLink(this.spec, picture);
    say(this.status, own ? `${said} ${TOO_LARGE}` : said);
  }

  private async useCamera(): Promise<void> {
    say(this.status, "");
    this.buttons.use.disabled = true; // the browser asks the reader, once
    try {
      await this.camera.start();
      if (this.camera.isOn) this.buttons.take.focus({ preventScroll: true });
    } catch (error) {
      const why = error instanceof CameraError ? error.message : "The camera can't be used.";
      say(this.status, `${why} ${STAYS}`);
    } finally {
      this.buttons.use.disabled = false;
    }
  }

  private async photograph(): Promise<void> {
    try {
      const picture = await readVideo(this.video, this.spec);
      this.leaveCamera();
      this.take(picture, "This is your photograph.");
    } catch {
      say(this.status, "The camera shows nothing yet; wait a moment.");
    }
  }

  private leaveCamera(): void {
    const { use, take, stop } = this.buttons;
    const focused = [take, stop].some((button) => button === document.activeElement);
    this.camera.stop();
    if (focused) use.focus({ preventScroll: true }); // the button that had the focus is gone
  }

  private showCamera(): void {
    const { isOn } = this.camera;
    this.video.hidden = !isOn;
    this.canvas.hidden = isOn;
    this.buttons.use.hidden = isOn;
    this.buttons.take.hidden = !isOn;
    this.buttons.stop.hidden = !isOn;
  }

  private paintExamples(): void {
    this.radios.forEach((radio) => {
      const canvas = radio.parentElement?.querySelector("canvas");
      const picture = examplesOf(this.spec)[Number(radio.value)];
      if (canvas != null && picture !== undefined) paint(canvas, picture, this.spec);
    });
  }
}

/** Paints a picture of shape (channels, height, width), one pixel for one. */
function paint(canvas: HTMLCanvasElement, picture: Float32Array, { shape }: PictureSpec): void {
  const [channels = 1, height = 1, width = 1] = shape;
  const count = height * width;
  const bytes = new Uint8ClampedArray(4 * count).fill(255);
  for (let at = 0; at < count; at++) {
    for (let colour = 0; colour < 3; colour++) {
      bytes[4 * at + colour] = Math.round(255 * (picture[(channels === 1 ? 0 : colour) * count + at] ?? 0));
    }
  }
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.putImageData(new ImageData(bytes, width, height), 0, 0);
}
