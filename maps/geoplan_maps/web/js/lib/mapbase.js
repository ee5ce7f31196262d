/** Starting MapLibre on our own style, for both pages. */

import { address } from "./api.js";
import { t } from "./i18n.js";

/** Chinese is drawn with the reader's own fonts: the service has glyphs for other scripts only. */
const LOCAL_FONTS = '"PingFang SC", "HarmonyOS Sans SC", "MiSans", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

/**
 * Whether this browser knows WebGL at all. Whether it can also start it shows when the map is made: starting it here to
 * see would hold the page for as long as the map itself.
 *
 * @returns {boolean}
 */
export function knowsWebGL() {
  return typeof WebGLRenderingContext !== "undefined" || typeof WebGL2RenderingContext !== "undefined";
}

/** @type {Promise<any> | null} */
let library = null;

/**
 * Load MapLibre once, after the list is there.
 *
 * @param {string} script
 * @param {string} sheet
 * @returns {Promise<any>} the global `maplibregl`
 */
export function loadMapLibre(script, sheet) {
  library ??= new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = sheet;
    document.head.append(link);
    const tag = document.createElement("script");
    tag.src = script;
    tag.onload = () => resolve(/** @type {any} */ (window).maplibregl);
    tag.onerror = () => {
      library = null;
      reject(new Error("the map library did not load"));
    };
    document.head.append(tag);
  });
  return library;
}

/**
 * @param {"light" | "dark"} theme
 * @param {"zh" | "en"} language
 * @returns {string}
 */
export function styleUrl(theme, language) {
  return address("/v1/style.json", { theme, lang: language });
}

/**
 * @typedef {object} MapAsked
 * @property {HTMLElement} container
 * @property {"light" | "dark"} theme
 * @property {"zh" | "en"} language
 * @property {any} [style] the style itself, where it was asked for while the library came
 * @property {[number, number]} centre
 * @property {number} zoom
 * @property {[number, number, number, number]} bounds of the city; the map cannot leave its surroundings
 * @property {Record<string, string>} words MapLibre's own labels
 * @property {(url: string) => void} [asked] hears every address that the map asks for
 */

/**
 * @param {any} maplibregl
 * @param {MapAsked} asked
 * @returns {any} a MapLibre map
 */
export function createMap(maplibregl, asked) {
  const [west, south, east, north] = asked.bounds;
  const margin = 0.6 * Math.max(east - west, north - south);
  const map = started(maplibregl, {
    container: asked.container,
    style: asked.style ?? styleUrl(asked.theme, asked.language),
    center: asked.centre,
    zoom: asked.zoom,
    minZoom: 7,
    maxZoom: 18,
    maxBounds: [west - margin, south - margin, east + margin, north + margin],
    localIdeographFontFamily: LOCAL_FONTS,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
    locale: asked.words,
    transformRequest: (/** @type {string} */ url) => {
      asked.asked?.(url);
      return { url };
    },
  });
  map.once("load", () => performance.mark("map-drawn")); // for whoever measures the page
  return map;
}

/**
 * @param {any} maplibregl
 * @param {Record<string, any>} options
 * @returns {any}
 */
function started(maplibregl, options) {
  try {
    return new maplibregl.Map(options);
  } catch {
    options.container.replaceChildren();
    throw new Error(t("map.none"));
  }
}

/**
 * Show the sources of the map for some seconds, then fold them behind their sign; the reader can unfold them.
 *
 * @param {any} maplibregl
 * @param {any} map
 * @param {string} corner
 */
export function addAttribution(maplibregl, map, corner) {
  map.addControl(new maplibregl.AttributionControl({ compact: true }), corner);
  setTimeout(() => {
    const box = map.getContainer().querySelector(".maplibregl-ctrl-attrib.maplibregl-compact-show");
    box?.classList.remove("maplibregl-compact-show");
    box?.removeAttribute("open");
  }, 6000);
}

/**
 * Change the base style and lay our own sources and layers over it again.
 *
 * @param {any} map
 * @param {"light" | "dark"} theme
 * @param {"zh" | "en"} language
 * @param {() => void} overlay adds our layers to the new style
 */
export function changeStyle(map, theme, language, overlay) {
  map.setStyle(styleUrl(theme, language), { diff: false });
  map.once("style.load", overlay);
}

/**
 * A circle around a position as a polygon, for showing a radius.
 *
 * @param {[number, number]} centre
 * @param {number} radiusM
 * @returns {any} GeoJSON geometry
 */
export function circle([lon, lat], radiusM) {
  const ring = [];
  for (let i = 0; i <= 64; i++) {
    const angle = (i / 64) * 2 * Math.PI;
    const dLat = (radiusM * Math.sin(angle)) / 111320;
    const dLon = (radiusM * Math.cos(angle)) / (111320 * Math.cos((lat * Math.PI) / 180));
    ring.push([lon + dLon, lat + dLat]);
  }
  return { type: "Polygon", coordinates: [ring] };
}

export const EMPTY = { type: "FeatureCollection", features: [] };
