/** Bundles test/*.test.ts for Node and runs them; `node --test` knows no TypeScript. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = mkdtempSync(join(tmpdir(), "explorables-test-"));
const tests = readdirSync(join(here, "test")).filter((name) => name.endsWith(".test.ts")).sort();
try {
  await esbuild.build({
    absWorkingDir: here,
    entryPoints: tests.map((name) => join("test", name)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    // TensorFlow.js for browsers: the engine is tested as it is shipped.
    mainFields: ["browser", "module", "main"],
    conditions: ["browser"],
    // TensorFlow.js sees Node and asks for `util` by require, which a module does not have.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    target: "node20",
    sourcemap: "inline",
    logLevel: "warning",
  });
  const files = tests.map((name) => join(out, name.replace(/\.ts$/, ".mjs")));
  const options = { stdio: "inherit" };
  const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", "--test-reporter=dot", ...files], options);
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
