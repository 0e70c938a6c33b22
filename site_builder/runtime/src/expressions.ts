/**
 * Vega's expressions as closures: each is compiled once, from its syntax tree, and no code is made
 * from strings. It stands in for vega-interpreter, which walks the tree anew for every mark.
 */

import { BINARY, CONSTANTS, FUNCTIONS, UNARY } from "./expression-words.js";

/** Signals as `$name`, scales as `%name`. */
type Params = Readonly<Record<string, unknown>>;
type Bag = Record<PropertyKey, unknown>;
type Callable = (...values: unknown[]) => unknown;
/** An expression, ready to run: what it may name comes as arguments, so that a run makes nothing. */
type Compiled = (params: Params, datum: unknown, event: unknown, item: unknown) => unknown;

interface Name {
  readonly type: "Identifier";
  readonly name: string;
}
interface Literal {
  readonly type: "Literal";
  readonly value: unknown;
  readonly regex?: { readonly pattern: string; readonly flags: string };
}
/** The nodes that Vega's parser makes. */
type Node =
  | Name
  | Literal
  | { readonly type: "ArrayExpression"; readonly elements: readonly Node[] }
  | {
      readonly type: "BinaryExpression" | "LogicalExpression";
      readonly operator: string;
      readonly left: Node;
      readonly right: Node;
    }
  | { readonly type: "CallExpression"; readonly callee: Name; readonly arguments: readonly Node[] }
  | {
      readonly type: "ConditionalExpression";
      readonly test: Node;
      readonly consequent: Node;
      readonly alternate: Node;
    }
  | {
      readonly type: "MemberExpression";
      readonly object: Node;
      readonly property: Node;
      readonly computed: boolean;
    }
  | {
      readonly type: "ObjectExpression";
      readonly properties: readonly { readonly key: Name | Literal; readonly value: Node }[];
    }
  | { readonly type: "UnaryExpression"; readonly operator: string; readonly argument: Node };

interface Expression {
  readonly ast: Node;
}
/** Vega's own functions by name; they find scales and data through `this.context`. */
interface Context {
  readonly functions: Readonly<Record<string, Callable>>;
}
interface Channels {
  readonly marktype: string;
  readonly channels: Readonly<Record<string, Expression>>;
}
interface VegaEvent {
  readonly item?: { readonly datum?: unknown } | null;
  readonly vega: Readonly<Record<string, Callable>>;
}
interface Item extends Bag {
  datum: unknown;
}

/** These ask the event that is being handled. */
const OF_EVENT: ReadonlySet<string> = new Set(["view", "item", "group", "xy", "x", "y"]);
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

function compile(node: Node, context: Context): Compiled {
  const part = (inner: Node): Compiled => compile(inner, context);
  switch (node.type) {
    case "Literal":
      return literal(node);
    case "Identifier":
      return identifier(node.name);
    case "MemberExpression": {
      const object = part(node.object);
      if (!node.computed || node.property.type === "Literal") {
        const key = nameOf(node.property as Name | Literal);
        return (p, d, e, i) => allowed((object(p, d, e, i) as Bag)[key], key);
      }
      const property = part(node.property);
      return (p, d, e, i) => {
        const from = object(p, d, e, i) as Bag;
        const key = property(p, d, e, i) as PropertyKey;
        return allowed(from[key], key);
      };
    }
    case "CallExpression":
      return call(node.callee.name, node.arguments, context);
    case "ArrayExpression": {
      const elements = node.elements.map(part);
      return (p, d, e, i) => elements.map((element) => element(p, d, e, i));
    }
    case "ObjectExpression": {
      const entries = node.properties.map(({ key, value }) => [nameOf(key), part(value)] as const);
      for (const [key] of entries) {
        if (FORBIDDEN_KEYS.has(key)) throw new Error(`A chart must not set '${key}'.`);
      }
      return (p, d, e, i) => {
        const made: Bag = {};
        for (const [key, value] of entries) made[key] = allowed(value(p, d, e, i), key);
        return made;
      };
    }
    case "ConditionalExpression":
      return choice(part(node.test), part(node.consequent), part(node.alternate));
    case "UnaryExpression":
      return unary(node.operator, part(node.argument));
    case "LogicalExpression": {
      const left = part(node.left);
      const right = part(node.right);
      return node.operator === "&&"
        ? (p, d, e, i) => left(p, d, e, i) && right(p, d, e, i)
        : (p, d, e, i) => left(p, d, e, i) || right(p, d, e, i);
    }
    case "BinaryExpression":
      return binary(node.operator, part(node.left), part(node.right));
  }
}

function nameOf(key: Name | Literal): string {
  return key.type === "Literal" ? String(key.value) : key.name;
}

function literal({ value, regex }: Literal): Compiled {
  if (value instanceof RegExp && regex !== undefined && (value.global || value.sticky)) {
    return () => new RegExp(regex.pattern, regex.flags); // the old one remembers where it stopped
  }
  return () => value;
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

function call(callee: string, nodes: readonly Node[], context: Context): Compiled {
  const args = nodes.map((node) => compile(node, context));
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
function adjust(item: Item, set: Channels["channels"], swap: boolean): void {
  for (const [low, high, middle, size] of SIDES) {
    if (set[high]) {
      if (set[low]) {
        if (swap && (item[low] as number) > (item[high] as number)) {
          [item[low], item[high]] = [item[high], item[low]];
        }
        item[size] = (item[high] as number) - (item[low] as number);
      } else {
        item[low] = (item[high] as number) - ((item[size] as number) || 0);
      }
    }
    if (set[middle]) item[low] = (item[middle] as number) - ((item[size] as number) || 0) / 2;
  }
}

const SIDES = [
  ["x", "x2", "xc", "width"],
  ["y", "y2", "yc", "height"],
] as const;

/** What Vega's View takes as `expr`. */
export const expressions = {
  /** The value of an operator. */
  operator(context: Context, { ast }: Expression) {
    const run = compile(ast, context);
    return (params: Params) => run(params, undefined, undefined, undefined);
  },

  /** A function of a row, as a parameter of an operator. */
  parameter(context: Context, { ast }: Expression) {
    const run = compile(ast, context);
    return (datum: unknown, params: Params) => run(params, datum, undefined, undefined);
  },

  /** A filter on events. */
  event(context: Context, { ast }: Expression) {
    const run = compile(ast, context);
    return (event: VegaEvent) => run({}, undefined, event, undefined);
  },

  /** The value that an event gives an operator. */
  handler(context: Context, { ast }: Expression) {
    const run = compile(ast, context);
    return (params: Params, event: VegaEvent) => run(params, event.item && event.item.datum, event, undefined);
  },

  /** The look of a mark. Says whether something changed. */
  encode(context: Context, { marktype, channels }: Channels) {
    const swap = ["group", "image", "rect"].includes(marktype);
    const runs = Object.entries(channels).map(
      ([name, { ast }]) => [name, compile(ast, context)] as const,
    );
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
      if (marktype !== "rule") adjust(item, channels, swap);
      return changed;
    };
  },
};
