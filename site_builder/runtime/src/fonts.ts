/** The fonts of a picture, loaded before its live chart measures text with them. */

/** Longer than this the chart does not wait: it is drawn with what there is. */
const PATIENCE_MS = 1500;

export async function fontsOf(picture: Element): Promise<void> {
  const fonts = new Set<string>();
  for (const text of picture.querySelectorAll("text")) {
    const { fontStyle, fontWeight, fontSize, fontFamily } = getComputedStyle(text);
    fonts.add(`${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`);
  }
  const loaded = Promise.allSettled([...fonts].map((font) => document.fonts.load(font)));
  await Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}
