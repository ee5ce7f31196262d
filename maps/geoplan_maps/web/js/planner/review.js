/** What waits for a person: reports of the public, and questions that imports left open. */

import { getJson, postJson } from "../lib/api.js";
import { announce, fill, h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { t, term, words as rawWords } from "../lib/i18n.js";
import { sayAge } from "../lib/clock.js";
import { empty, failed, skeletonTable } from "./states.js";

/** @typedef {import("./register.js").RegisterActions} RegisterActions */

/**
 * @param {HTMLElement} box
 * @param {import("../lib/store.js").Store<import("./desk.js").DeskState>} store
 * @param {RegisterActions} act
 */
export async function drawReview(box, store, act) {
  fill(box, skeletonTable());
  const again = () => void drawReview(box, store, act);
  const may = ["reviewer", "admin"].includes(store.get().me?.role ?? "");
  try {
    const [told, asked] = await Promise.all([
      may ? getJson("/v1/reports") : { reports: [] },
      getJson("/v1/register/reviews"),
    ]);
    if (!told.reports.length && !asked.reviews.length) return fill(box, empty(t("review.none"), "check"));
    fill(
      box,
      may ? null : h("p", { class: "notice" }, icon("info"), t("review.role")),
      told.reports.length
        ? h(
            "section",
            { class: "cards" },
            h("h3", null, t("review.public", { n: told.reports.length })),
            told.reports.map((/** @type {any} */ one) => reportCard(one, again)),
          )
        : null,
      asked.reviews.length
        ? h(
            "section",
            { class: "cards" },
            h("h3", null, t("review.imports", { n: asked.reviews.length })),
            asked.reviews.map((/** @type {any} */ one) => questionCard(one, may, again)),
          )
        : null,
    );
  } catch (error) {
    fill(box, failed(error instanceof Error ? error.message : String(error), again));
  }
}

/**
 * @param {any} report
 * @param {() => void} again
 */
function reportCard(report, again) {
  const note = h("input", {
    type: "text",
    maxlength: 300,
    "aria-label": t("review.note"),
    placeholder: t("review.note"),
  });
  const trouble = h("div");
  const decide = (/** @type {string} */ decision) => async () => {
    try {
      await postJson(`/v1/reports/${report.id}/decide`, { decision, note: note.value });
      announce(t(`review.${decision}Done`));
      again();
    } catch (error) {
      fill(trouble, failed(error instanceof Error ? error.message : String(error)));
    }
  };
  return h(
    "article",
    { class: "card", "data-report": report.id },
    h("h4", null, t(`report_kind.${report.kind}`), report.station_name ? ` · ${report.station_name}` : ""),
    h("p", { class: "small muted" }, sayAge(new Date(report.created_at), new Date())),
    report.text ? h("p", null, report.text) : null,
    report.has_photo
      ? h("img", { src: `/v1/reports/${report.id}/photo`, alt: t("review.photo"), loading: "lazy" })
      : null,
    note,
    trouble,
    h(
      "div",
      { class: "row" },
      h(
        "button",
        { class: "button small", type: "button", onclick: decide("accepted") },
        icon("check"),
        t("review.accept"),
      ),
      h(
        "button",
        { class: "button small", type: "button", onclick: decide("dismissed") },
        icon("close"),
        t("review.dismiss"),
      ),
    ),
  );
}

const DECISIONS = /** @type {Record<string, string[]>} */ ({ duplicate: ["merge", "distinct"], hours: ["dismiss"] });

/**
 * @param {any} question
 * @param {boolean} may
 * @param {() => void} again
 */
function questionCard(question, may, again) {
  const trouble = h("div");
  const decide = (/** @type {string} */ decision) => async () => {
    try {
      await postJson(`/v1/register/reviews/${question.id}/decide`, { decision, note: "" });
      announce(t("review.decided"));
      again();
    } catch (error) {
      fill(trouble, failed(error instanceof Error ? error.message : String(error)));
    }
  };
  const said = question.details.text_zh ?? question.details.text ?? question.details.name ?? "";
  const choices = [...(DECISIONS[question.kind] ?? ["confirm"]), "withdraw", "dismiss"].filter(
    (one, i, all) => all.indexOf(one) === i,
  );
  return h(
    "article",
    { class: "card" },
    h("h4", null, term("question", question.kind), question.details.name ? ` · ${question.details.name}` : ""),
    h("p", null, said),
    trouble,
    may
      ? h(
          "div",
          { class: "row" },
          choices.map((one) =>
            h("button", { class: "button small", type: "button", onclick: decide(one) }, rawWords(`decision.${one}`)),
          ),
        )
      : null,
  );
}
