/** Taking a plan out of the desk: a table, a map layer, a saved scenario, a link. */

import { ask, postJson } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { save } from "../lib/download.js";
import { openDialog } from "../lib/dialog.js";
import { icon } from "../lib/icons.js";
import { language, t, term } from "../lib/i18n.js";
import { workbook } from "../lib/xlsx.js";
import { costUnit } from "./money.js";
import { failed } from "./states.js";
import { datedProjects } from "./years.js";

/**
 * @typedef {object} Files
 * @property {() => import("../lib/xlsx.js").Sheet[]} sheets of the workbook
 * @property {any} projects GeoJSON
 * @property {string} name of the files, without ending
 */

/**
 * @param {any} plan
 * @param {import("./planresult.js").Edit | null} edit null for a reader who saves nothing
 * @param {Files} [files] of a plan of sites without it
 * @returns {(Node | null)[]}
 */
export function exportMenu(
  plan,
  edit,
  files = { sheets: () => planSheets(plan), projects: plan.projects, name: "plan" },
) {
  return [
    h(
      "button",
      { class: "button small", type: "button", onclick: () => openExport(plan, files) },
      icon("download"),
      t("plan.export"),
    ),
    edit
      ? h(
          "button",
          { class: "button small", type: "button", onclick: () => openSave(plan, edit.saved) },
          icon("keep"),
          t("plan.save"),
        )
      : null,
  ];
}

/**
 * The service writes the Word report; a job that it no longer knows is said, not shown as a broken page.
 *
 * @param {any} plan
 */
async function saveWord(plan) {
  const of = plan.share
    ? `shared/${encodeURIComponent(plan.share)}`
    : plan.scenario
      ? `scenarios/${encodeURIComponent(plan.scenario)}`
      : `jobs/${encodeURIComponent(plan.job_id)}`;
  await saveReport(`/v1/${of}/report.docx?lang=${language()}`, "plan.docx");
}

/**
 * @param {string} url of a Word report
 * @param {string} name
 */
export async function saveReport(url, name) {
  try {
    const answer = await ask(url, { timeoutMs: 60000 });
    save(await answer.blob(), name);
  } catch (error) {
    openDialog(t("export.docx"), [failed(error instanceof Error ? error.message : String(error))]);
  }
}

/**
 * @param {any} plan
 * @param {Files} files
 */
function openExport(plan, files) {
  const choices = /** @type {[string, string, () => void][]} */ ([
    ["xlsx", "table", () => save(workbook(files.sheets()), `${files.name}.xlsx`)],
    [
      "geojson",
      "layers",
      () => save(new Blob([JSON.stringify(files.projects)], { type: "application/geo+json" }), `${files.name}.geojson`),
    ],
    ["docx", "download", () => void saveWord(plan)],
    ["print", "download", () => print()],
  ]);
  const dialog = openDialog(t("plan.export"), [
    h(
      "ul",
      { class: "stack" },
      choices.map(([format, sign, run]) =>
        h(
          "li",
          null,
          h(
            "button",
            {
              class: "button wide",
              type: "button",
              "data-format": format,
              onclick: () => {
                dialog.close();
                run();
              },
            },
            icon(sign),
            t(`export.${format}`),
          ),
        ),
      ),
    ),
    h("p", { class: "small muted" }, t("export.about")),
  ]);
}

const COLUMNS = [
  "rank",
  "year",
  "site_id",
  "name",
  "district",
  "town",
  "host_type",
  "host_name",
  "union_unit",
  "station_class",
  "lon",
  "lat",
  "cost",
  "workers_newly_covered",
  "workers_covered_total",
  "share_covered",
  "origin",
];

/**
 * The plan as a workbook: the project list, and what it is worth.
 *
 * @param {any} plan
 * @returns {import("../lib/xlsx.js").Sheet[]}
 */
export function planSheets(plan) {
  const { certificate: proof, subject } = plan;
  const sites = datedProjects(plan).features.map((/** @type {any} */ one) => one.properties);
  const priced = sites.some((/** @type {any} */ site) => site.cost !== null && site.cost !== undefined);
  const columns = COLUMNS.filter((name) => (name === "year" ? plan.years?.length : name !== "cost" || priced));
  const about = [
    [t("figure.source"), subject.origin === "demonstration" ? t("banner.about") : t("figure.own")],
    [t("figure.area"), subject.city],
    [t("figure.profile"), term("profile", subject.profile)],
    [t("yard.limit"), t("time.minutes", { n: Math.round(subject.limit_s / 60) })],
    [t("figure.of"), subject.demand_total],
    ...(subject.cost_unit ? [[t("cost.unit"), costUnit(subject.cost_unit)]] : []),
    [t("plan.before"), plan.before.share],
    [t("plan.after"), plan.after?.share ?? null],
    [t("scenario.proof"), language() === "zh" ? proof.sentence_zh : proof.sentence],
    [t("plan.best"), proof.objective],
    [t("plan.bound"), proof.bound],
    [t("plan.gap"), proof.gap],
  ];
  return [
    {
      name: t("export.sheet"),
      rows: [
        columns.map((name) => t(`column.${name}`)),
        ...sites.map((/** @type {any} */ site) => columns.map((name) => site[name])),
      ],
    },
    { name: t("export.notes"), rows: [[t("export.item"), t("export.value")], ...about] },
  ];
}

/**
 * @param {any} plan
 * @param {() => void} saved
 */
function openSave(plan, saved) {
  const name = h("input", {
    type: "text",
    maxlength: 80,
    required: true,
    value: "",
    name: "scenario-name",
    id: "scenario-name",
  });
  const note = h("textarea", { maxlength: 1000, id: "scenario-note" });
  const trouble = h("div");
  const form = h(
    "form",
    { class: "stack" },
    h("label", { class: "field", for: "scenario-name" }, h("span", null, t("scenario.name")), name),
    h("label", { class: "field", for: "scenario-note" }, h("span", null, t("scenario.note")), note),
    trouble,
    h("button", { class: "button main wide", type: "submit" }, t("plan.save")),
  );
  const dialog = openDialog(t("plan.save"), [form]);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await postJson("/v1/scenarios", { name: name.value.trim(), note: note.value.trim(), job_id: plan.job_id });
      dialog.close();
      saved();
    } catch (error) {
      trouble.replaceChildren(failed(error instanceof Error ? error.message : String(error)));
    }
  });
  name.focus();
}
