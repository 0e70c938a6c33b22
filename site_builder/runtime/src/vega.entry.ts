/** vega.js: hands the charts to explorables.js, which loaded this script. */

import { charts } from "./vega.js";

declare const explorables: { provide(name: "vega", module: typeof charts): void };

explorables.provide("vega", charts);
