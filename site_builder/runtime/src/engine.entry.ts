/** engine.js: hands the engine to explorables.js, which loaded this script. */

import { engine } from "./engine-cpu.js";

declare const explorables: { provide(name: "engine", module: typeof engine): void };

explorables.provide("engine", engine);
