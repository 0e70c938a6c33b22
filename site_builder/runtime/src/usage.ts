/** Which inputs the programs of a variant compute with: the others do nothing until it changes. */

import { isStatic } from "./inputs.js";
import type { ModelText, Payload, Programs } from "./payload.js";

/** As much of a graph's nodes as says who reads whom. */
interface Topology {
  readonly node?: readonly { readonly input?: readonly string[] }[];
}

/**
 * Names of the inputs that do something: their tensors or their noise are read by a node of some
 * program, a figure shows them, or they choose the programs. A signature alone doesn't tell, since
 * it also names what the graph never reads.
 */
export function inputsInUse(payload: Payload, programs: Programs): ReadonlySet<string> {
  // Where there is one variant only, an input that no graph reads is the author's own affair.
  if (Object.keys(payload.variants).length === 0) {
    return new Set(payload.inputs.map((spec) => spec.name));
  }
  const read = tensorsRead(programs);
  for (const { name, seed } of payload.noises) if (read.has(name)) read.add(seed);
  for (const { data, handles, signals } of Object.values(payload.figures)) {
    for (const name of [...data, ...signals, ...handles.map((handle) => handle.input)]) read.add(name);
  }
  const inUse = payload.inputs.filter((spec) => isStatic(spec) || tensorsFor(spec.name).some((one) => read.has(one)));
  return new Set(inUse.map((spec) => spec.name));
}

/** An input's tensor by its own name, and those of placed points. */
function tensorsFor(input: string): string[] {
  return [input, `${input}.xy`, `${input}.label`, `${input}.present`];
}

/** Names, as in the signatures, of the tensors that some node reads or that are an output as such. */
function tensorsRead(programs: Programs): Set<string> {
  const read = new Set<string>();
  for (const program of Object.values(programs)) {
    const texts: (ModelText | null)[] = [program, program.prologue];
    for (const text of texts) {
      if (text === null) continue;
      const { inputs, outputs } = text.model.signature;
      const { node } = text.model.modelTopology as Topology;
      const nodes = new Set(node?.flatMap(({ input = [] }) => input.map(nodeOf)));
      for (const output of Object.values(outputs)) nodes.add(nodeOf(output.name));
      for (const [name, entry] of Object.entries(inputs)) {
        // Where a graph keeps its nodes to itself, every input counts.
        if (node === undefined || nodes.has(nodeOf(entry.name))) read.add(name);
      }
    }
  }
  return read;
}

/** The node behind a reference to one of its outputs (`x:0`) or to its end (`^x`). */
function nodeOf(reference: string): string {
  return reference.replace(/^\^/, "").replace(/:\d+$/, "");
}
