/** What stands behind the three dots: language, elder view, colours, about the data. */

import { h } from "../lib/dom.js";
import { openDialog } from "../lib/dialog.js";
import { icon } from "../lib/icons.js";
import { number, t } from "../lib/i18n.js";
import { readPrefs } from "../lib/prefs.js";
import { openTicket } from "./report.js";

/**
 * @param {{meta: any, version: string, choose: (change: Partial<import("../lib/prefs.js").Prefs>) => void}} about
 */
export function openMenu({ meta, choose }) {
  const prefs = readPrefs();
  const ticket = () => {
    dialog.close();
    void openTicket("");
  };
  const dialog = openDialog(t("menu.title"), [
    group(
      "language",
      t("menu.language"),
      [
        ["zh", "中文"],
        ["en", "English"],
      ],
      prefs.language,
      (value) => {
        dialog.close();
        choose({ language: /** @type {"zh" | "en"} */ (value) });
      },
    ),
    h(
      "label",
      { class: "choice big" },
      checkbox(prefs.elder, (on) => choose({ elder: on })),
      h("span", null, t("menu.elder"), h("small", { class: "muted block" }, t("menu.elderAbout"))),
    ),
    group(
      "theme",
      t("menu.theme"),
      [
        ["auto", t("menu.themeAuto")],
        ["light", t("menu.themeLight")],
        ["dark", t("menu.themeDark")],
      ],
      prefs.theme,
      (value) => choose({ theme: /** @type {any} */ (value) }),
    ),
    aboutData(meta),
    h("p", null, h("button", { class: "button wide", type: "button", onclick: ticket }, icon("flag"), t("ticket.title"))),
    h("p", null, h("a", { class: "button wide", href: "/planner" }, icon("chart"), t("menu.planner"))),
  ]);
}

/**
 * @param {string} name
 * @param {string} legend
 * @param {[string, string][]} options
 * @param {string} chosen
 * @param {(value: string) => void} change
 */
function group(name, legend, options, chosen, change) {
  return h(
    "fieldset",
    { class: "choices" },
    h("legend", null, legend),
    options.map(([value, words]) => {
      const input = h("input", { type: "radio", name, value, checked: value === chosen });
      input.addEventListener("change", () => change(value));
      return h("label", { class: "choice" }, input, words);
    }),
  );
}

/** @param {boolean} on @param {(on: boolean) => void} change */
function checkbox(on, change) {
  const input = h("input", { type: "checkbox", name: "elder", checked: on });
  input.addEventListener("change", () => change(input.checked));
  return input;
}

/** @param {any} meta */
function aboutData(meta) {
  if (!meta) return h("p", { class: "muted" }, t("error.offline"));
  return h(
    "section",
    { class: "stack tight" },
    h("h3", null, t("menu.about")),
    meta.demonstration ? h("p", { class: "notice warn small" }, t("banner.about")) : null,
    h("p", null, t("menu.stations", { n: number(meta.stations), date: meta.date ?? "—" })),
    h("p", { class: "small muted" }, meta.attribution),
    meta.review_number ? h("p", { class: "small" }, meta.review_number) : null,
    h("p", { class: "small muted" }, t("menu.privacy")),
    h("p", { class: "small muted" }, t("menu.keys")),
  );
}
