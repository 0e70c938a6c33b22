/**
 * Plugins of the bundler that take Vega apart: vega.js has what most charts need, vega-more.js what
 * the rest of Vega-Lite's need, and vega-parse.js reads specifications when a site is built.
 */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { absent, replace } from "./slim.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const source = (name) => JSON.stringify(join(here, "src", name));

/** Vega's packages publish one-file builds that do not shake; their sources do. */
function fromSource(build) {
  // These three differ between Node and browsers, or have no sources; their builds are right.
  const built = new Set(["vega-canvas", "vega-loader", "vega-util"]);
  build.onResolve({ filter: /^vega-[a-z-]+$/ }, ({ path }) => {
    const index = join(modules, path, "index.js");
    if (built.has(path) || !existsSync(index)) return null;
    return { path: index, sideEffects: false };
  });
  build.onResolve({ filter: /^vega-[a-z-]+\/src\// }, ({ path }) => ({
    path: join(modules, path),
    sideEffects: false,
  }));
  // No file of theirs is imported for what it does, so that those nobody names are left out.
  build.onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) => {
    if (!/node_modules\/vega-[a-z-]+(\/|$)/.test(resolveDir)) return null;
    return { path: join(resolveDir, path), sideEffects: false };
  });
  replace(build, {
    // Tables as text: its reader makes code from strings, which a strict policy forbids.
    "d3-dsv/dist/d3-dsv.mjs": absent("dsvFormat"),
    "topojson-client/src/index.js": absent("feature", "mesh"),
    // The table of curves, to be joined with others.
    "vega-scenegraph/src/path/curves.js": edited(["const lookup", "export const lookup"]),
  });
}

/** Replaces parts of a file; each must be there once. */
function edited(...changes) {
  return (text) => {
    for (const [before, after] of changes) {
      if (text.split(before).length !== 2) {
        throw new Error(`slim-vega.mjs replaces '${before}', which is not there once.`);
      }
      text = text.replace(before, () => after);
    }
    return text;
  };
}

/** The Vega of nearly every chart. */
export const vega = {
  name: "vega-for-most",
  setup(build) {
    const late = source("vega-late.ts");
    // First, since the first that knows a file gives it.
    replace(build, {
      // Specifications are parsed at build. Expressions are closures of ours, made from trees; an
      // encoder without a list of what it sets sets its channels.
      "vega-runtime/src/expression.js": "export default {};",
      "vega-runtime/src/parameters.js": edited(
        ["'e:' + _.$expr.code", "'e:' + JSON.stringify(_.$expr)"],
        ["enc.$output", "enc.$output || enc.$expr.channels.filter((_, at) => at % 2 === 0)"],
      ),
      "vega-view/src/runtime.js": edited(
        [
          "import {functionContext} from 'vega-functions'",
          `import {words} from ${source("vega-words.ts")}`,
        ],
        ["functionContext,", "words,"],
      ),
      // What waits for vega-more.js.
      "vega-format/src/time.js": [
        "export { resetTimeFormatDefaultLocale, timeFormatDefaultLocale, timeFormatLocale }",
        `from ${late};`,
      ].join(" "),
      "vega-scale/src/interpolate.js": edited([
        "import * as $ from 'd3-interpolate'",
        `import { interpolators as $ } from ${late}`,
      ]),
      "vega-scale/src/scales.js": edited(
        ["scale(Time, $.scaleTime, [C, T]);", ""],
        ["scale(UTC, $.scaleUtc, [C, T]);", ""],
      ),
      "vega-scale/src/schemes.js": `export { scheme } from ${late};`,
      "vega-scale/src/ticks.js": edited(["from 'vega-time'", `from ${late}`]),
      "vega-scenegraph/src/path/curves.js": `export { curve as default } from ${late};`,
      "vega-statistics/src/bootstrapCI.js": `export { bootstrapCI as default } from ${late};`,
      // Our charts are drawn into a page, by one renderer, and have their controls outside.
      "vega-scenegraph/src/HybridRenderer.js":
        "export default undefined; export const setHybridRendererOptions = undefined;",
      "vega-scenegraph/src/HybridHandler.js": "export default undefined;",
      "vega-scenegraph/src/SVGStringRenderer.js": "export default undefined;",
      "vega-view/src/bind.js": "export default () => {};",
    });
    fromSource(build);
  },
};

/** What vega.js has lent in `kit` is taken from there (src/vega-kit.ts). */
const LENT = {
  "vega-dataflow": [
    "dataflow",
    [
      ...["Operator", "Transform", "derive", "ingest", "isTuple", "rederive", "replace"],
      ...["stableCompare", "tupleid"],
    ],
  ],
  // The last three are named by files of which the script keeps other parts.
  "vega-scenegraph": ["scenegraph", ["Bounds", "intersect", "Gradient", "pathParse", "pathRender"]],
};

/** The rest; the script is a function of `kit`. */
export const vegaMore = {
  name: "vega-for-the-rest",
  setup(build) {
    build.onResolve({ filter: /^vega-(dataflow|scenegraph)$/ }, ({ path }) => ({
      path,
      namespace: "lent",
      sideEffects: false,
    }));
    build.onLoad({ filter: /.*/, namespace: "lent" }, ({ path }) => {
      const [place, names] = LENT[path];
      return { contents: `export const { ${names.join(", ")} } = kit.${place};` };
    });
    fromSource(build);
  },
};

/** All of it, with the parser; runs at build. */
export const vegaParse = { name: "vega-parse", setup: fromSource };
