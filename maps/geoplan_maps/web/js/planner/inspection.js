/** Which stations to visit first: those whose closing would leave most people without one, and that nobody has checked for long. */

import { address, getJson } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { language, number, t } from "../lib/i18n.js";
import { asQuery } from "./desk.js";
import { saveFile } from "./planexport.js";
import { openRound } from "./round.js";
import { empty, failed, skeletonTable } from "./states.js";

/**
 * @param {HTMLElement} box
 * @param {import("../lib/store.js").Store<import("./desk.js").DeskState>} store
 * @param {import("./register.js").RegisterActions} act
 */
export async function drawInspection(box, store, act) {
  fill(box, skeletonTable());
  try {
    const asked = asQuery(store.get().question);
    const { stations: rows } = await getJson(address("/v1/register/inspection", asked), { timeoutMs: 60000 });
    if (!rows.length) return fill(box, empty(t("inspection.none"), "check"));
    fill(
      box,
      h("p", { class: "small muted" }, t("inspection.about")),
      h(
        "div",
        { class: "row" },
        h(
          "button",
          { class: "button small", type: "button", onclick: () => saveList(asked) },
          icon("download"),
          t("inspection.csv"),
        ),
        rows.length > 1
          ? h(
              "button",
              { class: "button small", type: "button", onclick: () => openRound(rows, store.get().meta.districts) },
              icon("walk"),
              t("round.open"),
            )
          : null,
      ),
      h(
        "table",
        { class: "areas" },
        h("caption", { class: "hidden-text" }, t("register.inspection")),
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            h("th", { scope: "col" }, "#"),
            h("th", { scope: "col" }, t("column.station_name")),
            h("th", { scope: "col", class: "number" }, t("inspection.lost")),
            h("th", { scope: "col", class: "number" }, t("field.verified_on")),
          ),
        ),
        h(
          "tbody",
          null,
          rows.map((/** @type {any} */ row, /** @type {number} */ i) =>
            h(
              "tr",
              null,
              h("td", { class: "number" }, i + 1),
              h(
                "th",
                { scope: "row" },
                h(
                  "button",
                  { type: "button", class: "figure start", onclick: () => act.goTo([row.lon, row.lat], row.name) },
                  row.name,
                ),
              ),
              h("td", { class: "number" }, number(Math.round(row.lost))),
              h(
                "td",
                { class: "number" },
                row.days === null ? t("inspection.never") : t("inspection.days", { n: row.days }),
              ),
            ),
          ),
        ),
      ),
    );
  } catch (error) {
    fill(
      box,
      failed(error instanceof Error ? error.message : String(error), () => void drawInspection(box, store, act)),
    );
  }
}

/** @param {Record<string, any>} asked */
function saveList(asked) {
  const url = address("/v1/register/inspection.xlsx", { ...asked, lang: language() });
  void saveFile(url, "inspection.xlsx");
}
