/**
 * Bundles a page's scripts with Vegas: ours for most charts, as vega.js ships it; the same with what
 * vega-more.js brings; and the published one with its parser and interpreter.
 *
 *   node vega_pair.mjs RUNTIME OUT
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [runtime, out] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(runtime, path)).href);
const esbuild = await load("node_modules/esbuild/lib/main.js");
const slim = await load("slim-vega.mjs");

const ours = (name) => `
  import { transforms } from "vega-dataflow";
  import { extend } from "vega-util";
  import { View } from "vega-view";
  import { expressions as expr } from "./src/expressions.ts";
  import { kit } from "./src/vega-kit.ts";
  import * as offered from "./src/vega-transforms.ts";
  import { learn } from "./src/vega.ts";
  extend(transforms, offered);
  window.vegas = { ...window.vegas, ${name}: { View, expr, kit, learn } };`;
const MORE = 'import "./src/vega-more.entry.ts";';
const PUBLISHED = `
  import { parse, View } from "vega";
  import { expressionInterpreter as expr } from "vega-interpreter";
  window.vegas = { ...window.vegas, published: { parse, View, expr } };`;

for (const [name, contents, plugins, banner = "", footer = ""] of [
  ["most", ours("most"), [slim.vega]],
  ["all", ours("all"), [slim.vega]],
  ["more", MORE, [slim.vegaMore], "((kit) => {", "})(vegas.all.kit);"],
  ["published", PUBLISHED, []],
]) {
  await esbuild.build({
    stdin: { contents, resolveDir: runtime },
    outfile: join(out, `${name}.js`),
    bundle: true,
    format: "iife",
    platform: "browser",
    target: "es2022",
    banner: { js: banner },
    footer: { js: footer },
    plugins,
    logLevel: "warning",
  });
}
