/** engine-webgl.js: hands the engine to explorables.js, which loaded this script. */

import { engine } from "./engine-webgl.js";

declare const explorables: { provide(name: "engine", module: typeof engine): void };

explorables.provide("engine", engine);
