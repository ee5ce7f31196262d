/** An order in which to visit the stations to inspect, with the time of each way, to take along. */

import { address, getJson } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { openDialog } from "../lib/dialog.js";
import { icon } from "../lib/icons.js";
import { language, t, term } from "../lib/i18n.js";
import { saveFile } from "./planexport.js";
import { select } from "./side.js";
import { empty, failed, skeletonTable } from "./states.js";

const COUNTS = [10, 20, 30, 60];
const PROFILES = ["e_bike", "bicycle", "walk"];

/**
 * @typedef {object} Row a station of the inspection list
 * @property {string} station_code
 * @property {string} name
 * @property {number} lost
 * @property {number | null} days
 * @property {string | null} district_code
 */

/**
 * @param {Row[]} rows the most urgent first
 * @param {{code: string, name: string}[]} districts
 */
export function openRound(rows, districts) {
  let profile = PROFILES[0];
  let area = "";
  let count = COUNTS[0];
  const answer = h("div", { class: "round", "aria-live": "polite" });
  let asked = 0;
  const draw = async () => {
    const mine = ++asked; // an answer to an earlier question is no longer wanted
    const chosen = rows.filter((row) => !area || row.district_code === area).slice(0, count);
    if (chosen.length < 2) return fill(answer, empty(t("round.tooFew"), "info"));
    fill(answer, skeletonTable());
    try {
      const codes = chosen.map((row) => row.station_code).join(",");
      const found = await getJson(address("/v1/register/round", { codes, profile }), { timeoutMs: 60000 });
      const file = address("/v1/register/round.xlsx", { codes, profile, lang: language() });
      if (mine === asked) fill(answer, table(found, file));
    } catch (error) {
      if (mine === asked) fill(answer, failed(error instanceof Error ? error.message : String(error), () => void draw()));
    }
  };
  openDialog(
    t("round.title"),
    [
      h(
        "div",
        { class: "row" },
        select(
          "round-area",
          t("yard.area"),
          [["", t("plan.wholeCity")], ...districts.map(({ code, name }) => [code, name])],
          area,
          (value) => {
            area = value;
            void draw();
          },
        ),
        select(
          "round-count",
          t("round.count"),
          COUNTS.map((n) => [String(n), t("round.first", { n })]),
          String(count),
          (value) => {
            count = Number(value);
            void draw();
          },
        ),
        select("round-profile", t("term.profile"), PROFILES.map((code) => [code, term("profile", code)]), profile, (value) => {
          profile = value;
          void draw();
        }),
      ),
      answer,
    ],
    { className: "wide-dialog" },
  );
  void draw();
}

/**
 * @param {any} found
 * @param {string} file address of the same as a workbook
 */
function table(found, file) {
  return h(
    "div",
    { class: "stack" },
    h("p", null, t("round.total", { n: found.stops.length, time: hours(found.total_s) })),
    h("p", { class: "small muted" }, t("round.about")),
    h(
      "button",
      { class: "button small", type: "button", onclick: () => void saveFile(file, "round.xlsx") },
      icon("download"),
      t("round.csv"),
    ),
    h(
      "table",
      { class: "areas" },
      h("caption", { class: "hidden-text" }, t("round.title")),
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("th", { scope: "col" }, "#"),
          h("th", { scope: "col" }, t("column.station_name")),
          h("th", { scope: "col", class: "number" }, t("round.leg")),
          h("th", { scope: "col", class: "number" }, t("round.at")),
        ),
      ),
      h(
        "tbody",
        null,
        found.stops.map((/** @type {any} */ stop, /** @type {number} */ i) =>
          h(
            "tr",
            { "data-stop": stop.station_code },
            h("td", { class: "number" }, i + 1),
            h("th", { scope: "row" }, stop.name),
            h(
              "td",
              { class: "number" },
              i === 0 ? "–" : stop.leg_s === null ? t("round.noWay") : minutes(stop.leg_s),
            ),
            h("td", { class: "number" }, hours(stop.at_s)),
          ),
        ),
      ),
    ),
  );
}

/** @param {number} seconds */
function minutes(seconds) {
  return t("time.minutes", { n: Math.max(1, Math.round(seconds / 60)) });
}

/** @param {number} seconds */
function hours(seconds) {
  const all = Math.round(seconds / 60);
  return all < 60 ? t("time.minutes", { n: all }) : t("round.hours", { h: Math.floor(all / 60), m: all % 60 });
}
