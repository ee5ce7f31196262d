/** Costs with their unit: what the candidate list is written in, said in the reader's language. */

import { number, t, term } from "../lib/i18n.js";

/**
 * @param {string | undefined} unit as the pack states it; empty where it states none
 * @returns {string} empty where nobody said
 */
export function costUnit(unit) {
  if (!unit) return "";
  const words = term("money", unit);
  return /^\d/.test(words) ? `× ${words}` : words; // a number stands before it
}

/**
 * @param {number} amount
 * @param {string | undefined} unit
 * @returns {string}
 */
export function money(amount, unit) {
  return `${number(amount, 2)} ${costUnit(unit)}`.trim();
}

/**
 * 「费用（万元）」
 *
 * @param {string | undefined} unit
 * @returns {string}
 */
export function costHead(unit) {
  return unit ? t("cost.of", { unit: term("money", unit) }) : t("cost.plain");
}
