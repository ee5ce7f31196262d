/** How the desk's layers are drawn, in the order in which they lie. */

import { INK } from "../lib/marks.js";
import { RAMP } from "../public/coverage.js";

const BOLD = ["DejaVu Sans Bold"];

/** Shades of the years of a plan, the first year the strongest; the year stands beside them in the list. */
const YEARS = {
  light: ["#123f99", "#1558d6", "#3f78de", "#5c7fb8", "#6b7f9c"],
  dark: ["#cfe0ff", "#9fc1ff", "#78a6f5", "#6d92cf", "#7d93b5"],
};

/** Switch of the side panel → layers of the map. */
export const GROUPS = {
  areas: ["areas"],
  demand: ["demand"],
  service: ["service-fill", "service-edge"],
  gaps: ["gap-fill", "gap-edge", "gap-name"],
  candidates: ["candidate-dot"],
  critical: ["critical-dot"],
  stations: ["station-dot"],
  plan: ["plan-dot", "plan-rank", "plan-chosen"],
};

/**
 * @param {any} map
 * @param {"light" | "dark"} theme
 * @param {Record<string, any>} data GeoJSON by source
 */
export function addDeskLayers(map, theme, data) {
  const ink = INK[theme];
  const [amber, middle, teal] = RAMP[theme];
  const water = map.getLayer("water-area") ? "water-area" : undefined;
  for (const name of Object.keys(data)) map.addSource(name, { type: "geojson", data: data[name] });
  map.addSource("demand", { type: "vector", url: "/v1/tiles/demand.json" });
  map.addSource("candidates", { type: "vector", url: "/v1/tiles/candidates.json" });
  if (map.getSource("base")) {
    map.addLayer(
      {
        id: "areas",
        type: "fill",
        source: "base",
        "source-layer": "areas",
        paint: {
          "fill-color": "rgba(0,0,0,0)",
          "fill-opacity": ["interpolate", ["linear"], ["zoom"], 9, theme === "dark" ? 0.3 : 0.26, 12.5, 0.05],
        },
      },
      water,
    );
    map.addLayer({
      id: "area-pointed",
      type: "line",
      source: "base",
      "source-layer": "areas",
      filter: ["==", ["get", "district_code"], ""],
      paint: { "line-color": ink.ink, "line-width": 2.4 },
    });
  }
  map.addLayer({
    id: "demand",
    type: "circle",
    source: "demand",
    "source-layer": "demand",
    paint: {
      "circle-radius": [
        "interpolate",
        ["exponential", 1.5],
        ["zoom"],
        8,
        ["min", 7, ["+", 1, ["*", 0.24, ["sqrt", ["get", "workers"]]]]],
        12,
        ["min", 16, ["+", 1.8, ["*", 0.65, ["sqrt", ["get", "workers"]]]]],
        15,
        ["min", 34, ["+", 3, ["*", 2.2, ["sqrt", ["get", "workers"]]]]],
      ],
      "circle-opacity": 0.66,
      "circle-stroke-color": theme === "dark" ? "#ffd9a0" : "#7a4700",
      "circle-stroke-opacity": ["interpolate", ["linear"], ["zoom"], 10, 0, 12, 0.9],
    },
  });
  map.addLayer({
    id: "town-dot",
    type: "circle",
    source: "towns",
    paint: {
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 5, 12, 10],
      "circle-color": ["interpolate", ["linear"], ["get", "share"], 0, amber, 0.5, middle, 1, teal],
      "circle-stroke-color": ink.paper,
      "circle-stroke-width": 1.6,
    },
  });
  map.addLayer({
    id: "town-label",
    type: "symbol",
    source: "towns",
    minzoom: 10.5,
    layout: { "text-field": ["get", "label"], "text-font": BOLD, "text-size": 12, "text-offset": [0, 1.3] },
    paint: { "text-color": ink.ink, "text-halo-color": ink.paper, "text-halo-width": 1.6 },
  });
  map.addLayer({
    id: "town-pointed",
    type: "circle",
    source: "towns",
    filter: ["==", ["get", "code"], ""],
    paint: {
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 9, 12, 16],
      "circle-color": "rgba(0,0,0,0)",
      "circle-stroke-color": ink.ink,
      "circle-stroke-width": 2.5,
    },
  });
  map.addLayer({
    id: "service-fill",
    type: "fill",
    source: "service",
    paint: { "fill-color": teal, "fill-opacity": 0.14 },
  });
  map.addLayer({
    id: "service-edge",
    type: "line",
    source: "service",
    paint: { "line-color": teal, "line-width": 1.4, "line-dasharray": [3, 2] },
  });
  map.addLayer({ id: "gap-fill", type: "fill", source: "gaps", paint: { "fill-color": amber, "fill-opacity": 0.3 } });
  map.addLayer({
    id: "gap-edge",
    type: "line",
    source: "gaps",
    paint: { "line-color": theme === "dark" ? "#ffd9a0" : "#7a4700", "line-width": 1.4 },
  });
  map.addLayer({
    id: "gap-name",
    type: "symbol",
    source: "gaps",
    layout: {
      "text-field": ["concat", ["to-string", ["get", "rank"]], " ", ["coalesce", ["get", "name"], ""]],
      "text-font": BOLD,
      "text-size": 12,
      "text-max-width": 8,
      "symbol-sort-key": ["get", "rank"], // where two names meet, the larger gap keeps its own
    },
    paint: { "text-color": ink.ink, "text-halo-color": ink.paper, "text-halo-width": 1.6 },
  });
  map.addLayer({
    id: "candidate-dot",
    type: "circle",
    source: "candidates",
    "source-layer": "candidates",
    paint: {
      "circle-radius": 3,
      "circle-color": ink.paper,
      "circle-stroke-color": ink.blue,
      "circle-stroke-width": 1.2,
    },
  });
  map.addLayer({
    id: "station-dot",
    type: "circle",
    source: "stations",
    paint: {
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 1.2, 10, 2, 12, 4, 15, 7],
      "circle-color": ["case", ["get", "counts"], ink.red, ink.paper],
      "circle-stroke-color": ["case", ["get", "counts"], ink.paper, ink.ring],
      "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 8, 0.5, 12, 1.4],
    },
  });
  map.addLayer({
    id: "critical-dot",
    type: "circle",
    source: "critical",
    paint: {
      "circle-radius": [
        "interpolate",
        ["linear"],
        ["zoom"],
        9,
        ["min", 9, ["+", 1.5, ["*", 0.3, ["sqrt", ["get", "lost"]]]]],
        13,
        ["min", 26, ["+", 3, ["*", 1.1, ["sqrt", ["get", "lost"]]]]],
      ],
      "circle-color": ink.red,
      "circle-opacity": 0.35,
      "circle-stroke-color": ink.red,
      "circle-stroke-width": 1.4,
    },
  });
  map.addLayer({
    id: "plan-dot",
    type: "circle",
    source: "plan",
    paint: {
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 4, 12, 9, 15, 12],
      "circle-color": ["match", ["coalesce", ["get", "year"], 0], ...YEARS[theme].flatMap((shade, i) => [i + 1, shade]), ink.blue],
      "circle-stroke-color": ink.paper,
      "circle-stroke-width": 1.6,
    },
  });
  map.addLayer({
    id: "plan-rank",
    type: "symbol",
    source: "plan",
    minzoom: 10.5,
    layout: {
      "text-field": ["to-string", ["get", "rank"]],
      "text-font": BOLD,
      "text-size": 10,
      "text-allow-overlap": true,
    },
    paint: { "text-color": ink.paper },
  });
  map.addLayer({
    id: "reading-dot",
    type: "circle",
    source: "readings",
    paint: {
      "circle-radius": ["match", ["get", "reading"], 0, 4, 6],
      "circle-color": ["match", ["get", "reading"], 0, teal, "rgba(0,0,0,0)"],
      "circle-stroke-color": ["match", ["get", "reading"], 0, ink.paper, ink.red],
      "circle-stroke-width": ["match", ["get", "reading"], 0, 1, 2],
    },
  });
  map.addLayer({
    id: "plan-chosen",
    type: "circle",
    source: "plan",
    filter: ["==", ["get", "site_id"], ""],
    paint: {
      "circle-radius": 16,
      "circle-color": "rgba(0,0,0,0)",
      "circle-stroke-color": ink.ink,
      "circle-stroke-width": 2.5,
    },
  });
}
