/** katex.js: sets formulas when a site is built; no page loads it. */

import katex, { type TrustContext } from "katex";

/** What `site_builder/formulas.py` writes for live values and colours, and nothing else. */
function ours(context: TrustContext): boolean {
  const fits =
    (context.command === "\\htmlData" && Object.keys(context.attributes).join() === "data-live") ||
    (context.command === "\\htmlClass" && /^c\d$/.test(context.class));
  if (!fits) throw new katex.ParseError(`${context.command} can't be used in pages`);
  return true;
}

/**
 * A formula as HTML with MathML for screen readers: JSON with `html`, or with `problem` and the
 * place `at` which it was found.
 */
function setFormula(tex: string, display: boolean, macros: string): string {
  try {
    const html = katex.renderToString(tex, {
      displayMode: display,
      macros: JSON.parse(macros) as Record<string, string>,
      strict: (code) => (code === "htmlExtension" ? "ignore" : "error"),
      trust: ours,
      maxSize: 40, // em; more is a mistake
    });
    return JSON.stringify({ html });
  } catch (error) {
    if (!(error instanceof katex.ParseError)) throw error;
    return JSON.stringify({ problem: error.rawMessage, at: error.position ?? null });
  }
}

Object.assign(globalThis, { setFormula });
