/**
 * Gives each engine script a TensorFlow.js of its own; must be imported before it.
 *
 * TensorFlow.js keeps its one engine and its kernels in a global, so that a second script would
 * share the first one's, and two backends of one engine get in each other's way: while one starts,
 * none runs.
 */

interface Globals {
  _tfengine?: unknown;
  _tfGlobals?: unknown;
}

const globals = globalThis as Globals;
delete globals._tfengine;
delete globals._tfGlobals;

/** Makes tensors belong to `engine` again, after another script may have run. */
export function enter(engine: unknown): void {
  globals._tfengine = engine;
}
