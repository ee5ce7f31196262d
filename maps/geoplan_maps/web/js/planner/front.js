/** The Pareto frontier of cost and coverage: what each sum of money covers at most. */

import { h } from "../lib/dom.js";
import { number, percent, t } from "../lib/i18n.js";
import { svg } from "./charts.js";
import { costHead, money } from "./money.js";
import { figureTable } from "./table.js";

/**
 * @param {any} plan
 * @returns {HTMLElement}
 */
export function frontView(plan) {
  const { pareto } = plan.facts;
  const { demand_total: total, cost_unit: unit } = plan.subject;
  const points = pareto.points.map((/** @type {any} */ point) => ({ ...point, share: total > 0 ? point.covered / total : null }));
  return h(
    "section",
    { class: "front" },
    h("h3", null, t("front.title")),
    chart(points, unit),
    h(
      "div",
      { class: "front-table", tabindex: 0, role: "region", "aria-label": t("front.title") },
      figureTable(
        t("front.title"),
        [costHead(unit), t("plan.new"), t("plan.after")],
        points.map((/** @type {any} */ point) => ({ cells: [number(point.cost, 1), number(point.new), percent(point.share)] })),
      ),
    ),
    h("p", { class: "small muted" }, t(pareto.complete ? "front.complete" : "front.some")),
  );
}

/**
 * @param {{cost: number, share: number}[]} points
 * @param {string} unit
 */
function chart(points, unit) {
  const [width, height, left, foot] = [340, 132, 40, 20];
  const most = Math.max(...points.map(({ cost }) => cost), 1e-9);
  const [low, high] = [Math.min(...points.map(({ share }) => share)), Math.max(...points.map(({ share }) => share))];
  const x = (/** @type {number} */ cost) => left + ((width - left - 8) * cost) / most;
  const y = (/** @type {number} */ share) => 8 + (height - foot - 16) * (1 - (share - low) / Math.max(1e-6, high - low));
  const path = points.map(({ cost, share }, i) => `${i ? "L" : "M"}${x(cost).toFixed(1)} ${y(share).toFixed(1)}`).join("");
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "img", class: "curve", "aria-label": t("front.about", { n: points.length, from: percent(low), to: percent(high), most: money(most, unit) }) },
    svg("line", { x1: left, x2: width - 8, y1: y(low), y2: y(low), class: "axis" }),
    svg("text", { x: left - 4, y: y(low) + 4, "text-anchor": "end" }, percent(low, 0)),
    svg("text", { x: left - 4, y: y(high) + 4, "text-anchor": "end" }, percent(high, 0)),
    svg("text", { x: left, y: height - 4 }, "0"),
    svg("text", { x: width - 8, y: height - 4, "text-anchor": "end" }, money(most, unit)),
    svg("path", { d: path, class: "curve-line" }),
    ...points.map(({ cost, share }) => svg("circle", { cx: x(cost), cy: y(share), r: 3, class: "curve-dot" })),
  );
}
