/**
 * Stands in for the loader of the WebAssembly backend, which would fetch its binary: a page on
 * file:// may fetch nothing, so the binary travels in the script, as base64.
 */

import binary from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm";
// The bundler resolves this to the loader itself only from here; see build.mjs.
import start from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js";
import { bytesFromBase64 } from "./tensor.js";

export default (options: object): ReturnType<typeof start> =>
  start({ ...options, wasmBinary: bytesFromBase64(binary).buffer } as Parameters<typeof start>[0]);
