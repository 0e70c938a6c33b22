/** `<explorable-figure>`: the static picture, and the live chart that takes its place. */

import { ExplorableElement } from "./element.js";
import type { Consumer, Explorable } from "./explorable.js";
import { fontsOf } from "./fonts.js";
import { LivePicture } from "./live-picture.js";
import { printParity } from "./parity.js";
import { Problem, sentence } from "./problem.js";
import { addReset } from "./reset.js";
import type { Columns } from "./rows.js";
import { NumbersTable } from "./table.js";
import { watchVisible, whenAtRest } from "./visible.js";

export class ExplorableFigure extends ExplorableElement {
  private picture: HTMLElement | null = null;
  private controls: HTMLFieldSetElement | null = null;
  private message: HTMLElement | null = null;
  private table: NumbersTable | undefined;
  /** What the picture shows now, by data set. */
  private data: Record<string, Columns> = {};

  protected override mount(): void {
    this.picture = this.querySelector(".explorable-picture");
    this.controls = this.querySelector("fieldset.explorable-controls");
    this.message = this.querySelector(":scope > figure > .explorable-message");
    const details = this.querySelector<HTMLDetailsElement>("details.explorable-table");
    if (details !== null) this.table = new NumbersTable(details, () => this.data, this.presence);
  }

  protected override prepare(): void {
    // Vega is the largest part: let it come while the model loads. A failure is met in enliven.
    ExplorableElement.page.charts(false).catch(() => undefined);
  }

  protected override async enliven(explorable: Explorable): Promise<void> {
    const presence = this.presence;
    // The model works, so the controls do, whatever becomes of this chart: others may follow them.
    this.openControls(explorable, presence);
    const spec = explorable.payload.figures[this.partName];
    if (spec === undefined || this.picture === null) {
      throw new Problem(
        `This page and its files do not belong together: they have no figure '${this.partName}'. ` +
          "Reload the page.",
      );
    }
    const charts = ExplorableElement.page.charts(spec.more);
    const [module] = await Promise.all([charts, fontsOf(this.picture)]);
    if (presence.aborted) return;
    const live = new LivePicture(this.picture, spec, explorable, module.draw);
    const needs = LivePicture.needs(spec, explorable);
    let [seen, catchingUp] = [true, false];
    const consumer: Consumer = {
      needs,
      visible: () => seen || catchingUp,
      paint: async () => {
        if (!explorable.isFinite(needs)) return consumer.trouble(notFinite());
        try {
          this.data = await live.show();
        } catch (error) {
          explorable.detach(consumer);
          live.dispose();
          if (!presence.aborted) this.fail(notDrawn(error));
          return;
        }
        if (presence.aborted) return;
        this.setAttribute("parity", printParity(explorable.parity));
        this.state = "live";
        this.table?.refresh();
      },
      trouble: (problem) => this.fail(problem),
      notice: (text) => {
        if (this.state === "live") this.say(text); // what failed stays told
      },
    };
    this.whenLeaving(() => {
      explorable.detach(consumer);
      live.dispose();
    });
    const refresh = async () => {
      await explorable.refresh().catch(() => undefined); // the figures tell what failed
    };
    watchVisible(
      this,
      (now) => {
        const appeared = now && !seen;
        seen = now;
        if (appeared) void refresh();
      },
      presence,
    );
    const rest = whenAtRest(() => {
      if (seen || explorable.player?.playing) return;
      catchingUp = true;
      void refresh().finally(() => (catchingUp = false));
    }, presence);
    this.whenLeaving(explorable.onInput(rest.stir));
    this.whenLeaving(explorable.onTime(rest.stir));
    await explorable.attach(consumer);
  }

  protected override showFailure(error: unknown): void {
    this.say(sentence(error));
  }

  private openControls(explorable: Explorable, presence: AbortSignal): void {
    const controls = this.controls;
    if (controls === null) return;
    controls.disabled = false;
    addReset(controls, explorable, presence);
    this.whenLeaving(() => {
      controls.disabled = true;
      this.removeAttribute("parity");
      this.say("");
    });
  }

  private say(text: string): void {
    if (this.message === null) return;
    // A screen reader announces a visible status that changes, and repeats one that is set again.
    this.message.hidden = text === "";
    if (this.message.textContent !== text) this.message.textContent = text;
  }
}

function notDrawn(cause: unknown): Problem {
  return new Problem(
    "The live chart could not be drawn, so the picture shows the starting values. Reload the page.",
    { cause },
  );
}

function notFinite(): Problem {
  return new Problem(
    "With these settings the model gives no finite numbers, so the picture shows the last ones that " +
      "worked. Change a setting to go on.",
  );
}
