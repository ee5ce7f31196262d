/** Costs with their unit: what the candidate list is written in, said in the reader's language. */

import { number, t, term } from "../lib/i18n.js";

/**
 * @param {string | undefined} unit as the pack states it; empty where it states none
 * @returns {string} empty where nobody said
 */
export function costUnit(unit) {
  if (!unit) return "";
  return term("money", unit);
}

/**
 * @param {number} amount
 * @param {string | undefined} unit
 * @returns {string}
 */
export function money(amount, unit) {
  const words = costUnit(unit);
  return `${number(amount, 2)} ${/^\d/.test(words) ? "× " : ""}${words}`.trim();
}

/**
 * 「费用（万元）」
 *
 * @param {string | undefined} unit
 * @returns {string}
 */
export function costHead(unit) {
  return unit ? t("cost.of", { unit: costUnit(unit) }) : t("cost.plain");
}
