/** Districts and towns by the name that the reader's language has for them. */

import { language } from "../lib/i18n.js";

/** @type {Map<string, string>} code to English name */
let english = new Map();
/** @type {Map<string, string>} code to Chinese name */
let chinese = new Map();

/** @param {any} meta of the service */
export function knowAreas(meta) {
  chinese = new Map([...meta.districts, ...meta.towns].map((/** @type {any} */ area) => [area.code, area.name]));
  const named = [...meta.districts, ...meta.towns].filter((/** @type {any} */ area) => area.name_en);
  english = new Map(named.map((/** @type {any} */ area) => [area.code, area.name_en]));
  english.set("city", meta.area_en || meta.area);
}

/**
 * @param {string} code
 * @param {string} name in Chinese
 * @returns {string}
 */
export function areaName(code, name) {
  return (language() === "en" && english.get(code)) || name;
}

/**
 * @param {string} code of a district or town of the city
 * @returns {string}
 */
export function nameOf(code) {
  return areaName(code, chinese.get(code) ?? code);
}
