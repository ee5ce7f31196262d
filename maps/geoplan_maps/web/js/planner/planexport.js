/** Taking a plan out of the desk: a table, a map layer, a saved scenario, a link. */

import { ask, postJson } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { save } from "../lib/download.js";
import { openDialog } from "../lib/dialog.js";
import { icon } from "../lib/icons.js";
import { language, t } from "../lib/i18n.js";
import { failed } from "./states.js";

/**
 * @param {any} plan
 * @param {import("./planresult.js").Edit | null} edit null for a reader who saves nothing
 * @param {string} [name] of the files, without ending
 * @returns {(Node | null)[]}
 */
export function exportMenu(plan, edit, name = "plan") {
  return [
    h(
      "button",
      { class: "button small", type: "button", onclick: () => openExport(plan, name) },
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
 * @param {any} plan
 * @returns {string} where the service keeps it
 */
function home(plan) {
  if (plan.share) return `/v1/shared/${encodeURIComponent(plan.share)}`;
  if (plan.scenario) return `/v1/scenarios/${encodeURIComponent(plan.scenario)}`;
  return `/v1/jobs/${encodeURIComponent(plan.job_id)}`;
}

/**
 * The service writes the file; what it refuses is said, not shown as a broken page.
 *
 * @param {string} url
 * @param {string} name
 */
export async function saveFile(url, name) {
  try {
    const answer = await ask(url, { timeoutMs: 60000 });
    save(await answer.blob(), name);
  } catch (error) {
    openDialog(t("plan.export"), [failed(error instanceof Error ? error.message : String(error))]);
  }
}

/**
 * @param {any} plan
 * @param {string} name
 */
function openExport(plan, name) {
  const from = (/** @type {string} */ file, /** @type {string} */ ending) => () =>
    void saveFile(`${home(plan)}/${file}.${ending}?lang=${language()}`, `${name}.${ending}`);
  const choices = /** @type {[string, string, () => void][]} */ ([
    ["xlsx", "table", from("projects", "xlsx")],
    ["geojson", "layers", () => void saveFile(`${home(plan)}/projects.geojson`, `${name}.geojson`)],
    ["docx", "download", from("report", "docx")],
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
