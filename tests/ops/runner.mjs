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
 * { error }. A job with `others`, other feeds of the same sizes, is examined instead, and its result
 * is { faults }: where the engine does not keep what it promises of repeated and of partial runs.
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

/** A compiled program stands as a function in a page's payload, and as text in a job. */
function load(engine, { model, weights }) {
  const ready = model.code === undefined ? model : { ...model, bind: (0, eval)(model.code) };
  return engine.load(ready, bytesOf(weights));
}

const inputsOf = (model) => model.inputs ?? Object.keys(model.signature.inputs);

async function perform(engine, job) {
  const loaded = await load(engine, job);
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

/** An engine that has run before is compared with one that has not. */
async function examine(engine, job) {
  const { feedback = {}, names } = job;
  const [feeds, others] = [map(job.feeds, decode), map(job.others, decode)];
  const faults = [];
  const text = (held) => map(held, (tensor) => JSON.stringify(encode(tensor.read())));
  const check = (what, found, wanted) => {
    for (const name of Object.keys(found)) {
      if (found[name] !== wanted[name]) faults.push(`${what}: ${name}`);
    }
  };
  const afresh = async (...given) => text((await load(engine, job)).run(...given));
  const wanted = await afresh(feeds);
  const used = await load(engine, job);
  check("first run", text(used.run(feeds)), wanted);
  check("second run", text(used.run(feeds)), wanted);
  for (const name of names) {
    check("one output", text(used.run(feeds, [name])), wanted);
    check("one output of a fresh engine", await afresh(feeds, [name]), wanted);
  }
  const mixed = { ...feeds };
  for (const name of Object.keys(others)) {
    mixed[name] = others[name];
    check(`another ${name}`, text(used.run(mixed)), await afresh(mixed));
  }
  // What an output was asked for alone must not leave others behind the times.
  for (const name of names) {
    used.run(others, [name]);
    check("all after one", text(used.run(feeds)), wanted);
  }
  let state = feeds;
  let one;
  for (let turn = 0; turn < 3; turn++) {
    const held = used.run(state);
    one = text(held);
    const values = map(held, (tensor) => tensor.read());
    const back = Object.entries(feedback).map(([output, input]) => [input, values[output]]);
    state = { ...state, ...Object.fromEntries(back) };
  }
  check("three turns at once", text(used.repeat(feeds, 3)), one);
  check("three turns of a fresh engine", text((await load(engine, job)).repeat(feeds, 3)), one);
  check("a run after three turns", text(used.run(feeds)), wanted);
  return { faults };
}

async function performChains(engine, { programs, chains }) {
  const loaded = new Map();
  for (const [name, program] of Object.entries(programs)) {
    loaded.set(name, { takes: inputsOf(program.model), engine: await load(engine, program) });
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
    const how = job.chains ? performChains : job.others ? examine : perform;
    results[name] = await how(engine, job);
  } catch (error) {
    results[name] = { error: String(error?.stack ?? error) };
  }
}
writeFileSync(resultsPath, JSON.stringify(results));
