import assert from "node:assert/strict";
import { test } from "node:test";
import type { TextSpec } from "../src/payload.js";
import { tokenizerOf } from "../src/tokens.js";
import cases from "../../../tests/token_cases.json" with { type: "json" };

/** The page and the build must read the same: `tokens.py` is tested with the same table. */
for (const { spec, texts } of cases) {
  const { cut, lowercase } = spec;
  for (const [text, expected] of Object.entries(texts)) {
    test(`'${text}' is cut into ${cut}${lowercase ? ", lower-cased," : ""} as in PyTorch`, () => {
      const tokens = tokenizerOf(spec as unknown as TextSpec).tokens(text);
      assert.deepEqual(tokens.map((token) => [token.text, token.id]), expected);
    });
  }
}

test("the model is fed as many ids as it takes, filled up with the padding's", () => {
  const [first] = cases;
  const spec = { ...first?.spec, shape: [4], vocabulary: "-\n?\na\nb", pad: 0, unknown: 1 } as unknown as TextSpec;
  assert.deepEqual([...tokenizerOf(spec).feed("aß")], [2, 1, 0, 0]);
  assert.deepEqual([...tokenizerOf(spec).feed("abab abab")], [2, 3, 2, 3]);
});
