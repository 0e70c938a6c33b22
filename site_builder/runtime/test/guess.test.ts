import assert from "node:assert/strict";
import { test } from "node:test";
import { completed, heightAt } from "../src/guess-curve.js";
import { answerOf, saidOfChoice, saidOfCurve, saidOfNumber } from "../src/guess-words.js";

test("a number is told with the answer and which way it is off", () => {
  assert.equal(saidOfNumber("12", 10, "10", "threats"), "You said 12 threats; it is 10. Your guess is too high.");
  assert.equal(saidOfNumber("-3", 10, "10", ""), "You said -3; it is 10. Your guess is too low.");
  assert.equal(saidOfNumber("38", 40, "40", "%"), "You said 38%; it is 40. Your guess is too low.");
});

test("a number that rounds to the shown answer is right", () => {
  assert.equal(saidOfNumber("10", 10, "10", ""), "You said 10, and 10 it is.");
  assert.equal(saidOfNumber("0.124", 0.12, "0.12", ""), "You said 0.124, and 0.12 it is.");
  assert.match(saidOfNumber("0.126", 0.12, "0.12", ""), /too high/);
});

test("a choice is told to be right or not in words", () => {
  assert.equal(saidOfChoice("fast", "fast"), "You said fast, and that is right.");
  assert.equal(saidOfChoice("slow", "fast"), "You said slow; it is fast.");
});

test("a reader who would not guess is told the answer with its unit", () => {
  assert.equal(answerOf({ kind: "number", answer: 40, shown: "40", unit: "%" }), "It is 40%.");
  assert.equal(answerOf({ kind: "choice", answer: "fast" }), "It is fast.");
});

test("a drawn curve is linear between what was drawn, and flat beyond", () => {
  assert.deepEqual(completed([null, 1, null, null, 4, null]), [1, 1, 2, 3, 4, 4]);
  assert.deepEqual(completed([null, 7]), [7, 7]);
  assert.equal(completed([null, null]), null);
});

test("the true curve is linear between its points, wherever they lie", () => {
  const points = [[0, 0], [1, 10], [4, 40]] as const; // prettier-ignore
  assert.deepEqual([-1, 0, 0.5, 1, 2.5, 4, 9].map((x) => heightAt(points, x)), [0, 0, 5, 10, 25, 40, 40]);
});

test("a drawn curve is told by its mean distance and the side on which most of it lies", () => {
  const said = (drawn: number[]) => saidOfCurve(drawn, [1, 2, 3], [0, 10]);
  assert.equal(
    said([2, 3, 5]),
    "On average your curve is 1.3 away from the true one, mostly above it; the axis goes from 0 to 10.",
  );
  assert.match(said([0, 1, 2]), /1 away from the true one, mostly below it;/);
  assert.match(said([3, 0, 3]), /1.3 away from the true one; the axis/);
  assert.equal(said([1, 2, 3.1]), "Your curve lies on the true one.");
});
