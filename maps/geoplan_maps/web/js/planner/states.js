/** How a panel looks while it loads, when it failed, and when there is nothing in it. */

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { t } from "../lib/i18n.js";

/**
 * @param {string} sentence
 * @param {() => void} [retry]
 * @returns {HTMLElement}
 */
export function failed(sentence, retry) {
  return h(
    "div",
    { class: "notice warn", role: "alert" },
    icon("warning"),
    h(
      "div",
      null,
      h("p", null, sentence),
      retry
        ? h(
            "div",
            { class: "actions" },
            h("button", { class: "button small", type: "button", onclick: retry }, t("action.retry")),
          )
        : null,
    ),
  );
}

/**
 * @param {string} sentence
 * @param {string} sign
 * @param {...(Node | null)} more
 * @returns {HTMLElement}
 */
export function empty(sentence, sign, ...more) {
  return h("div", { class: "empty" }, icon(sign), h("p", null, sentence), more);
}

/** @returns {HTMLElement} */
export function skeletonTable() {
  return h(
    "div",
    { class: "stack", "aria-hidden": "true" },
    [80, 100, 100, 100, 100, 60].map((width) => h("p", { class: "skeleton", style: `width:${width}%` }, "·")),
  );
}
