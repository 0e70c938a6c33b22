/** Waits until an element comes near the viewport. */

/** Room around the viewport, so that a figure is live by the time it is read. */
const MARGIN = "300px";

const callbacks = new Map<Element, () => void>();
let observer: IntersectionObserver | undefined;

/** Calls back once when `element` is near the viewport; returns how to stop waiting. */
export function whenNear(element: Element, callback: () => void): () => void {
  observer ??= new IntersectionObserver(notice, { rootMargin: MARGIN });
  callbacks.set(element, callback);
  observer.observe(element);
  return () => forget(element);
}

function notice(entries: IntersectionObserverEntry[]): void {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    const callback = callbacks.get(target);
    forget(target);
    callback?.();
  }
}

function forget(element: Element): void {
  observer?.unobserve(element);
  callbacks.delete(element);
}
