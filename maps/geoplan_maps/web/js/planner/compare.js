/** Saved plans side by side: each figure with what it counts, and said plainly which may be compared and which not. */

import { getJson } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { openDialog } from "../lib/dialog.js";
import { icon } from "../lib/icons.js";
import { listed, number, percent, t, term } from "../lib/i18n.js";
import { money } from "./money.js";
import { modelName } from "./questions.js";
import { planPicture } from "./planpicture.js";
import { failed, skeletonTable } from "./states.js";

/**
 * What a saved plan counts; plans kept before there were kinds are of sites.
 *
 * @param {any} summary
 * @returns {"sites" | "hours" | "robust"}
 */
function kindOf(summary) {
  return summary.kind ?? "sites";
}

/**
 * A saved plan in one line: what it brings, in what, and how sure that is.
 *
 * @param {any} summary
 * @returns {string}
 */
export function inOneLine(summary) {
  if (!summary.after) return t(`status.${summary.certificate.status}`);
  const shares = `${percent(summary.before.share)} → ${percent(summary.after.share)}`;
  const kind = kindOf(summary);
  const parts = [kind === "sites" ? shares : t(`scenario.shares.${kind}`, { shares })];
  if (kind === "hours") {
    const { new_sites: built, longer, cost, unit } = summary.spending;
    parts.push(t("scenario.spending", { built, longer, cost: money(cost, unit) }));
  } else parts.push(t("scenario.sites", { n: summary.certificate.sites }));
  return [...parts, proof(summary)].join(" · ");
}

/** @param {any} summary */
function proof(summary) {
  const { status, bound } = summary.certificate;
  return kindOf(summary) === "robust" ? t("scenario.proofWorst", { bound: percent(bound, 2) }) : t(`status.${status}`);
}

/** @param {any} summary */
function gain(summary) {
  const { before, after } = summary;
  if (!after) return t("scenario.noPlan");
  if (kindOf(summary) === "robust") return t("scenario.points", { n: number(100 * (after.share - before.share), 1) });
  const n = number(Math.round(after.covered - before.covered));
  return t(kindOf(summary) === "hours" ? "scenario.workerHours" : "figure.counted", { n });
}

/** @param {any} summary */
function denominator(summary) {
  const kind = kindOf(summary);
  if (kind === "robust") return t("scenario.ofSlices", { n: Object.keys(summary.shares.after).length });
  return t(kind === "hours" ? "scenario.workerHours" : "figure.counted", {
    n: number(Math.round(summary.demand_total)),
  });
}

/**
 * @param {string[]} ids
 * @param {any} meta
 */
export async function openCompare(ids, meta) {
  const body = h("div", null, skeletonTable());
  openDialog(t("scenario.compareTitle"), [body], { className: "wide-dialog" });
  try {
    const [compared, ...whole] = await Promise.all([
      getJson(`/v1/scenarios/compare?ids=${ids.map(encodeURIComponent).join(",")}`),
      ...ids.map((id) => getJson(`/v1/scenarios/${encodeURIComponent(id)}`)),
    ]);
    const results = new Map(whole.map((one) => [one.id, one.result]));
    fill(body, comparable(compared.differs), compareTable(compared, results, meta));
  } catch (error) {
    fill(body, failed(error instanceof Error ? error.message : String(error)));
  }
}

/**
 * Whether the shares may be compared, and in what they differ where they may not.
 *
 * @param {string[]} differs
 */
function comparable(differs) {
  // another kind has another denominator anyway: what explains is said, not what follows from it
  const said = differs.filter((name) => name !== "demand_total" || differs.length === 1);
  const words = [...new Set(said.map((name) => t(`differs.${name}`)))];
  return h(
    "div",
    { class: `notice ${differs.length ? "warn" : "good"} comparable` },
    icon(differs.length ? "warning" : "check"),
    h("p", null, differs.length ? t("scenario.notComparable", { what: listed(words) }) : t("scenario.comparable")),
  );
}

/**
 * @param {any} compared
 * @param {Map<string, any>} results
 * @param {any} meta
 */
function compareTable(compared, results, meta) {
  const { plans, common, differs } = compared;
  const best = Math.max(...plans.map((/** @type {any} */ one) => one.summary.after?.share ?? 0));
  const row = (
    /** @type {string} */ name,
    /** @type {(summary: any, plan: any) => any} */ value,
    /** @type {((summary: any) => boolean) | undefined} */ isBest = undefined,
  ) =>
    h(
      "tr",
      null,
      h("th", { scope: "row" }, name),
      plans.map((/** @type {any} */ plan) =>
        h("td", { class: isBest?.(plan.summary) ? "best" : null }, value(plan.summary, plan)),
      ),
    );
  const spent = (/** @type {any} */ summary, /** @type {(spending: any) => string} */ say) =>
    summary.spending ? say(summary.spending) : t("scenario.notPart");
  const hours = plans.some((/** @type {any} */ plan) => kindOf(plan.summary) === "hours");
  return h(
    "div",
    { class: "compare" },
    h(
      "table",
      null,
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("td", null),
          plans.map((/** @type {any} */ plan) => h("th", { scope: "col" }, plan.name)),
        ),
      ),
      h("tbody", null, [
        row(t("scenario.map"), (_, plan) => planPicture(results.get(plan.id), meta)),
        row(t("scenario.counts"), (summary) => t(`scenario.counts.${kindOf(summary)}`)),
        row(t("figure.of"), denominator),
        row(t("plan.before"), (summary) => percent(summary.before.share)),
        row(
          t("plan.after"),
          (summary) => (summary.after ? percent(summary.after.share) : t("scenario.noPlan")),
          (summary) => !differs.length && summary.after?.share === best,
        ),
        row(t("scenario.gain"), gain),
        row(t("scenario.newSites"), (summary) => number(summary.certificate.sites)),
        ...(hours
          ? [
              row(t("scenario.longer"), (summary) => spent(summary, (one) => number(one.longer))),
              row(t("hoursPlan.cost"), (summary) => spent(summary, (one) => money(one.cost, one.unit))),
            ]
          : []),
        row(t("scenario.model"), (summary) =>
          kindOf(summary) === "sites" ? modelName(summary.question.model) : t(`plan.kind.${kindOf(summary)}`),
        ),
        row(
          t("term.limit"),
          (summary) =>
            `${term("profile", summary.profile)} ${t("time.minutes", { n: Math.round(summary.limit_s / 60) })}`,
        ),
        row(t("scenario.proof"), proof),
        row(t("scenario.only"), (_, plan) => number(plan.only_here.length)),
        row(t("scenario.common"), () => number(common.length)),
      ]),
    ),
  );
}
