/** One site of a plan: why here, who gains, what would take its place, and the planner's veto. */

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { listed, number, percent, said, t, term } from "../lib/i18n.js";
import { hasNearBest, nearBestLine } from "./nearbest.js";

/**
 * @param {any} plan
 * @param {any} site properties of a project
 * @param {any} reason what the plan loses without it, and what would take its place; none where nobody asked
 * @param {import("./planresult.js").ResultActions} act
 * @returns {HTMLElement}
 */
export function siteCard(plan, site, reason, act) {
  const { edit } = act;
  const gains = Object.entries(site.gain_by_trade ?? {}).filter(([, n]) => Number(n) >= 0.5);
  return h(
    "section",
    { class: "site-card", "aria-label": site.name, tabindex: "-1" },
    h(
      "div",
      { class: "spread" },
      h("h3", null, `${site.rank}. ${site.name}`),
      h(
        "button",
        {
          class: "button plain small icon-only",
          type: "button",
          "aria-label": t("action.close"),
          onclick: () => act.choose(null),
        },
        icon("close"),
      ),
    ),
    h(
      "p",
      { class: "small muted" },
      [site.district, site.town, site.host_name || site.host_type, site.union_unit].filter(Boolean).join(" · "),
    ),
    h(
      "p",
      null,
      t("site.why", { n: number(Math.round(site.workers_newly_covered)), share: percent(site.share_covered) }),
    ),
    gains.length
      ? h(
          "p",
          null,
          t("site.trades"),
          listed(gains.map(([code, n]) => `${term("trade", code)} ${number(Math.round(Number(n)))}`)),
        )
      : null,
    h(
      "ul",
      { class: "bullets site-reasons" },
      reason ? h("li", null, said(reason, "sentence_zh", "sentence")) : null,
      edit?.compare && hasNearBest(plan) ? nearBestLine(plan, site.site_id) : null,
    ),
    !reason && edit && hasNearBest(plan) && !plan.robust
      ? h("button", { class: "button small", type: "button", onclick: edit.explain }, icon("info"), t("site.explain"))
      : null,
    edit ? wishes(site.site_id, edit) : null,
  );
}

/**
 * @param {string} id
 * @param {import("./planresult.js").Edit} edit
 */
function wishes(id, edit) {
  const forced = edit.wishes.force.includes(id);
  return h(
    "div",
    { class: "stack" },
    h(
      "div",
      { class: "row" },
      h("button", { class: "button small", type: "button", onclick: () => edit.veto(id) }, icon("ban"), t("site.veto")),
      h(
        "button",
        { class: "button small", type: "button", disabled: forced, onclick: () => edit.force(id) },
        icon("keep"),
        t(forced ? "site.forced" : "site.force"),
      ),
    ),
    h("p", { class: "small muted" }, t("site.vetoAbout")),
  );
}
