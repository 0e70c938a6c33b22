import assert from "node:assert/strict";
import { test } from "node:test";
import { formatValue, readValue } from "../src/format.js";
import cases from "../../../tests/value_cases.json" with { type: "json" };

test("keeps as many decimals as the author typed", () => {
  assert.equal(formatValue(3.14159, "3.0"), "3.1");
  assert.equal(formatValue(12, "12"), "12");
  assert.equal(formatValue(2, "0.125"), "2.000");
});

test("rounds halves away from zero on the exact double", () => {
  assert.equal(formatValue(0.5, "1"), "1");
  assert.equal(formatValue(2.5, "1"), "3");
  assert.equal(formatValue(-2.5, "1"), "-3");
  assert.equal(formatValue(1.005, "1.00"), "1.00"); // the double lies below 1.005
});

test("groups thousands only where the author did", () => {
  assert.equal(formatValue(1234567.5, "1,000"), "1,234,568");
  assert.equal(formatValue(-1234.5, "1,000.0"), "-1,234.5");
  assert.equal(formatValue(999, "1,000"), "999");
  assert.equal(formatValue(1234567, "1000"), "1234567");
});

test("a percent sign right after the number multiplies by a hundred", () => {
  assert.equal(formatValue(0.876, "12%"), "88%");
  assert.equal(formatValue(0.876, "12.0 %"), "87.6 %");
  assert.equal(formatValue(0.876, "12\u00a0%"), "88\u00a0%");
  assert.equal(formatValue(0.876, "0.9 or 90%"), "0.9 or 90%"); // the first number is the pattern
});

test("keeps the words around the number", () => {
  assert.equal(formatValue(7, "about 12 alarms"), "about 7 alarms");
  assert.equal(formatValue(-4, "-3 °C"), "-4 °C");
});

test("negative zero has no sign", () => {
  assert.equal(formatValue(-0.04, "1.0"), "0.0");
  assert.equal(formatValue(-0, "1"), "0");
  assert.equal(formatValue(-0.0004, "1%"), "0%");
});

test("numbers that are none are said in words", () => {
  assert.equal(formatValue(NaN, "12%"), "not a number");
  assert.equal(formatValue(Infinity, "1.0"), "infinity");
  assert.equal(formatValue(-Infinity, "1.0"), "-infinity");
});

test("a word replaces the whole text, and a switch is on or off", () => {
  assert.equal(formatValue("one-class SVM", "k-means"), "one-class SVM");
  assert.equal(formatValue(true, "off"), "on");
  assert.equal(formatValue(false, "on"), "off");
});

/** The page and the build must write the same numbers: `values.py` is tested with the same table. */
for (const { value, text, shown } of cases) {
  test(`${String(value)} in the format of '${text}' is '${shown}', as in Python`, () => {
    const special: Record<string, number> = { NaN, Infinity, "-Infinity": -Infinity };
    const number = typeof value === "string" ? special[value] : undefined;
    assert.equal(formatValue(number ?? value, text), shown);
  });
}

test("what a reader types is a number in the format's unit", () => {
  const cases: [string, string, number][] = [
    ["0.5", "3.0", 0.5], [" -2 ", "3.0", -2], ["\u22122", "3.0", -2], [".5", "3.0", 0.5], ["1e-3", "3.0", 0.001],
    ["85", "90%", 0.85], ["85%", "90%", 0.85], ["85 %", "0.9", 0.85], ["7", "20 points", 7],
    ["0,5", "3.0", 0.5], ["1,234", "3.0", 1.234], ["1,234", "1,000", 1234], ["1,234.5", "3.0", 1234.5],
    ["12,5", "1,000", 12.5], ["29%", "1%", 0.29],
  ];
  for (const [typed, format, value] of cases) assert.equal(readValue(typed, format), value, typed);
});

test("what is no number is told apart", () => {
  for (const typed of ["", "-", ".", "fast", "1 2", "1,2,3", "0x10", "Infinity", "NaN", "5 km", "--1"]) {
    assert.ok(Number.isNaN(readValue(typed, "3.0")), typed);
  }
});
