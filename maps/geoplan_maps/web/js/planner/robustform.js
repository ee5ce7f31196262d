/** 「多种需求」: one plan that should hold in every slice of the day, not only on average. */

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { t, words } from "../lib/i18n.js";
import { choice, limitChoice, numberField, sentence, sliceBoxes, tradeChoice } from "./blanks.js";
import { SLICES } from "../words/vocabulary.js";

/**
 * @typedef {object} RobustDraft
 * @property {number} newSites
 * @property {string[]} slices
 * @property {string} trade
 * @property {number} limitS
 */

/**
 * @param {any} meta
 * @returns {RobustDraft}
 */
export function firstRobust(meta) {
  return {
    newSites: meta.defaults.new_sites,
    slices: SLICES.filter((slice) => slice !== "04-06"),
    trade: "",
    limitS: meta.defaults.limit_s,
  };
}

/**
 * What the service's siting job takes.
 *
 * @param {RobustDraft} draft
 * @returns {Record<string, any>}
 */
export function robustParams(draft) {
  return {
    model: "mclp",
    new_sites: draft.newSites,
    limit_s: draft.limitS,
    robust: SLICES.filter((slice) => draft.slices.includes(slice)),
    ...(draft.trade ? { trade: draft.trade } : {}),
  };
}

/**
 * @param {RobustDraft} draft changed in place
 * @param {any} meta
 * @param {() => void} run
 * @returns {HTMLElement}
 */
export function robustForm(draft, meta, run) {
  /** @type {Record<string, () => Node>} */
  const blanks = {
    n: () =>
      numberField(
        "newSites",
        t("plan.blank.n"),
        String(draft.newSites),
        0,
        5000,
        (value) => (draft.newSites = Math.round(Number(value))),
      ),
    trade: () => tradeChoice(meta, draft.trade, (value) => (draft.trade = value)),
    limit: () => limitChoice(draft),
  };
  const form = h(
    "form",
    { class: "plan-form" },
    h("p", { class: "sentence" }, sentence(words("robust.sentence"), blanks)),
    sliceBoxes(t("robust.slices"), SLICES, draft),
    h("p", { class: "small muted" }, t("robust.about")),
    h("button", { class: "button main wide", type: "submit" }, icon("play"), t("plan.run")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.reportValidity()) run();
  });
  return form;
}
