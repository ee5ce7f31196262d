/** Coverage hour by hour through a week: a longer computation, run as a job and shown as a heat map. */

import { fill, h } from "../lib/dom.js";
import { openDialog } from "../lib/dialog.js";
import { percent, t } from "../lib/i18n.js";
import { heatmap } from "./charts.js";
import { jobError, result, submit, watch } from "./jobs.js";
import { select } from "./side.js";
import { failed, skeletonTable } from "./states.js";
import { areaName } from "./areas.js";

const DAYS = [1, 2, 3, 4, 5, 6, 0];

/**
 * @param {import("../lib/store.js").Store<import("./desk.js").DeskState>} store
 */
export function openHours(store) {
  const { question } = store.get();
  const box = h("div", { "aria-live": "polite" }, h("p", { class: "muted" }, t("hours.running")), skeletonTable());
  openDialog(t("hours.title"), [box], { className: "wide-dialog" });
  void (async () => {
    try {
      const job = await submit("coverage", {
        moments: "week",
        profiles: [question.profile],
        limits_s: [question.limit_s],
        trades: [question.trade || "all"],
        levels: ["city", "district"],
        ...(question.day ? { day: question.day } : {}),
      });
      const end = await watch(job.id, () => undefined);
      if (end.status !== "done") throw new Error(jobError(end));
      drawWeek(box, await result(job.id));
    } catch (error) {
      fill(box, failed(error instanceof Error ? error.message : String(error)));
    }
  })();
}

/**
 * @param {HTMLElement} box
 * @param {any} cube with 168 hours beside "any"
 */
function drawWeek(box, cube) {
  const areas = cube.axes.area;
  const first = cube.axes.moment.length - 168;
  const share = (/** @type {number} */ area, /** @type {number} */ day, /** @type {number} */ hour) => {
    const m = first + DAYS.indexOf(day) * 24 + hour;
    const demand = cube.demand[m][area][0];
    return demand > 0 ? cube.covered[0][m][0][0][0][area][0] / demand : null;
  };
  let view = "city";
  const chart = h("div");
  const draw = () => {
    const byDay = areas.findIndex((/** @type {any} */ area) => area.area_code === view);
    const day = Number(view.replace("day-", ""));
    const rows =
      byDay >= 0
        ? DAYS.map((one) => ({ code: String(one), name: t(`weekday.${one}`) }))
        : areas.map((/** @type {any} */ area) => ({ code: area.area_code, name: areaName(area.area_code, area.area_name) }));
    const map = heatmap({
      rows,
      columns: Array.from({ length: 24 }, (_, hour) => String(hour)),
      share: (r, hour) => (byDay >= 0 ? share(byDay, DAYS[r], hour) : share(r, day, hour)),
      caption: t("hours.title"),
    });
    map.querySelector("table")?.classList.add("hours");
    fill(chart, map);
  };
  const options = [
    ...areas.map((/** @type {any} */ area) => [area.area_code, t("hours.area", { area: areaName(area.area_code, area.area_name) })]),
    ...DAYS.map((day) => [`day-${day}`, t("hours.day", { day: t(`weekday.${day}`) })]),
  ];
  fill(
    box,
    select("hours-view", t("hours.view"), options, view, (value) => {
      view = value;
      draw();
    }),
    chart,
    h("p", { class: "small muted" }, t("hours.about", { low: percent(0, 0), high: percent(1, 0) })),
  );
  draw();
}
