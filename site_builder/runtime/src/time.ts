/** `<explorable-time>`: play, pause, step, speed, start over. Empty until scripts run. */

import { ExplorableElement } from "./element.js";
import type { Explorable } from "./explorable.js";
import type { Player } from "./player.js";
import type { StrideSpec } from "./payload.js";
import { sentence } from "./problem.js";
import { load, save } from "./saving.js";

/** A count that runs would drown a screen reader: it is told where time came to rest. */
const QUIET = 600;

export class ExplorableTime extends ExplorableElement {
  protected override enliven(explorable: Explorable): Promise<void> {
    const { player } = explorable;
    const strides = explorable.payload.time?.strides ?? [];
    const [unit] = strides;
    if (player === null || unit === undefined) {
      throw new Error(`'${explorable.payload.name}' has no time.`);
    }
    const pace = Number(this.getAttribute("pace"));
    if (pace > 0) player.openAt(pace);
    const play = button("Play", () => (player.playing ? explorable.pause() : explorable.play()));
    play.className = "explorable-play";
    const steps = strides.map((stride) => stepButton(explorable, stride));
    const again = button("Start over", () => explorable.reset());
    const count = document.createElement("span");
    count.className = "explorable-count";
    const status = element("span", "explorable-hidden", { role: "status" });
    const message = element("p", "explorable-message", { role: "status", hidden: "" });
    const say = (text: string) => {
      message.hidden = text === "";
      message.textContent = text;
    };
    const main = element("div", "explorable-bar", { role: "group", "aria-label": "Time" });
    main.append(play, ...steps, again, speedSelect(player), count, status);
    const file = element("div", "explorable-bar explorable-file", { role: "group", "aria-label": "File" });
    file.append(saveButton(explorable, say), loadButton(explorable, say));
    this.replaceChildren(main, file, message);

    let resting: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      setText(play, player.playing ? "Pause" : "Play");
      play.disabled = explorable.diverged;
      for (const step of steps) step.disabled = explorable.diverged;
      again.classList.toggle("explorable-urgent", explorable.diverged);
      const reached = `${unit.word} ${Math.floor(explorable.steps / explorable.stepsOf(unit))}`;
      setText(count, reached);
      clearTimeout(resting);
      if (player.playing) return;
      resting = setTimeout(() => {
        setText(status, explorable.diverged ? `${reached}, not finite any more` : reached);
      }, QUIET);
    };
    this.whenLeaving(explorable.onTime(show));
    this.whenLeaving(() => {
      clearTimeout(resting);
      this.replaceChildren();
    });
    show();
    this.state = "live";
    return Promise.resolve();
  }
}

function stepButton(explorable: Explorable, stride: StrideSpec): HTMLButtonElement {
  const step = button(`1 ${stride.word}`, async () => {
    explorable.pause();
    await explorable.step(explorable.stepsOf(stride));
  });
  step.setAttribute("aria-label", `Go on by 1 ${stride.word}`);
  return step;
}

function speedSelect(player: Player): HTMLLabelElement {
  const label = document.createElement("label");
  const select = document.createElement("select");
  player.speeds.forEach(({ words }, i) => select.add(new Option(words, String(i))));
  select.value = String(player.speed);
  select.addEventListener("input", () => {
    player.speed = Number(select.value);
  });
  label.append("Speed ", select);
  return label;
}

function saveButton(explorable: Explorable, say: (text: string) => void): HTMLButtonElement {
  return button("Save", async () => {
    say("");
    const url = URL.createObjectURL(new Blob([await save(explorable)]));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${explorable.payload.name}.safetensors`;
    link.click();
    // The download has begun by then.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
}

function loadButton(explorable: Explorable, say: (text: string) => void): HTMLLabelElement {
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = "file";
  input.accept = ".safetensors";
  input.className = "explorable-hidden"; // its label is what is seen, pressed and read out
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file === undefined) return;
    say("");
    const loaded = file.arrayBuffer().then((bytes) => load(explorable, new Uint8Array(bytes)));
    loaded.catch((error: unknown) => say(sentence(error)));
    input.value = ""; // the same file may be chosen again
  });
  label.append("Load", input);
  return label;
}

function button(text: string, act: () => unknown): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", () => {
    // The figures show what failed.
    Promise.resolve(act()).catch(() => undefined);
  });
  return made;
}

function element(tag: "div" | "p" | "span", name: string, attributes: Record<string, string>): HTMLElement {
  const made = document.createElement(tag);
  made.className = name;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** Writing the same text again would make screen readers say it again. */
function setText(place: HTMLElement, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}
