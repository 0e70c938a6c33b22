/**
 * Runs many converted models in the runtime that the site ships.
 *
 *   node runner.mjs ENGINE JOBS RESULTS
 *
 * ENGINE is the classic script that a page loads; JOBS and RESULTS are JSON files. A job is
 * { model, weights, feeds, repeat } with tensors as { dtype, shape, data }, data in base64.
 * With { steps, feedback, watch } it runs once for each of `steps`, which are feeds that change;
 * `feedback` names the input that an output becomes in the next run.
 * A result is { outputs, history }: those of the last run, and those in `watch` of every step; or
 * { error }.
 *
 * A job { programs, chains } runs several models after one another: `programs` are { model, weights }
 * by name, and a chain is a list of { program, feeds }. What a program gives is fed to those after
 * it, on the backend as a page does it: an output under its own name, and `next.x` as `state.x`.
 * Its result is { chains }, a { outputs } of the last program or an { error } for each.
 */

import { readFileSync, writeFileSync } from "node:fs";
import vm from "node:vm";

const [enginePath, jobsPath, resultsPath] = process.argv.slice(2);

/** The script's own world: as little of a browser as the engine asks for. */
function loadEngine(path) {
  let provided;
  const world = {
    console,
    performance,
    setTimeout,
    clearTimeout,
    queueMicrotask,
    TextEncoder,
    TextDecoder,
    URL,
    atob,
    document: {},
    navigator: { userAgent: "" },
    location: { href: "file:///" },
    // The engine asks `instanceof`, so its arrays must be of the same realm as the feeds.
    ArrayBuffer,
    Float32Array,
    Int32Array,
    Uint8Array,
    Uint8ClampedArray,
    explorables: { provide: (_, value) => (provided = value) },
  };
  world.window = world;
  world.self = world;
  vm.runInNewContext(readFileSync(path, "utf8"), world, { filename: path });
  if (provided === undefined) throw new Error(`${path} provides no engine`);
  return provided;
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

function bytesOf(base64) {
  const bytes = Buffer.from(base64, "base64");
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

function decode({ dtype, shape, data }) {
  return { dtype, shape, data: new ARRAYS[dtype](bytesOf(data)) };
}

function encode({ dtype, shape, data }) {
  const whole = ARRAYS[dtype].from(data);
  const bytes = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength);
  return { dtype, shape, data: bytes.toString("base64") };
}

const map = (record, change) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

async function perform(engine, job) {
  const loaded = await engine.load(job.model, bytesOf(job.weights));
  try {
    const { steps = [], feedback = {}, watch = [] } = job;
    const runs = steps.length > 0 ? steps : Array(job.repeat ?? 1).fill({});
    const state = {};
    const history = [];
    let outputs;
    for (const step of runs) {
      const held = loaded.run({ ...map({ ...job.feeds, ...step }, decode), ...state });
      outputs = map(held, (tensor) => tensor.read());
      for (const tensor of Object.values(held)) tensor.release();
      for (const [output, input] of Object.entries(feedback)) state[input] = outputs[output];
      history.push(Object.fromEntries(watch.map((name) => [name, encode(outputs[name])])));
    }
    return { outputs: map(outputs, encode), history };
  } finally {
    loaded.dispose();
  }
}

async function performChains(engine, { programs, chains }) {
  const loaded = new Map();
  for (const [name, { model, weights }] of Object.entries(programs)) {
    const takes = Object.keys(model.signature.inputs);
    loaded.set(name, { takes, engine: await engine.load(model, bytesOf(weights)) });
  }
  const results = [];
  for (const chain of chains) {
    const made = [];
    try {
      const known = new Map();
      let last = {};
      for (const { program, feeds } of chain) {
        for (const [name, value] of Object.entries(feeds)) known.set(name, decode(value));
        const { takes, engine } = loaded.get(program);
        const lacks = takes.filter((name) => !known.has(name));
        if (lacks.length > 0) throw new Error(`${program} lacks ${lacks.join(", ")}`);
        last = engine.run(Object.fromEntries(takes.map((name) => [name, known.get(name)])));
        made.push(...Object.values(last));
        for (const [name, held] of Object.entries(last)) {
          known.set(name.replace(/^next\./, "state."), held);
        }
      }
      results.push({ outputs: map(last, (held) => encode(held.read())) });
    } catch (error) {
      results.push({ error: String(error?.stack ?? error) });
    }
    for (const held of made) held.release();
  }
  for (const { engine } of loaded.values()) engine.dispose();
  return { chains: results };
}

const engine = loadEngine(enginePath);
const results = {};
for (const [name, job] of Object.entries(JSON.parse(readFileSync(jobsPath, "utf8")))) {
  try {
    results[name] = await (job.chains ? performChains : perform)(engine, job);
  } catch (error) {
    results[name] = { error: String(error?.stack ?? error) };
  }
}
writeFileSync(resultsPath, JSON.stringify(results));
