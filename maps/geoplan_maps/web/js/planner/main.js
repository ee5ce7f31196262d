/** The planner's desk: what happens when. The panels know nothing of each other; they meet in the store and here. */

import { address, getJson } from "../lib/api.js";
import { byId, fill, h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { addWords, language, number, setCounted, setLanguage, t, translatePage } from "../lib/i18n.js";
import { applyPrefs, readPrefs, theme, writePrefs } from "../lib/prefs.js";
import { openDialog } from "../lib/dialog.js";
import { createStore } from "../lib/store.js";
import { plannerEn } from "../words/planner-en.js";
import { plannerZh } from "../words/planner-zh.js";
import { registerEn } from "../words/register-en.js";
import { registerZh } from "../words/register-zh.js";
import { mountCoverage } from "./coveragepanel.js";
import { asQuery, cubeAddress, firstQuestion, LAYERS, nothing } from "./desk.js";
import { beginDeskMap } from "./deskstart.js";
import { openHours } from "./hours.js";
import { leave, showDoor, whoAmI } from "./login.js";
import { mountPlan } from "./planpanel.js";
import { countedBy, onMap, planView } from "./planview.js";
import { mountRegister } from "./register.js";
import { mountScenarios } from "./scenarios.js";
import { mountSide } from "./side.js";
import { loadQuestions } from "./questions.js";
import { mountSlider } from "./slider.js";
import { knowAreas } from "./areas.js";

/** @typedef {import("./desk.js").DeskState} DeskState */
/** @typedef {import("./desk.js").Tab} Tab */

addWords(plannerZh, plannerEn);
addWords(registerZh, registerEn);

const TABS = /** @type {Tab[]} */ (["coverage", "plan", "register", "scenarios"]);

/** @type {import("../lib/store.js").Store<DeskState>} */
const store = createStore(
  /** @type {DeskState} */ ({
    me: null,
    meta: null,
    tab: TABS.includes(/** @type {Tab} */ (location.hash.slice(1)))
      ? /** @type {Tab} */ (location.hash.slice(1))
      : "coverage",
    question: firstQuestion({ defaults: {} }), // before the city is known
    coverage: nothing(),
    cube: nothing(),
    gaps: nothing(),
    critical: nothing(),
    level: "district",
    area: null,
    layers: { ...LAYERS },
    plan: null,
    site: null,
  }),
);

/** @type {Awaited<ReturnType<typeof beginDeskMap>> | null} */
let map = null;
/** @type {{draw: () => void}[]} */
let parts = [];

/* ---- asking ---- */

/** @type {Record<string, AbortController>} */
const running = {};

/**
 * Ask for one of the desk's answers; the last question wins, and the former answer stays until the new one is there.
 *
 * @param {"coverage" | "cube" | "gaps" | "critical"} name
 * @param {string} url
 */
async function load(name, url) {
  running[name]?.abort();
  const mine = (running[name] = new AbortController());
  const before = store.get()[name];
  store.set({ [name]: { ...before, state: "loading", error: "" } });
  try {
    const value = await getJson(url, { signal: mine.signal, timeoutMs: 60000 });
    if (!mine.signal.aborted) store.set({ [name]: { state: "ready", value, error: "" } });
  } catch (error) {
    if (mine.signal.aborted) return;
    store.set({
      [name]: { ...store.get()[name], state: "failed", error: error instanceof Error ? error.message : String(error) },
    });
  }
}

/** @param {DeskState} now @param {DeskState | null} before */
function askWhatIsNeeded(now, before) {
  if (!now.me || !now.meta) return;
  const query = asQuery(now.question);
  const changed = now.question !== before?.question || now.meta !== before?.meta;
  if (changed) void load("coverage", address("/v1/coverage", query));
  if (cubeAddress(now.question) !== (before?.meta ? cubeAddress(before.question) : ""))
    void load("cube", cubeAddress(now.question));
  for (const [layer, name, path] of /** @type {[string, "gaps" | "critical", string][]} */ ([
    ["gaps", "gaps", "/v1/gaps"],
    ["critical", "critical", "/v1/criticality"],
  ])) {
    if (now.layers[layer] && (changed || !before?.layers[layer])) void load(name, address(path, query));
  }
}

/* ---- tabs ---- */

function drawTabs() {
  const { tab } = store.get();
  fill(
    byId("tabs"),
    TABS.map((name) =>
      h(
        "button",
        {
          type: "button",
          role: "tab",
          id: `tabbutton-${name}`,
          "aria-controls": `tab-${name}`,
          "aria-selected": String(name === tab),
          tabindex: name === tab ? 0 : -1,
          onclick: () => store.set({ tab: name }),
        },
        t(`tab.${name}`),
      ),
    ),
  );
  for (const name of TABS) byId(`tab-${name}`).hidden = name !== tab;
}
byId("tabs").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const next = TABS[(TABS.indexOf(store.get().tab) + step + TABS.length) % TABS.length];
  store.set({ tab: next });
  byId(`tabbutton-${next}`).focus();
});

/* ---- the page ---- */

function drawHead() {
  const { meta, me } = store.get();
  fill(
    byId("status"),
    meta?.banner
      ? h(
          "p",
          { class: "strip demonstration" },
          language() === "zh" ? `${meta.banner.zh} · Demonstration data` : meta.banner.en,
        )
      : null,
  );
  if (meta)
    byId("city").textContent = t("desk.city", {
      city: language() === "zh" ? meta.name_zh : meta.name_en,
      date: meta.date ?? "—",
      stations: number(meta.stations),
    });
  if (me) fill(byId("account"), icon("user"), me.name);
}

function dress() {
  const prefs = readPrefs();
  const before = { theme: document.documentElement.dataset.theme, language: language() };
  setLanguage(prefs.language);
  applyPrefs({ ...prefs, elder: false });
  document.title = t("desk.brand");
  translatePage(document);
  drawTabs();
  drawHead();
  for (const part of parts) part.draw();
  if (before.theme !== theme(prefs) || before.language !== prefs.language) map?.restyle(theme(prefs), prefs.language);
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dress);

byId("account").addEventListener("click", () => {
  const { me } = store.get();
  const prefs = readPrefs();
  const choose = (/** @type {Partial<import("../lib/prefs.js").Prefs>} */ change) => {
    writePrefs(change);
    dialog.close();
    dress();
  };
  /** @param {"language" | "theme"} name @param {string[][]} options code and words */
  const pick = (name, options) =>
    h(
      "div",
      { class: "row" },
      options.map(([code, words]) =>
        h("button", { class: "button small", type: "button", "aria-pressed": String(prefs[name] === code), onclick: () => choose({ [name]: code }) }, words),
      ),
    );
  const dialog = openDialog(me?.name ?? "", [
    h("p", { class: "muted" }, t(`role.${me?.role ?? "viewer"}`)),
    pick("language", [["zh", "中文"], ["en", "English"]]),
    pick("theme", ["auto", "light", "dark"].map((code) => [code, t(`theme.${code}`)])),
    h("p", null, h("a", { class: "button wide", href: "/" }, t("login.public"))),
    h(
      "button",
      {
        class: "button wide",
        type: "button",
        onclick: async () => {
          await leave().catch(() => undefined);
          location.reload();
        },
      },
      t("login.leave"),
    ),
  ]);
});

/** @param {import("./login.js").Account} who */
async function enter(who) {
  byId("door").hidden = true;
  byId("desk").hidden = false;
  store.set({ me: who });
  const { meta } = store.get();
  if (parts.length || !meta) return;
  const coverage = mountCoverage(byId("tab-coverage"), store, {
    retry: () => askWhatIsNeeded(store.get(), null),
    hours: () => openHours(store),
  });
  const plans = h("section", { class: "side-group plans", hidden: true });
  const side = h("div");
  byId("side").append(plans, side);
  const plan = mountPlan(byId("tab-plan"), plans, store, {
    show: (found) => map?.showPlan(found),
    saved: () => scenarios.refresh(),
    swipe: (on) => map?.swipe(on),
  });
  const scenarios = mountScenarios(byId("tab-scenarios"), store, {
    open: (found) => {
      const shown = onMap(found);
      store.set({ plan: shown, site: null, tab: "plan" });
      map?.showPlan(shown);
    },
  });
  const register = mountRegister(byId("tab-register"), store, {
    goTo: (position, words) => map?.pointAt(position, words),
    move: (code, position, done) => map?.move(code, position, done),
    readings: (list) => map?.readings(list),
    changed() {
      map?.reloadStations();
      askWhatIsNeeded(store.get(), null);
    },
  });
  parts = [coverage, plan, scenarios, register, mountSide(side, store), mountSlider(byId("slider"), store)];
  askWhatIsNeeded(store.get(), null);
  if (store.get().tab === "register") register.show();
  await beginMap();
  await plan.resume();
}

async function beginMap() {
  try {
    map = await beginDeskMap(store);
  } catch (error) {
    fill(byId("map-note"), icon("info"), error instanceof Error ? error.message : String(error));
    byId("map-note").hidden = false;
  }
}

/**
 * A plan behind a read-only link: shown whole, nothing to change, nobody to sign in.
 *
 * @param {string} token
 */
async function showShared(token) {
  const shared = await getJson(`/v1/shared/${encodeURIComponent(token)}`);
  setCounted(countedBy(shared.result)); // the city may count something else by now
  byId("desk").hidden = false;
  byId("tabs").hidden = byId("account").hidden = true;
  const found = onMap(shared.result);
  store.set({ plan: { ...found, share: token }, tab: "plan" });
  const box = byId("tab-plan");
  const draw = () => {
    const { plan, meta, site } = store.get();
    fill(
      box,
      h("p", { class: "small muted" }, t("scenario.shared")),
      h("h2", { class: "ask" }, shared.name),
      shared.note ? h("p", null, shared.note) : null,
      planView(plan, {
        meta,
        site,
        former: null,
        choose: (id) => store.set({ site: id }),
        swipe: (on) => map?.swipe(on),
        edit: null,
      }),
    );
  };
  store.listen((now, before) => now.site !== before.site && draw());
  parts = [{ draw }, mountSide(byId("side"), store), mountSlider(byId("slider"), store)];
  draw();
  void load("coverage", address("/v1/coverage", asQuery(store.get().question)));
  void load("cube", cubeAddress(store.get().question));
  await beginMap();
  map?.showPlan(found);
}

store.listen((now, before) => {
  askWhatIsNeeded(now, before);
  if (now.tab !== before.tab) {
    history.replaceState(null, "", `#${now.tab}`);
    drawTabs();
    byId("panel").scrollTop = 0;
  }
  if (now.meta !== before.meta || now.me !== before.me) drawHead();
});

async function begin() {
  setLanguage(readPrefs().language);
  dress();
  try {
    const [meta, who] = await Promise.all([getJson("/v1/meta"), whoAmI(), loadQuestions()]);
    setCounted(meta.demand_unit);
    knowAreas(meta);
    store.set({ meta, question: firstQuestion(meta) });
    const token = new URLSearchParams(location.search).get("plan");
    if (token) return await showShared(token);
    if (who) return await enter(who);
    byId("door").hidden = false;
    showDoor(byId("door"), (one) => void enter(one));
  } catch (error) {
    byId("door").hidden = false;
    fill(
      byId("door"),
      h(
        "div",
        { class: "notice warn", role: "alert" },
        icon("warning"),
        h(
          "div",
          null,
          h("p", null, error instanceof Error ? error.message : String(error)),
          h(
            "div",
            { class: "actions" },
            h("button", { class: "button", type: "button", onclick: () => location.reload() }, t("action.retry")),
          ),
        ),
      ),
    );
  }
}
void begin();
