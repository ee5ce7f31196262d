/** A plan that holds in every slice: what each slice gets, beside today and beside the plan that is best on average. */

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { number, percent, said, t, term } from "../lib/i18n.js";
import { exportMenu } from "./planexport.js";
import { figureTable } from "./table.js";
import { gain, projectTable, subjectLine } from "./planresult.js";

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
    subjectLine(plan),
    gain([t("robust.worstNow"), least(found.shares_before)], [t("robust.worstThen"), found.worst_share]),
    h("div", { class: "notice good certificate" }, icon("verified"), h("p", null, said(found, "sentence_zh", "sentence"))),
    figureTable(
      t("robust.table"),
      ["term.slice", "robust.now", "robust.mean", "robust.worst"].map((key) => t(key)),
      slices.map((slice) => ({
        cells: [term("slice", slice), ...[found.shares_before, found.mean_shares, found.shares].map((shares) => percent(shares[slice]))],
        about: { class: slice === worst ? "doubt" : null },
      })),
      { className: "robust" },
    ),
    h("p", { class: "small muted" }, t("robust.same", { n: same, of: sites.length })),
    h("div", { class: "row" }, exportMenu(plan, act.edit, "robust")),
    h("h3", null, t("plan.list", { n: sites.length })),
    projectTable(sites, act),
  );
}
