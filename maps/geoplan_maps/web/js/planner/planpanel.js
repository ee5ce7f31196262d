/** The planning tab: the sentence, the search while it runs, and the plan with its proof. */

import { ApiError } from "../lib/api.js";
import { announce, fill, h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { language, number, percent, t, term } from "../lib/i18n.js";
import { cancel, FINISHED, jobError, result, submit, watch } from "./jobs.js";
import { leaveNearBest } from "./nearbest.js";
import { planForm, showFaults, yardLine } from "./planform.js";
import { mountPlanList } from "./planlist.js";
import { onMap, planView } from "./planview.js";
import { draftOf, firstDraft, jobOf } from "./questions.js";
import { failed } from "./states.js";

/** @typedef {import("../lib/store.js").Store<import("./desk.js").DeskState>} Store */
/** @typedef {import("./jobs.js").Job} Job */

/**
 * @param {HTMLElement} box
 * @param {HTMLElement} listBox where the list of plans stands
 * @param {Store} store
 * @param {{show: (plan: any) => void, saved: () => void, swipe: (on: boolean) => void}} act
 */
export function mountPlan(box, listBox, store, act) {
  let draft = firstDraft();
  /** @type {Set<string>} */
  const open = new Set();
  /** @type {Job | null} */
  let job = null;
  /** @type {any} plan before the last change of wishes, to say what changed */
  let former = null;
  let trouble = "";

  const formBox = h("div");
  const runBox = h("div", { "aria-live": "polite" });
  const resultBox = h("div");
  box.append(formBox, runBox, resultBox);
  const list = mountPlanList(listBox, store, {
    open(chosen) {
      former = null;
      store.set({ tab: "plan" });
      void follow(chosen);
    },
    edit(chosen) {
      const { draft: again, yardstick } = draftOf(chosen);
      draft = again;
      for (const name of ["more", "districts"]) open.delete(name);
      store.set({ tab: "plan", question: { ...store.get().question, ...yardstick } });
      drawForm();
      box.scrollIntoView();
    },
  });

  function drawForm() {
    const { meta, coverage, question } = store.get();
    fill(
      formBox,
      h("h2", { class: "ask" }, t("plan.ask")),
      planForm(draft, { meta, question, coverage: coverage.value, open, run: () => void run(null), changed: drawForm }),
    );
  }

  /** The words that follow the yardstick; the fields stay as they are typed. */
  function drawYard() {
    const line = formBox.querySelector(".yard-line");
    if (line && !formBox.contains(document.activeElement)) return drawForm(); // today's shares too
    if (line) line.textContent = yardLine(draft, store.get().coverage.value, store.get().question);
  }

  /** @param {any} before plan to compare with, after a change of wishes */
  async function run(before) {
    former = before;
    trouble = "";
    leaveNearBest();
    drawForm();
    const { kind, params } = jobOf(draft, store.get().question);
    try {
      job = await submit(kind, params);
    } catch (error) {
      job = null;
      drawRun();
      return refused(error);
    }
    void list.refresh();
    await follow(job);
  }

  /** @param {unknown} error */
  function refused(error) {
    const faults = (error instanceof ApiError && error.detail?.faults) || [];
    const said = faults.map((/** @type {any} */ fault) => ({
      field: fault.field ?? "",
      sentence: (language() === "zh" ? [fault.problem_zh || fault.problem, fault.todo_zh] : [fault.problem, fault.todo]).filter(Boolean).join(t("plan.semicolon")),
    }));
    if (!said.length) said.push({ field: "", sentence: error instanceof Error ? error.message : String(error) });
    showFaults(/** @type {HTMLElement} */ (formBox.querySelector("form")), said, draft.model);
  }

  /** @param {Job} started */
  async function follow(started) {
    job = started;
    trouble = "";
    list.point(started.id);
    drawRun();
    const mine = () => job?.id === started.id; // another one may be looked at meanwhile
    try {
      const end = FINISHED.includes(started.status)
        ? started
        : await watch(started.id, (now) => {
            if (!mine()) return;
            job = now;
            drawRun();
          });
      void list.refresh();
      if (!mine()) return;
      job = end;
      if (job.status === "done" || job.status === "cancelled") {
        const plan = await result(job.id);
        if (!mine()) return;
        const shown = onMap(plan);
        store.set({ plan: { ...shown, job_id: job.id }, site: null });
        act.show(shown);
        announce(plan.after ? t("plan.finished", { share: percent(plan.after.share) }) : t("plan.finishedOther"));
      }
    } catch (error) {
      if (!mine()) return;
      trouble = error instanceof Error ? error.message : String(error);
    }
    drawRun();
  }

  function drawRun() {
    const said = trouble || (job?.status === "failed" ? jobError(job) : "");
    if (said) return fill(runBox, failed(said));
    if (!job || FINISHED.includes(job.status)) return fill(runBox);
    const { best, bound, gap, step } = job.progress;
    const seconds = job.started ? Math.max(0, Math.round((Date.now() - Date.parse(job.started)) / 1000)) : 0;
    const id = job.id;
    const known = (/** @type {number | null | undefined} */ value) => value !== undefined && value !== null && Number.isFinite(value);
    const whole = (/** @type {any} */ value) => (known(value) ? number(Math.round(value)) : "…");
    const live = [[t("plan.best"), whole(best)], [t("plan.bound"), whole(bound)], [t("plan.gap"), known(gap) ? percent(gap, 2) : "…"]];
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
        h("p", { class: "small muted" }, term("step", step)),
        h("dl", { class: "live" }, live.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value)))),
        h(
          "div",
          { class: `progress${known(gap) ? "" : " unknown"}`, role: "progressbar", "aria-label": t("plan.running") },
          h("span", { style: `width:${Math.max(4, 100 * (1 - Math.min(1, (gap ?? 1) * 8)))}%` }),
        ),
        h("button", { class: "button small", type: "button", onclick: () => void cancel(id) }, icon("close"), t("plan.stop")),
        h("p", { class: "small muted" }, t("plan.leave")),
      ),
    );
  }

  /** Write the question of the plan that is shown on the form: a wish is about it. @param {any} plan */
  function again(plan) {
    const of = job && plan.job_id === job.id ? job : { kind: plan.question.kind ?? "siting", params: plan.question };
    const { draft: own, yardstick } = draftOf(of);
    draft = own;
    store.set({ question: { ...store.get().question, ...yardstick } });
  }

  /**
   * Put a site among the required or the forbidden ones, and solve again.
   *
   * @param {any} plan
   * @param {"force" | "veto" | null} name null takes all such wishes back
   * @param {string} [id]
   */
  function wish(plan, name, id) {
    again(plan);
    const said = draft.said.siting;
    for (const one of ["force", "veto"]) {
      const rest = name ? (said[one] ?? []).filter((/** @type {string} */ site) => site !== id) : [];
      const next = one === name ? [...rest, id] : rest;
      if (next.length) said[one] = next;
      else delete said[one];
    }
    void run(plan);
  }

  function drawResult() {
    const { plan, meta, site } = store.get();
    if (!plan) return fill(resultBox);
    const { force = [], veto = [] } = plan.question;
    fill(
      resultBox,
      planView(plan, {
        meta,
        site,
        former,
        choose: (id) => store.set({ site: id }),
        swipe: act.swipe,
        edit: {
          wishes: { veto, force },
          compare: store.get().me?.role !== "viewer",
          veto: (id) => wish(plan, "veto", id),
          force: (id) => wish(plan, "force", id),
          clear: () => wish(plan, null),
          explain() {
            again(plan);
            draft.said.siting.explain = true;
            void run(null);
          },
          saved: act.saved,
        },
      }),
    );
  }

  store.listen((now, before) => {
    if (now.coverage !== before.coverage) drawYard();
    if (now.plan !== before.plan || now.site !== before.site) drawResult();
  });
  setInterval(() => job && !FINISHED.includes(job.status) && drawRun(), 1000);
  drawForm();

  return {
    draw() {
      drawForm();
      drawRun();
      drawResult();
      list.draw();
    },
    /** The list is found again, and the latest plan of it. */
    async resume() {
      const latest = (await list.refresh()).find(({ status }) => status !== "failed");
      if (latest && !job) await follow(latest);
    },
  };
}
