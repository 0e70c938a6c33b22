/** Loads scripts by inserting them: the one way that works on file:// and under a strict policy. */

import { Problem } from "./problem.js";

/** Inserts a classic script; resolves when it ran, rejects when it could not be had. */
export type LoadScript = (url: string) => Promise<void>;

export const insertScript: LoadScript = (url) =>
  new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => {
      script.remove();
      reject(missing(url, new Error(`cannot load ${url}`)));
    });
    document.head.append(script);
  });

/** Parts that arrive by script: each is loaded once, and arrives by calling `deliver`. */
export class Deliveries<T> {
  private readonly arrived = new Map<string, T>();
  private readonly expected = new Map<string, Promise<T>>();

  constructor(private readonly loadScript: LoadScript) {}

  deliver(name: string, part: T): void {
    this.arrived.set(name, part);
  }

  /** The part called `name`, from the script at `url` unless it is here already. */
  fetch(name: string, url: string): Promise<T> {
    let part = this.expected.get(name);
    if (part === undefined) {
      part = this.load(name, url);
      this.expected.set(name, part);
    }
    return part;
  }

  /** Like `fetch`, and tries again after a failure. */
  async fetchAgain(name: string, url: string): Promise<T> {
    try {
      return await this.fetch(name, url);
    } catch (error) {
      this.expected.delete(name);
      throw error;
    }
  }

  private async load(name: string, url: string): Promise<T> {
    if (!this.arrived.has(name)) await this.loadScript(url);
    const part = this.arrived.get(name);
    if (part === undefined) throw missing(url, new Error(`${url} did not deliver '${name}'`));
    return part;
  }
}

function missing(url: string, cause: Error): Problem {
  const file = url.slice(url.lastIndexOf("/") + 1);
  return new Problem(
    `A part of this figure could not be loaded (${file}), so it stays as it was drawn. ` +
      "Reload the page; if you have a copy of the site, check that it is complete.",
    { cause },
  );
}
