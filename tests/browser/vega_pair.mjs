/**
 * Bundles a page's script with two Vegas: ours, cut and with closures for expressions, as vega.js
 * ships it, and the published one with its interpreter.
 *
 *   node vega_pair.mjs RUNTIME OUT
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [runtime, out] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(runtime, path)).href);
const esbuild = await load("node_modules/esbuild/lib/main.js");
const slim = await load("slim.mjs");

const OURS = `
  import { transforms } from "vega-dataflow";
  import { parse } from "vega-parser";
  import { extend } from "vega-util";
  import { View } from "vega-view";
  import { expressions as expr } from "./src/expressions.ts";
  import * as offered from "./src/vega-transforms.ts";
  extend(transforms, offered);
  window.vegas = { ...window.vegas, ours: { parse, View, expr } };`;
const PUBLISHED = `
  import { parse, View } from "vega";
  import { expressionInterpreter as expr } from "vega-interpreter";
  window.vegas = { ...window.vegas, published: { parse, View, expr } };`;

for (const [name, contents, plugins] of [
  ["ours", OURS, [slim.vega]],
  ["published", PUBLISHED, []],
]) {
  await esbuild.build({
    stdin: { contents, resolveDir: runtime },
    outfile: join(out, `${name}.js`),
    bundle: true,
    format: "iife",
    platform: "browser",
    target: "es2022",
    plugins,
    logLevel: "warning",
  });
}
