/** Which inputs of a graph stand behind each of its outputs. */

import type { GraphModelJson } from "./tensor.js";

interface GraphNode {
  readonly name: string;
  readonly input?: readonly string[];
}

/** By the key of each output, the keys of the inputs that it is computed from; all, where unknown. */
export function inputsBehind(model: GraphModelJson): ReadonlyMap<string, ReadonlySet<string>> {
  const { node: nodes = [] } = model.modelTopology as { readonly node?: readonly GraphNode[] };
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const keys = new Map(
    Object.entries(model.signature.inputs).map(([key, { name }]) => [nodeOf(name), key]),
  );
  const behind = (output: string): ReadonlySet<string> => {
    const found = new Set<string>();
    const seen = new Set<string>();
    const ahead = [nodeOf(output)];
    for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      const key = keys.get(name);
      if (key !== undefined) found.add(key);
      const node = byName.get(name);
      if (node === undefined && key === undefined) return new Set(keys.values());
      ahead.push(...(node?.input ?? []).map(nodeOf));
    }
    return found;
  };
  const outputs = Object.entries(model.signature.outputs);
  return new Map(outputs.map(([key, { name }]) => [key, behind(name)]));
}

/** The node that an edge comes from: `^` marks one that only waits, `:1` says which output. */
function nodeOf(edge: string): string {
  return edge.replace(/^\^/, "").replace(/:\d+$/, "");
}
