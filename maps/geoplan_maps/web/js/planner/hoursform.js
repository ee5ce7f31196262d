/** 「选址和开门时间」: one budget for new stations and for longer hours, as a sentence with blanks. */

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { t, words } from "../lib/i18n.js";
import { choice, limitChoice, numberField, sentence, sliceBoxes, tradeChoice } from "./blanks.js";
import { costUnit } from "./money.js";

/** Slices that do not overlap: 04–06 lies in 22–06. */
const DISJOINT = ["06-12", "12-15", "15-18", "18-22", "22-06"];

/**
 * @typedef {object} HoursDraft
 * @property {string} budget
 * @property {string} hourCost
 * @property {string} allDayCost
 * @property {boolean} newSites
 * @property {string[]} slices
 * @property {string} trade
 * @property {number} limitS
 */

/**
 * @param {any} meta
 * @returns {HoursDraft}
 */
export function firstHours(meta) {
  return {
    budget: meta.defaults.hour_cost === null ? "" : "100",
    hourCost: String(meta.defaults.hour_cost ?? ""),
    allDayCost: String(meta.defaults.all_day_cost ?? ""),
    newSites: true,
    slices: [...DISJOINT],
    trade: "",
    limitS: meta.defaults.limit_s,
  };
}

/**
 * What the service's hours job takes.
 *
 * @param {HoursDraft} draft
 * @returns {Record<string, any>}
 */
export function hoursParams(draft) {
  return {
    budget: Number(draft.budget),
    hour_cost: Number(draft.hourCost),
    all_day_cost: Number(draft.allDayCost),
    new_sites: draft.newSites,
    slices: DISJOINT.filter((slice) => draft.slices.includes(slice)),
    limit_s: draft.limitS,
    ...(draft.trade ? { trade: draft.trade } : {}),
  };
}

/**
 * @param {HoursDraft} draft changed in place
 * @param {any} meta
 * @param {() => void} run
 * @returns {HTMLElement}
 */
export function hoursForm(draft, meta, run) {
  const cost = (/** @type {"budget" | "hourCost" | "allDayCost"} */ name, /** @type {number} */ least) =>
    numberField(name, t(`hoursPlan.${name}`), draft[name], least, 1e9, (value) => (draft[name] = value));
  /** @type {Record<string, () => Node>} */
  const blanks = {
    budget: () => cost("budget", 0.001),
    hourCost: () => cost("hourCost", 0),
    allDayCost: () => cost("allDayCost", 0),
    newSites: () =>
      choice(
        "mayBuild",
        t("hoursPlan.newSites"),
        [
          ["1", t("hoursPlan.build")],
          ["", t("hoursPlan.noBuild")],
        ],
        draft.newSites ? "1" : "",
        (value) => (draft.newSites = Boolean(value)),
      ),
    trade: () => tradeChoice(meta, draft.trade, (value) => (draft.trade = value)),
    limit: () => limitChoice(draft),
    unit: () => document.createTextNode(costUnit(meta.cost_unit)),
  };
  const { hour_cost: hour, all_day_cost: day } = meta.defaults;
  const form = h(
    "form",
    { class: "plan-form" },
    h("p", { class: "sentence" }, sentence(words("hoursPlan.sentence"), blanks)),
    sliceBoxes(t("hoursPlan.slices"), DISJOINT, draft),
    h(
      "p",
      { class: "small muted" },
      t(hour === null || day === null ? "hoursPlan.noDefault" : "hoursPlan.assumed", {
        hour: hour ?? "",
        day: day ?? "",
        unit: costUnit(meta.cost_unit) || t("cost.unstated"),
      }),
    ),
    h("p", { class: "small muted" }, t("hoursPlan.about")),
    h("button", { class: "button main wide", type: "submit" }, icon("play"), t("plan.run")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.reportValidity()) run();
  });
  return form;
}
