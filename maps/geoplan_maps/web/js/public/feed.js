/** The stations, from the service or from the phone's own store, and the walking times to the nearest of them. */

import { address, getJson, ask } from "../lib/api.js";
import { setClock } from "../lib/clock.js";

/** @typedef {import("./state.js").Station} Station */
/** @typedef {import("./state.js").Walk} Walk */
/** @typedef {import("../lib/geo.js").LonLat} LonLat */

const FEED_PATH = "/v1/stations?limit=2000";

/**
 * @param {any} collection GeoJSON of `/v1/stations`
 * @returns {Station[]}
 */
export function toStations(collection) {
  const hours = collection.hours ?? null;
  if (hours) setClock(hours);
  return collection.features.map((/** @type {any} */ feature) => ({
    code: feature.properties.station_code,
    position: feature.geometry.coordinates,
    about: feature.properties,
    hours,
  }));
}

/**
 * @returns {Promise<{stations: Station[], fed: Date, stale: boolean}>} `stale` when the service worker answered from its store
 */
export async function loadFeed() {
  const response = await ask(FEED_PATH);
  const collection = await response.json();
  const stored = response.headers.get("X-Geoplan-Stored");
  return { stations: toStations(collection), fed: stored ? new Date(stored) : new Date(), stale: Boolean(stored) };
}

/**
 * The last feed that this phone saw, for a first paint before the network answers.
 *
 * @returns {Promise<{stations: Station[], fed: Date, stale: boolean} | null>}
 */
export async function storedFeed() {
  if (!("caches" in window)) return null;
  const response = await caches.match(FEED_PATH, { ignoreVary: true });
  if (!response) return null;
  const stored = response.headers.get("X-Geoplan-Stored");
  return { stations: toStations(await response.json()), fed: stored ? new Date(stored) : new Date(0), stale: true };
}

/**
 * @param {LonLat} position
 * @param {import("./state.js").Filters} filters
 * @param {boolean} slow
 * @param {AbortSignal} signal
 * @returns {Promise<Map<string, Walk>>}
 */
export async function askWalks(position, filters, slow, signal) {
  const where = { lon: position[0], lat: position[1], limit_s: 2700, profile: slow ? "elderly" : "" };
  const query = { ...where, facilities: filters.facilities.join(",") };
  const rest = { route: "all", h24: filters.h24, trade: filters.trade, kind: filters.kind };
  const open = getJson(address("/v1/nearest", { ...query, ...rest, k: 8, open: filters.at || "now" }), { signal });
  const any = filters.open ? null : getJson(address("/v1/nearest", { ...query, ...rest, k: 8 }), { signal });
  /** @type {Map<string, Walk>} */
  const walks = new Map();
  for (const collection of await Promise.all([open, any])) {
    for (const feature of collection?.features ?? []) {
      const about = feature.properties;
      walks.set(about.station_code, {
        seconds: about.seconds,
        metres: about.distance_m,
        route: about.route?.coordinates ?? [],
      });
    }
  }
  return walks;
}
