/** What one budget buys in stations and in hours: the gain, its proof, and what to do where. */

import { h } from "../lib/dom.js";
import { listed, number, t } from "../lib/i18n.js";
import { costHead, costUnit, money } from "./money.js";
import { exportMenu } from "./planexport.js";
import { certificate, gain, reasonList, siteTable, subjectLine } from "./planresult.js";
import { empty } from "./states.js";
import { nameOf } from "./areas.js";

/**
 * @param {any} plan result of an hours job
 * @param {Pick<import("./planresult.js").ResultActions, "meta" | "site" | "choose" | "edit">} act
 * @returns {HTMLElement}
 */
export function hoursResult(plan, act) {
  const rows = plan.projects.features.map((/** @type {any} */ one) => one.properties);
  const { total, before, after } = plan.worker_hours;
  if (after === null || !rows.length)
    return h(
      "section",
      { class: "plan-result" },
      certificate(plan, "hoursPlan.proof"),
      empty(t("hoursPlan.nothing"), "info", reasonList(plan)),
    );
  const built = rows.filter((/** @type {any} */ row) => row.new).length;
  const spent = rows.reduce((/** @type {number} */ sum, /** @type {any} */ row) => sum + row.cost, 0);
  return h(
    "section",
    { class: "plan-result" },
    subjectLine(plan),
    gain(
      [t("plan.before"), before / total],
      [t("plan.after"), after / total],
      t("hoursPlan.gain", {
        hours: number(Math.round(after - before)),
        total: number(Math.round(total)),
        built,
        longer: rows.length - built,
        spent: money(spent, plan.subject.cost_unit),
      }),
    ),
    certificate(plan, "hoursPlan.proof"),
    h("div", { class: "row" }, exportMenu(plan, act.edit, "hours")),
    plan.costs
      ? h(
          "p",
          { class: "small muted" },
          t(plan.costs.assumed.length ? "hoursPlan.pricesAssumed" : "hoursPlan.prices", {
            hour: plan.costs.hour,
            day: plan.costs.all_day,
            unit: costUnit(plan.subject.cost_unit),
          }),
        )
      : null,
    h("h3", null, t("hoursPlan.list", { n: rows.length })),
    siteTable(
      t("hoursPlan.list", { n: rows.length }),
      [t("hoursPlan.added"), costHead(plan.subject.cost_unit)],
      rows.map((/** @type {any} */ row) => ({
        site: row,
        about: [[what(row), row.district_code && nameOf(row.district_code)].filter(Boolean).join(" · ")],
        figures: [`+${number(Math.round(row.worker_hours))}`, number(row.cost, 2)],
      })),
      act,
      "hours-plan",
    ),
  );
}

/**
 * What is done at a place, in words.
 *
 * @param {any} row
 * @returns {string}
 */
function what(row) {
  if (row.new) return t("hoursPlan.new");
  if (row.all_day) return t("hoursPlan.allDay");
  return t("hoursPlan.longer", { slices: listed(row.slices.map((/** @type {string} */ one) => one.replace("-", "–"))) });
}
