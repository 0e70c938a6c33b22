import assert from "node:assert/strict";
import { test } from "node:test";
import { Explorable, type Consumer } from "../src/explorable.js";
import type { Engine, EngineModule, Held, TensorValue } from "../src/tensor.js";
import { around, FakeEngine, FakeFrames, smallPayload } from "./payloads.js";

/** Reads when it is let, as a GPU does when it is done. */
class Remote {
  private asked: (() => void)[] = [];

  constructor(private readonly near: EngineModule) {}

  readonly module: EngineModule = {
    backend: "webgl",
    remote: true,
    load: async (...given) => {
      const engine = await this.near.load(...given);
      const run: Engine["run"] = (...feeds) => {
        const held = Object.entries(engine.run(...feeds));
        return Object.fromEntries(held.map(([name, one]) => [name, this.far(one)]));
      };
      return { ...engine, run };
    },
  };

  get waits(): boolean {
    return this.asked.length > 0;
  }

  answer(): void {
    for (const ask of this.asked.splice(0)) ask();
  }

  private far(held: Held): Held {
    const read = () =>
      new Promise<TensorValue>((resolve) => {
        this.asked.push(() => resolve(held.read() as TensorValue));
      });
    return { shape: held.shape, dtype: held.dtype, read, release: () => held.release() };
  }
}

test("an input that changes while a GPU is waited for is shown in the end", async () => {
  const remote = new Remote(new FakeEngine().module);
  const frames = new FakeFrames();
  const explorable = new Explorable(smallPayload(), around(remote.module, frames));
  const starting = explorable.start();
  while (!remote.waits) await frames.next();
  remote.answer();
  await starting;
  const seen: unknown[] = [];
  const consumer: Consumer = {
    needs: ["caught"],
    paint: () => void seen.push(explorable.output("caught")),
    trouble: () => assert.fail(),
  };
  void explorable.attach(consumer);
  await frames.next();
  void explorable.set({ threshold: 1.5 });
  await frames.next();
  const set = explorable.set({ threshold: 0.5 }); // the answer to 1.5 is still under way
  remote.answer();
  await frames.next();
  await frames.next();
  remote.answer();
  await set;
  assert.deepEqual(seen, [1, 2, 3]);
});
