/** A plan of any kind: shown as its kind wants it, and drawn on the map with its own sites. */

import { hoursResult } from "./hoursresult.js";
import { planResult } from "./planresult.js";
import { robustResult } from "./robustresult.js";

/**
 * What a plan counts: workers, worker-hours, or the workers of the slice that has the least.
 *
 * @param {any} plan result of a job
 * @returns {"sites" | "hours" | "robust"}
 */
export function kindOf(plan) {
  return plan.question.kind === "hours" ? "hours" : plan.robust ? "robust" : "sites";
}

/**
 * What the demand of a plan counts: its own unit, without the hours where those are counted.
 *
 * @param {any} plan result of a job
 * @returns {string}
 */
export function countedBy(plan) {
  const unit = plan.subject.demand_unit;
  return kindOf(plan) === "hours" ? unit.replace(/_hours$/, "").replace(/^(worker|point|resident)$/, "$1s") : unit;
}

/**
 * The plan as the map shows it: of one that holds in every slice its own sites, and no shares of another one.
 *
 * @param {any} plan
 * @returns {any}
 */
export function onMap(plan) {
  return plan.robust ? { ...plan, projects: plan.robust.projects, areas: null } : plan;
}

/**
 * @param {any} plan
 * @param {import("./planresult.js").ResultActions} act
 * @returns {HTMLElement}
 */
export function planView(plan, act) {
  const kind = kindOf(plan);
  return kind === "hours" ? hoursResult(plan, act) : kind === "robust" ? robustResult(plan, act) : planResult(plan, act);
}
