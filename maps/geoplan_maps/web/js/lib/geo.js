/** Distances, rounding and how they are said. */

import { t } from "./i18n.js";

/** @typedef {[number, number]} LonLat degrees, WGS-84 */

const EARTH_RADIUS_M = 6371008.8;
const WALK_M_S = 1.2;
const SLOW_M_S = 1.0; // the service's profile "elderly"
const E_BIKE_M_S = 15 / 3.6; // and its "e_bike"
const DETOUR = 1.3; // streets against the straight line; only until the service's own time is there

/**
 * @param {LonLat} a
 * @param {LonLat} b
 * @returns {number} metres as the crow flies
 */
export function distanceM(a, b) {
  const rad = Math.PI / 180;
  const dLat = (b[1] - a[1]) * rad;
  const dLon = (b[0] - a[0]) * rad;
  const s = Math.sin(dLat / 2) ** 2 + Math.cos(a[1] * rad) * Math.cos(b[1] * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(s)));
}

/**
 * Walking time guessed from the straight line.
 *
 * @param {number} metres
 * @param {boolean} [slow]
 * @returns {number} seconds
 */
export function guessWalkS(metres, slow = false) {
  return (metres * DETOUR) / (slow ? SLOW_M_S : WALK_M_S);
}

/**
 * Riding time over the length of the way on foot: streets that only feet may use make it a rough one.
 *
 * @param {number} metres
 * @param {boolean} known whether `metres` is the way, not the straight line
 * @returns {number} seconds
 */
export function guessRideS(metres, known) {
  return (metres * (known ? 1 : DETOUR)) / E_BIKE_M_S;
}

/**
 * Round a position before it leaves the phone: three decimals, a cell of about 95 by 111 metres in Wuxi.
 *
 * @param {LonLat} position
 * @returns {LonLat}
 */
export function rounded([lon, lat]) {
  return [Math.round(lon * 1000) / 1000, Math.round(lat * 1000) / 1000];
}

/**
 * @param {number} metres
 * @returns {string}
 */
export function sayDistance(metres) {
  if (metres < 995) return t("distance.m", { n: Math.max(10, Math.round(metres / 10) * 10) });
  return t("distance.km", { n: (metres / 1000).toFixed(metres < 9950 ? 1 : 0) });
}

/**
 * @param {number} seconds
 * @returns {string}
 */
export function sayMinutes(seconds) {
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 90) return t("time.minutes", { n: minutes });
  return t("time.hours", { n: (minutes / 60).toFixed(1) });
}
