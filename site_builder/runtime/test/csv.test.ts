import assert from "node:assert/strict";
import { test } from "node:test";
import { CsvError, parsePoints } from "../src/csv.js";
import type { PointsSpec } from "../src/payload.js";

const SPEC: PointsSpec = {
  kind: "points",
  name: "own",
  label: "Own points",
  dtype: "float32",
  shape: [4, 2],
  capacity: 4,
  x: [-6, 6],
  y: [-6, 6],
  labels: ["orange", "Sky, blue"],
  value: null,
  default: [],
};
const BARE: PointsSpec = { ...SPEC, labels: null };
const VALUED: PointsSpec = { ...SPEC, value: [-1, 1] };

const said = (text: string, spec = SPEC): string => {
  try {
    parsePoints(text, spec);
  } catch (error) {
    assert.ok(error instanceof CsvError);
    return error.message;
  }
  assert.fail("nothing was said");
};

test("a file with a heading, quotes, spaces and empty lines is read", () => {
  const text = '\uFEFFx,y,label\r\n1, -2.5 ,orange\r\n\r\n"3","1e-1","sky, Blue"\r\n';
  assert.deepEqual(parsePoints(text, SPEC), [
    [1, -2.5, 0],
    [3, 0.1, 1],
  ]);
});

test("labels may be given by their number", () => {
  assert.deepEqual(parsePoints("0,0,1\n1,1,0", SPEC), [
    [0, 0, 1],
    [1, 1, 0],
  ]);
});

test("a value is a number in its range or the word for one of its ends", () => {
  assert.deepEqual(parsePoints("x,y,value\n0,0,0.25\n1,1,orange\n2,2,-1", VALUED), [
    [0, 0, 0.25],
    [1, 1, -1],
    [2, 2, -1],
  ]);
  assert.deepEqual(parsePoints("0;0;-0,5", VALUED), [[0, 0, -0.5]]);
  assert.equal(said("1,1,2", VALUED), "Line 1: the value is 2; it must lie between -1 and 1.");
  assert.equal(
    said("1,1,green", VALUED),
    "Line 1: the value is 'green', which is no number and not orange or Sky, blue.",
  );
  assert.match(said("1,1", VALUED), /Each line needs x,y,value, with a value from -1 to 1, or one of the words orange/);
});

test("semicolons and tabs separate too, and then a comma is a decimal point", () => {
  assert.deepEqual(parsePoints("1,5;-2,25;orange", SPEC), [[1.5, -2.25, 0]]);
  assert.deepEqual(parsePoints("x\ty\n1,5\t2", BARE), [[1.5, 2, 0]]);
});

test("points without labels need two columns, and further ones are left alone", () => {
  assert.deepEqual(parsePoints("1,2\n3,4,whatever", BARE), [
    [1, 2, 0],
    [3, 4, 0],
  ]);
});

test("each mistake is told with its line and what would have been right", () => {
  assert.equal(said("1,2,orange\n1,two,orange"), "Line 2: y is 'two', which is no number.");
  assert.equal(said("\n7,2,orange"), "Line 2: x is 7; it must lie between -6 and 6.");
  assert.match(said("1,2,red"), /^Line 1: the label is 'red'; known: orange, Sky, blue, or their numbers/);
  assert.match(said("1,2"), /^Line 1 has 2 fields\. Each line needs x,y,label, with one of the labels/);
  assert.match(said("1,2,"), /^Line 1 has 2 fields\./);
  assert.match(said("5", BARE), /^Line 1 has 1 field\. Each line needs x,y\.$/);
  assert.equal(said("1,2\n".repeat(5), BARE), "The file has 5 points; there is room for 4.");
});

test("a file without points says so, even where it has a heading", () => {
  assert.match(said(""), /^The file holds no points\./);
  assert.match(said("x,y,label\n"), /^The file holds no points\./);
});

test("only decimal numbers are numbers, and a second heading is a mistake", () => {
  for (const odd of ["0x10", "Infinity", "NaN", "1 2", "", "--1"]) {
    assert.match(said(`1,1\n${odd},1`, BARE), /^Line 2: x is '.*', which is no number\.$/);
  }
  assert.match(said("x,y\nx,y\n1,1", BARE), /^Line 2: x is 'x'/);
});

test("a file that is no text at all gets a short answer", () => {
  const message = said(`\u0000\u0001${"\u0002".repeat(5000)},1,orange\n1,\u0007${"z".repeat(5000)},orange`);
  assert.ok(message.length < 200);
});
