/** Failures that a reader may meet, in the reader's words. */

/** Its message is shown under the figure: what happened, and what to do. */
export class Problem extends Error {
  override readonly name = "Problem";
}

const UNEXPECTED =
  "This figure could not be brought to life, so it stays as it was drawn. Reload the page to try again.";

/** The sentence a reader sees for any failure. */
export function sentence(error: unknown): string {
  return error instanceof Problem ? error.message : UNEXPECTED;
}

const reported = new WeakSet<object>();

/** Logs a failure once, however many figures it strikes. */
export function report(place: string, error: unknown): void {
  if (typeof error === "object" && error !== null) {
    if (reported.has(error)) return;
    reported.add(error);
  }
  if (!(error instanceof Problem)) console.error(`explorables: ${place}:`, error);
  else if (error.cause === undefined) console.error(`explorables: ${place}: ${error.message}`);
  else console.error(`explorables: ${place}: ${error.message}`, error.cause);
}
