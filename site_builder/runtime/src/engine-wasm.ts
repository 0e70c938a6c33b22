/** The engine in WebAssembly, on one thread; the page's policy must allow 'wasm-unsafe-eval'. */

import "./own-registry.js";
import "@tensorflow/tfjs-backend-wasm";
import { env } from "@tensorflow/tfjs-core";
import { engineOn } from "./engine.js";

// Threads need a worker from a file and headers that no page on file:// has.
env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);

export const engine = engineOn("wasm");
