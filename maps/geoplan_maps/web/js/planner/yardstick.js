/** What a figure is a share of, in words: made from the `subject` of an answer, never from the page's own state. */

import { language, listed, t, term } from "../lib/i18n.js";
import { nameOf } from "./areas.js";

/**
 * 「2026-11-21 周六 12–15 时」
 *
 * @param {any} subject
 * @returns {string}
 */
export function whenWords(subject) {
  const parts = subject.day && subject.at !== "any" ? [dayWords(subject.day)] : [];
  if (subject.at.includes("T")) parts.push(subject.at.slice(11, 16));
  else if (subject.at !== "any") parts.push(listed(subject.at.split("+").map((/** @type {string} */ one) => term("slice", one))));
  if (subject.at === "any" || !parts.length) parts.push(t("slice.regardless"));
  return parts.join(" ") + (subject.time_rule === "whole" && subject.at !== "any" ? t("yard.whole") : "");
}

/**
 * @param {string} day ISO date
 * @returns {string} with its weekday
 */
export function dayWords(day) {
  const name = t(`weekday.${new Date(`${day}T00:00Z`).getUTCDay()}`);
  return language() === "zh" ? `${day} ${name}` : `${name} ${day}`;
}

/** @param {string} words of a code, inside a sentence */
const inside = (words) => (language() === "en" ? words.toLowerCase() : words);

/** @param {any} subject */
export function whoWords(subject) {
  return subject.trade ? term("trade", subject.trade) : t("trade.everyone");
}

/** @param {any} subject */
export function howWords({ profile, limit_s: limit }) {
  return `${term("profile", profile)} ${t("time.minutes", { n: Number((limit / 60).toFixed(1)) })}`;
}

/** @param {any} subject */
export function facilityWords({ facilities }) {
  return facilities?.length ? listed(facilities.map((/** @type {string} */ code) => term("facility", code))) : "";
}

/**
 * The blanks of sentences: when, whose, who, how far, to what.
 *
 * @param {any} subject
 * @returns {Record<string, string>}
 */
export function yardWords(subject) {
  const kind = `yard.station.${subject.at === "any" ? "any" : "open"}${subject.facilities?.length ? "With" : ""}`;
  const when = whenWords(subject);
  return {
    when,
    at: subject.at === "any" ? when : t("yard.at", { when }),
    whose: subject.area ? t("yard.whose", { area: nameOf(subject.area) }) : "",
    who: subject.trade ? inside(term("trade", subject.trade)) : t("yard.who"),
    all: subject.trade ? inside(term("trade", subject.trade)) : t("yard.all"),
    how: inside(howWords(subject)),
    station: t(kind, { what: inside(facilityWords(subject)) }),
  };
}
