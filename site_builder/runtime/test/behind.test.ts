import assert from "node:assert/strict";
import { test } from "node:test";
import { inputsBehind } from "../src/behind.js";

test("an output stands on the inputs that its nodes lead back to", () => {
  const node = [
    { name: "a", op: "Placeholder" },
    { name: "b", op: "Placeholder" },
    { name: "c", op: "Const" },
    { name: "parts", op: "Split", input: ["c", "a"] },
    { name: "sum", op: "AddV2", input: ["parts:1", "b"] },
    { name: "late", op: "Identity", input: ["parts", "^b"] },
  ];
  const inputs = { first: { name: "a:0" }, second: { name: "b:0" } };
  const outputs = {
    part: { name: "parts:1" },
    sum: { name: "sum:0" },
    late: { name: "late" },
    constant: { name: "c:0" },
    through: { name: "a:0" },
  };
  const model = { format: "", modelTopology: { node }, weightSpecs: [], signature: { inputs, outputs } };
  const behind = Object.fromEntries([...inputsBehind(model)].map(([key, set]) => [key, [...set].sort()]));
  assert.deepEqual(behind, {
    part: ["first"],
    sum: ["first", "second"],
    late: ["first", "second"],
    constant: [],
    through: ["first"],
  });
});

test("an output that the graph does not tell of stands on every input", () => {
  const signature = { inputs: { x: { name: "x:0" } }, outputs: { y: { name: "elsewhere:0" } } };
  const model = { format: "", modelTopology: {}, weightSpecs: [], signature };
  assert.deepEqual([...(inputsBehind(model).get("y") ?? [])], ["x"]);
});
