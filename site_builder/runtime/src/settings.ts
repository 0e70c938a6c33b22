/** The values of an explorable's inputs. */

import { acceptValue, isStatic, sameValue, startValue, type InputValue } from "./inputs.js";
import type { InputSpec, Payload } from "./payload.js";

export type NamedValue = readonly [name: string, value: InputValue];

export class Settings {
  private readonly values = new Map<string, InputValue>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly payload: Payload) {
    for (const spec of payload.inputs) this.values.set(spec.name, startValue(spec));
  }

  spec(name: string): InputSpec | undefined {
    return this.payload.inputs.find((spec) => spec.name === name);
  }

  value(name: string): InputValue {
    const value = this.values.get(name);
    if (value === undefined) throw new Error(this.unknown(name));
    return value;
  }

  /** Checks values; throws an Error when a name is unknown or a value is not one the input takes. */
  accept(changes: Readonly<Record<string, unknown>>): NamedValue[] {
    return Object.entries(changes).map(([name, value]) => {
      const spec = this.spec(name);
      if (spec === undefined) throw new Error(this.unknown(name));
      return [name, acceptValue(spec, value)];
    });
  }

  /** Takes accepted values; returns the names of the inputs that changed. `tell` comes after. */
  take(values: readonly NamedValue[]): string[] {
    const changed = values.filter(([name, value]) => !sameValue(this.values.get(name), value));
    for (const [name, value] of changed) this.values.set(name, value);
    return changed.map(([name]) => name);
  }

  tell(): void {
    for (const listener of this.listeners) listener();
  }

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** True where a change of the input starts time over. */
  startsOver(name: string): boolean {
    const { inputs, noises, time } = this.payload;
    const spec = inputs.find((input) => input.name === name);
    // The programs for another value of a static input start over when they are here.
    if (spec === undefined || isStatic(spec)) return false;
    const seeded = noises.filter((noise) => noise.seed === name).map((noise) => noise.name);
    return [name, ...seeded].some((one) => time?.restart.includes(one));
  }

  /** True when every input of `names` has its starting value. */
  isAtStart(names: readonly string[]): boolean {
    return this.payload.inputs
      .filter((spec) => names.includes(spec.name))
      .every((spec) => sameValue(this.values.get(spec.name), startValue(spec)));
  }

  private unknown(name: string): string {
    const known = this.payload.inputs.map((spec) => spec.name).join(", ");
    return `'${this.payload.name}' has no input '${name}'; it has: ${known}.`;
  }
}
