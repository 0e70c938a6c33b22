/** The one module that knows TensorFlow.js; engine-cpu.ts and engine-wasm.ts give it a backend. */

import { loadGraphModel, type GraphModel } from "@tensorflow/tfjs-converter";
import * as tf from "@tensorflow/tfjs-core";
import type {
  DType,
  Engine,
  EngineModule,
  Feeds,
  GraphModelJson,
  TensorData,
  Tensors,
} from "./tensor.js";

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

class GraphEngine implements Engine {
  readonly backend = tf.getBackend();

  constructor(
    private readonly model: GraphModel,
    private readonly signature: GraphModelJson["signature"],
  ) {}

  async run(
    feeds: Feeds,
    outputs: readonly string[] = Object.keys(this.signature.outputs),
  ): Promise<Tensors> {
    const results: Tensors = {};
    // Everything is read inside the tidy and copied: an output may be a weight itself, and
    // disposing it, or handing out its memory, would spoil every later run.
    tf.tidy(() => {
      const named: Record<string, tf.Tensor> = {};
      for (const name of Object.keys(this.signature.inputs)) {
        const feed = feeds[name];
        if (feed === undefined) throw new Error(`The model needs the input '${name}'.`);
        named[nodeName(this.signature.inputs, name)] = tf.tensor(
          feed.data as TensorData | number[],
          [...feed.shape],
          feed.dtype,
        );
      }
      const nodes = outputs.map((name) => nodeName(this.signature.outputs, name));
      const tensors = this.model.execute(named, nodes);
      (Array.isArray(tensors) ? tensors : [tensors]).forEach((tensor, i) => {
        results[outputs[i] as string] = {
          // A cast on the CPU shares its operand's memory, so that the array may be of another type.
          data: ARRAYS[tensor.dtype as DType].from(tensor.dataSync()),
          shape: tensor.shape,
          dtype: tensor.dtype as DType,
        };
      });
    });
    return results;
  }

  dispose(): void {
    this.model.dispose();
  }
}

/** The node, with its output index, behind a signature key. */
function nodeName(entries: GraphModelJson["signature"]["inputs"], key: string): string {
  const entry = entries[key];
  if (entry === undefined) {
    throw new Error(`The model has no '${key}'; it has: ${Object.keys(entries).join(", ")}.`);
  }
  return entry.name;
}

async function load(
  backend: string,
  model: GraphModelJson,
  weights: ArrayBuffer,
): Promise<Engine> {
  if (!(await tf.setBackend(backend))) {
    throw new Error(`The backend '${backend}' of TensorFlow.js could not be started.`);
  }
  const artifacts = {
    format: model.format,
    modelTopology: model.modelTopology,
    signature: model.signature,
    weightSpecs: model.weightSpecs as tf.io.WeightsManifestEntry[],
    weightData: weights,
  };
  return new GraphEngine(await loadGraphModel(tf.io.fromMemory(artifacts)), model.signature);
}

/** How many tensors TensorFlow.js holds; tests watch it for leaks. */
export function tensorCount(): number {
  return tf.memory().numTensors;
}

/** The engine on a backend that is registered. */
export function engineOn(backend: string): EngineModule {
  return { load: (model, weights) => load(backend, model, weights) };
}
