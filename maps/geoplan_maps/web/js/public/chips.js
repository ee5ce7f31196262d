/** The row of filters under the search, and the sheet with all of them. */

import { fill, h } from "../lib/dom.js";
import { icon, hasIcon } from "../lib/icons.js";
import { openDialog } from "../lib/dialog.js";
import { t, term } from "../lib/i18n.js";
import { cityTime } from "../lib/clock.js";
import { CHIPS } from "../words/vocabulary.js";
import { matches, NO_FILTERS } from "./state.js";

/** @typedef {import("../lib/store.js").Store<import("./state.js").PublicState>} Store */
/** @typedef {import("./state.js").Filters} Filters */

/**
 * @param {HTMLElement} box
 * @param {Store} store
 */
export function mountChips(box, store) {
  function draw() {
    const { filters } = store.get();
    const extra = Number(Boolean(filters.trade)) + Number(Boolean(filters.kind)) + Number(Boolean(filters.at));
    const focused = /** @type {HTMLElement} */ (document.activeElement)?.dataset?.chip;
    const left = box.firstChild ? box.scrollLeft : 0; // asking an empty box would lay out the whole page for nothing
    fill(
      box,
      CHIPS.map((name) => chip(name, filters, () => store.set({ filters: toggled(filters, name), shown: 30 }))),
      h(
        "button",
        {
          class: "chip",
          type: "button",
          "data-chip": "more",
          "aria-haspopup": "dialog",
          onclick: () => openFilters(store),
        },
        icon("filter"),
        extra ? t("chip.moreN", { n: extra }) : t("chip.more"),
      ),
    );
    if (left) box.scrollLeft = left;
    if (focused) /** @type {HTMLElement | null} */ (box.querySelector(`[data-chip="${focused}"]`))?.focus();
  }
  store.listen((now, before) => {
    if (now.filters !== before.filters) draw();
  });
  return { draw };
}

/**
 * @param {string} name
 * @param {Filters} filters
 * @param {() => void} toggle
 */
function chip(name, filters, toggle) {
  const on = name === "open" ? filters.open : name === "h24" ? filters.h24 : filters.facilities.includes(name);
  const words = name === "open" && filters.at ? t("chip.openAt", { time: filters.at.slice(11) }) : term("chip", name);
  const sign = name === "open" ? "clock" : name === "h24" ? "moon" : name;
  return h(
    "button",
    { class: "chip", type: "button", "data-chip": name, "aria-pressed": String(on), onclick: toggle },
    hasIcon(sign) ? icon(sign) : null,
    words,
  );
}

/**
 * @param {Filters} filters
 * @param {string} name
 * @returns {Filters}
 */
export function toggled(filters, name) {
  if (name === "open") return { ...filters, open: !filters.open };
  if (name === "h24") return { ...filters, h24: !filters.h24 };
  const has = filters.facilities.includes(name);
  return {
    ...filters,
    facilities: has ? filters.facilities.filter((code) => code !== name) : [...filters.facilities, name],
  };
}

/** @param {Store} store */
function openFilters(store) {
  const { meta, filters } = store.get();
  /** @type {Filters} */
  let draft = { ...filters };
  const show = h("button", { class: "button main", type: "button" });
  /** What the button puts in force: who names a time wants what is open then. */
  const wanted = () => ({ ...draft, open: draft.open || Boolean(draft.at && draft.at !== filters.at) });
  const count = () => {
    const state = store.get();
    const n = state.stations.filter((station) => matches(station, wanted(), state)).length;
    show.textContent = t("filter.show", { n });
  };
  const change = (/** @type {Partial<Filters>} */ part) => {
    draft = { ...draft, ...part };
    count();
  };
  const facilities = h(
    "fieldset",
    { class: "choices" },
    h("legend", null, t("filter.facilities")),
    (meta?.facilities ?? []).map((/** @type {string} */ code) =>
      choice("checkbox", "facility", term("facility", code), draft.facilities.includes(code), (on) =>
        change({ facilities: on ? [...draft.facilities, code] : draft.facilities.filter((other) => other !== code) }),
      ),
    ),
  );
  const trades = radios("trade", t("term.trade"), meta?.trades ?? [], draft.trade, (trade) => change({ trade }));
  const kinds =
    (meta?.kinds ?? []).length > 1
      ? radios("station_kind", t("field.station_kind"), meta.kinds, draft.kind, (kind) => change({ kind }))
      : null;
  const when = h("input", { type: "datetime-local", value: draft.at, step: 900, id: "filter-at" });
  when.addEventListener("input", () => change({ at: when.value.slice(0, 16) }));
  const night = h(
    "button",
    {
      class: "button small",
      type: "button",
      onclick: () => {
        when.value = nextTime("02:00");
        change({ at: when.value, open: true });
      },
    },
    t("filter.tonight"),
  );
  const dialog = openDialog(t("filter.title"), [
    h(
      "div",
      { class: "field" },
      h("label", { for: "filter-at", class: "label" }, t("filter.when")),
      h("div", { class: "row nowrap" }, when, night),
    ),
    facilities,
    trades,
    ...(kinds ? [kinds] : []),
    h(
      "div",
      { class: "dialog-foot" },
      h(
        "button",
        {
          class: "button",
          type: "button",
          onclick: () => {
            store.set({ filters: NO_FILTERS, shown: 30 });
            dialog.close();
          },
        },
        t("filter.clear"),
      ),
      show,
    ),
  ]);
  show.addEventListener("click", () => {
    store.set({ filters: wanted(), shown: 30 });
    dialog.close();
  });
  count();
}

/**
 * The next time that a clock shows this, on the city's clock.
 *
 * @param {string} hm
 * @returns {string}
 */
export function nextTime(hm) {
  const now = cityTime(new Date());
  const day = hm > now.hm ? now.day : cityTime(new Date(Date.now() + 864e5)).day;
  return `${day}T${hm}`;
}

/**
 * @param {"checkbox" | "radio"} type
 * @param {string} name
 * @param {string} words
 * @param {boolean} on
 * @param {(on: boolean) => void} change
 */
function choice(type, name, words, on, change) {
  const input = h("input", { type, name, checked: on });
  input.addEventListener("change", () => change(input.checked));
  return h("label", { class: "choice" }, input, words);
}

/**
 * @param {string} group
 * @param {string} legend
 * @param {string[]} codes
 * @param {string} chosen
 * @param {(code: string) => void} change
 */
function radios(group, legend, codes, chosen, change) {
  return h(
    "fieldset",
    { class: "choices" },
    h("legend", null, legend),
    ["", ...codes].map((code) =>
      choice("radio", group, code ? term(group, code) : t("filter.any"), chosen === code, (on) => on && change(code)),
    ),
  );
}
