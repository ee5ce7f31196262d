/** What one budget buys in stations and in hours: the gain, its proof, and what to do where. */

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { listed, number, percent, t } from "../lib/i18n.js";
import { costHead, costUnit, money } from "./money.js";
import { exportMenu } from "./planexport.js";
import { certificate, reasonList } from "./planresult.js";
import { empty } from "./states.js";
import { areaName } from "./areas.js";

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
    h(
      "div",
      { class: "gain" },
      h("div", null, h("span", { class: "small muted" }, t("plan.before")), h("b", null, percent(before / total))),
      icon("next"),
      h(
        "div",
        null,
        h("span", { class: "small muted" }, t("plan.after")),
        h("b", { class: "good" }, percent(after / total)),
      ),
      h(
        "p",
        null,
        t("hoursPlan.gain", {
          hours: number(Math.round(after - before)),
          total: number(Math.round(total)),
          built,
          longer: rows.length - built,
          spent: money(spent, plan.subject.cost_unit),
        }),
      ),
    ),
    certificate(plan, "hoursPlan.proof"),
    h(
      "div",
      { class: "row" },
      exportMenu(plan, act.edit, "hours"),
    ),
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
    table(plan, rows, act),
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

/**
 * @param {any} plan
 * @param {any[]} rows
 * @param {Pick<import("./planresult.js").ResultActions, "meta" | "site" | "choose">} act
 */
function table(plan, rows, act) {
  const district = new Map(act.meta.districts.map((/** @type {any} */ one) => [one.code, areaName(one.code, one.name)]));
  return h(
    "table",
    { class: "areas projects hours-plan" },
    h("caption", { class: "hidden-text" }, t("hoursPlan.list", { n: rows.length })),
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        h("th", { scope: "col" }, "#"),
        h("th", { scope: "col" }, t("plan.site")),
        h("th", { scope: "col", class: "number" }, t("hoursPlan.added")),
        h("th", { scope: "col", class: "number" }, costHead(plan.subject.cost_unit)),
      ),
    ),
    h(
      "tbody",
      null,
      rows.map((row) =>
        h(
          "tr",
          { "data-site": row.site_id, class: row.site_id === act.site ? "pointed" : null },
          h("td", { class: "number" }, row.rank),
          h(
            "th",
            { scope: "row" },
            h(
              "button",
              { type: "button", class: "figure start", onclick: () => act.choose(row.site_id) },
              row.name ?? row.site_id,
            ),
            h("small", null, [what(row), district.get(row.district_code)].filter(Boolean).join(" · ")),
          ),
          h("td", { class: "number" }, `+${number(Math.round(row.worker_hours))}`),
          h("td", { class: "number" }, number(row.cost, 2)),
        ),
      ),
    ),
  );
}
