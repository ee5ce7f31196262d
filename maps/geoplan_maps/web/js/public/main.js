/** The public map: what happens when. The parts know nothing of each other; they meet in the store and here. */

import { ApiError, address, getJson } from "../lib/api.js";
import { byId, fill } from "../lib/dom.js";
import { icon, placeIcons } from "../lib/icons.js";
import { language, setCounted, setLanguage, t, translatePage } from "../lib/i18n.js";
import { applyPrefs, readPrefs, theme, writePrefs } from "../lib/prefs.js";
import { createStore } from "../lib/store.js";
import { mountChips } from "./chips.js";
import { drawDetail, walkLine } from "./detail.js";
import { askWalks, loadFeed, openCodes, storedFeed } from "./feed.js";
import { readHash, writeHash } from "./hash.js";
import { mountList } from "./list.js";
import { locate } from "./locate.js";
import { startMap } from "./mapstart.js";
import { openMenu } from "./menu.js";
import { openNavigation } from "./navigate.js";
import { openReport } from "./report.js";
import { mountSearch } from "./search.js";
import { openShare } from "./share.js";
import { mountSheet } from "./sheet.js";
import { mountStatus, toast } from "./status.js";
import { entries } from "./state.js";

/** @typedef {import("./state.js").Station} Station */
/** @typedef {import("../lib/geo.js").LonLat} LonLat */

const link = readHash(location.hash);

/** @type {import("../lib/store.js").Store<import("./state.js").PublicState>} */
const store = createStore(
  /** @type {import("./state.js").PublicState} */ ({
    meta: null,
    stations: [],
    fed: null,
    stale: false,
    feed: "loading",
    failure: "",
    filters: link.filters,
    openThen: null,
    origin: link.origin,
    walks: new Map(),
    walking: "idle",
    selected: link.station,
    hovered: null,
    shown: 30,
    online: navigator.onLine,
    now: new Date(),
  }),
);

const phone = matchMedia("(max-width: 899px)");
/** @type {Awaited<ReturnType<typeof startMap>> | null} */
let map = null;
const sheet = mountSheet(byId("panel"), byId("sheet-handle"), (rest) => {
  byId("app").setAttribute("data-sheet", rest);
  map?.setRoom(padding());
});

/** @param {string} code */
const find = (code) => store.get().stations.find((station) => station.code === code);

/** What covers the map, so that what is looked at is not hidden under it. */
function padding() {
  const none = { top: 0, bottom: 0, left: 0, right: 0 };
  if (!phone.matches) return none;
  const sheetPx =
    { peek: 132, half: byId("app").clientHeight * 0.52, full: 0 }[byId("panel").dataset.rest ?? "half"] ?? 0;
  return { ...none, top: 110, bottom: sheetPx };
}

/* ---- the feed ---- */

async function feed() {
  const asked = loadFeed();
  asked.catch(() => undefined); // is told below, once the phone's own store has answered
  const kept = await storedFeed().catch(() => null);
  if (kept && store.get().feed === "loading") store.set({ ...kept, stale: false, feed: "ready" });
  try {
    const fresh = await asked;
    store.set({
      ...fresh,
      feed: "ready",
      failure: "",
      now: new Date(),
      online: fresh.stale ? store.get().online : true,
    });
  } catch (error) {
    store.set({ feed: "failed", failure: error instanceof Error ? error.message : String(error), stale: true });
  }
}

async function meta() {
  try {
    const city = await getJson("/v1/meta");
    setCounted(city.demand_unit);
    store.set({ meta: city });
  } catch {
    setTimeout(meta, 15000); // the list works without it; the map waits for it
  }
}

/* ---- walking times ---- */

/** @type {AbortController | null} */
let walking = null;

async function walks() {
  const { origin, filters, online } = store.get();
  walking?.abort();
  if (!origin || !online) return store.set({ walks: new Map(), walking: "idle" });
  const mine = (walking = new AbortController());
  store.set({ walking: "asking", walks: new Map() });
  try {
    const known = await askWalks(origin.position, filters, mine.signal);
    if (!mine.signal.aborted) store.set({ walks: known, walking: "known" });
  } catch (error) {
    if (!mine.signal.aborted) store.set({ walking: "failed" }); // the straight-line guess stays, marked as one
    if (error instanceof ApiError && error.kind === "refused") console.warn(error.message);
  }
}

/** @param {string} at */
async function then(at) {
  if (!at) return store.set({ openThen: null });
  try {
    const codes = await openCodes(at);
    if (store.get().filters.at === at) store.set({ openThen: codes });
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error));
    store.set({ filters: { ...store.get().filters, at: "" } });
  }
}

/* ---- one station ---- */

/** @type {HTMLElement | null} */
let opener = null;

/** @param {string} code */
function open(code) {
  opener = /** @type {HTMLElement} */ (document.activeElement);
  store.set({ selected: code });
}

function back() {
  store.set({ selected: null });
  opener?.isConnected ? opener.focus() : byId("list-title").focus();
}

function showDetail() {
  const state = store.get();
  const station = state.selected ? find(state.selected) : null;
  const detail = byId("detail");
  byId("list-view").inert = Boolean(station);
  detail.hidden = !station;
  byId("panel").toggleAttribute("data-detail", Boolean(station));
  map?.setChosen(station ?? null, state);
  if (!station) return map?.setArea(null);
  const heading = drawDetail(detail, station, state, {
    back,
    navigate: (one) => openNavigation(one.position, one.about.name),
    share: (one) => openShare(one.code, one.about.name),
    report: (one) => openReport({ code: one.code, name: one.about.name, position: one.position }),
    area: serviceArea,
  });
  detail.scrollTop = 0;
  heading.focus({ preventScroll: true });
  if (phone.matches && sheet.get() === "peek") sheet.set("half");
}

/** @type {string | null} */
let areaOf = null;

/** @param {Station} station */
async function serviceArea(station) {
  if (areaOf === station.code) {
    areaOf = null;
    map?.setArea(null);
    return false;
  }
  try {
    const area = await getJson(
      address(`/v1/stations/${encodeURIComponent(station.code)}/service-area`, { limit_s: 900 }),
    );
    areaOf = station.code;
    map?.setArea(area);
    map?.fitTo(area);
    return true;
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error));
    return false;
  }
}

/** A link to a station that is not (any longer) in the feed must say so. */
function checkLink() {
  const { selected, stations, feed: ready } = store.get();
  if (selected && ready === "ready" && stations.length && !find(selected)) {
    toast(t("detail.gone"));
    store.set({ selected: null });
  }
}

/* ---- parts ---- */

const list = mountList(byId("list-body"), store, {
  open,
  navigate(code) {
    const station = find(code);
    if (station) openNavigation(station.position, station.about.name);
  },
  need() {
    const position = store.get().origin?.position ?? map?.centre();
    if (position) openReport({ name: t("report.needTitle"), position, need: true });
  },
  retry: () => void feed(),
  locate: () => void goHere(),
});
const chips = mountChips(byId("chips"), store);
const status = mountStatus(byId("status"), store);

mountSearch(
  { input: /** @type {HTMLInputElement} */ (byId("search")), list: byId("search-list"), clear: byId("search-clear") },
  {
    choose(hit) {
      if (hit.code && find(hit.code)) return open(hit.code);
      store.set({
        origin: { kind: "place", position: hit.position, shown: hit.position, label: hit.name },
        selected: null,
      });
      map?.goTo(hit.position, 14.5);
    },
  },
);

async function goHere() {
  const button = byId("locate");
  button.setAttribute("aria-busy", "true");
  try {
    const origin = await locate();
    store.set({ origin });
    map?.goTo(origin.shown, 14.5);
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error));
  } finally {
    button.removeAttribute("aria-busy");
  }
}
byId("locate").addEventListener("click", () => void goHere());
byId("menu").addEventListener("click", () => openMenu({ meta: store.get().meta, version: "", choose }));

/** @param {Partial<import("../lib/prefs.js").Prefs>} change */
function choose(change) {
  writePrefs(change);
  dress();
}

/** Put language, text size and colours on the page and everything drawn. */
function dress() {
  const prefs = readPrefs();
  const spoke = language();
  setLanguage(prefs.language);
  const wore = document.documentElement.dataset.theme;
  applyPrefs(prefs);
  document.title = t("page.title");
  translatePage(document);
  for (const part of [list, chips, status]) part.draw();
  if (store.get().selected) showDetail();
  if (wore !== theme(prefs) || spoke !== prefs.language) map?.restyle(theme(prefs), prefs.language);
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dress);
phone.addEventListener("change", () => map?.setRoom(padding()));

/* ---- what follows from a change ---- */

store.listen((now, before) => {
  if (now.filters.at !== before.filters.at) void then(now.filters.at);
  if (now.origin !== before.origin || now.filters !== before.filters || (now.online && !before.online)) void walks();
  if (now.selected !== before.selected) {
    areaOf = null;
    map?.setArea(null);
  }
  if (now.selected !== before.selected || (now.stations !== before.stations && now.selected)) {
    checkLink();
    showDetail();
  } else if (now.selected && (now.walks !== before.walks || now.origin !== before.origin) && now.walking !== "asking") {
    redrawWalk();
  }
  if (now.selected !== before.selected || now.filters !== before.filters || now.origin !== before.origin) {
    history.replaceState(null, "", `${location.pathname}${location.search}${writeHash(now)}`);
  }
  if (
    now.stations !== before.stations ||
    now.filters !== before.filters ||
    now.openThen !== before.openThen ||
    now.now !== before.now
  ) {
    map?.setStations(entries(now));
  }
  if (now.origin !== before.origin) map?.setOrigin(now.origin);
  if (now.selected !== before.selected || now.walks !== before.walks) drawRoute();
  if (now.hovered !== before.hovered && !now.selected) {
    const station = now.hovered ? find(now.hovered) : null;
    map?.setChosen(station ?? null, now);
  }
  if (now.meta && !before.meta) void beginMap();
});

function redrawWalk() {
  const state = store.get();
  const station = state.selected ? find(state.selected) : null;
  if (station) document.querySelector("#detail .detail-walk")?.replaceWith(walkLine(station, state));
}

/** The way to the chosen station, or else to the answer. */
function drawRoute() {
  const state = store.get();
  const chosen =
    state.selected ??
    entries(state).find((entry) => entry.state.kind === "open" && entry.known)?.station.code;
  map?.setRoute(chosen ? (state.walks.get(chosen)?.route ?? []) : []);
}

async function beginMap() {
  const box = byId("map");
  try {
    map = await startMap(box, store, {
      open,
      hover: (code) => store.set({ hovered: code }),
      moved(position) {
        if (store.get().origin?.kind !== "gps" && store.get().origin?.kind !== "place") centreOrigin(position);
      },
      padding,
      drawn: keepOffline,
    });
  } catch (error) {
    keepOffline();
    byId("app").setAttribute("data-no-map", "");
    fill(byId("map-note"), icon("list"), error instanceof Error ? error.message : String(error));
    byId("map-note").hidden = false;
    sheet.set("full");
  }
  const { selected } = store.get();
  map?.setChosen((selected && find(selected)) || null, store.get());
  drawRoute();
  if (!store.get().origin) centreOrigin(map?.centre() ?? store.get().meta.centre);
}

/** Store the page for a visit without a network; only now, as it would compete with the map for a slow line. */
function keepOffline() {
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => undefined); // plain HTTP refuses
}

/** @param {LonLat} position */
function centreOrigin(position) {
  store.set({
    origin: {
      kind: "centre",
      position: [Number(position[0].toFixed(4)), Number(position[1].toFixed(4))],
      shown: position,
      label: t("list.fromCentre"),
    },
  });
}

/* ---- the page as a whole ---- */

addEventListener("online", () => {
  store.set({ online: true });
  void feed();
});
addEventListener("offline", () => store.set({ online: false }));
addEventListener("hashchange", () => {
  const next = readHash(location.hash);
  store.set({ selected: next.station, filters: next.filters, ...(next.origin ? { origin: next.origin } : {}) });
});
addEventListener("keydown", (event) => {
  const typing = /** @type {HTMLElement} */ (event.target).closest("input, textarea, select, dialog");
  if (event.key === "Escape" && !typing && store.get().selected) back();
  if (event.key === "/" && !typing) {
    event.preventDefault();
    byId("search").focus();
  }
  if (event.key === "ArrowDown" && event.target === document.body) {
    /** @type {HTMLElement | null} */ (document.querySelector(".row-button"))?.focus();
  }
});
setInterval(() => store.set({ now: new Date() }), 60000);
setInterval(() => document.visibilityState === "visible" && void feed(), 300000);

placeIcons(document);
dress();
void meta();
void feed();
if (link.filters.at) void then(link.filters.at);
if (link.origin) void walks();
