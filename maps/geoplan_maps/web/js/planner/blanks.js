/** A question as a sentence with blanks: words, choices and numbers in one line of text. */

import { h } from "../lib/dom.js";
import { t, term } from "../lib/i18n.js";

/**
 * Turn 「新建 {n} 个站点」 into words and fields.
 *
 * @param {string} template
 * @param {Record<string, () => Node>} blanks
 * @returns {(Node | string)[]}
 */
export function sentence(template, blanks) {
  // no line begins with the mark that ends the words before a blank
  return template
    .split(/\{(\w+)\}/)
    .map((part, i) => (i % 2 ? blanks[part]() : part.replace(/^ ?[，。；：、,.;:]/, "\u2060$&")));
}

/**
 * @param {string} name
 * @param {string} label
 * @param {string[][]} options
 * @param {string} chosen
 * @param {(value: string) => void} change
 */
export function choice(name, label, options, chosen, change) {
  const input = h(
    "select",
    { name, class: "blank", "aria-label": label },
    options.map(([value, said]) => h("option", { value, selected: value === chosen }, said)),
  );
  input.addEventListener("change", () => change(input.value));
  return input;
}

/**
 * A choice of the trade; plain words where the city's demand is of no trades.
 *
 * @param {any} meta
 * @param {string} chosen
 * @param {(value: string) => void} change
 * @returns {Node}
 */
export function tradeChoice(meta, chosen, change) {
  if (!meta.trades.length) return document.createTextNode(t("trade.everyone"));
  return choice(
    "trade",
    t("term.trade"),
    ["", ...meta.trades].map((/** @type {string} */ code) => [code, code ? term("trade", code) : t("trade.everyone")]),
    chosen,
    change,
  );
}

/**
 * @param {string} name
 * @param {string} label
 * @param {string} value
 * @param {number} min
 * @param {number} max
 * @param {(value: string) => void} change
 * @param {string} [hint] an empty field is allowed, and means this
 */
export function numberField(name, label, value, min, max, change, hint) {
  const input = h("input", {
    name,
    type: "number",
    class: "blank",
    "aria-label": label,
    value,
    min,
    max,
    step: "any",
    required: !hint,
    placeholder: hint ?? null,
    style: `width:${hint ? 5.4 : 4.8}em !important`,
  });
  input.addEventListener("input", () => change(input.value));
  return input;
}

/** @param {{limitS: number}} draft changed in place */
export function limitChoice(draft) {
  return choice(
    "limit",
    t("term.limit"),
    [5, 10, 15, 20].map((min) => [String(min * 60), t("plan.walk", { n: min })]),
    String(draft.limitS),
    (value) => (draft.limitS = Number(value)),
  );
}

/**
 * Boxes for slices of the day, of which at least one stays ticked.
 *
 * @param {string} legend
 * @param {string[]} slices
 * @param {{slices: string[]}} draft changed in place
 */
export function sliceBoxes(legend, slices, draft) {
  const boxes = slices.map((slice) => h("input", { type: "checkbox", name: "slices", value: slice, checked: draft.slices.includes(slice) }));
  const field = h(
    "fieldset",
    { class: "choices slice-boxes" },
    h("legend", null, legend),
    boxes.map((box) => h("label", { class: "choice" }, box, term("slice", box.value))),
  );
  field.addEventListener("change", (event) => {
    const ticked = boxes.filter((box) => box.checked).map((box) => box.value);
    if (ticked.length) draft.slices = ticked;
    else /** @type {HTMLInputElement} */ (event.target).checked = true;
  });
  return field;
}
