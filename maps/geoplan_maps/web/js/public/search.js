/** Search of places, metro stations, streets, towns and stations: a combobox by the pattern of the ARIA practices. */

import { address, getJson } from "../lib/api.js";
import { announce, debounce, fill, h } from "../lib/dom.js";
import { icon, hasIcon } from "../lib/icons.js";
import { language, t, term } from "../lib/i18n.js";

/**
 * @typedef {object} Hit
 * @property {string} kind place, metro, town, street or station
 * @property {string} name
 * @property {[number, number]} position
 * @property {string} [code] of a station
 */

/**
 * @param {any} result answer of `/v1/search`
 * @returns {Hit[]}
 */
export function toHits(result) {
  return (result?.results ?? []).map((/** @type {any} */ found) => ({
    kind: found.kind,
    name: language() === "en" ? found.name_en || found.name : found.name,
    position: [found.lon, found.lat],
    code: found.station_code ?? undefined,
  }));
}

/**
 * @param {{input: HTMLInputElement, list: HTMLElement, clear: HTMLElement}} parts
 * @param {{choose: (hit: Hit) => void}} act
 */
export function mountSearch({ input, list, clear }, act) {
  /** @type {Hit[]} */
  let hits = [];
  let active = -1;
  /** @type {AbortController | null} */
  let running = null;

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const open = () => {
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  };
  const mark = (/** @type {number} */ index) => {
    active = index;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === index)));
    if (index >= 0) {
      input.setAttribute("aria-activedescendant", `hit-${index}`);
      list.children[index]?.scrollIntoView({ block: "nearest" });
    }
  };
  const choose = (/** @type {number} */ index) => {
    const hit = hits[index];
    if (!hit) return;
    input.value = hit.name;
    clear.hidden = false;
    close();
    input.blur();
    act.choose(hit);
  };

  /** @param {string} sentence */
  const say = (sentence) => {
    hits = [];
    fill(list, h("li", { class: "hit-note", role: "option", "aria-disabled": "true" }, sentence));
    open();
    announce(sentence);
  };

  const look = debounce(async () => {
    const q = input.value.trim();
    running?.abort();
    if (!q) return close();
    running = new AbortController();
    try {
      const result = await getJson(address("/v1/search", { q, limit: 8 }), { signal: running.signal, timeoutMs: 8000 });
      hits = toHits(result);
    } catch (error) {
      if (error instanceof Error && error.name === "AbortError") return;
      return say(error instanceof Error ? error.message : String(error));
    }
    if (!hits.length) return say(t("search.none", { q }));
    fill(
      list,
      hits.map((hit, i) =>
        h(
          "li",
          { class: "hit", role: "option", id: `hit-${i}`, "aria-selected": "false", "data-i": i },
          icon(hasIcon(hit.kind) ? hit.kind : "pin"),
          h("span", { class: "hit-name" }, hit.name),
          h("span", { class: "hit-where" }, term("placeKind", hit.kind)),
        ),
      ),
    );
    open();
    mark(-1);
    announce(t("search.found", { n: hits.length }));
  }, 180);

  input.addEventListener("input", () => {
    clear.hidden = input.value === "";
    look();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return look();
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(hits.length ? (active + step + hits.length) % hits.length : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(Math.max(active, 0));
    } else if (event.key === "Escape") {
      if (list.hidden) input.blur();
      close();
      event.stopPropagation();
    }
  });
  input.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("pointerdown", (event) => {
    const item = /** @type {HTMLElement} */ (event.target).closest("[data-i]");
    if (!item) return;
    event.preventDefault(); // keeps the field's focus until the choice is made
    choose(Number(/** @type {HTMLElement} */ (item).dataset.i));
  });
  clear.addEventListener("click", () => {
    input.value = "";
    clear.hidden = true;
    close();
    input.focus();
  });
}
