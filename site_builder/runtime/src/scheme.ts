/** Notices when the page changes between light and dark. */

/** Calls back when Material's scheme or the system's changes, until `presence` ends. */
export function onSchemeChange(callback: () => void, presence: AbortSignal): void {
  const observer = new MutationObserver(callback);
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, { attributeFilter: ["data-md-color-scheme", "class", "data-theme"] });
  }
  presence.addEventListener("abort", () => observer.disconnect());
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", callback, { signal: presence });
}
