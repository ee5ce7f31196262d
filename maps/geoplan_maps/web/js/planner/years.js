/** A plan built over several years: which site comes when, what each year covers, and what the phasing costs. */

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { number, percent, t } from "../lib/i18n.js";
import { figureTable } from "./table.js";

/**
 * The year in which each site opens, counted from one.
 *
 * @param {any} plan
 * @returns {Map<string, number>}
 */
export function yearOf(plan) {
  /** @type {Map<string, number>} */
  const found = new Map();
  (plan?.years ?? []).forEach((/** @type {any} */ year, /** @type {number} */ i) => {
    for (const site of year.sites) if (!found.has(site)) found.set(site, i + 1);
  });
  return found;
}

/**
 * The project list with the year of each site in its properties, where the plan has years.
 *
 * @param {any} plan
 * @returns {any} GeoJSON
 */
export function datedProjects(plan) {
  const years = yearOf(plan);
  if (!years.size) return plan.projects;
  return {
    ...plan.projects,
    features: plan.projects.features.map((/** @type {any} */ one) => ({
      ...one,
      properties: { ...one.properties, year: years.get(one.properties.site_id) ?? null },
    })),
  };
}

/**
 * @param {any} plan
 * @returns {HTMLElement | null}
 */
export function yearsTable(plan) {
  const { years } = plan;
  if (!years) return null;
  if (!years.length) return h("p", { class: "notice warn" }, icon("warning"), h("span", null, t("plan.yearsNone")));
  const total = plan.subject.demand_total;
  return h(
    "section",
    { class: "years" },
    h("h3", null, t("plan.yearsTitle")),
    figureTable(
      t("plan.yearsTitle"),
      ["plan.year", "plan.yearSites", "plan.total", "plan.yearPrice"].map((key) => t(key)),
      years.map((/** @type {any} */ year, /** @type {number} */ i) => ({
        cells: [
          [yearSign(i + 1), t("plan.yearN", { n: i + 1 })],
          number(year.total),
          percent(year.objective === null ? null : year.objective / total),
          year.price === null ? "–" : number(Math.round(year.price)),
        ],
      })),
    ),
    h("p", { class: "small muted" }, t("plan.yearsAbout")),
  );
}

/**
 * @param {number | null | undefined} year
 * @returns {HTMLElement | null}
 */
export function yearSign(year) {
  return year ? h("span", { class: `year-sign y${year}`, "aria-hidden": "true" }) : null;
}
