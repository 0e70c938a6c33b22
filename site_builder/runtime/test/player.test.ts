import assert from "node:assert/strict";
import { test } from "node:test";
import { Player } from "../src/player.js";

const STRIDES = [{ word: "batch", steps: 1 }, { word: "epoch", steps: "batches" }];
const stepsOf = ({ steps }: { steps: number | string }) => (steps === "batches" ? 50 : Number(steps));

function playing(words: string): Player {
  const player = new Player(STRIDES);
  player.speed = player.speeds.findIndex((speed) => speed.words === words);
  player.play();
  return player;
}

/** Steps taken in each of `frames` frames that come every `ms` milliseconds. */
function run(player: Player, frames: number, ms: number, most = Infinity): number[] {
  return Array.from({ length: frames }, (_, frame) => {
    const taken = Math.min(player.due(frame * ms, stepsOf), most);
    player.took(taken);
    return taken;
  });
}

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

test("one stride a second is one at once and one each second after", () => {
  const taken = run(playing("1 batch a second"), 190, 1000 / 60);
  assert.equal(taken[0], 1);
  assert.equal(sum(taken), 4);
});

test("ten a second are ten", () => {
  assert.equal(sum(run(playing("10 a second"), 122, 1000 / 60)), 21);
});

test("a stride a frame is finished before the next one begins", () => {
  assert.deepEqual(run(playing("1 epoch a frame"), 5, 16, 20), [20, 20, 10, 20, 20]);
  assert.deepEqual(run(playing("1 batch a frame"), 3, 16), [1, 1, 1]);
});

test("it starts with the longest stride a frame", () => {
  const player = new Player(STRIDES);
  assert.equal(player.speeds[player.speed]?.words, "1 epoch a frame");
});

test("as fast as possible always asks for more", () => {
  const player = playing("as fast as possible");
  assert.deepEqual(run(player, 2, 16, 7), [7, 7]);
  player.speed = 0;
  assert.ok(player.due(1000, stepsOf) <= 3); // nothing is owed from before
});

test("a rest, as of a hidden tab, is not made up for", () => {
  const player = playing("10 a second");
  player.took(player.due(0, stepsOf));
  assert.ok(player.due(60_000, stepsOf) <= 3);
});

test("nothing is due while it does not play", () => {
  const player = playing("1 epoch a frame");
  player.pause();
  assert.equal(player.due(0, stepsOf), 0);
});

test("steps a frame are held where they turn out to take too long, and grow again", () => {
  const player = playing("as fast as possible");
  player.hold(100, 50, 10);
  assert.equal(player.due(16, stepsOf), 20);
  player.hold(20, 5, 10);
  assert.equal(player.due(32, stepsOf), 40);
});

test("a page may open at a pace, which gives way to what the reader chooses", () => {
  const player = new Player(STRIDES);
  player.openAt(10);
  assert.equal(player.speeds[player.speed]?.words, "10 a second");
  player.openAt(7); // there is no such speed
  assert.equal(player.speeds[player.speed]?.words, "10 a second");
  player.speed = 3;
  player.openAt(10);
  assert.equal(player.speed, 3);
});
