/** What the list says where there is no answer, or not a good one: what happened and what to do. */

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { language, t } from "../lib/i18n.js";
import { sayDistance, sayMinutes } from "../lib/geo.js";
import { sayWhen } from "../lib/clock.js";
import { nameOf } from "./entry.js";
import { asked, drops, NO_FILTERS } from "./state.js";

/** @typedef {import("./state.js").Entry} Entry */

/**
 * @param {number} metres
 * @param {import("./state.js").PublicState} state
 */
export function outside(metres, { meta }) {
  const city = (language() === "en" && meta?.area_en) || meta?.area || "";
  return h(
    "div",
    { class: "notice warn", "data-notice": "outside" },
    icon("pin"),
    h("p", null, t("list.outside", { city, distance: sayDistance(metres) })),
  );
}

/**
 * @param {Entry | null} soon
 * @param {import("./state.js").PublicState} state
 * @param {import("./list.js").ListActions} act
 */
export function farNotice(soon, state, act) {
  return h(
    "div",
    { class: "notice warn" },
    icon("clock"),
    h(
      "div",
      null,
      h("p", null, t("list.noneWithin")),
      soonAndNeed(soon, state, act),
    ),
  );
}

/**
 * @param {string} why
 * @param {Entry | null} soon
 * @param {import("./state.js").PublicState} state
 * @param {import("./list.js").ListActions} act
 */
export function nothingOpen(why, soon, state, act) {
  return h(
    "div",
    { class: "notice warn" },
    icon("moon"),
    h(
      "div",
      null,
      h("p", null, t(why)),
      soonAndNeed(soon, state, act),
    ),
  );
}

/**
 * What opens next nearby, and the way to ask for a station here.
 *
 * @param {Entry | null} soon
 * @param {import("./state.js").PublicState} state
 * @param {import("./list.js").ListActions} act
 * @returns {(Node | null)[]}
 */
function soonAndNeed(soon, state, act) {
  const next = soon?.state.changes
    ? h(
        "p",
        { class: "small" },
        t("list.soon", {
          name: nameOf(soon.station.about),
          when: sayWhen(soon.state.changes, asked(state, state.filters)),
          time: sayMinutes(soon.seconds),
        }),
      )
    : null;
  const need = h("button", { class: "button small", type: "button", onclick: act.need }, t("list.need"));
  return [next, h("div", { class: "actions" }, need)];
}

/**
 * @param {import("./state.js").PublicState} state
 * @param {import("./list.js").ListActions} act
 */
export function noStation(state, act) {
  return h(
    "div",
    { class: "notice" },
    icon("info"),
    h("div", null, h("p", null, t("list.noStation")), soonAndNeed(null, state, act)),
  );
}

/**
 * @param {import("./state.js").PublicState} state
 * @param {import("./list.js").Store} store
 */
export function noMatch(state, store) {
  const [best] = drops(state);
  const give = best
    ? h(
        "button",
        { class: "button", type: "button", onclick: () => store.set({ filters: best.filters, shown: 30 }) },
        t("list.drop", { name: dropName(best.key), n: best.count }),
      )
    : null;
  return h(
    "div",
    { class: "notice" },
    icon("filter"),
    h(
      "div",
      null,
      h("p", null, t("list.noMatch")),
      h(
        "div",
        { class: "actions" },
        give,
        h(
          "button",
          { class: "button", type: "button", onclick: () => store.set({ filters: NO_FILTERS, shown: 30 }) },
          t("filter.clear"),
        ),
      ),
    ),
  );
}

/** @param {string} key */
export function dropName(key) {
  return key === "open" || key === "h24" ? t(`chip.${key}`) : t(key);
}

/**
 * @param {string} sentence
 * @param {() => void} retry
 */
export function failed(sentence, retry) {
  return h(
    "div",
    { class: "notice warn", role: "alert" },
    icon("offline"),
    h(
      "div",
      null,
      h("p", null, sentence),
      h(
        "div",
        { class: "actions" },
        h("button", { class: "button", type: "button", onclick: retry }, t("action.retry")),
      ),
    ),
  );
}

export function skeleton() {
  return h(
    "div",
    { class: "answer", "aria-hidden": "true" },
    h("p", { class: "skeleton", style: "width:60%" }, "·"),
    h("p", { class: "skeleton", style: "width:40%" }, "·"),
    h("p", { class: "skeleton", style: "width:80%" }, "·"),
  );
}
