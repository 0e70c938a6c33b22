/** input-picture.js: hands this kind of input to explorables.js, which loaded this script. */

import type { LateKind } from "./late-kinds.js";
import { pictureKind } from "./picture-kind.js";

declare const explorables: { provide(name: "input", kind: LateKind): void };

explorables.provide("input", pictureKind as LateKind);
