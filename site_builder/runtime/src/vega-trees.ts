/** At build: the syntax trees of Vega's expression parser as the short ones that pages get. */

import type { Channels, Tree } from "./expression-tree.js";

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
export type Node =
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

/** An expression as `vega.parse` gives it; an encoder's has a tree for each channel. */
export interface Parsed {
  readonly ast?: Node;
  readonly channels?: Readonly<Record<string, { readonly ast: Node }>>;
  readonly marktype?: string;
}

export function isParsed(value: object): value is Parsed {
  return "ast" in value || ("marktype" in value && "channels" in value);
}

/** The short form of an expression; `words` gets the functions that it calls. */
export function short(parsed: Parsed, words: Set<string>): Tree | Channels {
  if (parsed.ast !== undefined) {
    const tree = treeOf(parsed.ast, words);
    return tree || ["'", tree]; // Vega takes what is falsy for no expression
  }
  const { marktype = "", channels = {} } = parsed;
  const trees = Object.entries(channels).map(([name, { ast }]) => [name, treeOf(ast, words)]);
  return { marktype, channels: trees.flat(1) as Tree[] };
}

function treeOf(node: Node, words: Set<string>): Tree {
  const part = (inner: Node) => treeOf(inner, words);
  switch (node.type) {
    case "Identifier":
      return node.name;
    case "Literal":
      return literal(node);
    case "ArrayExpression":
      return ["[", ...node.elements.map(part)];
    case "BinaryExpression":
    case "LogicalExpression":
      return [node.operator, part(node.left), part(node.right)];
    case "CallExpression": {
      const { name } = node.callee;
      words.add(name.replace(/^_/, "")); // encoders write `_scale` for `scale`, and so on
      return [name, ...node.arguments.map(part)];
    }
    case "ConditionalExpression":
      return ["?", part(node.test), part(node.consequent), part(node.alternate)];
    case "MemberExpression": {
      const { object, property, computed } = node;
      if (!computed && property.type === "Identifier") return [".", part(object), property.name];
      if (property.type === "Literal") return [".", part(object), String(property.value)];
      return ["[]", part(object), part(property)];
    }
    case "ObjectExpression":
      return ["{", ...node.properties.flatMap(({ key, value }) => [keyOf(key), part(value)])];
    case "UnaryExpression":
      return [node.operator, part(node.argument)];
  }
}

function literal({ value, regex }: Literal): Tree {
  if (regex !== undefined) return ["//", regex.pattern, regex.flags];
  if (typeof value === "string") return ["'", value];
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new Error(`An expression holds ${String(value)}, which JSON can't.`);
}

function keyOf(key: Name | Literal): string {
  return key.type === "Literal" ? String(key.value) : key.name;
}
