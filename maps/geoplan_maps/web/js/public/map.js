/** The public map: stations with clusters, the way there, the reach of a station, and what the list points at. */

import { addAttribution, changeStyle, circle, createMap, EMPTY } from "../lib/mapbase.js";
import { addMarks, drawGathered, INK } from "../lib/marks.js";
import { addCoverage, dropCoverage } from "./coverage.js";
import { ROUGH_M } from "./state.js";
import { nameOf } from "./entry.js";

/** @typedef {import("../lib/geo.js").LonLat} LonLat */
/** @typedef {import("./state.js").Entry} Entry */

const PLAIN = ["DejaVu Sans Regular"];

/**
 * @typedef {object} MapActions
 * @property {(code: string) => void} open
 * @property {(code: string | null) => void} hover
 * @property {(centre: LonLat) => void} moved by the reader's own hand
 */

/**
 * @param {any} maplibregl
 * @param {import("../lib/mapbase.js").MapAsked} asked
 * @param {MapActions} act
 */
export function publicMap(maplibregl, asked, act) {
  const map = createMap(maplibregl, asked);
  let theme = asked.theme;
  /** @type {Record<string, any>} what lies on the map, kept across styles */
  const data = { open: EMPTY, closed: EMPTY, chosen: EMPTY, route: EMPTY, area: EMPTY, origin: EMPTY, accuracy: EMPTY };
  let coverage = false;
  let loaded = false;

  function overlay() {
    addMarks(map, theme);
    addLayers(map, theme, data);
    if (coverage) addCoverage(map, theme, "area-fill");
    loaded = true;
  }
  map.once("style.load", overlay);
  drawGathered(map, () => theme);
  addAttribution(maplibregl, map, "bottom-left");
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 90 }), "bottom-left");
  map.keyboard.disableRotation();
  map.touchZoomRotate.disableRotation();

  const put = (/** @type {string} */ name, /** @type {any} */ value) => {
    data[name] = value;
    if (loaded) map.getSource(name)?.setData(value);
  };

  for (const layer of ["open", "closed"]) {
    map.on("click", layer, (/** @type {any} */ event) => act.open(event.features[0].properties.code));
    map.on("mousemove", layer, (/** @type {any} */ event) => act.hover(event.features[0].properties.code));
    map.on("mouseleave", layer, () => act.hover(null));
  }
  map.on("click", "cluster", async (/** @type {any} */ event) => {
    const feature = event.features[0];
    const zoom = await map.getSource("closed").getClusterExpansionZoom(feature.properties.cluster_id);
    map.easeTo({ center: feature.geometry.coordinates, zoom: Math.min(zoom + 0.3, 17) });
  });
  for (const layer of ["open", "closed", "cluster"]) {
    map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
  }
  map.on("moveend", (/** @type {any} */ event) => {
    if (!event.originalEvent) return;
    const { lng, lat } = map.getCenter();
    act.moved([lng, lat]);
  });

  return {
    map,
    /** @param {readonly Entry[]} found */
    setStations(found) {
      const drawn = (/** @type {boolean} */ open) => ({
        type: "FeatureCollection",
        features: found.filter((entry) => (entry.state.kind === "open") === open).map((entry, rank) => ({
          type: "Feature",
          geometry: { type: "Point", coordinates: entry.station.position },
          properties: {
            code: entry.station.code,
            name: nameOf(entry.station.about),
            look: look(entry),
            rank,
          },
        })),
      });
      put("open", drawn(true));
      put("closed", drawn(false));
    },
    /** @param {Entry | null} entry */
    setChosen(entry) {
      put(
        "chosen",
        entry ? point(entry.station.position, { look: look(entry), name: nameOf(entry.station.about) }) : EMPTY,
      );
    },
    /** @param {import("./state.js").Origin | null} origin */
    setOrigin(origin) {
      put("origin", origin ? point(origin.shown, { kind: origin.kind }) : EMPTY);
      const radius = origin?.accuracyM ?? 0;
      const around = origin && radius > ROUGH_M ? circle(origin.shown, radius) : null;
      put("accuracy", around ? { type: "Feature", properties: {}, geometry: around } : EMPTY);
    },
    /** @param {LonLat[]} route */
    setRoute(route) {
      put(
        "route",
        route.length > 1
          ? { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: route } }
          : EMPTY,
      );
    },
    /** @param {any} area GeoJSON or null */
    setArea(area) {
      put("area", area ?? EMPTY);
    },
    /** @param {boolean} on */
    setCoverage(on) {
      coverage = on;
      if (loaded) (on ? addCoverage : dropCoverage)(map, theme, "area-fill");
    },
    /** @param {LonLat} position @param {number} [zoom] */
    goTo(position, zoom) {
      map.easeTo({ center: position, zoom: Math.max(map.getZoom(), zoom ?? 0), duration: 500 });
    },
    /** @param {any} padding what other things cover of the map */
    setRoom(padding) {
      map.setPadding(padding);
    },
    /** @param {LonLat[]} positions */
    fit(positions) {
      const lons = positions.map((p) => p[0]);
      const lats = positions.map((p) => p[1]);
      map.fitBounds([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)], {
        padding: 36,
        maxZoom: 16,
        duration: 500,
      });
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
 * @param {Entry} entry
 * @returns {string}
 */
function look(entry) {
  return entry.state.kind === "open" && entry.station.about.h24 ? "h24" : entry.state.kind;
}

/**
 * @param {LonLat} coordinates
 * @param {Record<string, any>} properties
 */
function point(coordinates, properties) {
  return { type: "Feature", geometry: { type: "Point", coordinates }, properties };
}

/**
 * @param {any} map
 * @param {"light" | "dark"} theme
 * @param {Record<string, any>} data
 */
function addLayers(map, theme, data) {
  const ink = INK[theme];
  map.addSource("area", { type: "geojson", data: data.area });
  map.addSource("route", { type: "geojson", data: data.route });
  map.addSource("accuracy", { type: "geojson", data: data.accuracy });
  map.addSource("origin", { type: "geojson", data: data.origin });
  map.addSource("chosen", { type: "geojson", data: data.chosen });
  map.addSource("open", { type: "geojson", data: data.open });
  map.addSource("closed", { type: "geojson", data: data.closed, cluster: true, clusterRadius: 44, clusterMaxZoom: 13 });
  const teal = theme === "dark" ? "#63c4bd" : "#0b6e6d";
  map.addLayer({ id: "area-fill", type: "fill", source: "area", paint: { "fill-color": teal, "fill-opacity": 0.16 } });
  map.addLayer({
    id: "area-edge",
    type: "line",
    source: "area",
    paint: { "line-color": teal, "line-width": 1.5, "line-dasharray": [3, 2] },
  });
  map.addLayer({
    id: "accuracy",
    type: "fill",
    source: "accuracy",
    paint: { "fill-color": ink.blue, "fill-opacity": 0.12, "fill-outline-color": ink.blue },
  });
  const rounded = { "line-cap": "round", "line-join": "round" };
  map.addLayer({
    id: "route-case",
    type: "line",
    source: "route",
    layout: rounded,
    paint: { "line-color": ink.paper, "line-width": 8 },
  });
  map.addLayer({
    id: "route",
    type: "line",
    source: "route",
    layout: rounded,
    paint: { "line-color": ink.blue, "line-width": 4.5 },
  });
  const isCluster = ["has", "point_count"];
  const sized = ["interpolate", ["linear"], ["zoom"], 9, 0.7, 13, 0.95, 16, 1.15];
  // Names of the base map give way to our signs, never the signs to them.
  const firm = { "icon-allow-overlap": true, "icon-ignore-placement": false };
  const name = {
    "text-field": ["step", ["zoom"], "", 14, ["get", "name"]],
    "text-font": PLAIN,
    "text-size": 12,
    "text-offset": [0, 1.3],
    "text-anchor": "top",
    "text-optional": true,
    "text-max-width": 9,
    "symbol-sort-key": ["get", "rank"],
  };
  const ours = { "text-color": ink.ink, "text-halo-color": ink.paper, "text-halo-width": 1.6 };
  map.addLayer({
    id: "cluster",
    type: "symbol",
    source: "closed",
    filter: isCluster,
    layout: { ...firm, "icon-image": ["concat", "gathered-", ["to-string", ["get", "point_count"]]] },
  });
  map.addLayer({
    id: "closed",
    type: "symbol",
    source: "closed",
    filter: ["!", isCluster],
    layout: { ...firm, ...name, "icon-image": ["get", "look"], "icon-size": sized },
    paint: ours,
  });
  map.addLayer({
    id: "open",
    type: "symbol",
    source: "open",
    layout: { ...firm, ...name, "icon-image": ["get", "look"], "icon-size": sized },
    paint: ours,
  });
  map.addLayer({
    id: "origin",
    type: "circle",
    source: "origin",
    paint: {
      "circle-color": ["match", ["get", "kind"], "centre", "rgba(21, 88, 214, 0.12)", "#1558d6"],
      "circle-radius": ["match", ["get", "kind"], "centre", 9, 7],
      "circle-stroke-color": ["match", ["get", "kind"], "centre", "#1558d6", "#ffffff"],
      "circle-stroke-width": ["match", ["get", "kind"], "centre", 2, 3],
    },
  });
  map.addLayer({
    id: "chosen",
    type: "symbol",
    source: "chosen",
    layout: {
      "icon-image": ["concat", ["get", "look"], "-big"],
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
    },
  });
}
