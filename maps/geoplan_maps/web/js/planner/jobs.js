/** Long computations: submitted, watched live, stopped, and found again after a reload. */

import { getJson, postJson } from "../lib/api.js";
import { language, t } from "../lib/i18n.js";

/**
 * @typedef {object} Job
 * @property {string} id
 * @property {string} kind
 * @property {string} name
 * @property {any} params
 * @property {"waiting" | "running" | "done" | "failed" | "cancelled"} status
 * @property {{step?: string, best?: number, bound?: number, gap?: number | null, elapsed_s?: number}} progress
 * @property {string} error
 * @property {string} error_zh empty where it failed before the Chinese was kept
 * @property {string} created
 * @property {string | null} started
 * @property {string | null} finished
 */

export const FINISHED = ["done", "failed", "cancelled"];

/**
 * @param {"siting" | "hours" | "coverage" | "near_best"} kind
 * @param {any} params
 * @param {string} [name]
 * @returns {Promise<Job>}
 */
export function submit(kind, params, name = "") {
  return postJson("/v1/jobs", { kind, name, params });
}

/**
 * Why a job failed, in the reader's language.
 *
 * @param {Job} job
 * @returns {string}
 */
export function jobError(job) {
  return (language() === "zh" && job.error_zh) || job.error || t("plan.failed");
}

/**
 * Follow a job to its end by server-sent events, or by asking again where those are cut off.
 *
 * @param {string} id
 * @param {(job: Job) => void} tell
 * @returns {Promise<Job>} once it has finished
 */
export function watch(id, tell) {
  return new Promise((resolve, reject) => {
    const source = new EventSource(`/v1/jobs/${encodeURIComponent(id)}/events`);
    const read = (/** @type {MessageEvent} */ event) => JSON.parse(event.data);
    source.addEventListener("progress", (event) => tell(read(event)));
    source.addEventListener("end", (event) => {
      source.close();
      resolve(read(event));
    });
    source.onerror = () => {
      source.close();
      poll(id, tell).then(resolve, reject);
    };
  });
}

/**
 * @param {string} id
 * @param {(job: Job) => void} tell
 * @returns {Promise<Job>}
 */
async function poll(id, tell) {
  for (;;) {
    const job = await getJson(`/v1/jobs/${encodeURIComponent(id)}`);
    if (FINISHED.includes(job.status)) return job;
    tell(job);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** @param {string} id */
export function cancel(id) {
  return postJson(`/v1/jobs/${encodeURIComponent(id)}/cancel`, {});
}

/**
 * @param {string} id
 * @returns {Promise<any>}
 */
export function result(id) {
  return getJson(`/v1/jobs/${encodeURIComponent(id)}/result`);
}
