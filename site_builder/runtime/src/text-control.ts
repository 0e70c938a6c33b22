/** The control of a line of text: the field, its tokens, what is not read, and examples. */

import type { TextSpec } from "./payload.js";
import { find, say, type Port, type Show } from "./port.js";
import { tokenizerOf, type Token, type Tokenizer } from "./tokens.js";

/** So many tokens are shown; the others are counted. */
const SHOWN = 100;
/** So many unknown ones are named. */
const NAMED = 3;

export function bindText(root: HTMLElement, spec: TextSpec, port: Port): Show {
  const field = find<HTMLInputElement>(root, "input[type=text]");
  const options = { signal: port.presence };
  const view = new View(root, spec);
  let composing = false; // half a syllable of an input method is no text yet
  const take = () => port.set(field.value);

  field.addEventListener("compositionstart", () => void (composing = true), options);
  field.addEventListener(
    "compositionend",
    () => {
      composing = false;
      take();
    },
    options,
  );
  field.addEventListener("input", () => composing || take(), options);
  for (const button of root.querySelectorAll<HTMLButtonElement>(".explorable-texts > button")) {
    const example = () => {
      const text = spec.examples[Number(button.value)];
      if (text === undefined) return;
      if (!type(field, text)) port.set(text);
      button.focus({ preventScroll: true });
    };
    button.addEventListener("click", example, options);
  }
  return () => {
    const text = String(port.get());
    // The text that it has leaves the caret where it is, and what can be undone.
    if (!composing) field.value = text;
    view.show(text);
  };
}

/** Replaces the text as typing would, so that the browser can undo it; false where it can't be. */
function type(field: HTMLInputElement, text: string): boolean {
  field.focus({ preventScroll: true });
  field.select();
  if (text === "") return document.execCommand("delete");
  return document.execCommand("insertText", false, text) && field.value === text;
}

/** What is told of a text under its field. */
class View {
  private readonly tokenizer: Tokenizer;
  private readonly length: number;
  private readonly count: HTMLElement;
  private readonly list: HTMLElement;
  private readonly status: HTMLElement;
  private shown: string | undefined;

  constructor(root: HTMLElement, private readonly spec: TextSpec) {
    this.tokenizer = tokenizerOf(spec);
    this.length = spec.shape[0] ?? 0;
    this.count = find(root, ".explorable-count");
    this.list = find(root, ".explorable-tokens");
    this.status = find(root, "[role=status]");
  }

  show(text: string): void {
    if (text === this.shown) return;
    this.shown = text;
    const all = this.tokenizer.tokens(text);
    const read = all.slice(0, this.length);
    this.count.textContent = countOf(read.length, this.length);
    this.list.replaceChildren(...read.slice(0, SHOWN).map((token) => this.item(token)));
    this.list.hidden = read.length === 0;
    say(this.status, [this.unknownOf(read), this.restOf(read, all)].filter(Boolean).join(" "));
  }

  private item({ text, id }: Token): HTMLLIElement {
    const item = document.createElement("li");
    const word = document.createElement("bdi");
    word.textContent = text;
    item.append(word);
    // What is to be seen of white space is no word for those who hear it.
    if (text.trim() === "") {
      word.textContent = "␣".repeat(text.length);
      word.ariaHidden = "true";
      item.append(aside("space"));
    }
    if (id === this.spec.unknown) {
      item.className = "explorable-unknown";
      item.append(aside(" (unknown)"));
    }
    const number = document.createElement("small");
    number.textContent = String(id);
    item.append(" ", number);
    return item;
  }

  private unknownOf(read: readonly Token[]): string {
    const unknown = [...new Set(read.filter(({ id }) => id === this.spec.unknown).map(({ text }) => text))];
    const [first] = unknown;
    if (first === undefined) return "";
    const token = this.tokenizer.vocabulary[this.spec.unknown] ?? "";
    if (unknown.length === 1) return `'${first}' is not in the vocabulary: it is read as ${token}.`;
    const named = unknown.slice(0, NAMED).map((text) => `'${text}'`);
    const rest = unknown.length - named.length;
    const last = rest > 0 ? `${rest} more` : named.pop();
    return `${named.join(", ")} and ${last} are not in the vocabulary: each is read as ${token}.`;
  }

  private restOf(read: readonly Token[], all: readonly Token[]): string {
    const left = all.length - read.length;
    if (left === 0) return "";
    const those = this.length === 1 ? "Only the first token is read" : `Only the first ${this.length} tokens are read`;
    return `${those}: ${left} ${left === 1 ? "is" : "are"} left out.`;
  }
}

/** As site_builder/rich_controls.py says it. */
function countOf(count: number, length: number): string {
  const room = length > count ? `room for ${length - count} more` : "no room for more";
  return `${count} ${count === 1 ? "token" : "tokens"}; ${room}.`;
}

/** Words that are heard and not seen. */
function aside(text: string): HTMLElement {
  const element = document.createElement("span");
  element.className = "explorable-hidden";
  element.textContent = text;
  return element;
}
