/** engine-compiled.js: hands the engine to explorables.js, which loaded this script. */

import { compiledEngine } from "./compiled.js";
import type { EngineModule } from "./tensor.js";

declare const explorables: { provide(name: "engine", module: EngineModule): void };

explorables.provide("engine", compiledEngine);
