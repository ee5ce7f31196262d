/** A table of figures: a caption for those who hear it, a name for each row, numbers to the right. */

import { h } from "../lib/dom.js";

/**
 * @typedef {import("../lib/dom.js").Child} Cell
 *
 * @param {string} caption
 * @param {string[]} heads
 * @param {{cells: (Cell | Cell[])[], about?: Record<string, any>}[]} rows
 * @param {{className?: string, name?: number}} [look] `name` is the column that names the row, the first without it
 * @returns {HTMLTableElement}
 */
export function figureTable(caption, heads, rows, { className = "", name = 0 } = {}) {
  return h(
    "table",
    { class: `areas ${className}` },
    h("caption", { class: "hidden-text" }, caption),
    h("thead", null, h("tr", null, heads.map((words, i) => h("th", { scope: "col", class: i === name ? null : "number" }, words)))),
    h(
      "tbody",
      null,
      rows.map(({ cells, about }) =>
        h(
          "tr",
          about ?? null,
          cells.map((cell, i) => (i === name ? h("th", { scope: "row" }, cell) : h("td", { class: "number" }, cell))),
        ),
      ),
    ),
  );
}
