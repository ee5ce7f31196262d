/** The planning layers that the public may look at: who is covered by the fifteen-minute circle, and where stations are planned. */

/** The same ramp everywhere: uncovered amber to covered teal, told apart without colour by size and ring. */
export const RAMP = {
  light: ["#e08a00", "#9aa25a", "#0e7c7b"],
  dark: ["#f2a93b", "#a8b56b", "#4fb8b1"],
};

/**
 * Lay the coverage under our other layers; its tiles are asked for only from here on.
 *
 * @param {any} map
 * @param {"light" | "dark"} theme
 * @param {string} under layer that stays above
 */
export function addCoverage(map, theme, under) {
  dropCoverage(map);
  const [amber, middle, teal] = RAMP[theme];
  map.addSource("demand", { type: "vector", url: "/v1/tiles/demand.json" });
  map.addSource("plan", { type: "vector", url: "/v1/tiles/plan.json" });
  map.addLayer(
    {
      id: "coverage-demand",
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
          ["min", 14, ["+", 2, ["*", 0.7, ["sqrt", ["get", "workers"]]]]],
          15,
          ["min", 30, ["+", 3, ["*", 2, ["sqrt", ["get", "workers"]]]]],
        ],
        "circle-color": [
          "interpolate",
          ["linear"],
          ["coalesce", ["get", "covered"], 0],
          0,
          amber,
          0.5,
          middle,
          1,
          teal,
        ],
        "circle-opacity": 0.62,
        "circle-stroke-width": ["case", ["<", ["coalesce", ["get", "covered"], 0], 0.5], 1.2, 0],
        "circle-stroke-color": theme === "dark" ? "#ffd9a0" : "#7a4700",
      },
    },
    under,
  );
  map.addLayer(
    {
      id: "coverage-plan",
      type: "symbol",
      source: "plan",
      "source-layer": "plan",
      layout: {
        "icon-image": "site",
        "icon-size": ["interpolate", ["linear"], ["zoom"], 9, 0.6, 14, 1],
        "icon-allow-overlap": true,
      },
    },
    under,
  );
}

/** @param {any} map */
export function dropCoverage(map) {
  for (const [layer, source] of [
    ["coverage-demand", "demand"],
    ["coverage-plan", "plan"],
  ]) {
    if (map.getLayer(layer)) map.removeLayer(layer);
    if (map.getSource(source)) map.removeSource(source);
  }
}
