/** A station's record in words, field by field, as the vocabulary declares it. */

import { listed, t, term } from "./i18n.js";
import { stationFields } from "../words/vocabulary.js";

/**
 * @param {Record<string, any>} record
 * @param {readonly string[]} [but] names of fields that are said elsewhere
 * @returns {[string, string][]} label and value of every field that says something
 */
export function factsOf(record, but = []) {
  return stationFields
    .filter(({ name }) => !but.includes(name))
    .map((spec) => /** @type {[string, string]} */ ([t(`field.${spec.name}`), sayValue(spec, record[spec.name])]))
    .filter(([, value]) => value);
}

/**
 * @param {import("../words/vocabulary.js").StationField} spec
 * @param {any} value
 * @returns {string}
 */
function sayValue(spec, value) {
  if (value === null || value === undefined || value === "") return "";
  if (spec.type === "flag") return t(value ? "answer.yes" : "answer.no");
  const say = (/** @type {any} */ one) => (spec.group ? term(spec.group, String(one)) : String(one));
  return Array.isArray(value) ? listed(value.map(say)) : say(value);
}
