/**
 * A plugin of the bundler that leaves out what no page of ours can reach of TensorFlow.js, and the
 * means for such plugins. What a graph may ask for is checked when a site is built; tests run all of
 * it in these bundles.
 */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const broadcasting = JSON.stringify(join(here, "src", "broadcasting.ts"));

/** Replaces files under node_modules, given by the end of their path, with other contents. */
export function replace(build, files) {
  for (const [end, contents] of Object.entries(files)) {
    const path = join(modules, end);
    if (!existsSync(path)) throw new Error(`slim.mjs replaces ${end}, which is not there.`);
    const filter = new RegExp(`${end.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
    build.onLoad({ filter }, () => ({
      contents: typeof contents === "function" ? contents(readFileSync(path, "utf8")) : contents,
    }));
  }
}

/** A module whose functions say that they are left out. */
export const absent = (...names) =>
  [
    'const absent = () => { throw new Error("This part of the library is left out."); };',
    `export { ${names.map((name) => `absent as ${name}`).join(", ")} };`,
  ].join("\n");

/** Kernels of operations that the converter never emits (site_builder/tfjs/tfops.py). */
const UNUSED_KERNELS = new RegExp(
  [
    "^(bincount|complexAbs|cropAndResize|denseBincount|diag|draw|einsum|fft|flipLeftRight|ifft)Config",
    "^(imag|linSpace|LRN|lrn|maxPool3D|maxPoolWithArgmax|multinomial|real|rotateWithOffset)Config",
    "^(searchSorted|staticRegexReplace|transform|unique|unsortedSegmentSum)Config",
    "^(nonMaxSuppression|ragged|sparse|string|dilation2[dD])",
    "Grad(Config)?$|Backprop(Filter|InputV2)|NativeBackpropInput", // of automatic differentiation
  ].join("|"),
  "i",
);

/** Takes kernels out of the list that a backend registers. */
function fewerKernels(list) {
  const start = list.indexOf("const kernelConfigs = [");
  if (start < 0) throw new Error("The backend's list of kernels is no longer written as it was.");
  const kept = list
    .slice(start)
    .split("\n")
    .filter((line) => !UNUSED_KERNELS.test(line.trim().replace(/,$/, "")));
  return list.slice(0, start) + kept.join("\n");
}

/** A browser's platform that registers no places to store models in. */
function withoutStores(platform) {
  const stores = /^import .*\.\.\/io\/.*$|^ *ModelStoreManagerRegistry\..*$/gm;
  if (platform.match(stores)?.length !== 5) {
    throw new Error("The browser's platform is no longer written as it was.");
  }
  return platform.replace(stores, "");
}

/** TensorFlow.js without what loads, stores, trains, and draws random numbers. */
export const tfjs = {
  name: "tfjs-for-graphs",
  setup(build) {
    const tf = "@tensorflow/";
    const executor = absent("executeOp");
    const files = {
      [`${tf}tfjs-core/dist/optimizers/register_optimizers.js`]: absent("registerOptimizers").replace(
        /throw[^}]*/,
        "",
      ),
      // Graphs come from memory.
      [`${tf}tfjs-core/dist/io/indexed_db.js`]: "",
      [`${tf}tfjs-core/dist/io/local_storage.js`]: "",
      [`${tf}tfjs-core/dist/io/browser_files.js`]: absent("browserFiles"),
      [`${tf}tfjs-core/dist/io/http.js`]: absent("browserHTTPRequest", "http", "isHTTPScheme"),
      [`${tf}tfjs-core/dist/io/model_management.js`]: absent(
        ...["copyModel", "listModels", "moveModel", "removeModel"],
      ),
      [`${tf}tfjs-core/dist/platforms/platform_browser.js`]: withoutStores,
      [`${tf}tfjs-core/dist/io/weights_loader.js`]: absent("loadWeights", "weightsLoaderFactory"),
      // Text, and random numbers: ours are drawn outside, alike in Python.
      [`${tf}tfjs-core/dist/hash_util.js`]: absent("hexToLong", "fingerPrint64"),
      [`${tf}tfjs-core/dist/ops/rand_util.js`]: absent(
        ...["MPRandGauss", "RandGamma", "UniformRandom"],
      ),
    };
    // The same numbers, sooner.
    const impl = `${tf}tfjs-backend-cpu/dist/`;
    files[`${impl}utils/binary_impl.js`] = `export { createSimpleBinaryKernelImpl } from ${broadcasting};`;
    files[`${impl}kernels/Tile_impl.js`] = `export { tileImpl } from ${broadcasting};`;
    for (const kind of ["control", "dynamic", "hash_table", "sparse", "spectral", "string"]) {
      files[`${tf}tfjs-converter/dist/operations/op_list/${kind}.js`] = "export const json = [];";
      files[`${tf}tfjs-converter/dist/operations/executors/${kind}_executor.js`] = executor;
    }
    files[`${tf}tfjs-converter/dist/operations/executors/ragged_executor.js`] = executor;
    for (const backend of ["cpu", "wasm", "webgl"]) {
      files[`${tf}tfjs-backend-${backend}/dist/register_all_kernels.js`] = fewerKernels;
    }
    replace(build, files);
  },
};
