/** Where walking starts: the phone's own position, a place that was searched, or the middle of the map. */

import { t } from "../lib/i18n.js";
import { distanceM, rounded, sayDistance } from "../lib/geo.js";
import { ROUGH_M } from "./state.js";
import { toast } from "./status.js";

/** @typedef {import("../lib/geo.js").LonLat} LonLat */
/** @typedef {import("./state.js").Origin} Origin */
/** @typedef {import("./state.js").Station} Station */

/** A position this far outside the box of the city may still be at its edge, degrees. */
const EDGE_DEGREES = 0.03;
/** A position in the box but this far from every station is in the next city, metres. */
const NEXT_CITY_M = 30_000;

/**
 * The phone's own position: asked for only when the reader taps, and rounded before it is sent anywhere.
 *
 * @returns {Promise<Origin>}
 */
export function locate() {
  return new Promise((resolve, reject) => {
    if (!("geolocation" in navigator) || !window.isSecureContext) return reject(new Error(t("locate.unavailable")));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const shown = /** @type {LonLat} */ ([coords.longitude, coords.latitude]);
        const accuracyM = coords.accuracy;
        const label = accuracyM > ROUGH_M ? t("locate.about", { d: sayDistance(accuracyM) }) : t("locate.here");
        resolve({ kind: "gps", position: rounded(shown), shown, label, accuracyM });
      },
      (error) => reject(new Error(t(error.code === error.PERMISSION_DENIED ? "locate.refused" : "locate.failed"))),
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 30000 },
    );
  });
}

/**
 * The middle of the map as an origin.
 *
 * @param {LonLat} position
 * @returns {Origin}
 */
export function centreOrigin(position) {
  const about = /** @type {LonLat} */ ([Number(position[0].toFixed(4)), Number(position[1].toFixed(4))]);
  return { kind: "centre", position: about, shown: position, label: t("list.fromCentre") };
}

/**
 * How far a position outside the city is from the nearest station; null in the city.
 *
 * @param {LonLat} position
 * @param {Station[]} stations
 * @param {[number, number, number, number] | undefined} box of the city
 * @returns {number | null} metres
 */
export function outsideM([lon, lat], stations, box) {
  if (!stations.length || !box) return null;
  const [west, south, east, north] = box;
  const inBox = lon > west - EDGE_DEGREES && lon < east + EDGE_DEGREES;
  const near = Math.min(...stations.map((station) => distanceM([lon, lat], station.position)));
  if (inBox && lat > south - EDGE_DEGREES && lat < north + EDGE_DEGREES && near < NEXT_CITY_M) return null;
  return near;
}

/**
 * Where most stations are near one another, rather than the middle of a rectangle that may lie in a lake.
 *
 * @param {Station[]} stations
 * @returns {LonLat | null}
 */
export function busiest(stations) {
  if (!stations.length) return null;
  /** @type {Map<string, Station[]>} */
  const cells = new Map();
  for (const station of stations) {
    const key = station.position.map((value) => Math.floor(value / 0.03)).join();
    cells.set(key, [...(cells.get(key) ?? []), station]);
  }
  const fullest = [...cells.values()].sort((a, b) => b.length - a.length)[0];
  const mean = (/** @type {0 | 1} */ axis) =>
    fullest.reduce((sum, station) => sum + station.position[axis], 0) / fullest.length;
  return [mean(0), mean(1)];
}

/**
 * What sets the origin: the middle of the map, the phone's position, or a link that turns out to be far away.
 *
 * @param {import("../lib/store.js").Store<import("./state.js").PublicState>} store
 * @param {{centre: () => LonLat | null, goAround: (position: LonLat, radiusM: number) => Promise<void>}} act
 */
export function starting(store, act) {
  /** Walk from the middle of the map, or from the busiest part of the city where there is no map. */
  function here() {
    const { stations, meta } = store.get();
    const position = act.centre() ?? busiest(stations) ?? meta?.centre;
    if (position) store.set({ origin: centreOrigin(position), outsideM: null });
  }

  /** @param {LonLat} position @returns {boolean} whether it is outside the city, which is then said */
  function outside(position) {
    const { stations, meta } = store.get();
    const away = outsideM(position, stations, meta?.bbox);
    if (away === null) return false;
    here();
    store.set({ outsideM: away });
    return true;
  }

  return {
    here,
    /** @param {HTMLElement} button */
    async locate(button) {
      button.setAttribute("aria-busy", "true");
      try {
        const origin = await locate();
        if (outside(origin.shown)) return;
        store.set({ origin });
        void act.goAround(origin.shown, origin.accuracyM ?? 0);
      } catch (error) {
        toast(error instanceof Error ? error.message : String(error));
      } finally {
        button.removeAttribute("aria-busy");
      }
    },
    /** A link may name an origin far from the city. */
    check() {
      const { origin } = store.get();
      if (origin?.kind === "place") outside(origin.position);
    },
  };
}
