/**
 * Bundles the runtime into dist/: classic scripts, a style sheet, fonts, the search shim of
 * file:// pages, and the licences of everything in it. The same sources give the same bytes.
 */

import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import * as slim from "./slim.mjs";
import * as slimVega from "./slim-vega.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const dist = join(here, "dist");

/** The loader of the WebAssembly backend is given its binary; the one with threads is left out. */
const wasmFromScript = {
  name: "wasm-from-script",
  setup(build) {
    build.onResolve({ filter: /wasm-out\/tfjs-backend-wasm\.js$/ }, ({ importer }) =>
      importer.endsWith("wasm-binary.ts") ? null : { path: join(here, "src", "wasm-binary.ts") },
    );
    build.onResolve({ filter: /wasm-out\/tfjs-backend-wasm-threaded/ }, ({ path }) => ({
      path,
      namespace: "left-out",
    }));
    build.onLoad({ filter: /.*/, namespace: "left-out" }, () => ({
      contents: "export default undefined; export const wasmWorkerContents = undefined;",
    }));
  },
};

const SCRIPTS = {
  "explorables.js": { entry: "src/main.ts" },
  "engine-compiled.js": { entry: "src/engine-compiled.entry.ts" },
  "engine.js": { entry: "src/engine.entry.ts", plugins: [slim.tfjs] },
  "engine-wasm.js": { entry: "src/engine-wasm.entry.ts", plugins: [slim.tfjs, wasmFromScript] },
  "engine-webgl.js": { entry: "src/engine-webgl.entry.ts", plugins: [slim.tfjs] },
  "input-text.js": { entry: "src/input-text.entry.ts" },
  "input-picture.js": { entry: "src/input-picture.entry.ts" },
  "vega.js": { entry: "src/vega.entry.ts", plugins: [slimVega.vega] },
  "vega-more.js": {
    entry: "src/vega-more.entry.ts",
    plugins: [slimVega.vegaMore],
    around: ['explorables.provide("vega-more", (kit) => {', "});"],
  },
  // Only pages with a question load it.
  "guess/guess.js": { entry: "src/guess.entry.ts" },
  // These run when a site is built and are not part of it.
  "vega-parse.js": { entry: "src/vega-parse.entry.ts", plugins: [slimVega.vegaParse] },
  "katex.js": { entry: "src/katex.entry.ts" },
};

/** The first is part of every page; the others lie in folders that only some sites need. */
const STYLES = {
  "explorables.css": { entry: "src/explorables.css" },
  "guess/guess.css": { entry: "src/styles/guess.css" },
  "katex/katex.css": { entry: "src/styles/katex.css", plugins: [onlyWoff2()] },
};

/** Browsers that know what else we write need no older kind of font. */
function onlyWoff2() {
  return {
    name: "only-woff2",
    setup(build) {
      build.onLoad({ filter: /katex\.css$/ }, ({ path }) => ({
        contents: readFileSync(path, "utf8").replace(/,\s*url\([^)]*\)\s*format\("(?:woff|truetype)"\)/g, ""),
        loader: "css",
      }));
    },
  };
}

const FONTS = [
  { package: "@fontsource/inter", family: "inter", weights: [400, 700] },
  { package: "@fontsource/jetbrains-mono", family: "jetbrains-mono", weights: [400] },
];
const SUBSETS = ["latin", "latin-ext", "greek"];

/** Packages that publish no licence file of their own. */
const LICENSE_TEXTS = {
  "@tensorflow/tfjs-backend-cpu": "licenses/Apache-2.0.txt",
  "@tensorflow/tfjs-backend-wasm": "licenses/Apache-2.0.txt",
  "@tensorflow/tfjs-backend-webgl": "licenses/Apache-2.0.txt",
  "@tensorflow/tfjs-converter": "licenses/Apache-2.0.txt",
  "@tensorflow/tfjs-core": "licenses/Apache-2.0.txt",
  seedrandom: "licenses/seedrandom.txt",
};

async function bundle(name, { entry, plugins = [], around = ["", ""] }) {
  const result = await esbuild.build({
    absWorkingDir: here,
    entryPoints: [entry],
    outfile: join("dist", name),
    bundle: true,
    minify: true,
    format: "iife",
    platform: "browser",
    target: "es2022",
    charset: "ascii",
    legalComments: "none", // all of them are in LICENSES.txt
    banner: { js: `/*! Licences: LICENSES.txt */${around[0]}` },
    footer: { js: around[1] },
    loader: { ".wasm": "base64" },
    plugins,
    metafile: true,
    logLevel: "warning",
  });
  return Object.keys(result.metafile.inputs);
}

async function bundleStyle(name, { entry, plugins = [] }) {
  await esbuild.build({
    absWorkingDir: here,
    entryPoints: [entry],
    outfile: join("dist", name),
    bundle: true,
    plugins,
    minify: true,
    external: ["fonts/*"],
    // Container queries and nesting stay as written where these browsers know them.
    target: ["chrome111", "firefox113", "safari16.4"],
    logLevel: "warning",
  });
}

/** Web fonts, and one .woff of each weight, from which the build makes TTFs to draw charts with. */
function copyFonts() {
  mkdirSync(join(dist, "fonts"), { recursive: true });
  for (const { package: name, family, weights } of FONTS) {
    for (const weight of weights) {
      for (const subset of SUBSETS) {
        const stem = `${family}-${subset}-${weight}-normal`;
        const kinds = subset === "latin" ? ["woff2", "woff"] : ["woff2"];
        for (const kind of kinds) {
          const file = `${stem}.${kind}`;
          copyFileSync(join(modules, name, "files", file), join(dist, "fonts", file));
        }
      }
    }
  }
}

function copyFormulaFonts() {
  const from = join(modules, "katex", "dist", "fonts");
  const to = join(dist, "katex", "fonts");
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from).filter((name) => name.endsWith(".woff2"))) {
    copyFileSync(join(from, file), join(to, file));
  }
}

function packageOf(input) {
  const match = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input);
  return match === null ? null : match[1];
}

function licenseText(name) {
  const folder = join(modules, name);
  const candidates = ["LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "license"];
  const own = candidates.map((file) => join(folder, file)).find((file) => existsSync(file));
  const file = own ?? (LICENSE_TEXTS[name] && join(here, LICENSE_TEXTS[name]));
  if (!file) throw new Error(`No licence text for ${name}; add one to LICENSE_TEXTS in build.mjs.`);
  return readFileSync(file, "utf8").trim();
}

/** One text per licence, under the names of all packages that it covers. */
function writeLicenses(inputs) {
  const names = new Set(inputs.map(packageOf).filter((name) => name !== null));
  for (const font of FONTS) names.add(font.package);
  names.add("iframe-worker");
  const groups = new Map();
  for (const name of [...names].sort()) {
    const text = licenseText(name);
    const { version } = JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));
    groups.set(text, [...(groups.get(text) ?? []), `${name} ${version}`]);
  }
  groups.set(readFileSync(join(here, "licenses/KaTeX-fonts.txt"), "utf8").trim(), ["KaTeX's fonts"]);
  const rule = "-".repeat(78);
  const parts = [...groups].map(([text, packages]) => `${packages.join("\n")}\n\n${text}\n`);
  const head = "The files in this folder contain the following packages.\n";
  writeFileSync(join(dist, "LICENSES.txt"), [head, ...parts].join(`\n${rule}\n`));
}

function reportSizes() {
  for (const name of [...Object.keys(SCRIPTS), ...Object.keys(STYLES)]) {
    const bytes = readFileSync(join(dist, name));
    const zipped = gzipSync(bytes, { level: 9 }).length;
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
    const kilobytes = [bytes.length, zipped].map((size) => `${(size / 1000).toFixed(1)} kB`);
    console.log(`${name.padEnd(18)} ${kilobytes[0].padStart(9)} ${kilobytes[1].padStart(9)} gz  ${hash}`);
  }
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
const inputs = [];
for (const [name, options] of Object.entries(SCRIPTS)) inputs.push(...(await bundle(name, options)));
for (const [name, options] of Object.entries(STYLES)) await bundleStyle(name, options);
copyFonts();
copyFormulaFonts();
copyFileSync(join(modules, "iframe-worker", "shim", "index.js"), join(dist, "iframe-worker.js"));
writeLicenses(inputs);
reportSizes();
