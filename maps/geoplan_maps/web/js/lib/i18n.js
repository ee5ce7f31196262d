/** Words in the reader's language. */

import { en } from "../words/en.js";
import { vocabulary } from "../words/vocabulary.js";
import { zh } from "../words/zh.js";

/** @type {{zh: Record<string, string>, en: Record<string, string>}} */
const TABLES = { zh: { ...vocabulary.zh, ...zh }, en: { ...vocabulary.en, ...en } };
/** @type {"zh" | "en"} */
let current = "zh";
/** What the city's demand counts; a city is of workers until it says otherwise. */
let counted = "workers";

/**
 * Add the words of a page that has more than the common ones.
 *
 * @param {Record<string, string>} moreZh
 * @param {Record<string, string>} moreEn
 */
export function addWords(moreZh, moreEn) {
  Object.assign(TABLES.zh, moreZh);
  Object.assign(TABLES.en, moreEn);
}

/** @param {"zh" | "en"} language */
export function setLanguage(language) {
  current = language;
}

/**
 * Say once what demand counts: the `demand_unit` of the city or of a plan.
 *
 * @param {string} unit
 */
export function setCounted(unit) {
  counted = unit;
}

/** @returns {"zh" | "en"} */
export function language() {
  return current;
}

/**
 * Return a sentence with its `{blanks}` filled.
 *
 * @param {string} key
 * @param {Record<string, string | number>} [blanks]
 * @returns {string}
 */
export function t(key, blanks = {}) {
  return words(key).replace(/\{(\w+)\}/g, (_, name) => String(blanks[name] ?? ""));
}

/**
 * Return a sentence as it is written, with its blanks; what it counts is filled, by the unit itself where it is unknown.
 *
 * @param {string} key
 * @returns {string}
 */
export function words(key) {
  const text = TABLES[current][key];
  if (text === undefined) throw new Error(`no words for ${key}`);
  return text.replace(/\{@(\w+)\}/g, (_, form) => countedWords(form));
}

/**
 * @param {string} form of the words of what demand counts; with a capital where a sentence begins with it
 * @returns {string}
 */
function countedWords(form) {
  const words = TABLES[current][`counted.${counted}.${form.toLowerCase()}`];
  if (words === undefined) return counted;
  return form === form.toLowerCase() ? words : words[0].toUpperCase() + words.slice(1);
}

/**
 * Return the words of a code from the service, or the code itself where there are none.
 *
 * @param {string} group
 * @param {string | null | undefined} code
 * @returns {string}
 */
export function term(group, code) {
  if (!code) return "";
  return TABLES[current][`${group}.${code}`] ?? code;
}

/**
 * What the service says in both languages, in the reader's.
 *
 * @param {any} told
 * @param {string} zh name of the Chinese words
 * @param {string} en name of the English words
 * @returns {string}
 */
export function said(told, zh, en) {
  return told?.[current === "zh" ? zh : en] ?? "";
}

/**
 * Fill every element that names its words: `data-t` for its text, `data-t-label` for its accessible name,
 * `data-t-placeholder` for a field's hint.
 *
 * @param {ParentNode} root
 */
export function translatePage(root) {
  for (const element of root.querySelectorAll("[data-t]")) {
    element.textContent = t(/** @type {HTMLElement} */ (element).dataset.t ?? "");
  }
  for (const element of root.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(/** @type {HTMLElement} */ (element).dataset.tLabel ?? ""));
  }
  for (const element of root.querySelectorAll("[data-t-placeholder]")) {
    element.setAttribute("placeholder", t(/** @type {HTMLElement} */ (element).dataset.tPlaceholder ?? ""));
  }
}

/**
 * @param {string[]} words
 * @returns {string} the words one after the other, as the language writes it
 */
export function listed(words) {
  return words.join(current === "zh" ? "、" : ", ");
}

/**
 * @param {number} value
 * @param {number} [digits]
 * @returns {string}
 */
export function number(value, digits = 0) {
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/**
 * @param {number | null | undefined} share 0..1
 * @param {number} [digits]
 * @returns {string}
 */
export function percent(share, digits = 1) {
  return share === null || share === undefined || !Number.isFinite(share) ? "—" : `${(share * 100).toFixed(digits)}%`;
}
