/** Costs with their unit: what the candidate list is written in, said in the reader's language. */

import { language, number, t } from "../lib/i18n.js";

/** @type {Record<string, string>} */
const EN = {
  元: "yuan",
  千元: "thousand yuan",
  万元: "× 10,000 yuan",
  百万元: "million yuan",
  亿元: "× 100 million yuan",
};

/**
 * @param {string | undefined} unit as the pack states it; empty where it states none
 * @returns {string} empty where nobody said
 */
export function costUnit(unit) {
  if (!unit) return "";
  return language() === "zh" ? unit : (EN[unit] ?? unit);
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
  return unit ? t("cost.of", { unit: costUnit(unit) }) : t("cost.plain");
}
