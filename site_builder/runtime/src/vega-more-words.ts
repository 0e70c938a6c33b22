/** The functions of Vega's expressions that few charts call: times, colours, selections, draws. */

import { hcl, hsl, lab, rgb } from "d3-color";
import {
  contrast,
  dayAbbrevFormat,
  dayFormat,
  easeFunctions,
  inScope,
  luminance,
  modify,
  monthAbbrevFormat,
  monthFormat,
  pinchAngle,
  pinchDistance,
  timeFormat,
  timeParse,
  treeAncestors,
  treePath,
  utcFormat,
  utcParse,
} from "vega-functions";
import intersect from "vega-functions/src/functions/intersect.js";
import { intersectLasso, lassoAppend, lassoPath } from "vega-functions/src/functions/lasso.js";
import { selectionIdTest, selectionResolve, selectionTest, selectionTuples } from "vega-selections";
import {
  cumulativeLogNormal,
  cumulativeNormal,
  cumulativeUniform,
  densityLogNormal,
  densityNormal,
  densityUniform,
  quantileLogNormal,
  quantileNormal,
  quantileUniform,
  sampleLogNormal,
  sampleNormal,
  sampleUniform,
} from "vega-statistics";
import {
  dayofyear,
  isoweek,
  timeOffset,
  timeSequence,
  timeUnitSpecifier,
  utcOffset,
  utcSequence,
  utcdayofyear,
  utcisoweek,
  utcweek,
  week,
} from "vega-time";
import {
  panLinear,
  panLog,
  panPow,
  panSymlog,
  zoomLinear,
  zoomLog,
  zoomPow,
  zoomSymlog,
} from "vega-util";

export const words: Record<string, unknown> = {
  ...{ contrast, dayAbbrevFormat, dayFormat, hcl, hsl, inScope, lab, luminance, modify, rgb },
  ...{ monthAbbrevFormat, monthFormat, pinchAngle, pinchDistance, timeFormat, timeParse },
  ...{ treeAncestors, treePath, utcFormat, utcParse, intersect, intersectLasso, lassoAppend },
  ...{ lassoPath, cumulativeLogNormal, cumulativeNormal, cumulativeUniform, densityLogNormal },
  ...{ densityNormal, densityUniform, quantileLogNormal, quantileNormal, quantileUniform },
  ...{ sampleLogNormal, sampleNormal, sampleUniform, dayofyear, isoweek, timeOffset },
  ...{ timeSequence, timeUnitSpecifier, utcOffset, utcSequence, utcdayofyear, utcisoweek },
  ...{ utcweek, week, panLinear, panLog, panPow, panSymlog, zoomLinear, zoomLog, zoomPow },
  ...{ zoomSymlog, ...easeFunctions },
  vlSelectionIdTest: selectionIdTest,
  vlSelectionResolve: selectionResolve,
  vlSelectionTest: selectionTest,
  vlSelectionTuples: selectionTuples,
};
