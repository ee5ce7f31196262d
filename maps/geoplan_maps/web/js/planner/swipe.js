/** Before and after on one map: a second map on top, cut off at the handle. */

import { h } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

/**
 * @param {{side: HTMLElement, after: HTMLElement, handle: HTMLInputElement}} parts
 * @param {any} below the desk's own MapLibre map
 * @param {(box: HTMLElement) => any} make makes the map on top; told to look only
 */
export function mountSwipe({ side, after, handle }, below, make) {
  /** @type {any} */
  let above = null;
  /** @type {HTMLElement[]} */
  let words = [];

  const follow = () => above?.map.jumpTo({ center: below.getCenter(), zoom: below.getZoom() });
  const place = () => side.style.setProperty("--swipe", `${handle.value}%`);
  handle.addEventListener("input", place);

  return {
    /** @returns {any} the map on top, if it is there */
    above: () => above,
    /** @param {boolean} on */
    show(on) {
      after.hidden = handle.hidden = !on;
      side.classList.toggle("swiping", on);
      for (const word of words) word.remove();
      words = [];
      if (!on) {
        below.off("move", follow);
        above?.map.remove();
        above = null;
        return;
      }
      place();
      words = [
        h("span", { class: "swipe-word before" }, t("plan.before")),
        h("span", { class: "swipe-word after" }, t("plan.after")),
      ];
      side.append(...words);
      above ??= make(after);
      below.on("move", follow);
      follow();
    },
  };
}
