/**
 * Vega's expressions as closures: each is compiled once, from its tree, and no code is made from
 * strings. It stands in for vega-interpreter, which walks a tree anew for every mark.
 */

import { isCall, pairs, type Channels, type Tree } from "./expression-tree.js";
import { BINARY, CONSTANTS, FUNCTIONS, UNARY } from "./expression-words.js";

/** Signals as `$name`, scales as `%name`. */
type Params = Readonly<Record<string, unknown>>;
type Bag = Record<PropertyKey, unknown>;
type Callable = (...values: unknown[]) => unknown;
/** An expression, ready to run: what it may name comes as arguments, so that a run makes nothing. */
type Compiled = (params: Params, datum: unknown, event: unknown, item: unknown) => unknown;

/** Vega's own functions by name; they find scales and data through `this.context`. */
interface Context {
  readonly functions: Readonly<Record<string, Callable>>;
}
interface VegaEvent {
  readonly item?: { readonly datum?: unknown } | null;
  readonly vega: Readonly<Record<string, Callable>>;
}
interface Item extends Bag {
  datum: unknown;
}

/** These ask the event that is being handled. */
export const OF_EVENT: ReadonlySet<string> = new Set(["view", "item", "group", "xy", "x", "y"]);
/** Keys that would reach an object's inner workings. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(
  Object.getOwnPropertyNames(Object.prototype).filter(
    (key) => typeof (Object.prototype as unknown as Bag)[key] === "function" || key === "__proto__",
  ),
);
/** Functions that run text. */
const FORBIDDEN: ReadonlySet<unknown> = new Set([
  Object.getPrototypeOf(compile).constructor, // Function
  globalThis["eval"],
  globalThis.setTimeout,
  globalThis.setInterval,
  (globalThis as unknown as Bag)["setImmediate"],
]);

/** `value`, unless an expression must not have it. */
function allowed(value: unknown, key: PropertyKey): unknown {
  if (typeof value === "function" && FORBIDDEN.has(value)) {
    throw new Error(`An expression of a chart must not use '${String(key)}'.`);
  }
  return value;
}

function compile(tree: Tree, context: Context): Compiled {
  if (typeof tree === "string") return identifier(tree);
  if (typeof tree !== "object" || tree === null) return () => tree;
  const [head, ...rest] = tree;
  const part = (index: number): Compiled => compile(rest[index] ?? null, context);
  switch (head) {
    case "'":
      return () => rest[0];
    case "//":
      return regularExpression(String(rest[0]), String(rest[1]));
    case ".": {
      const object = part(0);
      const key = String(rest[1]);
      return (p, d, e, i) => allowed((object(p, d, e, i) as Bag)[key], key);
    }
    case "[]": {
      const [object, property] = [part(0), part(1)];
      return (p, d, e, i) => {
        const from = object(p, d, e, i) as Bag;
        const key = property(p, d, e, i) as PropertyKey;
        return allowed(from[key], key);
      };
    }
    case "[": {
      const elements = rest.map((element) => compile(element, context));
      return (p, d, e, i) => elements.map((element) => element(p, d, e, i));
    }
    case "{":
      return object(rest, context);
    case "?":
      return choice(part(0), part(1), part(2));
    case "&&": {
      const [left, right] = [part(0), part(1)];
      return (p, d, e, i) => left(p, d, e, i) && right(p, d, e, i);
    }
    case "||": {
      const [left, right] = [part(0), part(1)];
      return (p, d, e, i) => left(p, d, e, i) || right(p, d, e, i);
    }
  }
  if (isCall(head)) return call(head, rest, context);
  return rest.length === 1 ? unary(head, part(0)) : binary(head, part(0), part(1));
}

function regularExpression(pattern: string, flags: string): Compiled {
  const made = new RegExp(pattern, flags);
  // One that is global or sticky remembers where it stopped.
  return made.global || made.sticky ? () => new RegExp(pattern, flags) : () => made;
}

function object(parts: readonly Tree[], context: Context): Compiled {
  const entries = pairs(parts).map(([key, tree]) => {
    if (FORBIDDEN_KEYS.has(key)) throw new Error(`A chart must not set '${key}'.`);
    return [key, compile(tree, context)] as const;
  });
  return (p, d, e, i) => {
    const made: Bag = {};
    for (const [key, value] of entries) made[key] = allowed(value(p, d, e, i), key);
    return made;
  };
}

function identifier(name: string): Compiled {
  if (name === "datum") return (_p, d) => d;
  if (name === "event") return (_p, _d, e) => e;
  if (name === "item") return (_p, _d, _e, i) => i;
  if (Object.hasOwn(CONSTANTS, name)) {
    const value = CONSTANTS[name];
    return () => value;
  }
  const signal = `$${name}`;
  return (p) => p[signal];
}

function call(callee: string, trees: readonly Tree[], context: Context): Compiled {
  const args = trees.map((tree) => compile(tree, context));
  const [a, b, c] = args as [Compiled, Compiled, Compiled];
  // Encoders write `_scale` for `scale`, and so on.
  const name = callee.startsWith("_") ? callee.slice(1) : callee;
  if (name === "if") return choice(a, b, c);
  if (OF_EVENT.has(name)) {
    return (p, d, e, i) => {
      const { vega } = e as VegaEvent;
      return (vega[name] as Callable).apply(vega, args.map((arg) => arg(p, d, e, i)));
    };
  }
  const self = context.functions;
  const method = self[name] ?? FUNCTIONS[name];
  if (method === undefined) throw new Error(`An expression of a chart calls '${name}', unknown.`);
  // Most calls have one or two arguments; these make no array.
  if (args.length === 1) return (p, d, e, i) => method.call(self, a(p, d, e, i));
  if (args.length === 2) return (p, d, e, i) => method.call(self, a(p, d, e, i), b(p, d, e, i));
  return (p, d, e, i) => method.apply(self, args.map((arg) => arg(p, d, e, i)));
}

function choice(test: Compiled, yes: Compiled, no: Compiled): Compiled {
  return (p, d, e, i) => (test(p, d, e, i) ? yes(p, d, e, i) : no(p, d, e, i));
}

function unary(operator: string, of: Compiled): Compiled {
  const change = UNARY[operator];
  if (change === undefined) throw new Error(`An expression of a chart uses '${operator}', unknown.`);
  return (p, d, e, i) => change(of(p, d, e, i) as number);
}

function binary(operator: string, left: Compiled, right: Compiled): Compiled {
  const combine = BINARY[operator];
  if (combine === undefined) throw new Error(`An expression of a chart uses '${operator}', unknown.`);
  return (p, d, e, i) => combine(left(p, d, e, i) as number, right(p, d, e, i) as number);
}

/** Makes corner and size of what an encoder set by two corners or by the middle. */
function adjust(item: Item, set: ReadonlySet<string>, swap: boolean): void {
  for (const [low, high, middle, size] of SIDES) {
    if (set.has(high)) {
      if (set.has(low)) {
        if (swap && (item[low] as number) > (item[high] as number)) {
          [item[low], item[high]] = [item[high], item[low]];
        }
        item[size] = (item[high] as number) - (item[low] as number);
      } else {
        item[low] = (item[high] as number) - ((item[size] as number) || 0);
      }
    }
    if (set.has(middle)) item[low] = (item[middle] as number) - ((item[size] as number) || 0) / 2;
  }
}

const SIDES = [
  ["x", "x2", "xc", "width"],
  ["y", "y2", "yc", "height"],
] as const;

/** What Vega's View takes as `expr`. */
export const expressions = {
  /** The value of an operator. */
  operator(context: Context, tree: Tree) {
    const run = compile(tree, context);
    return (params: Params) => run(params, undefined, undefined, undefined);
  },

  /** A function of a row, as a parameter of an operator. */
  parameter(context: Context, tree: Tree) {
    const run = compile(tree, context);
    return (datum: unknown, params: Params) => run(params, datum, undefined, undefined);
  },

  /** A filter on events. */
  event(context: Context, tree: Tree) {
    const run = compile(tree, context);
    return (event: VegaEvent) => run({}, undefined, event, undefined);
  },

  /** The value that an event gives an operator. */
  handler(context: Context, tree: Tree) {
    const run = compile(tree, context);
    return (params: Params, event: VegaEvent) => run(params, event.item && event.item.datum, event, undefined);
  },

  /** The look of a mark. Says whether something changed. */
  encode(context: Context, { marktype, channels }: Channels) {
    const swap = ["group", "image", "rect"].includes(marktype);
    const runs = pairs(channels).map(([name, tree]) => [name, compile(tree, context)] as const);
    const set = new Set(runs.map(([name]) => name));
    return (item: Item, params: Params) => {
      const { datum } = item;
      let changed = 0;
      for (const [name, run] of runs) {
        const value = run(params, datum, undefined, item);
        if (item[name] !== value) {
          item[name] = value;
          changed = 1;
        }
      }
      if (marktype !== "rule") adjust(item, set, swap);
      return changed;
    };
  },
};
