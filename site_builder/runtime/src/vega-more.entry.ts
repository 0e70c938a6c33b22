/**
 * vega-more.js: what few charts need beside vega.js. The bundler makes a function of this script
 * that takes the kit (build.mjs).
 */

import { scaleTime, scaleUtc } from "d3-scale";
import * as interpolators from "d3-interpolate";
import { resetTimeFormatDefaultLocale, timeFormatDefaultLocale, timeFormatLocale } from "vega-format";
import { bootstrapCI } from "vega-statistics";
import { timeInterval, utcInterval } from "vega-time";
import { lookup as curves } from "vega-scenegraph/src/path/curves.js";
import { continuous, discrete } from "vega-scale/src/palettes.js";
import { scheme } from "vega-scale";
import type { Kit } from "./vega-kit.js";
import * as transforms from "./vega-more-transforms.js";
import { words } from "./vega-more-words.js";

declare const kit: Kit;

Object.assign(kit.transforms, transforms);
Object.assign(kit.words, words);
Object.assign(kit.curves, curves);
Object.assign(kit.interpolators, interpolators);
for (const name of Object.keys({ ...discrete, ...continuous })) kit.scheme(name, scheme(name));
kit.scale("time", scaleTime, ["continuous", "temporal"]);
kit.scale("utc", scaleUtc, ["continuous", "temporal"]);
kit.fill({
  ...timeFormatDefaultLocale(),
  ...{ bootstrapCI, resetTimeFormatDefaultLocale, timeFormatLocale, timeInterval, utcInterval },
});
