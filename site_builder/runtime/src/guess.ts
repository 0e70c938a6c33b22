/** `<explorable-guess>`: asks the reader for a guess, and shows what lies behind it after that. */

import { DrawnCurve } from "./guess-curve.js";
import { answerOf, saidOfChoice, saidOfCurve, saidOfNumber, type Question } from "./guess-words.js";

/**
 * Without scripts it is a `<details>` with the question as its summary. A guess is kept by the
 * element alone, for as long as the page lives.
 */
export class GuessElement extends HTMLElement {
  private question: Question | undefined;
  private curve: DrawnCurve | undefined;
  private reveal: HTMLElement | undefined;

  connectedCallback(): void {
    if (this.question !== undefined) return; // moved within the page
    this.question = JSON.parse(this.getAttribute("question") ?? "") as Question;
    this.unfold(this.one("details"));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.commit();
    });
    this.one(".explorable-peek").addEventListener("click", () => {
      if (this.question !== undefined) this.show(answerOf(this.question));
    });
    const svg = this.form.querySelector("svg");
    if (this.question.kind === "curve" && svg !== null) {
      const curve = new DrawnCurve(svg, this.question, this.one(".explorable-how").id);
      this.one(".explorable-clear").addEventListener("click", () => curve.clear());
      this.curve = curve;
    }
    this.one<HTMLFieldSetElement>("fieldset").disabled = false;
    this.setAttribute("state", "asking");
  }

  /** The question stands open, and what it hides is hidden by us instead of by the browser. */
  private unfold(details: HTMLElement): void {
    const asked = document.createElement("p");
    asked.className = "explorable-asked";
    asked.id = this.one("summary").id; // which names the controls
    asked.append(...this.one("summary").childNodes);
    const reveal = this.one(".explorable-reveal");
    reveal.hidden = true;
    this.reveal = reveal;
    this.append(reveal);
    details.replaceWith(asked);
  }

  private commit(): void {
    const said = this.verdict();
    if (said === null) {
      this.say("Draw a line across the axes first.");
      this.form.querySelector("svg")?.focus();
    } else this.show(said);
  }

  /** What is said of the guess, or null where there is none yet; the browser asks for the others. */
  private verdict(): string | null {
    const question = this.question;
    if (question?.kind === "number") {
      const typed = this.one<HTMLInputElement>("input").value;
      return saidOfNumber(typed, question.answer, question.shown, question.unit);
    }
    if (question?.kind === "choice") {
      const chosen = this.form.querySelector<HTMLInputElement>("input:checked");
      return chosen && saidOfChoice(chosen.value, question.answer);
    }
    const drawn = this.curve?.drawn ?? null;
    if (this.curve === undefined || question === undefined || drawn === null) return null;
    return saidOfCurve(drawn, this.curve.truth, question.up);
  }

  private show(said: string): void {
    this.setAttribute("state", "shown");
    this.one<HTMLFieldSetElement>("fieldset").disabled = true;
    const truth = this.reveal?.querySelector(".explorable-answer .explorable-true")?.getAttribute("d");
    this.curve?.close(truth ?? "", said);
    this.say(said);
    if (this.reveal === undefined) return;
    this.reveal.hidden = false;
    // The button that was pressed is gone: the keyboard goes on with what came.
    this.reveal.tabIndex = -1;
    this.reveal.focus({ preventScroll: true });
  }

  private say(text: string): void {
    this.one(".explorable-verdict").textContent = text;
  }

  private get form(): HTMLFormElement {
    return this.one<HTMLFormElement>("form");
  }

  private one<E extends HTMLElement = HTMLElement>(selector: string): E {
    const found = this.querySelector<E>(selector);
    if (found === null) throw new Error(`This question lacks its ${selector}.`);
    return found;
  }
}
