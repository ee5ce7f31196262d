/** Finished and running plans of one's own: a list that survives a reload, each with its question in a line. */

import { getJson } from "../lib/api.js";
import { cityTime } from "../lib/clock.js";
import { fill, h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { percent, t } from "../lib/i18n.js";
import { FINISHED } from "./jobs.js";
import { questionLine } from "./questions.js";

const MOST = 12;
const PAUSE_MS = 2000;

/** @typedef {import("./jobs.js").Job} Job */

/**
 * @param {HTMLElement} box
 * @param {import("../lib/store.js").Store<import("./desk.js").DeskState>} store
 * @param {{open: (job: Job) => void, edit: (job: Job) => void}} act
 */
export function mountPlanList(box, store, act) {
  /** @type {Job[]} */
  let jobs = [];
  /** @type {string | null} */
  let chosen = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @returns {Promise<Job[]>} the latest first */
  async function refresh() {
    clearTimeout(timer);
    const found = await getJson("/v1/jobs?mine=true").catch(() => ({ jobs }));
    jobs = found.jobs.filter((/** @type {Job} */ job) => job.kind === "siting" || job.kind === "hours").slice(0, MOST);
    draw();
    if (jobs.some(({ status }) => !FINISHED.includes(status))) timer = setTimeout(() => void refresh(), PAUSE_MS);
    return jobs;
  }

  function draw() {
    box.hidden = !jobs.length;
    fill(box, h("h3", null, t("plans.title")), h("ul", { class: "plan-list" }, jobs.map(entry)));
  }

  /** @param {Job} job */
  function entry(job) {
    const asked = questionLine(job.kind, job.params, store.get().meta);
    const running = job.status === "running" && job.progress.gap !== undefined && job.progress.gap !== null;
    const state = running ? t("plans.gap", { gap: percent(job.progress.gap, 1) }) : t(`plans.${job.status}`);
    return h(
      "li",
      { "data-job": job.id, "data-status": job.status, class: job.id === chosen ? "pointed" : null },
      h(
        "button",
        { type: "button", class: "plan-open", "aria-current": job.id === chosen ? "true" : null, onclick: () => act.open(job) },
        asked,
        h("small", { class: "muted" }, `${cityTime(new Date(job.created)).hm} · ${state}`),
      ),
      h(
        "button",
        { type: "button", class: "button plain small icon-only", "data-edit": job.id, "aria-label": `${t("plans.edit")}${t("plan.colon")}${asked}`, title: t("plans.edit"), onclick: () => act.edit(job) },
        icon("copy"),
      ),
    );
  }

  return {
    draw,
    refresh,
    /** @param {string | null} id of the plan that is shown */
    point(id) {
      chosen = id;
      draw();
    },
  };
}
