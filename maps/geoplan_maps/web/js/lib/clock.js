/** Times as the reader hears them, on the city's clock, whatever the phone's is. */

import { t } from "./i18n.js";
import { stateIn } from "./timetable.js";

/** @typedef {import("./timetable.js").Timetable} Timetable */

/**
 * @typedef {object} OpenState
 * @property {"open" | "closed" | "unknown" | "planned" | "suspended"} kind
 * @property {Date | null} changes when it closes or opens
 */

/** A place that closes within this time is said to close soon. */
const SOON_MS = 30 * 60000;

/** Minutes east of UTC at an instant: the feed says it; until then the clock of China holds. */
let east = (/** @type {number} */ _ms) => 480;

/** @param {Timetable} table whose city's clock the page shows from now on */
export function setClock({ offsets }) {
  east = (ms) => offsets.findLast(([from]) => ms >= from * 1000)?.[1] ?? offsets[0][1];
}

/**
 * State of a station at an instant, from the hours that the feed carries; unknown where it carries none for that day.
 *
 * @param {{status?: string, timetable?: number}} about properties of the feed
 * @param {Timetable | null} hours
 * @param {Date} now
 * @returns {OpenState}
 */
export function stateAt(about, hours, now) {
  if (about.status === "planned") return { kind: "planned", changes: null };
  if (about.status === "suspended" || about.status === "closed") return { kind: "suspended", changes: null };
  if (!hours || about.timetable === undefined) return { kind: "unknown", changes: null };
  return stateIn(hours, about.timetable, now);
}

/**
 * @param {OpenState} state
 * @param {Date} now
 * @returns {boolean} whether it is open for less than half an hour more
 */
export function closesSoon(state, now) {
  return state.kind === "open" && state.changes !== null && Number(state.changes) - Number(now) < SOON_MS;
}

/**
 * @param {Date} date
 * @returns {{day: string, hm: string, weekday: number}} on the city's clock
 */
export function cityTime(date) {
  const local = new Date(date.getTime() + east(date.getTime()) * 60000);
  return { day: local.toISOString().slice(0, 10), hm: local.toISOString().slice(11, 16), weekday: local.getUTCDay() };
}

/**
 * @param {string} at ISO time without an offset, on the city's clock
 * @returns {Date}
 */
export function cityInstant(at) {
  const flat = Date.parse(`${at}Z`);
  return new Date(flat - east(flat - east(flat) * 60000) * 60000);
}

/**
 * @param {OpenState} state
 * @param {Date} now
 * @param {boolean} [h24]
 * @returns {string} for example 「营业到 20:00」
 */
export function sayState(state, now, h24 = false) {
  if (state.kind === "open") {
    if (h24) return t("open.h24");
    if (state.changes && closesSoon(state, now)) return t("open.closing", { time: cityTime(state.changes).hm });
    return state.changes ? t("open.until", { time: cityTime(state.changes).hm }) : t("open.now");
  }
  if (state.kind === "closed")
    return state.changes ? t("open.next", { time: sayWhen(state.changes, now) }) : t("open.closed");
  return state.kind === "planned" || state.kind === "suspended" ? t(`status.${state.kind}`) : t(`open.${state.kind}`);
}

/**
 * @param {Date} when
 * @param {Date} now
 * @returns {string} 「今天 08:00」, 「明天 08:00」, 「周一 08:00」
 */
export function sayWhen(when, now) {
  const at = cityTime(when);
  const days = Math.round((Date.parse(at.day) - Date.parse(cityTime(now).day)) / 864e5);
  if (days === 0) return t("when.today", { time: at.hm });
  if (days === 1) return t("when.tomorrow", { time: at.hm });
  return t("when.weekday", { day: t(`weekday.${at.weekday}`), time: at.hm });
}

/**
 * @param {Date} then
 * @param {Date} now
 * @returns {string} how old something is
 */
export function sayAge(then, now) {
  const minutes = Math.max(0, Math.round((now.getTime() - then.getTime()) / 60000));
  if (minutes < 60) return t("age.minutes", { n: minutes });
  if (minutes < 48 * 60) return t("age.hours", { n: Math.round(minutes / 60) });
  return t("age.days", { n: Math.round(minutes / 1440) });
}
