/** The right side: which layers lie on the map, and the yardstick that every figure is measured by. */

import { fill, h } from "../lib/dom.js";
import { t, term } from "../lib/i18n.js";
import { BUNDLES } from "../words/vocabulary.js";
import { areaName } from "./areas.js";
import { bundleName, LAYERS } from "./desk.js";

/** @typedef {import("../lib/store.js").Store<import("./desk.js").DeskState>} Store */

const LIMITS_MIN = [5, 10, 15, 20, 30];
const PROFILES = ["walk", "elderly", "bicycle", "e_bike"];

/**
 * @param {HTMLElement} box
 * @param {Store} store
 */
export function mountSide(box, store) {
  function draw() {
    const state = store.get();
    if (!state.meta) return;
    fill(box, layers(store), yardstick(store), legend());
  }
  store.listen((now, before) => {
    if (
      now.layers !== before.layers ||
      now.question !== before.question ||
      now.meta !== before.meta ||
      now.plan !== before.plan ||
      now.gaps !== before.gaps ||
      now.critical !== before.critical
    )
      draw();
  });
  draw();
  return { draw };
}

/** @param {Store} store */
function layers(store) {
  const state = store.get();
  const names = Object.keys(LAYERS).filter((name) => name !== "plan" || state.plan);
  const busy = { gaps: state.gaps.state === "loading", critical: state.critical.state === "loading" };
  return h(
    "fieldset",
    { class: "side-group" },
    h("legend", null, t("layer.title")),
    names.map((name) => {
      const input = h("input", { type: "checkbox", name: `layer-${name}`, checked: state.layers[name] });
      input.addEventListener("change", () => store.set({ layers: { ...store.get().layers, [name]: input.checked } }));
      return h(
        "label",
        { class: "choice" },
        input,
        t(`layer.${name}`),
        busy[/** @type {"gaps" | "critical"} */ (name)] ? h("small", { class: "muted" }, t("state.loading")) : null,
      );
    }),
  );
}

/** @param {Store} store */
function yardstick(store) {
  const { question, meta } = store.get();
  /** @param {Partial<import("./desk.js").Question>} change */
  const set = (change) => store.set({ question: { ...store.get().question, ...change } });
  const bundle = bundleName(question.facilities) ?? "own";
  return h(
    "fieldset",
    { class: "side-group" },
    h("legend", null, t("yard.title")),
    select(
      "profile",
      t("term.profile"),
      [...new Set([meta.defaults.profile, ...PROFILES])].map((code) => [code, term("profile", code)]),
      question.profile,
      (profile) => set({ profile }),
    ),
    select(
      "limit",
      t("term.limit"),
      LIMITS_MIN.map((min) => [String(min * 60), t("time.minutes", { n: min })]),
      String(question.limit_s),
      (value) => set({ limit_s: Number(value) }),
    ),
    meta.trades.length
      ? select(
          "trade",
          t("term.trade"),
          ["", ...meta.trades].map((code) => [code, code ? term("trade", code) : t("trade.everyone")]),
          question.trade,
          (trade) => set({ trade }),
        )
      : null,
    select(
      "bundle",
      t("term.bundle"),
      Object.keys(BUNDLES).map((name) => [name, t(`bundle.${name}`)]),
      bundle,
      (name) => set({ facilities: BUNDLES[name] ?? [] }),
    ),
    select(
      "area",
      t("yard.area"),
      [["", t("plan.wholeCity")], ...meta.districts.map((/** @type {any} */ one) => [one.code, areaName(one.code, one.name)])],
      question.area,
      (area) => set({ area }),
    ),
    h(
      "label",
      { class: "field" },
      h("span", null, t("yard.day")),
      dayField(question.day, (day) => set({ day })),
    ),
  );
}

/**
 * @param {string} value
 * @param {(day: string) => void} change
 */
function dayField(value, change) {
  const input = h("input", { type: "date", name: "day", value });
  input.addEventListener("change", () => change(input.value));
  return input;
}

/**
 * @param {string} name
 * @param {string} words
 * @param {string[][]} options value and words
 * @param {string} chosen
 * @param {(value: string) => void} change
 */
export function select(name, words, options, chosen, change) {
  const input = h(
    "select",
    { name },
    options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)),
  );
  input.addEventListener("change", () => change(input.value));
  return h("label", { class: "field" }, h("span", null, words), input);
}

function legend() {
  return h(
    "section",
    { class: "side-group side-legend" },
    h("h3", null, t("legend.title")),
    h("div", { class: "ramp", "aria-hidden": "true" }),
    h(
      "div",
      { class: "spread small muted" },
      h("span", null, t("legend.none")),
      h("span", null, t("legend.allCovered")),
    ),
    h("ul", { class: "legend small" }, [
      h("li", null, h("span", { class: "sign open" }), t("legend.station")),
      h("li", null, h("span", { class: "sign closed" }), t("legend.stationClosed")),
      h("li", null, h("span", { class: "sign site" }), t("legend.site")),
      h("li", null, h("span", { class: "swatch gap" }), t("legend.gap")),
    ]),
  );
}
