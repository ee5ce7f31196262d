/** The desk's map: who is covered, where the gaps are, which stations matter, what a plan adds. */

import { addAttribution, changeStyle, createMap, EMPTY } from "../lib/mapbase.js";
import { addMarks } from "../lib/marks.js";
import { RAMP } from "../public/coverage.js";
import { addDeskLayers, GROUPS } from "./desklayers.js";

/** @typedef {import("../lib/geo.js").LonLat} LonLat */

/**
 * @typedef {object} DeskMapActions
 * @property {(code: string | null) => void} area
 * @property {(code: string, position: LonLat) => void} station
 * @property {(id: string) => void} site
 * @property {(gap: any, position: LonLat) => void} gap
 */

/**
 * @param {any} maplibregl
 * @param {import("../lib/mapbase.js").MapAsked} asked
 * @param {DeskMapActions | null} act null for a picture that only looks
 */
export function deskMap(maplibregl, asked, act) {
  const map = createMap(maplibregl, asked);
  let theme = asked.theme;
  let loaded = false;
  /** @type {Record<string, any>} */
  const data = {
    stations: EMPTY,
    gaps: EMPTY,
    critical: EMPTY,
    plan: EMPTY,
    service: EMPTY,
    readings: EMPTY,
    towns: EMPTY,
  };
  /** @type {Record<string, boolean>} */
  let shown = {};
  /** @type {[string, number | null][]} */
  let shares = [];
  let demandField = "covered";
  /** @type {string | null} */
  let pointed = null;

  function overlay() {
    addMarks(map, theme);
    addDeskLayers(map, theme, data);
    loaded = true;
    paintAreas();
    paintDemand();
    show(shown);
    pointArea(pointed);
  }
  map.once("style.load", overlay);
  addAttribution(maplibregl, map, "top-right");
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 90 }), "bottom-left");
  map.keyboard.disableRotation();

  function paintAreas() {
    if (!loaded) return;
    const [low, middle, high] = RAMP[theme];
    const known = shares.filter(([, share]) => share !== null);
    const value = known.length ? ["match", ["get", "district_code"], ...known.flat(), -1] : -1;
    map.setPaintProperty("areas", "fill-color", [
      "case",
      ["<", value, 0],
      "rgba(0,0,0,0)",
      ["interpolate", ["linear"], value, 0, low, 0.5, middle, 1, high],
    ]);
  }

  function paintDemand() {
    if (!loaded) return;
    const [low, middle, high] = RAMP[theme];
    const value = ["coalesce", ["get", demandField], ["get", "covered"], 0];
    map.setPaintProperty("demand", "circle-color", ["interpolate", ["linear"], value, 0, low, 0.5, middle, 1, high]);
    map.setPaintProperty("demand", "circle-stroke-width", ["case", ["<", value, 0.5], 1, 0]);
  }

  /** @param {Record<string, boolean>} which */
  function show(which) {
    shown = which;
    if (!loaded) return;
    for (const [group, layers] of Object.entries(GROUPS)) {
      for (const layer of layers) map.setLayoutProperty(layer, "visibility", which[group] ? "visible" : "none");
    }
  }

  /** @param {string | null} code */
  function pointArea(code) {
    pointed = code;
    if (!loaded) return;
    map.setFilter("area-pointed", ["==", ["get", "district_code"], code ?? ""]);
    map.setFilter("town-pointed", ["==", ["get", "code"], code ?? ""]);
  }

  if (act) listen(map, act);

  return {
    map,
    show,
    pointArea,
    /** @param {string} name @param {any} geojson */
    put(name, geojson) {
      data[name] = geojson;
      if (loaded) map.getSource(name)?.setData(geojson);
    },
    /** @param {[string, number | null][]} next share covered by district code */
    setShares(next) {
      shares = next;
      paintAreas();
    },
    /** @param {string} field of the demand tiles */
    setDemandField(field) {
      demandField = field;
      paintDemand();
    },
    /** @param {string | null} id */
    pointSite(id) {
      if (loaded) map.setFilter("plan-chosen", ["==", ["get", "site_id"], id ?? ""]);
    },
    /** @param {LonLat} position @param {number} zoom */
    goTo(position, zoom) {
      map.easeTo({ center: position, zoom: Math.max(map.getZoom(), zoom), duration: 500 });
    },
    /** @param {"light" | "dark"} nextTheme @param {"zh" | "en"} language */
    restyle(nextTheme, language) {
      theme = nextTheme;
      loaded = false;
      changeStyle(map, theme, language, overlay);
    },
  };
}

/**
 * @param {any} map
 * @param {DeskMapActions} act
 */
function listen(map, act) {
  const pointer = ["station-dot", "critical-dot", "plan-dot", "gap-fill"];
  for (const layer of pointer) {
    map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
  }
  map.on("mousemove", (/** @type {any} */ event) => {
    const layers = ["town-dot", "areas"].filter((layer) => map.getLayer(layer)); // the town lies above its district
    const [under] = layers.length ? map.queryRenderedFeatures(event.point, { layers }) : [];
    act.area(under ? (under.properties.code ?? under.properties.district_code) : null);
  });
  map.on("mouseout", () => act.area(null));
  map.on("click", (/** @type {any} */ event) => {
    const found = map.queryRenderedFeatures(event.point, { layers: pointer.filter((layer) => map.getLayer(layer)) });
    const first = [...found].sort((a, b) => rank(a) - rank(b))[0];
    if (!first) return;
    const position = /** @type {LonLat} */ ([event.lngLat.lng, event.lngLat.lat]);
    if (first.layer.id === "plan-dot") act.site(first.properties.site_id);
    else if (first.layer.id === "gap-fill") act.gap(first.properties, position);
    else act.station(first.properties.station_code, first.geometry.coordinates);
  });
  const rank = (/** @type {any} */ feature) =>
    ["plan-dot", "critical-dot", "station-dot", "gap-fill"].indexOf(feature.layer.id);
}
