/** What a reader is told about a guess, in words. */

/** A question as the page's author asked it; `site_builder/guesses.py` writes it. */
export type Question =
  | { readonly kind: "number"; readonly answer: number; readonly shown: string; readonly unit: string }
  | { readonly kind: "choice"; readonly answer: string }
  | CurveQuestion;

export interface CurveQuestion {
  readonly kind: "curve";
  /** What the axes are called. */
  readonly x: string;
  readonly y: string;
  /** Ends of the axes, the lower one first. */
  readonly across: readonly [number, number];
  readonly up: readonly [number, number];
  /** The true curve; x rises. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Where the axes stand in the drawing. */
  readonly plot: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
}

/** What is said of a typed number; `typed` is as the reader wrote it. */
export function saidOfNumber(typed: string, answer: number, shown: string, unit: string): string {
  const off = Number(typed) - answer;
  const decimals = /\.(\d+)/.exec(shown)?.[1]?.length ?? 0;
  const small = Math.abs(off) < 0.5 * 10 ** -decimals;
  const guess = withUnit(typed, unit);
  if (small) return `You said ${guess}, and ${shown} it is.`;
  return `You said ${guess}; it is ${shown}. Your guess is too ${off > 0 ? "high" : "low"}.`;
}

export function saidOfChoice(chosen: string, answer: string): string {
  return chosen === answer
    ? `You said ${chosen}, and that is right.`
    : `You said ${chosen}; it is ${answer}.`;
}

/** What is said of a drawn curve: `drawn` and `truth` are heights at the same places. */
export function saidOfCurve(drawn: readonly number[], truth: readonly number[], up: readonly [number, number]): string {
  const gaps = drawn.map((value, index) => value - (truth[index] ?? value));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const distance = mean(gaps.map(Math.abs));
  if (distance < 0.01 * (up[1] - up[0])) return "Your curve lies on the true one.";
  const side = mean(gaps) / distance;
  const where = side > 0.6 ? ", mostly above it" : side < -0.6 ? ", mostly below it" : "";
  return (
    `On average your curve is ${short(distance)} away from the true one${where}; ` +
    `the axis goes from ${short(up[0])} to ${short(up[1])}.`
  );
}

/** The answer alone, for a reader who would not guess. */
export function answerOf(question: Question): string {
  if (question.kind === "number") return `It is ${withUnit(question.shown, question.unit)}.`;
  if (question.kind === "choice") return `It is ${question.answer}.`;
  return "The true curve is drawn.";
}

export function withUnit(shown: string, unit: string): string {
  if (unit === "") return shown;
  return unit === "%" ? `${shown}%` : `${shown} ${unit}`;
}

/** Two digits that count. */
export function short(value: number): string {
  return String(Number(value.toPrecision(2)));
}
