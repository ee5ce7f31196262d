/** One station as words: the answer card, a row of the list, its chips of facilities. */

import { h } from "../lib/dom.js";
import { icon, hasIcon } from "../lib/icons.js";
import { t, term } from "../lib/i18n.js";
import { sayDistance, sayMinutes } from "../lib/geo.js";
import { sayState } from "../lib/clock.js";

/** @typedef {import("./state.js").Entry} Entry */

/** Facilities people look for first, in the order they are named. */
const FIRST = ["toilet", "microwave", "water", "charging", "battery_swap", "aed", "nursing_room", "seats", "shower"];

/**
 * @param {string[] | undefined} codes
 * @param {number} most
 * @returns {string}
 */
export function facilityWords(codes, most = 4) {
  const have = codes ?? [];
  const sorted = [...FIRST.filter((code) => have.includes(code)), ...have.filter((code) => !FIRST.includes(code))];
  return sorted
    .slice(0, most)
    .map((code) => term("facility", code))
    .join(" · ");
}

/**
 * The sign of a station: shape and text tell open from closed, colour only underlines it.
 *
 * @param {import("../lib/clock.js").OpenState} state
 * @param {boolean} h24
 * @returns {HTMLElement}
 */
export function sign(state, h24) {
  const kind = state.kind === "open" && h24 ? "h24" : state.kind;
  return h("span", { class: `sign ${kind}`, "aria-hidden": "true" }, kind === "h24" ? icon("moon") : null);
}

/**
 * @param {Entry} entry
 * @param {boolean} hasOrigin
 * @returns {HTMLElement}
 */
export function walkWords(entry, hasOrigin) {
  if (!hasOrigin) return h("span", null);
  const about = entry.known ? sayMinutes(entry.seconds) : t("walk.about", { time: sayMinutes(entry.seconds) });
  return h("span", { class: "walk" }, h("b", null, about), " · ", sayDistance(entry.metres));
}

/**
 * @param {Entry} entry
 * @param {Date} now
 * @returns {HTMLElement}
 */
export function stateWords(entry, now) {
  const words = sayState(entry.state, now, entry.station.about.h24);
  return h("span", { class: `state ${entry.state.kind}` }, words);
}

/**
 * The answer: the one station to go to, with its two buttons.
 *
 * @param {Entry} entry
 * @param {Date} now
 * @param {{open: (code: string) => void, navigate: (code: string) => void}} act
 * @returns {HTMLElement}
 */
export function answerCard(entry, now, act) {
  const { about, code } = entry.station;
  return h(
    "article",
    { class: "answer", "data-code": code },
    h("h3", { class: "answer-name" }, sign(entry.state, about.h24), h("span", null, about.name)),
    h("p", { class: "answer-walk" }, walkWords(entry, true)),
    h(
      "p",
      { class: "answer-more" },
      stateWords(entry, now),
      facilityWords(about.facilities) ? ` · ${facilityWords(about.facilities)}` : "",
      about.access ? ` · ${term("access", about.access)}` : "",
    ),
    h(
      "div",
      { class: "answer-actions" },
      h(
        "button",
        { class: "button main", type: "button", onclick: () => act.navigate(code) },
        icon("navigate"),
        t("action.navigate"),
      ),
      h("button", { class: "button", type: "button", onclick: () => act.open(code) }, t("action.details")),
    ),
  );
}

/**
 * @param {Entry} entry
 * @param {Date} now
 * @param {boolean} hasOrigin
 * @returns {HTMLElement}
 */
export function listRow(entry, now, hasOrigin) {
  const { about, code } = entry.station;
  return h(
    "li",
    { class: "row-item", "data-code": code },
    h(
      "button",
      { class: "row-button", type: "button", "data-open": code },
      sign(entry.state, about.h24),
      h(
        "span",
        { class: "row-words" },
        h("span", { class: "row-name" }, about.name),
        h("span", { class: "row-line" }, stateWords(entry, now), hasOrigin ? " · " : "", walkWords(entry, hasOrigin)),
        h("span", { class: "row-line muted" }, facilityWords(about.facilities, 5)),
      ),
    ),
  );
}

/**
 * @param {string[] | undefined} codes
 * @returns {HTMLElement}
 */
export function facilityList(codes) {
  return h(
    "ul",
    { class: "facilities" },
    (codes ?? []).map((code) => h("li", null, icon(hasIcon(code) ? code : "check"), term("facility", code))),
  );
}
