import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { compiledEngine, type Bind } from "../src/compiled.js";
import type { TensorValue } from "../src/tensor.js";
import { float } from "./payloads.js";

/**
 * (module (import "n" "0" (global $n i32)) (import "m" "m" (memory 0))
 *   (func (export "g0") (param i32) (i32.store (i32.const 4) (global.get $n))))
 */
const WASM = "AGFzbQEAAAABBQFgAX8AAg8CAW4BMAN/AAFtAW0CAAADAgEABwYBAmcwAAAKCwEJAEEEIwA2AgALAAsEbmFtZQcEAQABbg==";
const NATIVE = deflateSync(Buffer.from(WASM, "base64")).toString("base64");
/** One page of WebAssembly's memory, in words. */
const PAGE = 16384;

interface Bound {
  readonly memory: ArrayBuffer;
  readonly native: boolean;
}

/** A program of an input x of any length, whose output is what a kernel writes into word 1. */
function program(bound: Bound[]) {
  const bind: Bind = (m, given, native) => {
    const length = given["x"]?.[0] ?? 0;
    const [memory, kernels] = native(4 * (2 + length), [length]);
    const words = new Int32Array(memory);
    bound.push({ memory, native: kernels !== null });
    assert.ok(new Uint8Array(memory).every((byte) => byte === 0));
    return {
      memory,
      inputs: { x: m.port("float32", 2, [length]) },
      outputs: { y: m.port("int32", 1, []) },
      constants: [],
      run(wanted) {
        if (kernels) kernels["g0"]?.(wanted);
        else words[1] = length;
      },
      carry: () => undefined,
      carried: [],
      overwritten: [],
    };
  };
  return { inputs: ["x"], outputs: ["y"], bind, native: NATIVE };
}

async function outputs(lengths: readonly number[], bound: Bound[]): Promise<number[]> {
  const engine = await compiledEngine.load(program(bound), new ArrayBuffer(0));
  return lengths.map((length) => {
    const x = float(new Array<number>(length).fill(1), [length]);
    return Number((engine.run({ x })["y"]?.read() as TensorValue).data[0]);
  });
}

test("kernels in WebAssembly run in one memory, empty and as large as each size asks for", async () => {
  const bound: Bound[] = [];
  assert.deepEqual(await outputs([3, PAGE + 1, 5], bound), [3, PAGE + 1, 5]);
  assert.deepEqual(bound.map(({ native }) => native), [true, true, true]);
  assert.deepEqual(bound.map(({ memory }) => memory.byteLength), [0, 8 * PAGE, 8 * PAGE]);
});

test("where WebAssembly is refused JavaScript computes the same, and it is asked for once", async (context) => {
  const refusal = context.mock.method(WebAssembly, "compile", () =>
    Promise.reject(new WebAssembly.CompileError("the policy has no 'wasm-unsafe-eval'")),
  );
  const bound: Bound[] = [];
  assert.deepEqual(await outputs([3, 4], bound), [3, 4]);
  assert.deepEqual(await outputs([5], bound), [5]);
  assert.deepEqual(bound.map(({ native }) => native), [false, false, false]);
  assert.equal(refusal.mock.callCount(), 1);
});
