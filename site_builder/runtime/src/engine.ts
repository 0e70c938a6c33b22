/** The one module that knows TensorFlow.js; engine-cpu.ts and its siblings give it a backend. */

import { enter } from "./own-registry.js";
import { loadGraphModelSync } from "@tensorflow/tfjs-converter";
import * as tf from "@tensorflow/tfjs-core";
import {
  isHeld,
  type DType,
  type Engine,
  type EngineModule,
  type Fed,
  type GraphModelJson,
  type Held,
  type TensorData,
  type TensorValue,
} from "./tensor.js";

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

type Executable = Pick<ReturnType<typeof loadGraphModelSync>, "execute" | "dispose" | "weights">;

/** What is particular to one backend. */
export interface BackendTraits {
  /** Its memory is not the processor's: reading waits. */
  readonly remote?: boolean;
  /** Rejects once the backend has lost its device; called when it has started. */
  readonly lost?: () => Promise<never>;
}

/** A started backend. */
interface Started {
  readonly remote: boolean;
  readonly lost: Promise<never> | undefined;
  /** Set once the device is lost. */
  failure: unknown;
}

class HeldTensor implements Held {
  constructor(
    readonly tensor: tf.Tensor,
    private readonly started: Started,
  ) {}

  get shape(): readonly number[] {
    return this.tensor.shape;
  }

  get dtype(): DType {
    return this.tensor.dtype as DType;
  }

  read(): Promise<TensorValue> | TensorValue {
    enter(tf.engine());
    if (!this.started.remote) return this.copyOf(this.tensor.dataSync());
    const data: Promise<TensorData> = this.tensor.data();
    // A lost device leaves readers waiting for ever.
    const answer = this.started.lost === undefined ? data : Promise.race([data, this.started.lost]);
    return answer.then((read) => this.copyOf(read));
  }

  release(): void {
    enter(tf.engine());
    this.tensor.dispose();
  }

  private copyOf(data: TensorData): TensorValue {
    // A cast on the CPU shares its operand's memory, so that the array may be of another type.
    return { data: new ARRAYS[this.dtype](data), shape: this.shape, dtype: this.dtype };
  }
}

class GraphEngine implements Engine {
  private readonly weights: ReadonlySet<tf.Tensor>;

  constructor(
    readonly backend: string,
    private readonly model: Executable,
    private readonly signature: GraphModelJson["signature"],
    private readonly started: Started,
  ) {
    this.weights = new Set(Object.values(model.weights).flat());
  }

  run(
    feeds: Readonly<Record<string, Fed>>,
    outputs: readonly string[] = Object.keys(this.signature.outputs),
  ): Record<string, Held> {
    enter(tf.engine());
    if (this.started.failure !== undefined) throw this.started.failure;
    const results: Record<string, Held> = {};
    tf.tidy(() => {
      const named: Record<string, tf.Tensor> = {};
      const lent = new Set<tf.Tensor>();
      for (const name of Object.keys(this.signature.inputs)) {
        const feed = feeds[name];
        if (feed === undefined) throw new Error(`The model needs the input '${name}'.`);
        const tensor = tensorOf(feed);
        named[nodeName(this.signature.inputs, name)] = tensor;
        if (isHeld(feed)) lent.add(tensor);
      }
      const nodes = outputs.map((name) => nodeName(this.signature.outputs, name));
      if (nodes.length === 0) return;
      const tensors = this.model.execute(named, nodes);
      (Array.isArray(tensors) ? tensors : [tensors]).forEach((tensor, i) => {
        // An output may be a weight, an input, or another output: releasing it must not free those.
        const isShared = tensor.kept || lent.has(tensor) || this.weights.has(tensor);
        const own = isShared ? tensor.clone() : tensor;
        results[outputs[i] as string] = new HeldTensor(tf.keep(own), this.started);
      });
    });
    return results;
  }

  dispose(): void {
    enter(tf.engine());
    this.model.dispose();
  }
}

function tensorOf(feed: Fed): tf.Tensor {
  if (feed instanceof HeldTensor) return feed.tensor;
  if (isHeld(feed)) throw new Error("A tensor of another engine cannot be fed to this one.");
  return tf.tensor(feed.data as TensorData | number[], [...feed.shape], feed.dtype);
}

/** The node, with its output index, behind a signature key. */
function nodeName(entries: GraphModelJson["signature"]["inputs"], key: string): string {
  const entry = entries[key];
  if (entry === undefined) {
    throw new Error(`The model has no '${key}'; it has: ${Object.keys(entries).join(", ")}.`);
  }
  return entry.name;
}

/** How many tensors TensorFlow.js holds; tests watch it for leaks. */
export function tensorCount(): number {
  enter(tf.engine());
  return tf.memory().numTensors;
}

/** The engine on a backend that is registered. */
export function engineOn(backend: string, traits: BackendTraits = {}): EngineModule {
  let starting: Promise<Started> | undefined;
  return {
    backend,
    remote: traits.remote === true,
    load: async (model, weights) => {
      if ("bind" in model) throw new Error("TensorFlow.js does not run compiled programs.");
      const started = await (starting ??= start(backend, traits));
      enter(tf.engine());
      if (started.failure !== undefined) throw started.failure;
      const artifacts = {
        format: model.format,
        modelTopology: model.modelTopology,
        signature: model.signature,
        weightSpecs: model.weightSpecs as tf.io.WeightsManifestEntry[],
        weightData: weights,
      };
      const loaded: Executable = loadGraphModelSync(artifacts);
      return new GraphEngine(backend, loaded, model.signature, started);
    },
  };
}

async function start(backend: string, { remote = false, lost }: BackendTraits): Promise<Started> {
  enter(tf.engine());
  if (!(await tf.setBackend(backend))) {
    throw new Error(`The backend '${backend}' of TensorFlow.js could not be started.`);
  }
  enter(tf.engine());
  const started: Started = { remote, lost: lost?.(), failure: undefined };
  started.lost?.catch((error: unknown) => {
    started.failure = error;
  });
  return started;
}
