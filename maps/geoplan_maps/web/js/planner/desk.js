/** What the planner's desk knows at a moment, and the questions it asks the service. */

import { address } from "../lib/api.js";
import { BUNDLES, SLICES } from "../words/vocabulary.js";

/** @typedef {"coverage" | "plan" | "register" | "scenarios"} Tab */

/**
 * @typedef {object} Question the yardstick: every figure on the desk is measured by it
 * @property {string} profile
 * @property {number} limit_s
 * @property {string} trade empty for all
 * @property {string[]} facilities
 * @property {string} slice empty for regardless of hours
 * @property {string} day ISO date; empty for today
 * @property {string} area code of a district; empty for the whole city
 */

/**
 * @template T
 * @typedef {{state: "idle" | "loading" | "ready" | "failed", value: T | null, error: string}} Loaded
 */

/**
 * @typedef {object} DeskState
 * @property {{name: string, role: string} | null} me
 * @property {any} meta
 * @property {Tab} tab
 * @property {Question} question
 * @property {Loaded<any>} coverage
 * @property {Loaded<any>} cube
 * @property {Loaded<any>} gaps
 * @property {Loaded<any>} critical
 * @property {"district" | "town"} level
 * @property {string | null} area code that is pointed at
 * @property {Record<string, boolean>} layers
 * @property {any} plan result that is shown
 * @property {string | null} site chosen site of the plan
 */

/** @type {Record<string, boolean>} */
export const LAYERS = {
  areas: true,
  demand: true,
  stations: true,
  gaps: false,
  critical: false,
  candidates: false,
  service: false,
  plan: true,
};

/**
 * @template T
 * @returns {Loaded<T>}
 */
export function nothing() {
  return { state: "idle", value: null, error: "" };
}

/**
 * @param {any} meta
 * @returns {Question}
 */
export function firstQuestion(meta) {
  return {
    profile: meta.defaults.profile,
    limit_s: meta.defaults.limit_s,
    trade: "",
    facilities: [],
    slice: "12-15",
    day: "",
    area: "",
  };
}

/**
 * @param {Question} question
 * @returns {Record<string, string | number>} query of `/v1/coverage`, `/v1/gaps`, `/v1/criticality` and `/v1/report.docx`
 */
export function asQuery(question) {
  return {
    profile: question.profile,
    limit_s: question.limit_s,
    trade: question.trade,
    facilities: question.facilities.join(","),
    slice: question.slice,
    day: question.slice ? question.day : "",
    area: question.area,
  };
}

/**
 * @param {Question} question
 * @returns {string}
 */
export function cubeAddress(question) {
  return address("/v1/coverage/cube", {
    profiles: question.profile,
    limits_s: question.limit_s,
    trades: question.trade || "all",
    bundles: bundleName(question.facilities) ?? "any",
    levels: "city,district,town",
    day: question.day,
  });
}

/**
 * @param {string[]} facilities
 * @returns {string | null} the bundle with exactly these
 */
export function bundleName(facilities) {
  const found = Object.entries(BUNDLES).find(
    ([, codes]) => codes.length === facilities.length && codes.every((code) => facilities.includes(code)),
  );
  return found?.[0] ?? null;
}

/**
 * The widest area that a coverage answer is of: the city, or the district that is asked about.
 *
 * @param {any} answer
 * @returns {any}
 */
export function wholeOf(answer) {
  return answer.areas.find((/** @type {any} */ area) => area.level === "city") ?? answer.areas[0];
}

/**
 * One area's figures under the present yardstick: at the slice where one is chosen, else regardless of hours.
 *
 * @param {any} area entry of the coverage answer
 * @param {"network" | "circle" | "cross"} test
 * @param {boolean} atSlice
 * @returns {{share: number | null, covered: number, demand: number, k: number, limit: number, unit: string}}
 */
export function figureOf(area, test, atSlice) {
  const hours = area.tests[test];
  const figure = (atSlice ? hours.at : null) ?? hours.any;
  return { ...figure, demand: figure.demand ?? area.demand };
}

/**
 * Share covered of every area and slice, from the cube.
 *
 * @param {any} cube answer of `/v1/coverage/cube`
 * @returns {Map<string, (number | null)[]>} area code → a share a slice, in the order of {@link SLICES}
 */
export function sliceShares(cube) {
  /** @type {Map<string, (number | null)[]>} */
  const shares = new Map();
  const moments = SLICES.map((slice) =>
    cube.axes.moment.findIndex((/** @type {string} */ name) => name === slice || name.endsWith(` ${slice}`)),
  );
  cube.axes.area.forEach((/** @type {any} */ area, /** @type {number} */ a) => {
    shares.set(
      area.area_code,
      moments.map((m) => {
        if (m < 0) return null;
        const demand = cube.demand[m][a][0];
        return demand > 0 ? cube.covered[0][m][0][0][0][a][0] / demand : null;
      }),
    );
  });
  return shares;
}
