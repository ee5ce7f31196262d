/**
 * The first view: a still of the map drawn by the service, with the stations as signs of the document upon it. The live
 * map takes its place, at the same spot, once the reader touches the page or the phone has nothing else to do.
 */

import { address } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { language } from "../lib/i18n.js";
import { knowsWebGL } from "../lib/mapbase.js";
import { readPrefs, theme } from "../lib/prefs.js";
import { sign } from "./entry.js";
import { busiest } from "./origin.js";
import { entries } from "./state.js";

/** @typedef {import("../lib/geo.js").LonLat} LonLat */
/** @typedef {{centre: LonLat, zoom: number}} View */
/** @typedef {{top: number, bottom: number, left: number, right: number}} Room */

/** Stills are drawn by cells of this many pixels, so that neighbours share one. */
const CELL_PX = 64;
const WORLD_PX = 512;
/** Closed stations nearer to one another than this are one sign with their number. */
const GATHER_PX = 44;
/** A phone that nobody touches loads the live map after this long. */
const IDLE_MS = 5000;

/**
 * @param {LonLat} position
 * @param {number} zoom
 * @returns {[number, number]} pixels from the north-west corner of the world
 */
function pixels([lon, lat], zoom) {
  const world = WORLD_PX * 2 ** zoom;
  const y = Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / Math.PI;
  return [((lon + 180) / 360) * world, ((1 - y) / 2) * world];
}

/**
 * @param {HTMLElement} box of the map
 * @param {import("../lib/store.js").Store<import("./state.js").PublicState>} store
 * @param {{open: (code: string) => void, padding: () => Room, begin: () => Promise<void>, phone: () => boolean}} act
 */
export function firstView(box, store, act) {
  const image = h("img", { class: "still-image", alt: "", decoding: "async" });
  const pins = h("div", { class: "still-pins" });
  const credit = h("p", { class: "still-credit" });
  const still = h("div", { class: "still", "aria-hidden": "true" }, image, pins, credit);
  /** @type {View | null} */
  let view = null;
  /** @type {Promise<void> | null} */
  let begun = null;

  pins.addEventListener("click", (event) => {
    const pin = /** @type {HTMLElement} */ (event.target).closest("[data-code]");
    if (pin) act.open(/** @type {HTMLElement} */ (pin).dataset.code ?? "");
  });

  /** @returns {View | null} where the map opens; known as soon as the stations or the city are */
  function opened() {
    const { origin, stations, meta } = store.get();
    const centre = origin?.shown ?? busiest(stations) ?? meta?.centre;
    view ??= centre ? { centre, zoom: origin ? 14.5 : 12 } : null;
    return view;
  }

  /** @returns {[number, number]} pixels of the world at the box's north-west corner */
  function corner(/** @type {View} */ { centre, zoom }) {
    const room = act.padding();
    const [x, y] = pixels(centre, zoom);
    const across = room.left + (box.clientWidth - room.left - room.right) / 2;
    return [x - across, y - (room.top + (box.clientHeight - room.top - room.bottom) / 2)];
  }

  function draw() {
    const seen = opened();
    if (!seen || !box.clientWidth) return;
    const [left, top] = corner(seen);
    const size = [box.clientWidth, box.clientHeight];
    const cell = [left + size[0] / 2, top + size[1] / 2].map((value) => Math.floor(value / CELL_PX));
    const [width, height] = size.map((value) => Math.ceil((value + CELL_PX) / CELL_PX) * CELL_PX);
    const at = cell.map((value) => (value + 0.5) * CELL_PX);
    const where = `${seen.zoom}/${cell[0]}/${cell[1]}/${width}x${height}`;
    const src = address(`/v1/still/${where}.webp`, { theme: theme(readPrefs()), lang: language() });
    if (image.getAttribute("src") !== src) image.setAttribute("src", src);
    image.style.cssText = `left:${at[0] - width / 2 - left}px;top:${at[1] - height / 2 - top}px;width:${width}px;height:${height}px`;
    fill(pins, ...signs(seen, left, top));
    credit.textContent = store.get().meta?.attribution ?? "";
    credit.style.bottom = `${act.padding().bottom}px`;
    if (!still.isConnected) box.append(still);
  }

  /** Open stations stand for themselves; closed ones near one another are one sign. */
  function signs(/** @type {View} */ { zoom }, /** @type {number} */ left, /** @type {number} */ top) {
    /** @type {{x: number, y: number, n: number, entry: import("./state.js").Entry}[]} */
    const shown = [];
    for (const entry of entries(store.get())) {
      const [px, py] = pixels(entry.station.position, zoom);
      const [x, y] = [px - left, py - top];
      if (x < -20 || y < -20 || x > box.clientWidth + 20 || y > box.clientHeight + 20) continue;
      const shut = entry.state.kind !== "open";
      const near = shut && shown.find((one) => one.entry.state.kind !== "open" && Math.hypot(one.x - x, one.y - y) < GATHER_PX);
      if (near) near.n += 1;
      else shown.push({ x, y, n: 1, entry });
    }
    return shown
      .sort((a, b) => Number(a.entry.state.kind === "open") - Number(b.entry.state.kind === "open"))
      .map(({ x, y, n, entry }) => {
        const own = n > 1 ? h("span", { class: "sign gathered" }, n) : sign(entry.state, entry.station.about.h24);
        own.style.cssText = `left:${x}px;top:${y}px`;
        if (n === 1) own.dataset.code = entry.station.code;
        return own;
      });
  }

  /** @returns {Promise<void>} the live map, begun once */
  function begin() {
    begun ??= act.begin();
    return begun;
  }

  /** The list is there: show the still, and wait for a reason to begin. */
  function show() {
    draw();
    const saves = /** @type {any} */ (navigator).connection?.saveData === true;
    if (!act.phone() || !knowsWebGL()) return void setTimeout(begin, 50);
    for (const kind of ["pointerdown", "keydown", "wheel"]) addEventListener(kind, begin, { once: true, passive: true });
    if (!saves) setTimeout(() => ("requestIdleCallback" in window ? requestIdleCallback(() => void begin()) : begin()), IDLE_MS);
  }

  return {
    show,
    opened,
    begin,
    /** Keep in step with the list until the live map is drawn. */
    redraw: () => still.isConnected && draw(),
    done: () => still.remove(),
  };
}
