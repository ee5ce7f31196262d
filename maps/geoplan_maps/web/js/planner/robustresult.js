/** A plan that holds in every slice: what each slice gets, beside today and beside the plan that is best on average. */

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { number, percent, t, term } from "../lib/i18n.js";
import { exportMenu } from "./planexport.js";
import { projectTable } from "./planresult.js";

const SURE = 0.0015; // the search ends once no plan's worst slice can be a tenth of a percent better

/**
 * @param {any} plan result of a siting job with slices in which it should hold
 * @param {Pick<import("./planresult.js").ResultActions, "site" | "choose" | "edit">} act
 * @returns {HTMLElement}
 */
export function robustResult(plan, act) {
  const found = plan.robust;
  const slices = Object.keys(found.shares);
  const worst = slices.reduce((least, slice) => (found.shares[slice] < found.shares[least] ? slice : least));
  const sites = found.projects.features.map((/** @type {any} */ one) => one.properties);
  const least = (/** @type {Record<string, number>} */ shares) => Math.min(...Object.values(shares));
  const same = found.sites.filter((/** @type {string} */ site) => found.mean_sites.includes(site)).length;
  return h(
    "section",
    { class: "plan-result" },
    h(
      "div",
      { class: "gain" },
      h(
        "div",
        null,
        h("span", { class: "small muted" }, t("robust.worstNow")),
        h("b", null, percent(least(found.shares_before))),
      ),
      icon("next"),
      h(
        "div",
        null,
        h("span", { class: "small muted" }, t("robust.worstThen")),
        h("b", { class: "good" }, percent(found.worst_share)),
      ),
    ),
    proof(found, worst),
    sliceTable(found, slices, worst),
    h("p", { class: "small muted" }, t("robust.same", { n: same, of: sites.length })),
    h(
      "div",
      { class: "row" },
      exportMenu(plan, act.edit, "robust"),
    ),
    h("h3", null, t("plan.list", { n: sites.length })),
    projectTable(sites, act),
  );
}

/** @param {any} found */
function isSure(found) {
  return found.worst_bound - found.worst_share <= SURE;
}

/**
 * @param {any} found
 * @param {string} worst
 */
function sayProof(found, worst) {
  return t(isSure(found) ? "robust.proven" : "robust.open", {
    slice: worst.replace("-", "–"),
    share: percent(found.worst_share),
    bound: percent(found.worst_bound),
  });
}

/**
 * @param {any} found
 * @param {string} worst
 */
function proof(found, worst) {
  return h(
    "div",
    { class: `notice ${isSure(found) ? "good" : ""} certificate` },
    icon(isSure(found) ? "verified" : "info"),
    h("p", null, sayProof(found, worst)),
  );
}

/**
 * @param {any} found
 * @param {string[]} slices
 * @param {string} worst
 */
function sliceTable(found, slices, worst) {
  return h(
    "table",
    { class: "areas robust" },
    h("caption", { class: "hidden-text" }, t("robust.table")),
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        h("th", { scope: "col" }, t("term.slice")),
        ["now", "mean", "worst"].map((name) => h("th", { scope: "col", class: "number" }, t(`robust.${name}`))),
      ),
    ),
    h(
      "tbody",
      null,
      slices.map((slice) =>
        h(
          "tr",
          { class: slice === worst ? "doubt" : null },
          h("th", { scope: "row" }, term("slice", slice)),
          [found.shares_before, found.mean_shares, found.shares].map((shares) =>
            h("td", { class: "number" }, percent(shares[slice])),
          ),
        ),
      ),
    ),
  );
}
