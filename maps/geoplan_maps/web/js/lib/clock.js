/** Whether a place is open, and until when, said in words. The city's clock is UTC+8, whatever the phone's is. */

import { t } from "./i18n.js";

/**
 * @typedef {object} OpenState
 * @property {"open" | "closed" | "unknown" | "planned" | "suspended"} kind
 * @property {Date | null} changes when it closes or opens
 */

/**
 * State of a station at an instant, from what the service said when the feed was made.
 *
 * The feed may be old, offline: its `open_until` and `next_open` carry the answer past the moment it was written.
 *
 * @param {Record<string, any>} station properties of the feed
 * @param {Date} now
 * @returns {OpenState}
 */
export function stateAt(station, now) {
  if (station.status === "planned") return { kind: "planned", changes: null };
  if (station.status === "suspended" || station.status === "closed") return { kind: "suspended", changes: null };
  const until = station.open_until ? new Date(station.open_until) : null;
  const next = station.next_open ? new Date(station.next_open) : null;
  if (station.open_now === true) {
    if (until && now >= until) return { kind: "closed", changes: null };
    return { kind: "open", changes: until };
  }
  if (station.open_now === false) {
    if (next && now >= next) return { kind: "open", changes: null };
    return { kind: "closed", changes: next };
  }
  return { kind: "unknown", changes: null };
}

/**
 * @param {Date} date
 * @returns {{day: string, hm: string, weekday: number}} on the city's clock
 */
export function cityTime(date) {
  const local = new Date(date.getTime() + 8 * 3600e3);
  return { day: local.toISOString().slice(0, 10), hm: local.toISOString().slice(11, 16), weekday: local.getUTCDay() };
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
