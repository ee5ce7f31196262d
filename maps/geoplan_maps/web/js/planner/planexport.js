/** Taking a plan out of the desk: a table, a map layer, a saved scenario, a link. */

import { postJson } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { openDialog } from "../lib/dialog.js";
import { icon } from "../lib/icons.js";
import { t } from "../lib/i18n.js";
import { failed } from "./states.js";

/**
 * @param {any} plan
 * @param {import("./planresult.js").Edit} edit
 * @returns {Node[]}
 */
export function exportMenu(plan, edit) {
  return [
    h(
      "button",
      { class: "button small", type: "button", onclick: () => openExport(plan) },
      icon("download"),
      t("plan.export"),
    ),
    h(
      "button",
      { class: "button small", type: "button", onclick: () => openSave(plan, edit.saved) },
      icon("keep"),
      t("plan.save"),
    ),
  ];
}

/** @param {any} plan */
function openExport(plan) {
  const base = `/v1/jobs/${encodeURIComponent(plan.job_id)}/export`;
  openDialog(t("plan.export"), [
    h(
      "ul",
      { class: "stack" },
      ["xlsx", "docx", "csv", "geojson"].map((format) =>
        h(
          "li",
          null,
          h(
            "a",
            { class: "button wide", href: `${base}?format=${format}`, download: "" },
            icon(format === "geojson" ? "layers" : "table"),
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
