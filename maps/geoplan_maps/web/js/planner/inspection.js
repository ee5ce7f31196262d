/** Which stations to visit first: those whose closing would leave most people without one, and that nobody has checked for long. */

import { address, getJson } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { save } from "../lib/download.js";
import { icon } from "../lib/icons.js";
import { number, t } from "../lib/i18n.js";
import { csv } from "./csv.js";
import { asQuery } from "./desk.js";
import { openRound } from "./round.js";
import { empty, failed, skeletonTable } from "./states.js";

const MOST = 100;

/**
 * @param {HTMLElement} box
 * @param {import("../lib/store.js").Store<import("./desk.js").DeskState>} store
 * @param {import("./register.js").RegisterActions} act
 */
export async function drawInspection(box, store, act) {
  fill(box, skeletonTable());
  try {
    const { question } = store.get();
    const [critical, stations] = await Promise.all([
      getJson(address("/v1/criticality", { ...asQuery(question), limit: 2000 }), { timeoutMs: 60000 }),
      getJson("/v1/stations?limit=2000"),
    ]);
    const known = new Map(stations.features.map((/** @type {any} */ one) => [one.properties.station_code, one]));
    const rows = critical.stations
      .filter((/** @type {any} */ one) => one.lost > 0 && known.has(one.station_code))
      .map((/** @type {any} */ one) => ({
        ...one,
        district: /** @type {any} */ (known.get(one.station_code)).properties.district_code,
        days: daysSince(/** @type {any} */ (known.get(one.station_code)).properties.verified_on),
        position: /** @type {any} */ (known.get(one.station_code)).geometry.coordinates,
      }))
      .sort((/** @type {any} */ a, /** @type {any} */ b) => atStake(b) - atStake(a))
      .slice(0, MOST);
    if (!rows.length) return fill(box, empty(t("inspection.none"), "check"));
    fill(
      box,
      h("p", { class: "small muted" }, t("inspection.about")),
      h(
        "div",
        { class: "row" },
        h(
          "button",
          { class: "button small", type: "button", onclick: () => saveList(rows) },
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
            h("th", { scope: "col" }, t("plan.site")),
            h("th", { scope: "col", class: "number" }, t("inspection.lost")),
            h("th", { scope: "col", class: "number" }, t("inspection.checked")),
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
                  { type: "button", class: "figure start", onclick: () => act.goTo(row.position, row.name) },
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

/** @param {string | null} date @returns {number | null} */
function daysSince(date) {
  if (!date) return null;
  return Math.max(0, Math.round((Date.now() - Date.parse(date)) / 864e5));
}

/**
 * Workers at stake, counted more the longer a station went unchecked; two years unchecked counts like never.
 *
 * @param {{lost: number, days: number | null}} row
 */
function atStake(row) {
  return row.lost * Math.min(1, (row.days ?? 730) / 730);
}

/** @param {any[]} rows */
function saveList(rows) {
  const lines = [
    ["#", "station_code", "name", "lost_workers", "days_since_check", "lon", "lat"],
    ...rows.map((row, i) => [i + 1, row.station_code, row.name, Math.round(row.lost), row.days ?? "", ...row.position]),
  ];
  save(csv(lines), "inspection.csv");
}
