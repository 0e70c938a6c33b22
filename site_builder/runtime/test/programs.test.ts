import assert from "node:assert/strict";
import { test } from "node:test";
import { loadPrograms } from "../src/programs.js";
import { releaseAll, type TensorValue } from "../src/tensor.js";
import { count, fakeModule, float, program } from "./payloads.js";

test("what no input stands behind is computed once, whatever is fed afterwards", async () => {
  let runs = 0;
  const module = fakeModule((model) => (feeds) => {
    if (!("fixed.0" in model.signature.outputs)) return { y: feeds["fixed.0"] as TensorValue };
    runs++;
    return { "fixed.0": float([7]) };
  });
  const whole = { ...program(["x", "fixed.0"], ["y"]), prologue: program([], ["fixed.0"]) };
  const { forward } = await loadPrograms(module, { forward: whole });
  for (const x of [1, 2, 3]) {
    const made = forward.run(() => float([x]), x);
    assert.deepEqual(made["y"]?.read(), float([7]));
    releaseAll(made);
  }
  assert.equal(runs, 1);
  forward.dispose();
  assert.equal(count.held, 0);
});
