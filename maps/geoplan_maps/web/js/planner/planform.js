/** The planning question as a sentence with blanks: what to build, for whom, and under which conditions. */

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { language, t, words, term } from "../lib/i18n.js";
import { choice, limitChoice, numberField, sentence, tradeChoice } from "./blanks.js";
import { costUnit } from "./money.js";
import { SLICES } from "../words/vocabulary.js";
import { evenYears, MOST_YEARS, yearlyNumbers } from "./years.js";
import { areaName } from "./areas.js";

const MODELS = ["mclp", "pscp", "bacop2", "pmedian", "pcenter"];

/**
 * @typedef {object} PlanDraft
 * @property {string} model
 * @property {number} newSites
 * @property {string} budget empty for a number of sites
 * @property {number} sharePercent for "fewest sites to reach"
 * @property {string} area
 * @property {string} slice
 * @property {number} limitS
 * @property {string} trade
 * @property {string} floorPercent empty for none
 * @property {string} spacingM
 * @property {string} years in how many years the sites are built: a number for even years, `own` or `money`
 * @property {string} yearly with `own` and `money`: a number for each year
 * @property {boolean} joint all years planned together
 * @property {string[]} veto
 * @property {string[]} force
 */

/**
 * @param {any} meta
 * @returns {PlanDraft}
 */
export function firstDraft(meta) {
  return {
    model: "mclp",
    newSites: meta.defaults.new_sites,
    budget: "",
    sharePercent: 95,
    area: "",
    slice: "",
    limitS: meta.defaults.limit_s,
    trade: "",
    floorPercent: "",
    spacingM: "",
    years: "1",
    yearly: "",
    joint: false,
    veto: [],
    force: [],
  };
}

/**
 * What the service's siting job takes.
 *
 * @param {PlanDraft} draft
 * @param {any} meta
 * @returns {Record<string, any>}
 */
export function toParams(draft, meta) {
  /** @type {Record<string, any>} */
  const params = { model: draft.model, limit_s: draft.limitS };
  const byYear = yearsOwn(draft);
  if (draft.model === "pscp") params.share = draft.sharePercent / 100;
  else if (byYear) params[byYear] = yearlyNumbers(draft.yearly);
  else if (draft.budget !== "") params.budget = Number(draft.budget);
  else params.new_sites = draft.newSites;
  if (draft.area) params.area = draft.area;
  if (draft.slice) params.slice = draft.slice;
  if (draft.trade) params.trade = draft.trade;
  if (draft.floorPercent !== "" && ["mclp", "pscp"].includes(draft.model))
    params.floors = Object.fromEntries(
      meta.districts.map((/** @type {any} */ one) => [one.code, Number(draft.floorPercent) / 100]),
    );
  if (draft.spacingM !== "" && Number(draft.spacingM) > 0) params.spacing_m = Number(draft.spacingM);
  if (draft.model === "mclp") {
    params.explain = true;
    const years = Number(draft.years);
    if (params.new_sites && years > 1) params.years = evenYears(params.new_sites, years);
    if (params.budget && years > 1) {
      params.yearly_budgets = Array.from({ length: years }, () => params.budget / years);
      delete params.budget;
    }
    if (params.years && draft.joint) params.joint = true;
  }
  if (draft.veto.length) params.veto = draft.veto;
  if (draft.force.length) params.force = draft.force;
  return params;
}

/**
 * What the planner says year by year: `years` for new sites, `yearly_budgets` for money; null where nothing.
 *
 * @param {PlanDraft} draft
 * @returns {"years" | "yearly_budgets" | null}
 */
function yearsOwn(draft) {
  if (draft.model !== "mclp") return null;
  return draft.years === "own" ? "years" : draft.years === "money" ? "yearly_budgets" : null;
}

/**
 * @param {PlanDraft} draft changed in place of what is typed
 * @param {any} meta
 * @param {() => void} run
 * @param {() => void} changed asks for the form to be drawn again
 * @returns {HTMLElement}
 */
export function planForm(draft, meta, run, changed) {
  /** @type {Record<string, () => Node>} */
  const blanks = {
    model: () =>
      choice(
        "model",
        t("plan.blank.model"),
        MODELS.map((code) => [code, t(`model.${code}`)]),
        draft.model,
        (value) => {
          draft.model = value;
          changed();
        },
      ),
    n: () =>
      numberField(
        "newSites",
        t("plan.blank.n"),
        String(draft.newSites),
        0,
        5000,
        (value) => (draft.newSites = Math.round(Number(value))),
      ),
    share: () =>
      numberField(
        "sharePercent",
        t("plan.blank.share"),
        String(draft.sharePercent),
        1,
        100,
        (value) => (draft.sharePercent = Number(value)),
      ),
    area: () =>
      choice(
        "area",
        t("plan.blank.area"),
        [["", t("plan.wholeCity")], ...meta.districts.map((/** @type {any} */ one) => [one.code, areaName(one.code, one.name)])],
        draft.area,
        (value) => (draft.area = value),
      ),
    slice: () =>
      choice(
        "slice",
        t("term.slice"),
        [["", t("slice.regardless")], ...SLICES.map((slice) => [slice, term("slice", slice)])],
        draft.slice,
        (value) => (draft.slice = value),
      ),
    limit: () => limitChoice(draft),
    trade: () => tradeChoice(meta, draft.trade, (value) => (draft.trade = value)),
    floor: () =>
      numberField(
        "floorPercent",
        t("plan.blank.floor"),
        draft.floorPercent,
        0,
        100,
        (value) => (draft.floorPercent = value),
        t("plan.none"),
      ),
    spacing: () =>
      numberField(
        "spacingM",
        t("plan.blank.spacing"),
        draft.spacingM,
        0,
        5000,
        (value) => (draft.spacingM = value),
        t("plan.none"),
      ),
    years: () =>
      choice(
        "years",
        t("plan.blank.years"),
        [
          ["1", t("plan.atOnce")],
          ...Array.from({ length: MOST_YEARS - 1 }, (_, i) => [String(i + 2), t("plan.yearsN", { n: i + 2 })]),
          ["own", t("plan.yearsOwn")],
          ["money", t("plan.yearsMoney")],
        ],
        draft.years,
        (value) => {
          draft.years = value;
          changed();
        },
      ),
    yearly: () => yearlyField(draft),
    how: () =>
      choice(
        "joint",
        t("plan.blank.how"),
        [
          ["", t("plan.backwards")],
          ["1", t("plan.jointly")],
        ],
        draft.joint ? "1" : "",
        (value) => (draft.joint = Boolean(value)),
      ),
    budget: () =>
      numberField(
        "budget",
        t("plan.blank.budget"),
        draft.budget,
        0,
        1e9,
        (value) => (draft.budget = value),
        t("plan.none"),
      ),
    unit: () => document.createTextNode(costUnit(meta.cost_unit)),
  };
  const key =
    draft.model === "pscp"
      ? "plan.sentence.pscp"
      : ["pmedian", "pcenter"].includes(draft.model)
        ? "plan.sentence.time"
        : yearsOwn(draft)
          ? "plan.sentence.years"
          : "plan.sentence.most";
  const inYears = draft.years === "1" ? "" : { own: "Own", money: "Money" }[draft.years] ?? "Even";
  const rules = ["mclp", "pscp"].includes(draft.model) ? "plan.rules.floor" : "plan.rules";
  const form = h(
    "form",
    { class: "plan-form" },
    h("p", { class: "sentence" }, blanks.model()),
    h("p", { class: "sentence", lang: language() === "zh" ? "zh-CN" : "en" }, sentence(words(key), blanks)),
    h("p", { class: "sentence" }, sentence(words(rules), blanks)),
    draft.model === "mclp" ? h("p", { class: "sentence" }, sentence(words(`plan.rules.years${inYears}`), blanks)) : null,
    draft.veto.length || draft.force.length
      ? h("p", { class: "small muted" }, t("plan.wishes", { veto: draft.veto.length, force: draft.force.length }))
      : null,
    h("button", { class: "button main wide", type: "submit" }, icon("play"), t("plan.run")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.reportValidity()) run();
  });
  return form;
}

/** @param {PlanDraft} draft */
function yearlyField(draft) {
  const one = draft.years === "own" ? "\\d{1,4}" : "\\d{1,9}(\\.\\d+)?";
  const input = h("input", {
    name: "yearly",
    type: "text",
    inputmode: "decimal",
    class: "blank",
    "aria-label": t(draft.years === "own" ? "plan.blank.yearly" : "plan.blank.money"),
    value: draft.yearly,
    required: true,
    pattern: `\\s*${one}([\\s,，、;；]+${one}){0,${MOST_YEARS - 1}}\\s*`,
    title: t("plan.yearlyForm", { n: MOST_YEARS }),
    placeholder: draft.years === "own" ? "40, 40, 31" : "40, 30, 20",
    style: "width:9em !important",
  });
  input.addEventListener("input", () => (draft.yearly = input.value));
  return input;
}
