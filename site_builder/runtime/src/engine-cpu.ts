/** The engine in plain JavaScript. */

import "./own-registry.js";
import "@tensorflow/tfjs-backend-cpu";
import { engineOn } from "./engine.js";

export const engine = engineOn("cpu");
