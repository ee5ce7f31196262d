/** The opening hours of the week as a table, today marked. */

import { h } from "../lib/dom.js";
import { listed, t } from "../lib/i18n.js";
import { cityTime } from "../lib/clock.js";

/** @typedef {ReturnType<typeof import("../lib/timetable.js").weekIn>[number]} Day */

/**
 * @param {Day[]} week seven days from today
 * @param {Date} now
 * @returns {HTMLElement}
 */
export function weekTable(week, now) {
  const today = cityTime(now).day;
  const sorted = [...week].sort((a, b) => a.weekday - b.weekday);
  return h(
    "table",
    { class: "week" },
    h("caption", { class: "hidden-text" }, t("detail.hours")),
    h(
      "tbody",
      null,
      sorted.map((day) =>
        h(
          "tr",
          { class: day.date === today ? "today" : null, "aria-current": day.date === today ? "date" : null },
          h(
            "th",
            { scope: "row" },
            t(`weekday.${day.weekday % 7}`),
            day.date === today ? h("small", null, t("detail.today")) : null,
          ),
          h("td", null, sayDay(day)),
        ),
      ),
    ),
  );
}

/**
 * @param {Day} day
 * @returns {string}
 */
export function sayDay(day) {
  if (!day.spans.length) return t(day.unknown ? "open.unknown" : "detail.dayClosed");
  if (day.spans.length === 1 && day.spans[0][0] === "00:00" && day.spans[0][1] === "24:00") return t("open.h24");
  return listed(day.spans.map(([from, to]) => `${from}–${to}`));
}
