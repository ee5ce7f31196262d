/**
 * Coordinate systems of the Chinese map services, for navigation links.
 *
 * The same formulas as `geoplan/crs.py`; a test compares the two on random points.
 */

const A = 6378245.0; // semi-major axis of the Krasovsky 1940 ellipsoid, metres
const EE = 0.006693421622965943;
const X_PI = (Math.PI * 3000) / 180;

/** @typedef {[number, number]} LonLat degrees */

/**
 * @param {LonLat} position WGS-84
 * @returns {LonLat} GCJ-02 (Amap, Tencent, WeChat)
 */
export function wgs84ToGcj02([lon, lat]) {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lon, lat];
  const x = lon - 105;
  const y = lat - 35;
  const root = Math.sqrt(Math.abs(x));
  const sin = (/** @type {number} */ factor) => Math.sin(factor * Math.PI);
  const wave = ((20 * sin(6 * x) + 20 * sin(2 * x)) * 2) / 3;
  let dLat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave;
  dLat += ((20 * sin(y) + 40 * sin(y / 3)) * 2) / 3;
  dLat += ((160 * sin(y / 12) + 320 * sin(y / 30)) * 2) / 3;
  let dLon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave;
  dLon += ((20 * sin(x) + 40 * sin(x / 3)) * 2) / 3;
  dLon += ((150 * sin(x / 12) + 300 * sin(x / 30)) * 2) / 3;
  const radians = (lat * Math.PI) / 180;
  const magic = 1 - EE * Math.sin(radians) ** 2;
  dLat = (dLat * 180) / (((A * (1 - EE)) / (magic * Math.sqrt(magic))) * Math.PI);
  dLon = (dLon * 180) / ((A / Math.sqrt(magic)) * Math.cos(radians) * Math.PI);
  return [lon + dLon, lat + dLat];
}

/**
 * @param {LonLat} position WGS-84
 * @returns {LonLat} BD-09 (Baidu)
 */
export function wgs84ToBd09(position) {
  const [lon, lat] = wgs84ToGcj02(position);
  const z = Math.hypot(lon, lat) + 0.00002 * Math.sin(lat * X_PI);
  const theta = Math.atan2(lat, lon) + 0.000003 * Math.cos(lon * X_PI);
  return [z * Math.cos(theta) + 0.0065, z * Math.sin(theta) + 0.006];
}
