/** Groups of radio buttons. */

let groups = 0;

/**
 * The radios of `root` as a group of their own. Browsers allow one checked radio per name, so where
 * the same input stands at a second place of the page, this one takes another name.
 */
export function separateRadios(root: HTMLElement): HTMLInputElement[] {
  const radios = [...root.querySelectorAll<HTMLInputElement>("input[type=radio]")];
  const name = radios[0]?.name ?? "";
  const namesakes = document.querySelectorAll(`input[type=radio][name="${CSS.escape(name)}"]`);
  if (namesakes.length > radios.length) {
    groups++;
    for (const radio of radios) radio.name = `${name}--${groups}`;
  }
  return radios;
}

/** Checks the radio whose value is `index`, or none. */
export function checkOnly(radios: readonly HTMLInputElement[], index: number): void {
  for (const radio of radios) radio.checked = Number(radio.value) === index;
}

export function checkedIndex(radios: readonly HTMLInputElement[]): number {
  return Number(radios.find((radio) => radio.checked)?.value ?? -1);
}
