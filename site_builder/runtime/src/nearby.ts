/** Waits until an element comes near the viewport. */

/** Room around the viewport, so that a figure is live by the time it is read. */
const MARGIN = "300px";

const callbacks = new Map<Element, Set<() => void>>();
let observer: IntersectionObserver | undefined;

/** Calls back once when `element` is near the viewport; returns how to stop waiting. */
export function whenNear(element: Element, callback: () => void): () => void {
  observer ??= new IntersectionObserver(notice, { rootMargin: MARGIN });
  const waiting = callbacks.get(element) ?? new Set();
  callbacks.set(element, waiting.add(callback));
  observer.observe(element);
  return () => {
    waiting.delete(callback);
    if (waiting.size === 0) forget(element);
  };
}

function notice(entries: IntersectionObserverEntry[]): void {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    const waiting = callbacks.get(target) ?? [];
    forget(target);
    for (const callback of waiting) callback();
  }
}

function forget(element: Element): void {
  observer?.unobserve(element);
  callbacks.delete(element);
}
