/** Small drawings of figures in SVG: a sparkline, a heat map, a curve. Each says in words what it shows. */

import { h } from "../lib/dom.js";
import { percent } from "../lib/i18n.js";

const SPACE = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * The ramp from uncovered to covered, as CSS; numbers always stand beside it.
 *
 * @param {number | null} share 0..1
 * @returns {string}
 */
export function shade(share) {
  if (share === null) return "var(--surface-3)";
  const stop = Math.max(0, Math.min(1, share));
  return stop < 0.5
    ? `color-mix(in oklab, var(--ramp-mid) ${Math.round(stop * 200)}%, var(--ramp-low))`
    : `color-mix(in oklab, var(--ramp-high) ${Math.round((stop - 0.5) * 200)}%, var(--ramp-mid))`;
}

/**
 * @param {(number | null)[]} shares one a slice
 * @param {number} chosen index of the slice that is looked at
 * @param {string} label
 * @returns {SVGElement}
 */
export function sparkline(shares, chosen, label) {
  const width = 66;
  const height = 24;
  const step = width / shares.length;
  const bars = shares.map((share, i) =>
    svg("rect", {
      x: (i * step + 1).toFixed(1),
      width: (step - 2).toFixed(1),
      y: (height - Math.max(1.5, (share ?? 0) * height)).toFixed(1),
      height: Math.max(1.5, (share ?? 0) * height).toFixed(1),
      rx: 1,
      class: i === chosen ? "spark chosen" : "spark",
    }),
  );
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label, class: "sparkline" },
    ...bars,
  );
}

/**
 * @param {{rows: {code: string, name: string}[], columns: string[], share: (row: number, column: number) => number | null,
 *   caption: string, pick?: (row: number, column: number) => void}} asked
 * @returns {HTMLElement}
 */
export function heatmap({ rows, columns, share, caption, pick }) {
  return h(
    "div",
    { class: "heat-box" },
    h(
      "table",
      { class: "heat" },
      h("caption", { class: "hidden-text" }, caption),
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("td", null),
          columns.map((name) => h("th", { scope: "col" }, name)),
        ),
      ),
      h(
        "tbody",
        null,
        rows.map((row, r) =>
          h(
            "tr",
            { "data-area": row.code },
            h("th", { scope: "row" }, row.name),
            columns.map((_, c) => {
              const value = share(r, c);
              const words = percent(value, 0).replace("%", "");
              const cell = h(
                "td",
                { style: `background:${shade(value)}` },
                pick ? h("button", { type: "button", class: "heat-cell", onclick: () => pick(r, c) }, words) : words,
              );
              if (value !== null && value > 0.62) cell.classList.add("on-dark");
              return cell;
            }),
          ),
        ),
      ),
    ),
  );
}

/**
 * The share covered after each project, from before the plan to its end.
 *
 * @param {number[]} shares first the share before, then after each project
 * @param {string} label
 * @param {(index: number) => void} [point] told which project is pointed at
 * @returns {SVGElement}
 */
export function curve(shares, label, point) {
  const width = 340;
  const height = 96;
  const left = 34;
  const low = Math.min(...shares);
  const high = Math.max(...shares);
  const room = Math.max(1e-6, high - low);
  const x = (/** @type {number} */ i) => left + ((width - left - 8) * i) / Math.max(1, shares.length - 1);
  const y = (/** @type {number} */ share) => 8 + (height - 28) * (1 - (share - low) / room);
  const path = shares.map((share, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(share).toFixed(1)}`).join("");
  const dot = svg("circle", { r: 4, class: "curve-dot", cx: x(shares.length - 1), cy: y(high) });
  const drawing = svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, class: "curve" },
    svg("line", { x1: left, x2: width - 8, y1: y(low), y2: y(low), class: "axis" }),
    svg("line", { x1: left, x2: width - 8, y1: y(high), y2: y(high), class: "axis" }),
    svg("text", { x: left - 4, y: y(low) + 4, "text-anchor": "end" }, percent(low, 0)),
    svg("text", { x: left - 4, y: y(high) + 4, "text-anchor": "end" }, percent(high, 0)),
    svg("text", { x: left, y: height - 4 }, "0"),
    svg("text", { x: width - 8, y: height - 4, "text-anchor": "end" }, String(shares.length - 1)),
    svg("path", { d: path, class: "curve-line" }),
    dot,
  );
  drawing.addEventListener("pointermove", (event) => {
    const box = drawing.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * width;
    const i = Math.max(
      0,
      Math.min(shares.length - 1, Math.round(((at - left) / (width - left - 8)) * (shares.length - 1))),
    );
    dot.setAttribute("cx", String(x(i)));
    dot.setAttribute("cy", String(y(shares[i])));
    point?.(i);
  });
  return drawing;
}
