/** Bringing the map in after the list, and the switches that lie on it. */

import { byId, h } from "../lib/dom.js";
import { openDialog } from "../lib/dialog.js";
import { language, t } from "../lib/i18n.js";
import { getJson } from "../lib/api.js";
import { circle, knowsWebGL, loadMapLibre, styleUrl } from "../lib/mapbase.js";
import { readPrefs, theme } from "../lib/prefs.js";
import { entries, entryOf } from "./state.js";
import { publicMap } from "./map.js";

/** @typedef {import("./state.js").Station} Station */
/** @typedef {import("./state.js").PublicState} PublicState */
/** @typedef {import("../lib/geo.js").LonLat} LonLat */

const COVERAGE_KEY = "geoplan.coverage";

/**
 * @param {HTMLElement} box
 * @param {import("../lib/store.js").Store<PublicState>} store
 * @param {import("./firstview.js").View | null} view that the page shows already
 * @param {import("./map.js").MapActions & {padding: () => any, asked: (url: string) => void, drawn: () => void}} act
 */
export async function startMap(box, store, view, act) {
  if (!knowsWebGL()) throw new Error(t("map.none"));
  const vendor = /** @type {HTMLElement} */ (box).dataset;
  const [maplibregl, style] = await Promise.all([
    loadMapLibre(vendor.script ?? "", vendor.sheet ?? ""),
    getJson(styleUrl(theme(readPrefs()), language())),
  ]).catch(() => {
    throw new Error(t("map.failed"));
  });
  const { meta, origin } = store.get();
  const ours = publicMap(
    maplibregl,
    {
      container: box,
      style,
      theme: theme(readPrefs()),
      language: language(),
      centre: view?.centre ?? meta.centre,
      zoom: view?.zoom ?? 12,
      bounds: meta.bbox,
      asked: act.asked,
      words: { "AttributionControl.ToggleAttribution": t("map.attribution"), "Map.Title": t("map.title") },
    },
    act,
  );
  ours.map.once("load", act.drawn);
  ours.setRoom(act.padding());
  ours.setStations(entries(store.get()));
  ours.setOrigin(origin);
  byId("zoom-in").addEventListener("click", () => ours.map.zoomIn());
  byId("zoom-out").addEventListener("click", () => ours.map.zoomOut());
  let coverage = localStorage.getItem(COVERAGE_KEY) === "1";
  ours.setCoverage(coverage);
  const legend = byId("layers");
  legend.addEventListener("click", () => {
    const input = h("input", { type: "checkbox", checked: coverage, name: "coverage" });
    input.addEventListener("change", () => {
      coverage = input.checked;
      localStorage.setItem(COVERAGE_KEY, coverage ? "1" : "0");
      ours.setCoverage(coverage);
    });
    openDialog(t("layers.title"), [
      h(
        "label",
        { class: "choice big" },
        input,
        h("span", null, t("layers.coverage"), h("small", { class: "muted block" }, t("layers.coverageAbout"))),
      ),
      legendList(),
    ]);
  });

  return {
    setStations: ours.setStations,
    setOrigin: ours.setOrigin,
    setRoute: ours.setRoute,
    setArea: ours.setArea,
    restyle: ours.restyle,
    /** @param {Station | null} station @param {PublicState} state */
    setChosen(station, state) {
      ours.setChosen(
        station ? entryOf(station, state) : null,
      );
      if (!station || state.selected !== station.code) return;
      if (!this.shows(station.position) || ours.map.getZoom() < 13) ours.goTo(station.position, 14);
    },
    goTo: ours.goTo,
    /** @param {LonLat} position @param {number} radiusM shown whole */
    goAround(position, radiusM) {
      if (radiusM < 400) return ours.goTo(position, 14.5);
      ours.fit(corners({ geometry: circle(position, radiusM) }));
    },
    /** @param {LonLat} position @returns {boolean} whether it lies on the part of the map that is not covered */
    shows(position) {
      const { x, y } = ours.map.project(position);
      const room = act.padding();
      return x >= 0 && x <= box.clientWidth && y >= room.top && y <= box.clientHeight - room.bottom;
    },
    setRoom: ours.setRoom,
    /** @param {any} area GeoJSON */
    fitTo(area) {
      const positions = corners(area);
      if (positions.length) ours.fit(positions);
    },
    /** @returns {LonLat} */
    centre() {
      const { lng, lat } = ours.map.getCenter();
      return [lng, lat];
    },
  };
}

/**
 * @param {any} geojson
 * @returns {LonLat[]}
 */
export function corners(geojson) {
  /** @type {LonLat[]} */
  const found = [];
  const walk = (/** @type {any} */ value) => {
    if (typeof value?.[0] === "number") found.push([value[0], value[1]]);
    else if (Array.isArray(value)) value.forEach(walk);
  };
  const shapes = geojson.type === "FeatureCollection" ? geojson.features : [geojson];
  for (const shape of shapes) walk((shape.geometry ?? shape).coordinates);
  return found;
}

function legendList() {
  const signs = ["open", "h24", "closed", "unknown", "planned"];
  return h(
    "ul",
    { class: "legend" },
    signs.map((kind) => h("li", null, h("span", { class: `sign ${kind}` }), kind === "planned" ? t("status.planned") : t(`legend.${kind}`))),
    h("li", null, h("span", { class: "swatch covered" }), t("legend.covered")),
    h("li", null, h("span", { class: "swatch uncovered" }), t("legend.uncovered")),
    h("li", null, h("span", { class: "sign site" }), t("legend.site")),
  );
}
