/** Whether a site stands in every plan that is about as good: asked of the service when its card opens. */

import { fill, h } from "../lib/dom.js";
import { number, t } from "../lib/i18n.js";
import { cancel, jobError, result, submit, watch } from "./jobs.js";

/** @type {Map<string, Promise<any>>} answers by plan and site; a plan does not change, nor does its answer */
const asked = new Map();
/** @type {{key: string, id: string} | null} the comparison under way */
let running = null;

/**
 * Whether the question makes sense of a plan: the most people covered, and not the years in one model.
 *
 * @param {any} plan
 * @returns {boolean}
 */
export function hasNearBest(plan) {
  const { model, joint, yearly_budgets: money } = plan.question;
  return Boolean(plan.job_id) && model === "mclp" && !joint && !money;
}

/** Give up the comparison under way: the planner has gone on, and the next question must not wait for it. */
export function leaveNearBest() {
  if (!running) return;
  const { key, id } = running;
  running = null;
  asked.delete(key);
  void cancel(id).catch(() => undefined);
}

/**
 * A line that says what it waits for, and then the answer.
 *
 * @param {any} plan
 * @param {string} site
 * @returns {HTMLElement}
 */
export function nearBestLine(plan, site) {
  const key = `${plan.job_id} ${site}`;
  const line = h("li", { class: "near-best", "aria-live": "polite" }, t("site.comparing"));
  if (!asked.has(key)) {
    leaveNearBest();
    asked.set(key, compare(key, plan.job_id, site));
  }
  void asked.get(key)?.then(
    (answer) => fill(line, say(answer)),
    () => line.remove(), // left, or not to be had: the card says what else is known
  );
  return line;
}

/**
 * @param {string} key
 * @param {string} job
 * @param {string} site
 * @returns {Promise<any>}
 */
async function compare(key, job, site) {
  try {
    const { id } = await submit("near_best", { job_id: job, site });
    running = { key, id };
    const end = await watch(id, () => undefined);
    if (end.status !== "done") throw new Error(jobError(end));
    return await result(id);
  } catch (error) {
    asked.delete(key);
    throw error;
  } finally {
    if (running?.key === key) running = null;
  }
}

/**
 * @param {any} answer
 * @returns {string}
 */
function say({ always, loss, loss_proven: proven }) {
  const verdict = t(always === null ? "site.unsettled" : always ? "site.always" : "site.sometimes");
  if (loss === null) return verdict;
  const n = Math.round(loss);
  const price = n === 0 ? t("site.lossNone") : t(proven ? "site.loss" : "site.lossAtMost", { n: number(n) });
  return `${verdict}${price}`;
}
