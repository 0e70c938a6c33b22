/** Colours of the page's style on a canvas, which knows no `var()` itself. */

/** What a `var(--name)` in a colour stands for, remembered until it is forgotten. */
export class PageColours {
  private readonly known = new Map<string, string>();
  private paper = false;

  constructor(private readonly element: Element) {}

  /** Asks the style anew from now on; `paper` asks for the colours of paper. */
  forget(paper: boolean): void {
    this.known.clear();
    this.paper = paper;
  }

  resolve(colour: string): string {
    if (!colour.includes("var(")) return colour;
    let resolved = this.known.get(colour);
    if (resolved === undefined) {
      resolved = this.ask(colour);
      this.known.set(colour, resolved);
    }
    return resolved;
  }

  private ask(colour: string): string {
    // Paper is white: this attribute gives the light colours whatever the page's are.
    const probe = document.createElement("span");
    if (this.paper) probe.dataset["mdColorScheme"] = "default";
    this.element.append(probe);
    const style = getComputedStyle(probe);
    const resolved = colour.replace(/var\(\s*(--[\w-]+)\s*\)/g, (_, name: string) =>
      style.getPropertyValue(name).trim(),
    );
    probe.remove();
    return resolved;
  }
}

/** Lets a canvas take colours with `var()` for fills and strokes. */
export function teachColours(context: CanvasRenderingContext2D, colours: PageColours): void {
  for (const name of ["fillStyle", "strokeStyle"] as const) {
    const own = Object.getOwnPropertyDescriptor(CanvasRenderingContext2D.prototype, name);
    if (own?.get === undefined || own.set === undefined) continue;
    const { get, set } = own;
    Object.defineProperty(context, name, {
      configurable: true,
      get: () => get.call(context) as unknown,
      set: (style: unknown) => {
        set.call(context, typeof style === "string" ? colours.resolve(style) : style);
      },
    });
  }
}
