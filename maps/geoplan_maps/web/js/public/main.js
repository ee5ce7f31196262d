/** The public map: what happens when. The parts know nothing of each other; they meet in the store and here. */

import { address, getJson } from "../lib/api.js";
import { byId, fill } from "../lib/dom.js";
import { icon, placeIcons } from "../lib/icons.js";
import { language, setLanguage, t, translatePage } from "../lib/i18n.js";
import { layer, useBackKey } from "../lib/layers.js";
import { applyPrefs, readPrefs, theme, writePrefs } from "../lib/prefs.js";
import { createStore } from "../lib/store.js";
import { asking } from "./asking.js";
import { mountChips, toggled } from "./chips.js";
import { drawDetail, walkLine } from "./detail.js";
import { nameOf } from "./entry.js";
import { firstView } from "./firstview.js";
import { readHash, writeHash } from "./hash.js";
import { focusRow, mountList } from "./list.js";
import { startMap } from "./mapstart.js";
import { openMenu } from "./menu.js";
import { openNavigation } from "./navigate.js";
import { keepOffline, noteAsked } from "./offline.js";
import { centreOrigin, starting } from "./origin.js";
import { openReport, openTicket } from "./report.js";
import { mountSearch } from "./search.js";
import { openShare } from "./share.js";
import { mountSheet } from "./sheet.js";
import { mountStatus, toast } from "./status.js";
import { answer, entries } from "./state.js";

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
    origin: link.origin,
    walks: new Map(),
    walking: "idle",
    selected: link.station,
    hovered: null,
    shown: 30,
    online: navigator.onLine,
    moved: false,
    outsideM: null,
    slow: readPrefs().elder,
    now: new Date(),
  }),
);

const ask = asking(store);
/** One above the other; a phone held sideways has list and map side by side, as a desk has. */
const phone = matchMedia("(max-width: 899px) and (min-height: 501px), (max-width: 559px)");
/** @type {Awaited<ReturnType<typeof startMap>> | null} */
let map = null;
/** @type {(() => void) | null} */
let lower = null;
const sheet = mountSheet(byId("panel"), byId("sheet-handle"), (rest) => {
  byId("app").setAttribute("data-sheet", rest);
  map?.setRoom(padding());
  const high = rest === "full" && phone.matches && !byId("app").hasAttribute("data-no-map");
  if (high && !lower) {
    lower = layer(() => {
      lower = null;
      if (sheet.get() === "full") sheet.set("half");
    });
  } else if (!high) lower?.();
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

/* ---- one station ---- */

/** What was touched to open a station: it has the focus again afterwards. */
let opener = "";

/** @param {string} code */
function open(code) {
  opener = document.activeElement?.getAttribute("data-key") ?? "";
  store.set({ selected: code });
}

/** @type {(() => void) | null} */
let leaveDetail = null;

/** A station opened, changed or closed: one thing over the page, whichever station it shows. */
function follow(/** @type {string | null} */ now, /** @type {string | null} */ before) {
  if (now && !leaveDetail) {
    leaveDetail = layer(() => {
      leaveDetail = null;
      store.set({ selected: null });
    });
  } else if (!now && leaveDetail) leaveDetail();
  if (!now && before) focusRow(byId("list-view"), byId("list-title"), [opener, `row-${before}`]);
}

/** @param {Station} station */
function navigateTo({ position, about }) {
  const { origin, meta } = store.get();
  const from = origin?.kind === "place" ? origin.position : null;
  openNavigation(position, about.name, { from, city: meta?.area ?? "" });
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
    back: () => leaveDetail?.(),
    navigate: navigateTo,
    share: (one) => openShare(one.code, nameOf(one.about)),
    report: (one) => openReport({ code: one.code, name: nameOf(one.about), position: one.position }),
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
      address(`/v1/stations/${encodeURIComponent(station.code)}/service-area`, {}),
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
    if (station) navigateTo(station);
  },
  need() {
    const position = store.get().origin?.position ?? map?.centre();
    if (position) openReport({ name: t("report.needTitle"), position, need: true });
  },
  retry: () => void ask.feed(),
  clearOrigin: () => start.here(),
});
const chips = mountChips(byId("chips"), store);
const status = mountStatus(byId("status"), store);

const search = mountSearch(
  { input: /** @type {HTMLInputElement} */ (byId("search")), list: byId("search-list"), clear: byId("search-clear") },
  {
    from: () => store.get().origin?.position ?? null,
    cleared: () => store.get().origin?.kind === "place" && start.here(),
    choose(hit) {
      const { filters } = store.get();
      if (hit.kind === "filter") {
        const code = hit.code ?? "";
        const has = code === "open" ? filters.open : code === "h24" ? filters.h24 : filters.facilities.includes(code);
        return store.set({ filters: has ? filters : toggled(filters, code), selected: null, shown: 30 });
      }
      if (!hit.position) return;
      const origin = /** @type {const} */ ({ kind: "place", position: hit.position, shown: hit.position });
      const station = hit.code ? find(hit.code) : null;
      store.set({ origin: { ...origin, label: hit.name }, selected: station?.code ?? null });
      if (!station) map?.goTo(hit.position, 14.5);
    },
  },
);

const start = starting(store, {
  centre: () => map?.centre() ?? first.opened()?.centre ?? null,
  async goAround(position, radiusM) {
    await first.begin();
    map?.goAround(position, radiusM);
  },
});
byId("here").addEventListener("click", start.here);
byId("locate").addEventListener("click", () => void start.locate(byId("locate")));
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
  store.set({ slow: prefs.elder });
  document.title = t("page.title");
  translatePage(document);
  for (const part of [list, chips, status]) part.draw();
  if (store.get().selected) showDetail();
  if (wore !== theme(prefs) || spoke !== prefs.language) map?.restyle(theme(prefs), prefs.language);
  first.redraw();
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dress);
phone.addEventListener("change", () => map?.setRoom(padding()));

/* ---- what follows from a change ---- */

store.listen((now, before) => {
  const asks = now.origin !== before.origin || now.filters !== before.filters || now.slow !== before.slow;
  if (asks || (now.online && !before.online)) void ask.walks();
  if (now.selected !== before.selected) {
    areaOf = null;
    map?.setArea(null);
    follow(now.selected, before.selected);
  }
  if (now.origin !== before.origin) {
    store.set({ moved: false, ...(now.origin?.kind === "centre" ? {} : { outsideM: null }) });
    search.show(now.origin?.kind === "place" ? now.origin.label : "");
  }
  if (now.moved !== before.moved) byId("here").hidden = !now.moved;
  if (now.meta !== before.meta || now.stations !== before.stations) start.check();
  if (now.selected !== before.selected || (now.stations !== before.stations && now.selected)) {
    checkLink();
    showDetail();
  } else if (now.selected && (now.walks !== before.walks || now.origin !== before.origin) && now.walking !== "asking") {
    redrawWalk();
  }
  if (now.selected !== before.selected || now.filters !== before.filters || now.origin !== before.origin) {
    writeAddress();
  }
  if (
    now.stations !== before.stations ||
    now.filters !== before.filters ||
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
  if (!looking && now.stations.length && first.opened()) look();
  else if (now.stations !== before.stations || now.filters !== before.filters || now.now !== before.now) first.redraw();
  else if (now.meta !== before.meta) first.redraw();
});

function redrawWalk() {
  const state = store.get();
  const station = state.selected ? find(state.selected) : null;
  if (station) document.querySelector("#detail .detail-walk")?.replaceWith(walkLine(station, state));
}

/** The address says what is looked at; the entry of the history stays what it is. */
function writeAddress() {
  history.replaceState(history.state, "", `${location.pathname}${location.search}${writeHash(store.get())}`);
}

/** The way to the chosen station, or else to the answer. */
function drawRoute() {
  const state = store.get();
  const chosen = state.selected ?? answer(entries(state)).open[0]?.station.code;
  map?.setRoute(chosen ? (state.walks.get(chosen)?.route ?? []) : []);
}

/** Whether the first view is shown. */
let looking = false;
const first = firstView(byId("map"), store, { open, padding, phone: () => phone.matches, begin: beginMap });

/** The stations are there: the still with their signs, and walking from its middle. */
function look() {
  looking = true;
  first.show();
  if (!store.get().origin) start.here();
}

/** Bring the live map in; without the city's description it waits for it. */
async function beginMap() {
  const box = byId("map");
  while (!store.get().meta) await new Promise((resolve) => setTimeout(resolve, 200));
  try {
    map = await startMap(box, store, first.opened(), {
      open,
      hover: (code) => store.set({ hovered: code }),
      moved(position) {
        const { origin } = store.get();
        if (!origin || origin.kind === "centre") store.set({ origin: centreOrigin(position) });
        else store.set({ moved: !map?.shows(origin.shown) });
      },
      padding,
      asked: noteAsked,
      drawn() {
        first.done();
        void keepOffline();
      },
    });
  } catch (error) {
    void keepOffline();
    byId("app").setAttribute("data-no-map", "");
    fill(byId("map-note"), icon("list"), error instanceof Error ? error.message : String(error));
    byId("map-note").hidden = false;
    sheet.set("full");
  }
  const { selected } = store.get();
  map?.setChosen((selected && find(selected)) || null, store.get());
  drawRoute();
}
for (const id of ["layers", "zoom-in", "zoom-out"]) {
  // before the live map there is nothing to zoom: it comes, and then does what was asked
  byId(id).addEventListener("click", () => map ?? void first.begin().then(() => map && byId(id).click()));
}

/* ---- the page as a whole ---- */

addEventListener("online", () => {
  store.set({ online: true });
  void ask.feed();
});
addEventListener("offline", () => store.set({ online: false }));
addEventListener("hashchange", () => {
  if (location.hash === writeHash(store.get())) return; // our own writing
  const next = readHash(location.hash);
  if (next.ticket !== null) {
    writeAddress();
    return void openTicket(next.ticket);
  }
  store.set({ selected: next.station, filters: next.filters, ...(next.origin ? { origin: next.origin } : {}) });
});
addEventListener("keydown", (event) => {
  const typing = /** @type {HTMLElement} */ (event.target).closest("input, textarea, select, dialog");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    byId("search").focus();
  }
  if (event.key === "ArrowDown" && event.target === document.body) {
    /** @type {HTMLElement | null} */ (document.querySelector(".row-button"))?.focus();
  }
});
setInterval(() => store.set({ now: new Date() }), 60000);
setInterval(() => document.visibilityState === "visible" && void ask.feed(), 300000);

useBackKey(writeAddress);
placeIcons(document);
dress();
void ask.meta();
void ask.feed();
if (link.origin) {
  search.show(link.origin.label);
  void ask.walks();
}
if (link.station) follow(link.station, null);
if (link.ticket !== null) void openTicket(link.ticket);
