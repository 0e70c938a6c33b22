/**
 * A Vega expression as JSON: parsed when the site is built, so that no page carries a parser.
 *
 *   number, true, false, null    itself
 *   "name"                       a signal, `datum`, `event`, `item` or a constant
 *   ["'", text]                  a text; or any other value, where it must not be taken for nothing
 *   ["//", pattern, flags]       a regular expression
 *   [".", tree, key]             a member whose name is known
 *   ["[]", tree, tree]           a member whose name is computed
 *   ["[", ...trees]              an array
 *   ["{", key, tree, ...]        an object
 *   ["?", tree, tree, tree]      a choice
 *   [operator, tree]             as `-x`
 *   [operator, tree, tree]       as `x + y`
 *   [function, ...trees]         a call
 */
export type Tree = null | boolean | number | string | readonly [string, ...Tree[]];

/** What the look of a mark is computed from, in this order: channel, tree, channel, tree, ... */
export interface Channels {
  readonly marktype: string;
  readonly channels: readonly Tree[];
}

/** A list of names and trees in turn, as pairs. */
export function pairs(list: readonly Tree[]): (readonly [name: string, tree: Tree])[] {
  return list.flatMap((name, at) => (at % 2 === 0 ? [[String(name), list[at + 1] ?? null]] : []));
}

/** Whether the head of an array is a function's name and no sign. */
export function isCall(head: string): boolean {
  return /^\w/.test(head);
}
