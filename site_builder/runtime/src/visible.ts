/** Whether elements are in the viewport, by one observer for all of them. */

/** Long enough for whoever drags or scrolls to be done, ms. */
const REST = 400;

const seen = new Map<Element, (visible: boolean) => void>();
let observer: IntersectionObserver | undefined;

/** Calls back with whether `element` is in the viewport, now and whenever that changes. */
export function watchVisible(
  element: Element,
  callback: (visible: boolean) => void,
  presence: AbortSignal,
): void {
  observer ??= new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) seen.get(target)?.(isIntersecting);
  });
  seen.set(element, callback);
  observer.observe(element);
  presence.addEventListener("abort", () => {
    seen.delete(element);
    observer?.unobserve(element);
  });
}

/**
 * Calls back once things have come to rest after `stir`: what nobody sees is brought up to date then,
 * so that paper and scripts find it true.
 */
export function whenAtRest(callback: () => void, presence: AbortSignal): { stir(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  presence.addEventListener("abort", () => clearTimeout(timer));
  return {
    stir() {
      clearTimeout(timer);
      if (!presence.aborted) timer = setTimeout(callback, REST);
    },
  };
}
