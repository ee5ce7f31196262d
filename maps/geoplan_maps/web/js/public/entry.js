/** One station as words: the answer card, a row of the list, its chips of facilities. */

import { h } from "../lib/dom.js";
import { icon, hasIcon } from "../lib/icons.js";
import { language, t, term } from "../lib/i18n.js";
import { guessRideS, sayDistance, sayMinutes } from "../lib/geo.js";
import { closesSoon, sayState } from "../lib/clock.js";

/** @typedef {import("./state.js").Entry} Entry */

/** Nobody walks longer than this: beyond it the distance says more than the hours. */
const MOST_WALK_S = 3 * 3600;

/**
 * The name as the reader can say it: romanised for readers of English, as written for everybody else.
 *
 * @param {Record<string, any>} about
 * @returns {string}
 */
export function nameOf(about) {
  return language() === "en" ? about.name_latin || about.name : about.name;
}

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
  const rough = (/** @type {string} */ words) => (entry.known ? words : t("walk.about", { time: words }));
  if (entry.seconds > MOST_WALK_S) return h("span", { class: "walk" }, h("b", null, rough(sayDistance(entry.metres))));
  const ride = t("walk.ride", { time: sayMinutes(guessRideS(entry.metres, entry.known)) });
  return h(
    "span",
    { class: "walk" },
    h("b", null, rough(sayMinutes(entry.seconds))),
    " · ",
    h("span", { class: "whole" }, rough(sayDistance(entry.metres))),
    h("span", { class: "ride" }, " · ", h("span", { class: "whole" }, ride)),
  );
}

/**
 * @param {Entry} entry
 * @param {Date} now when the reader sets out
 * @returns {HTMLElement}
 */
export function stateWords(entry, now) {
  const words = sayState(entry.state, now, entry.station.about.h24);
  const { kind } = entry.state;
  const there =
    kind === "open" && entry.there !== "open"
      ? t(entry.there === "short" ? "there.short" : "there.shut")
      : kind === "closed" && entry.there === "open"
        ? t("there.open")
        : "";
  const look = closesSoon(entry.state, now) ? "closing" : kind;
  return h("span", { class: `state ${look}` }, words, there ? ` · ${there}` : "");
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
    h("h3", { class: "answer-name" }, sign(entry.state, about.h24), h("span", null, nameOf(about))),
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
        { class: "button main", type: "button", "data-key": `go-${code}`, onclick: () => act.navigate(code) },
        icon("navigate"),
        t("action.navigate"),
      ),
      h(
        "button",
        { class: "button", type: "button", "data-key": `answer-${code}`, onclick: () => act.open(code) },
        t("action.details"),
      ),
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
      { class: "row-button", type: "button", "data-open": code, "data-key": `row-${code}` },
      sign(entry.state, about.h24),
      h(
        "span",
        { class: "row-words" },
        h("span", { class: "row-name" }, nameOf(about)),
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
