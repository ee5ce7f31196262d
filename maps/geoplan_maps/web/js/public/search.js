/** Search of places, metro stations, streets, towns and stations: a combobox by the pattern of the ARIA practices. */

import { address, getJson } from "../lib/api.js";
import { announce, debounce, fill, h } from "../lib/dom.js";
import { icon, hasIcon } from "../lib/icons.js";
import { language, t, term } from "../lib/i18n.js";
import { distanceM } from "../lib/geo.js";
import { categories } from "./categories.js";

/** @typedef {import("../lib/geo.js").LonLat} LonLat */

const SHOWN = 8;
const ASKED = 24; // equal names are told apart by distance, here: the service is not told where the reader stands

/**
 * @typedef {object} Hit
 * @property {string} kind place, metro, town, street, station or filter
 * @property {string} name
 * @property {LonLat | null} position none for a filter
 * @property {string} [where] district, to tell equal names apart
 * @property {string} [code] of a station or a filter
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
    where: (language() === "en" && found.district_en) || found.district || "",
    code: found.station_code ?? undefined,
  }));
}

/**
 * Best first, and of equal names the nearest first.
 *
 * @param {Hit[]} hits as the service ranked them
 * @param {LonLat | null} from
 * @returns {Hit[]}
 */
export function nearestNamesakes(hits, from) {
  const away = (/** @type {Hit} */ hit) => (from && hit.position ? distanceM(from, hit.position) : 0);
  const first = hits.map((hit) => hits.findIndex((other) => other.name === hit.name));
  const order = hits.map((_, i) => i).sort((a, b) => first[a] - first[b] || away(hits[a]) - away(hits[b]) || a - b);
  return order.map((i) => hits[i]);
}

/**
 * @param {{input: HTMLInputElement, list: HTMLElement, clear: HTMLElement}} parts
 * @param {{choose: (hit: Hit) => void, cleared: () => void, from: () => LonLat | null}} act
 * @returns {{show: (name: string) => void}} what the box says when the origin is chosen elsewhere
 */
export function mountSearch({ input, list, clear }, act) {
  /** @type {Hit[]} */
  let hits = [];
  let active = -1;
  /** What `hits` answer; Enter takes a hit only for the words that stand in the box. */
  let answered = "";
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
    show(hit.kind === "filter" ? "" : hit.name);
    close();
    input.blur();
    act.choose(hit);
  };

  /** @param {string} name */
  const show = (name) => {
    running?.abort();
    input.value = answered = name;
    clear.hidden = name === "";
  };

  /** @param {string} sentence */
  const say = (sentence) => {
    hits = [];
    fill(list, h("li", { class: "hit-note", role: "option", "aria-disabled": "true" }, sentence));
    open();
    announce(sentence);
  };

  /** Look for what stands in the box now; asked twice for the same words, wait for the same answer. */
  const find = () => {
    const q = input.value.trim();
    if (running && !running.signal.aborted && asking?.q === q) return asking.done;
    running?.abort();
    if (!q) return close();
    asking = { q, done: lookUp(q) };
    return asking.done;
  };
  /** @type {{q: string, done: Promise<void>} | null} */
  let asking = null;
  /** @param {string} q */
  const lookUp = async (q) => {
    const mine = (running = new AbortController());
    const filters = categories(q).map(({ code, name }) => ({ kind: "filter", name, position: null, code }));
    try {
      const result = await getJson(address("/v1/search", { q, limit: ASKED }), { signal: mine.signal, timeoutMs: 8000 });
      if (mine.signal.aborted) return;
      hits = [...filters, ...nearestNamesakes(toHits(result), act.from())].slice(0, SHOWN);
    } catch (error) {
      if (mine.signal.aborted) return;
      hits = filters;
      asking = null;
      if (!hits.length) return say(error instanceof Error ? error.message : String(error));
    }
    answered = q;
    asking = null;
    if (!hits.length) return say(t("search.none", { q }));
    fill(
      list,
      hits.map((hit, i) =>
        h(
          "li",
          { class: "hit", role: "option", id: `hit-${i}`, "aria-selected": "false", "data-i": i },
          icon(hit.kind === "filter" ? "filter" : hasIcon(hit.kind) ? hit.kind : "pin"),
          h("span", { class: "hit-name" }, hit.name),
          h("span", { class: "hit-where" }, [term("placeKind", hit.kind), hit.where].filter(Boolean).join(" · ")),
        ),
      ),
    );
    open();
    mark(-1);
    announce(t("search.found", { n: hits.length }));
  };
  const look = debounce(() => input.value.trim() !== answered && void find(), 180);
  /** Enter: the chosen hit, or the best for the words in the box, asked for anew where the hits are older. */
  const enter = async () => {
    if (!input.value.trim()) return close();
    if (input.value.trim() !== answered) await find();
    if (input.value.trim() === answered) choose(Math.max(active, 0));
  };

  input.addEventListener("input", () => {
    clear.hidden = input.value === "";
    look();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return void find();
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(hits.length ? (active + step + hits.length) % hits.length : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      void enter();
    } else if (event.key === "Escape") {
      if (list.hidden) return input.blur();
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
    show("");
    hits = [];
    close();
    input.focus();
    act.cleared();
  });
  return { show };
}
