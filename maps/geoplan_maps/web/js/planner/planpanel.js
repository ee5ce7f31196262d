/** The planning tab: the sentence, the search while it runs, and the plan with its proof. */

import { announce, fill, h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { number, percent, t } from "../lib/i18n.js";
import { cancel, FINISHED, jobError, lastJob, result, submit, watch } from "./jobs.js";
import { leaveNearBest } from "./nearbest.js";
import { firstHours, hoursForm, hoursParams } from "./hoursform.js";
import { firstDraft, planForm, toParams } from "./planform.js";
import { onMap, planView } from "./planview.js";
import { firstRobust, robustForm, robustParams } from "./robustform.js";
import { failed } from "./states.js";
import { getJson } from "../lib/api.js";

/** @typedef {import("../lib/store.js").Store<import("./desk.js").DeskState>} Store */
/** @typedef {import("./jobs.js").Job} Job */

/** @typedef {"sites" | "hours" | "robust"} Kind what is planned */
const KINDS = /** @type {Kind[]} */ (["sites", "hours", "robust"]);

/**
 * @param {HTMLElement} box
 * @param {Store} store
 * @param {{show: (plan: any) => void, saved: () => void, swipe: (on: boolean) => void}} act
 */
export function mountPlan(box, store, act) {
  /** @type {import("./planform.js").PlanDraft | null} */
  let draft = null;
  /** @type {import("./hoursform.js").HoursDraft | null} */
  let hours = null;
  /** @type {import("./robustform.js").RobustDraft | null} */
  let robust = null;
  /** @type {Kind} */
  let kind = "sites";
  /** @type {Job | null} */
  let job = null;
  /** @type {any} plan before the last change of wishes, to say what changed */
  let former = null;
  let trouble = "";

  const formBox = h("div");
  const runBox = h("div", { "aria-live": "polite" });
  const resultBox = h("div");
  box.append(formBox, runBox, resultBox);

  function drawForm() {
    const { meta } = store.get();
    if (!meta) return;
    draft ??= firstDraft(meta);
    hours ??= firstHours(meta);
    robust ??= firstRobust(meta);
    const start = () => void run(null);
    fill(
      formBox,
      h("h2", { class: "ask" }, t("plan.ask")),
      kinds(),
      kind === "hours"
        ? hoursForm(hours, meta, start)
        : kind === "robust"
          ? robustForm(robust, meta, start)
          : planForm(draft, meta, start, drawForm),
    );
  }

  function kinds() {
    return h(
      "div",
      { class: "segments scroll kinds", role: "group", "aria-label": t("plan.kind") },
      KINDS.map((name) =>
        h(
          "button",
          {
            type: "button",
            "data-kind": name,
            "aria-pressed": String(name === kind),
            onclick: () => {
              kind = name;
              drawForm();
            },
          },
          t(`plan.kind.${name}`),
        ),
      ),
    );
  }

  /** @param {any} before plan to compare with, after a change of wishes */
  async function run(before) {
    if (!draft || !hours || !robust) return;
    former = before;
    trouble = "";
    leaveNearBest();
    try {
      job =
        kind === "hours"
          ? await submit("hours", hoursParams(hours))
          : await submit("siting", kind === "robust" ? robustParams(robust) : toParams(draft, store.get().meta));
    } catch (error) {
      job = null;
      trouble = error instanceof Error ? error.message : String(error);
      return drawRun();
    }
    await follow(job);
  }

  /** @param {Job} started */
  async function follow(started) {
    job = started;
    drawRun();
    try {
      job = FINISHED.includes(started.status)
        ? started
        : await watch(started.id, (now) => {
            job = now;
            drawRun();
          });
      if (job.status === "done" || job.status === "cancelled") {
        const plan = await result(job.id);
        const shown = onMap(plan);
        store.set({ plan: { ...shown, job_id: job.id }, site: null });
        act.show(shown);
        announce(plan.after ? t("plan.finished", { share: percent(plan.after.share) }) : t("plan.finishedOther"));
      }
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error);
    }
    drawRun();
  }

  function drawRun() {
    const said = trouble || (job?.status === "failed" ? jobError(job) : "");
    if (said)
      return fill(
        runBox,
        failed(said, () => void run(former)),
      );
    if (!job || FINISHED.includes(job.status)) return fill(runBox);
    const { best, bound, gap, step } = job.progress;
    const seconds = job.started ? Math.max(0, Math.round((Date.now() - Date.parse(job.started)) / 1000)) : 0;
    const id = job.id;
    fill(
      runBox,
      h(
        "section",
        { class: "running" },
        h(
          "div",
          { class: "spread" },
          h("b", null, t(job.status === "waiting" ? "plan.waiting" : "plan.running")),
          h("span", { class: "muted" }, t("plan.seconds", { n: seconds })),
        ),
        h("p", { class: "small muted" }, step ? sayStep(step) : ""),
        h(
          "dl",
          { class: "live" },
          [
            [t("plan.best"), best === undefined || best === null ? "…" : number(Math.round(best))],
            [
              t("plan.bound"),
              bound === undefined || bound === null || !Number.isFinite(bound) ? "…" : number(Math.round(bound)),
            ],
            [t("plan.gap"), gap === undefined || gap === null ? "…" : percent(gap, 2)],
          ].map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))),
        ),
        h(
          "div",
          {
            class: `progress${gap === undefined || gap === null ? " unknown" : ""}`,
            role: "progressbar",
            "aria-label": t("plan.running"),
          },
          h("span", { style: `width:${Math.max(4, 100 * (1 - Math.min(1, (gap ?? 1) * 8)))}%` }),
        ),
        h(
          "button",
          { class: "button small", type: "button", onclick: () => void cancel(id) },
          icon("close"),
          t("plan.stop"),
        ),
        h("p", { class: "small muted" }, t("plan.leave")),
      ),
    );
  }

  function drawResult() {
    const { plan, meta, site } = store.get();
    if (!plan || !draft) return fill(resultBox);
    const own = draft;
    const choose = (/** @type {string | null} */ id) => store.set({ site: id });
    fill(
      resultBox,
      planView(plan, {
        meta,
        site,
        former,
        choose,
        swipe: act.swipe,
        edit: {
          wishes: { veto: own.veto, force: own.force },
          compare: store.get().me?.role !== "viewer",
          veto(id) {
            own.veto = [...own.veto.filter((one) => one !== id), id];
            own.force = own.force.filter((one) => one !== id);
            drawForm();
            void run(plan);
          },
          force(id) {
            own.force = [...own.force.filter((one) => one !== id), id];
            own.veto = own.veto.filter((one) => one !== id);
            drawForm();
            void run(plan);
          },
          clear() {
            own.veto = [];
            own.force = [];
            drawForm();
            void run(plan);
          },
          saved: act.saved,
        },
      }),
    );
  }

  store.listen((now, before) => {
    if (now.meta && !before.meta) drawForm();
    if (now.plan !== before.plan || now.site !== before.site) drawResult();
  });
  setInterval(() => job && !FINISHED.includes(job.status) && drawRun(), 1000);
  drawForm();

  /** A search that was left running is found again. */
  async function resume() {
    const id = lastJob();
    if (!id || job) return;
    try {
      /** @type {Job} */
      const found = await getJson(`/v1/jobs/${encodeURIComponent(id)}`);
      kind = found.kind === "hours" ? "hours" : found.params.robust ? "robust" : "sites";
      drawForm();
      await follow(found);
    } catch {
      // Finished jobs are forgotten after their time; the form is there for a new one.
    }
  }
  return {
    draw: () => {
      drawForm();
      drawRun();
      drawResult();
    },
    resume,
    run: () => run(null),
  };
}

/** @param {string} step */
function sayStep(step) {
  const known = {
    loading: "plan.step.loading",
    "searching the streets": "plan.step.streets",
    "building the problem": "plan.step.problem",
    solving: "plan.step.solving",
    "writing the project list": "plan.step.list",
    "planning the years": "plan.step.years",
    "explaining the sites": "plan.step.reasons",
    "pricing the floors": "plan.step.floors",
    "searching the plan with the best worst case": "plan.step.robust",
  }[step];
  return known ? t(known) : step;
}
