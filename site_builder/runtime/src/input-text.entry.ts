/** input-text.js: hands this kind of input to explorables.js, which loaded this script. */

import type { LateKind } from "./late-kinds.js";
import { textKind } from "./text-kind.js";

declare const explorables: { provide(name: "input", kind: LateKind): void };

explorables.provide("input", textKind as LateKind);
