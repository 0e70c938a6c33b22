import assert from "node:assert/strict";
import { test } from "node:test";
import { Deliveries } from "../src/loader.js";
import { Problem } from "../src/problem.js";

test("a part is loaded once, however many ask for it", async () => {
  const loaded: string[] = [];
  const parts = new Deliveries<number>(async (url) => {
    loaded.push(url);
    parts.deliver("engine", 42);
  });
  const [a, b] = await Promise.all([parts.fetch("engine", "x/engine.js"), parts.fetch("engine", "x/engine.js")]);
  assert.deepEqual([a, b, loaded], [42, 42, ["x/engine.js"]]);
});

test("a part that came by itself is not loaded", async () => {
  const parts = new Deliveries<number>(() => Promise.reject(new Error("not needed")));
  parts.deliver("anomaly", 7);
  assert.equal(await parts.fetch("anomaly", "x/anomaly.js"), 7);
});

test("a script that runs and delivers something else is a problem that names its file", async () => {
  const parts = new Deliveries<number>(() => Promise.resolve());
  await assert.rejects(parts.fetch("anomaly", "x/anomaly.1a2b.js"), (error) => {
    assert.ok(error instanceof Problem);
    assert.match(error.message, /could not be loaded \(anomaly\.1a2b\.js\)/);
    return true;
  });
});
