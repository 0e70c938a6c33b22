import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptValue, feedsOf, sameValue, spokenValue, startValue, type InputValue } from "../src/inputs.js";
import { lateScripts, learn, type LateKind } from "../src/late-kinds.js";
import { decodeValue, encodeValue, textsOf } from "../src/link.js";
import { Page } from "../src/page.js";
import type { PictureSpec, TextSpec } from "../src/payload.js";
import { pictureKind } from "../src/picture-kind.js";
import { textKind } from "../src/text-kind.js";
import { clockworkDelivery, clockworkModule, clockworkPayload } from "./clockwork.js";
import { everyKind } from "./kinds.js";
import { FakeFrames } from "./payloads.js";

const text: TextSpec = {
  kind: "text", name: "line", label: "Line", dtype: "int32", shape: [4], vocabulary: "-\n?\na\nb\n ",
  cut: "characters", lowercase: true, unknown: 1, pad: 0, letters: "1t q 6 q", longest: 30,
  examples: ["abba"], default: "ab",
};
const picture: PictureSpec = {
  kind: "picture", name: "photo", label: "Photo", dtype: "float32", shape: [3, 1, 2], fit: "cover",
  examples: [{ label: "a flag", pixels: btoa("\x00\xff\x33\x00\x00\x66") }], default: null,
};
/** More than a link holds. */
const large: PictureSpec = { ...picture, shape: [1, 111, 111], examples: [{ label: "night", pixels: btoa("\x00".repeat(111 * 111)) }] };

test("an input whose code is not here says so", () => {
  assert.throws(() => startValue(text), /'text' is not here/);
  learn(textKind as LateKind);
  learn(pictureKind as LateKind);
  assert.equal(startValue(text), "ab");
});

test("only the kinds that a page has are asked for, each once", () => {
  assert.deepEqual(lateScripts(everyKind()), []);
  assert.deepEqual(lateScripts([...everyKind(), text, picture, { ...text, name: "other" }]), [
    ["text", "input-text.js"],
    ["picture", "input-picture.js"],
  ]);
});

test("a page loads the code of an input before its explorable starts", async () => {
  const loaded: string[] = [];
  const payload = { ...clockworkPayload(), inputs: [...clockworkPayload().inputs, text] };
  const scripts: Record<string, () => void> = {
    "input-text.js": () => face.provide("input", textKind as LateKind),
    "engine.js": () => face.provide("engine", clockworkModule({}, "cpu")),
    "clockwork.js": () => {
      face.define(payload);
      face.define(clockworkDelivery(1));
    },
  };
  const load = (url: string) => {
    const file = url.slice(url.lastIndexOf("/") + 1);
    loaded.push(file);
    scripts[file]?.();
    return Promise.resolve();
  };
  const address = { backend: null, enter: () => undefined, leave: () => undefined };
  const page = new Page("https://site/runtime/explorables.js", load, new FakeFrames().request, address);
  const face = page.publicFace();
  const explorable = await page.open("clockwork", "https://site/clockwork.js");
  assert.deepEqual(loaded, ["clockwork.js", "engine.js", "input-text.js"]);
  assert.equal(explorable.input("line"), "ab");
});

test("a text enters the model as ids, and a sentence shows it", () => {
  const fed = { data: Int32Array.of(2, 1, 3, 0), shape: [4], dtype: "int32" };
  assert.deepEqual(feedsOf(text, "AßB"), { line: fed });
  assert.equal(spokenValue(text, "<b>"), "<b>");
});

test("a text is one line of characters that can be written down", () => {
  assert.equal(acceptValue(text, "a\r\nb\u2028c"), "a b c");
  assert.equal(acceptValue(text, "a\ud800b"), "a\ufffdb");
  assert.equal(acceptValue(text, "🦄".repeat(30)), "🦄".repeat(30));
  for (const refused of ["a".repeat(31), 3, null, ["a"]]) {
    assert.throws(() => acceptValue(text, refused), /'line' takes a line of text of at most 30 characters/);
  }
});

for (const value of ["", "ab", "a&b=c#d%20e+f", "'()!*~", "<img src=x onerror=alert(1)>", "\"><script>", "größe 🦄", "a\u0000b", "e\u0301"]) {
  test(`the text '${value}' comes back from a link as it was, in harmless letters`, () => {
    const written = encodeValue(text, value);
    assert.match(written, /^[\w.%-]*$/);
    assert.equal(decodeValue(text, written), value);
  });
}

test("a text that no link can mean is refused", () => {
  for (const refused of ["%", "%zz", "%ff", "%ed%a0%80", "a".repeat(31)]) {
    assert.throws(() => decodeValue(text, refused), Error, refused);
  }
});

test("a picture enters the model channel by channel, and is called by its example's name", () => {
  const flag = Float32Array.from([0, 255, 51, 0, 0, 102], (level) => level / 255);
  const value = decodeValue(picture, "0");
  assert.deepEqual(value, flag);
  assert.deepEqual(feedsOf(picture, value), { photo: { data: flag, shape: [3, 1, 2], dtype: "float32" } });
  assert.equal(spokenValue(picture, value), "a flag");
  assert.equal(spokenValue(picture, startValue(picture)), "all black");
  assert.equal(spokenValue(picture, new Float32Array(6).fill(1)), "your own picture");
});

test("a picture comes back from a link level by level, an example by its number", () => {
  assert.equal(encodeValue(picture, decodeValue(picture, "0")), "0");
  const own = Float32Array.from([1, 2, 3, 254, 255, 0], (level) => level / 255);
  const written = encodeValue(picture, own);
  assert.equal(written, "pAQID_v8A");
  assert.deepEqual(decodeValue(picture, written), own);
});

test("a picture that no link can mean is refused", () => {
  for (const refused of ["", "1", "-1", "p", "pAQID", "pAQID_v8AAA", "p<svg>", "0x0", "AQID_v8A"]) {
    assert.throws(() => decodeValue(picture, refused), Error, refused);
  }
  for (const refused of [[0, 0], [0, 0, 0, 0, 0, 1.1], [0, 0, 0, 0, 0, NaN], "p", null]) {
    assert.throws(() => acceptValue(picture, refused), /6 numbers from 0 to 1 \(3 by 1 by 2: channels, height, width\)/);
  }
});

test("a large picture of the reader's own stays out of the link, and a large example is its number", () => {
  const written = (value: InputValue) => [...textsOf([large], () => value)];
  assert.deepEqual(written(new Float32Array(111 * 111).fill(1)), []);
  const lit = { ...large, examples: [{ label: "day", pixels: btoa("\xff".repeat(111 * 111)) }] };
  assert.deepEqual([...textsOf([lit], () => new Float32Array(111 * 111).fill(1))], [["photo", "0"]]);
});

test("nobody can change an example by what is handed out", () => {
  const [first, second] = [acceptValue(picture, startValue(picture)), startValue(picture)];
  (first as Float32Array)[0] = 1;
  assert.ok(sameValue(second, new Float32Array(6)));
});
