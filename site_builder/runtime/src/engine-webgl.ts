/** The engine on the graphics card, through WebGL. */

import "./own-registry.js";
import { type MathBackendWebGL } from "@tensorflow/tfjs-backend-webgl";
import "@tensorflow/tfjs-backend-webgl";
import { backend } from "@tensorflow/tfjs-core";
import { engineOn } from "./engine.js";

/** Browsers take the graphics card away when it hangs, when drivers change, or to save power. */
function contextLost(): Promise<never> {
  const { canvas } = (backend() as MathBackendWebGL).gpgpu.gl;
  return new Promise((_, reject) => {
    canvas.addEventListener("webglcontextlost", () => {
      reject(new Error("The graphics card was taken away from this page."));
    });
  });
}

export const engine = engineOn("webgl", { remote: true, lost: contextLost });
