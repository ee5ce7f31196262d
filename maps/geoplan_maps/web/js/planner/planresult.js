/** A plan as its readers need it: what it gains, how sure that is, site by site, and what to do with it. */

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { listed, number, percent, said, t } from "../lib/i18n.js";
import { areaName, nameOf } from "./areas.js";
import { curve } from "./charts.js";
import { frontView } from "./front.js";
import { exportMenu } from "./planexport.js";
import { siteCard } from "./sitecard.js";
import { empty } from "./states.js";
import { figureTable } from "./table.js";
import { yardWords } from "./yardstick.js";
import { datedProjects, yearSign, yearsTable } from "./years.js";

/**
 * @typedef {object} ResultActions
 * @property {any} meta
 * @property {string | null} site
 * @property {any} former
 * @property {(id: string | null) => void} choose
 * @property {(on: boolean) => void} swipe
 * @property {Edit | null} edit null for a reader who may not change anything
 *
 * @typedef {object} Edit
 * @property {{veto: string[], force: string[]}} wishes
 * @property {boolean} compare whether the reader may ask for comparisons, which are computed
 * @property {(id: string) => void} veto
 * @property {(id: string) => void} force
 * @property {() => void} clear
 * @property {() => void} explain asks for the reasons of every site
 * @property {() => void} saved
 */

/**
 * @param {any} plan result of a siting job
 * @param {ResultActions} act
 * @returns {HTMLElement}
 */
export function planResult(plan, act) {
  const sites = datedProjects(plan).features.map((/** @type {any} */ feature) => feature.properties);
  if (!plan.after) {
    return h("section", { class: "plan-result" }, subjectLine(plan), certificate(plan), empty(t("plan.noPlan"), "warning", reasonList(plan)));
  }
  const gained = plan.after.covered - plan.before.covered;
  const chosen = sites.find((/** @type {any} */ site) => site.site_id === act.site);
  const reasons = new Map((plan.explained ?? []).map((/** @type {any} */ one) => [one.site, one]));
  return h(
    "section",
    { class: "plan-result" },
    subjectLine(plan),
    gain(
      [t("plan.before"), plan.before.share],
      [t("plan.after"), plan.after.share],
      t("plan.gain", { n: number(Math.round(gained)), sites: sites.length }),
      said(plan.facts, "objective_zh", "objective_en"),
    ),
    leftOut(plan.facts),
    certificate(plan),
    plan.floor_price ? h("p", { class: "floor-price" }, said(plan.floor_price, "sentence_zh", "sentence")) : null,
    act.former?.after ? changes(act.former, plan) : null,
    h(
      "div",
      { class: "row" },
      swipeButton(act),
      exportMenu(plan, act.edit),
      act.edit && (act.edit.wishes.veto.length || act.edit.wishes.force.length)
        ? h(
            "button",
            { class: "button small", type: "button", onclick: act.edit.clear },
            icon("undo"),
            t("plan.clearWishes"),
          )
        : null,
    ),
    chosen ? siteCard(plan, chosen, reasons.get(chosen.site_id), act) : null,
    districtTable(plan),
    yearsTable(plan),
    plan.facts?.pareto ? frontView(plan) : null,
    h("h3", null, t("plan.curve")),
    curve(
      [plan.before.share, ...sites.map((/** @type {any} */ site) => site.share_covered)],
      t("plan.curveAbout", { from: percent(plan.before.share), to: percent(plan.after.share), n: sites.length }),
    ),
    h("h3", null, t(plan.years?.length ? "plan.listYears" : "plan.list", { n: sites.length })),
    projectTable(sites, act),
  );
}

/** @param {any} plan of what its figures are a share */
export function subjectLine(plan) {
  return h("p", { class: "subject-line" }, t("plan.subject", yardWords(plan.subject)));
}

/**
 * @param {[string, number | null]} before
 * @param {[string, number | null]} after
 * @param {...string} lines
 */
export function gain(before, after, ...lines) {
  return h(
    "div",
    { class: "gain" },
    h("div", null, h("span", { class: "small muted" }, before[0]), h("b", null, percent(before[1]))),
    icon("next"),
    h("div", null, h("span", { class: "small muted" }, after[0]), h("b", { class: "good" }, percent(after[1]))),
    lines.filter(Boolean).map((line) => h("p", null, line)),
  );
}

/**
 * Who is not counted because no site reaches them, and where they are.
 *
 * @param {any} facts
 */
function leftOut(facts) {
  if (!facts?.left_out) return null;
  const where = Object.entries(facts.left_out_by_district ?? {}).map(([code, n]) => `${nameOf(code)} ${number(Math.round(Number(n)))}`);
  return h(
    "div",
    { class: "notice warn left-out" },
    icon("info"),
    h("p", null, t("plan.leftOut", { n: number(Math.round(facts.left_out)), where: listed(where) })),
  );
}

/**
 * Before and after in each district, beside what was asked of it.
 *
 * @param {any} plan
 */
function districtTable(plan) {
  const rows = (plan.areas ?? []).filter((/** @type {any} */ area) => area.demand > 0);
  if (!rows.length) return null;
  const { floors, quotas } = plan.question;
  const head = ["plan.before", "plan.after", ...(floors ? ["plan.floor"] : []), "plan.new", ...(quotas ? ["plan.quota"] : [])];
  const bounds = (/** @type {any} */ quota) => (quota ? `${quota[0]}–${quota[1] ?? ""}` : "");
  return h(
    "section",
    { class: "district-result" },
    h("h3", null, t("plan.districts")),
    figureTable(
      t("plan.districts"),
      ["level.district", ...head].map((key) => t(key)),
      rows.map((/** @type {any} */ area) => ({
        about: { "data-district": area.area_code },
        cells: [
          areaName(area.area_code, area.area_name),
          percent(area.before),
          percent(area.after),
          ...(floors ? [percent(floors[area.area_code] ?? null)] : []),
          number(area.new ?? 0),
          ...(quotas ? [bounds(quotas[area.area_code])] : []),
        ],
      })),
    ),
  );
}

/** @param {ResultActions} act */
function swipeButton(act) {
  const button = h(
    "button",
    { class: "button small", type: "button", "aria-pressed": "false" },
    icon("compare"),
    t("plan.swipe"),
  );
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    act.swipe(on);
  });
  return button;
}

/**
 * @param {any} plan
 * @param {string} [key] the words of the numbers below the sentence
 */
export function certificate(plan, key) {
  const { certificate: proof } = plan;
  const proven = proof.status === "optimal";
  return h(
    "div",
    { class: `notice ${proven ? "good" : proof.status === "feasible" ? "" : "warn"} certificate` },
    icon(proven ? "verified" : "info"),
    h(
      "div",
      null,
      h("p", null, said(proof, "sentence_zh", "sentence")),
      proof.objective === null ? null : h(
        "p",
        { class: "small muted" },
        t(key ?? (plan.question.joint || plan.question.yearly_budgets ? "plan.proofYears" : "plan.proof"), {
          objective: number(Math.round(proof.objective)),
          bound: number(Math.round(proof.bound ?? 0)),
          gap: proof.gap === null ? "—" : percent(proof.gap, 2),
          seconds: proof.solve_s,
        }),
      ),
      proof.agrees ? null : h("p", { class: "small" }, t("plan.disagrees")),
    ),
  );
}

/**
 * Which requirements cannot be met, in the reader's language.
 *
 * @param {any} plan
 */
export function reasonList(plan) {
  const reasons = plan.certificate.reasons ?? [];
  return h(
    "ul",
    { class: "bullets" },
    reasons.map((/** @type {any} */ reason) => h("li", null, said(reason, "zh", "en"))),
  );
}

/**
 * @param {any} former
 * @param {any} plan
 */
function changes(former, plan) {
  const names = (/** @type {any} */ one) =>
    new Map(one.projects.features.map((/** @type {any} */ f) => [f.properties.site_id, f.properties.name]));
  const [old, now] = [names(former), names(plan)];
  const gone = [...old].filter(([id]) => !now.has(id)).map(([, name]) => name);
  const come = [...now].filter(([id]) => !old.has(id)).map(([, name]) => name);
  const lost = former.after.covered - plan.after.covered;
  return h(
    "div",
    { class: "notice changes" },
    icon("compare"),
    h(
      "div",
      null,
      h(
        "p",
        null,
        t("plan.changed", {
          gone: gone.length,
          come: come.length,
          cost: number(Math.round(Math.abs(lost))),
          word: t(lost > 0 ? "plan.fewer" : "plan.more"),
        }),
      ),
      gone.length
        ? h("p", { class: "small" }, t("plan.gone"), listed(gone.slice(0, 6)), gone.length > 6 ? " …" : "")
        : null,
      come.length
        ? h("p", { class: "small" }, t("plan.come"), listed(come.slice(0, 6)), come.length > 6 ? " …" : "")
        : null,
    ),
  );
}

/**
 * @param {any[]} sites
 * @param {Pick<ResultActions, "site" | "choose">} act
 */
export function projectTable(sites, act) {
  return siteTable(
    t("plan.list", { n: sites.length }),
    [t("plan.newly"), t("plan.total")],
    sites.map((site) => ({
      site,
      about: [yearSign(site.year), [site.year ? t("plan.yearN", { n: site.year }) : "", site.district, site.town, site.host_type].filter(Boolean).join(" · ")],
      figures: [`+${number(Math.round(site.workers_newly_covered))}`, percent(site.share_covered)],
    })),
    act,
  );
}

/**
 * Sites by rank; a click chooses one.
 *
 * @param {string} caption
 * @param {string[]} heads of the figures
 * @param {{site: any, about: import("../lib/dom.js").Child[], figures: string[]}[]} rows
 * @param {Pick<ResultActions, "site" | "choose">} act
 * @param {string} [className]
 */
export function siteTable(caption, heads, rows, act, className = "") {
  const table = figureTable(
    caption,
    ["#", t("plan.site"), ...heads],
    rows.map(({ site, about, figures }) => ({
      about: { "data-site": site.site_id, class: site.site_id === act.site ? "pointed" : null },
      cells: [
        site.rank,
        [h("button", { type: "button", class: "figure start" }, site.name ?? site.site_id), h("small", null, about)],
        ...figures,
      ],
    })),
    { className: `projects ${className}`, name: 1 },
  );
  table.addEventListener("click", (event) => {
    const row = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest("tr[data-site]"));
    if (row) act.choose(row.dataset.site ?? null);
  });
  return table;
}
