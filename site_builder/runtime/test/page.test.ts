import assert from "node:assert/strict";
import { test } from "node:test";
import type { Explorable } from "../src/explorable.js";
import { Page, type AddressBar, type Member } from "../src/page.js";
import type { Delivery, Payload } from "../src/payload.js";
import { clockworkModule, clockworkDelivery, clockworkPayload, clockworkVariant } from "./clockwork.js";
import type { GraphModelJson } from "../src/tensor.js";
import { during, FakeFrames } from "./payloads.js";

const BASE = "https://site/runtime/explorables.js";

/** A page whose scripts deliver what their names say; those in `missing` cannot be loaded. */
function aPage(options: { payload?: Payload; programs?: Partial<Delivery>; backend?: AddressBar["backend"]; missing?: string[] } = {}) {
  const { payload = clockworkPayload(), programs = {}, backend = null, missing = [] } = options;
  const loaded: string[] = [];
  const frames = new FakeFrames();
  const entered: Explorable[] = [];
  const address: AddressBar = {
    backend,
    enter: (explorable) => void entered.push(explorable),
    leave: (explorable) => void entered.splice(entered.indexOf(explorable), 1),
  };
  const scripts: Record<string, () => void> = {
    "https://site/runtime/engine.js": () => face.provide("engine", clockworkModule({}, "cpu")),
    "https://site/runtime/engine-wasm.js": () => face.provide("engine", clockworkModule({}, "wasm")),
    "https://site/payloads/clockwork.js": () => {
      face.define(payload);
      face.define({ ...clockworkDelivery(1), ...programs });
    },
    "https://site/payloads/two.js": () => {
      face.define(clockworkVariant(2));
      face.define(clockworkDelivery(2));
    },
  };
  const load = async (url: string) => {
    loaded.push(url.slice("https://site/".length));
    if (missing.some((name) => url.endsWith(name))) throw new Error(`cannot load ${url}`);
    scripts[url]?.();
  };
  const page = new Page(BASE, load, frames.request, address);
  const face = page.publicFace();
  const member = (isFigure: boolean): Member => ({
    explorableName: "clockwork",
    payloadUrl: "https://site/payloads/clockwork.js",
    isFigure,
    hydrate: () => Promise.resolve(),
  });
  return { page, face, frames, loaded, entered, member };
}

test("the payload says which engine is loaded, and no other is", async () => {
  const payload: Payload = { ...clockworkPayload(), backend: { name: "wasm", why: "large" } };
  const { page, face, member, loaded } = aPage({ payload });
  page.join(member(true));
  await face.get("clockwork").ready;
  assert.deepEqual(loaded, ["payloads/clockwork.js", "runtime/engine-wasm.js"]);
  assert.equal(face.get("clockwork").backend, "wasm");
});

test("the link overrules the payload's engine", async () => {
  const { page, face, member } = aPage({ backend: "wasm" });
  page.join(member(true));
  await face.get("clockwork").ready;
  assert.equal(face.get("clockwork").backend, "wasm");
});

test("an engine whose script is missing gives way to the one that runs everywhere", async () => {
  const { page, face, member } = aPage({ backend: "wasm", missing: ["engine-wasm.js"] });
  page.join(member(true));
  await face.get("clockwork").ready;
  assert.equal(face.get("clockwork").backend, "cpu");
});

test("a variant's script lies beside the payload and is loaded once", async () => {
  const { page, face, frames, member, loaded } = aPage();
  page.join(member(true));
  const handle = face.get("clockwork");
  for (const scale of [1, 0, 1]) await during(handle.set({ scale }), frames);
  assert.equal(loaded.filter((url) => url === "payloads/two.js").length, 1);
  assert.equal((handle.outputs["x"] as unknown[]).length, 3);
});

test("a variant whose script could not be had is asked for again", async () => {
  const missing = ["two.js"];
  const { page, face, frames, member } = aPage({ missing });
  page.join(member(true));
  const handle = face.get("clockwork");
  await assert.rejects(during(handle.set({ scale: 1 }), frames));
  missing.pop();
  await during(handle.set({ scale: 1 }), frames);
  assert.equal(handle.inputs["scale"], 1);
});

test("the handle plays, pauses, steps and starts over", async () => {
  const { page, face, frames, member } = aPage();
  page.join(member(true));
  const handle = face.get("clockwork");
  assert.equal(handle.time, null);
  await handle.play();
  await frames.next();
  await handle.pause();
  assert.deepEqual(handle.time, { steps: 5, playing: false });
  await during(handle.step(2), frames);
  assert.equal(handle.outputs["largest"], 128);
  const file = await during(handle.save(), frames);
  await during(handle.reset(), frames);
  assert.deepEqual(handle.time, { steps: 0, playing: false });
  await during(handle.load(file), frames);
  assert.deepEqual(handle.time, { steps: 7, playing: false });
});

test("when its last figure leaves, playing pauses; when it returns, the state is the same", async () => {
  const { page, face, frames, member, entered } = aPage();
  const leave = [true, true, false].map((isFigure) => page.join(member(isFigure)));
  const handle = face.get("clockwork");
  await handle.play();
  await frames.next();
  leave[0]?.();
  await frames.next();
  assert.equal(handle.time?.playing, true); // another figure still shows it
  leave[1]?.();
  await frames.next();
  assert.equal(handle.time?.playing, false);
  const steps = handle.time?.steps;
  leave[2]?.();
  await frames.next();
  assert.equal(entered.length, 0);
  page.join(member(true));
  assert.equal(entered.length, 1);
  assert.equal(handle.time?.steps, steps);
});

test("a figure that is only moved within the page plays on", async () => {
  const { page, face, frames, member } = aPage();
  const leave = page.join(member(true));
  const handle = face.get("clockwork");
  await handle.play();
  leave();
  page.join(member(true));
  await frames.next();
  assert.equal(handle.time?.playing, true);
});

test("without time there is nothing to play", async () => {
  const { forward } = clockworkDelivery(1).programs;
  const model = { ...forward.model, signature: { inputs: {}, outputs: {} } } as GraphModelJson;
  const payload: Payload = { ...clockworkPayload(), time: null, fixture: {}, outputs: [] };
  const programs = { programs: { forward: { ...forward, model } } };
  const { page, face, member } = aPage({ payload, programs });
  page.join(member(true));
  await assert.rejects(face.get("clockwork").play(), /'clockwork' has no time/);
});
