/** A thumbnail of a plan: its sites on the outline of the city's box, small enough to stand side by side. */

import { t } from "../lib/i18n.js";
import { svg } from "./charts.js";

/**
 * @param {any} result
 * @param {any} meta
 * @returns {SVGElement}
 */
export function planPicture(result, meta) {
  const [west, south, east, north] = meta.bbox;
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const width = (east - west) * squeeze;
  const height = north - south;
  const dots = (result.robust ?? result).projects.features.map((/** @type {any} */ one) => {
    const [lon, lat] = one.geometry.coordinates;
    return svg("circle", {
      cx: ((lon - west) * squeeze).toFixed(4),
      cy: (north - lat).toFixed(4),
      r: (height / 70).toFixed(4),
      fill: "var(--blue)",
    });
  });
  return svg(
    "svg",
    {
      viewBox: `0 0 ${width.toFixed(4)} ${height.toFixed(4)}`,
      class: "thumb",
      role: "img",
      "aria-label": t("scenario.picture", { n: dots.length }),
    },
    ...dots,
  );
}
