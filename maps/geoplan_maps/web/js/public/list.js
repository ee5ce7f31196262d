/** The list beside (or under) the map: the answer first, then everything near, in step with the map. */

import { announce, fill, h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { t } from "../lib/i18n.js";
import { sayMinutes } from "../lib/geo.js";
import { sayWhen } from "../lib/clock.js";
import { answer, drops, entries, anyFilter, NO_FILTERS } from "./state.js";
import { answerCard, listRow } from "./entry.js";

/** @typedef {import("../lib/store.js").Store<import("./state.js").PublicState>} Store */
/** @typedef {import("./state.js").Entry} Entry */

/** As many as a phone shows; the others follow when these are on the screen. */
const FIRST_ROWS = 8;

/**
 * @typedef {object} ListActions
 * @property {(code: string) => void} open
 * @property {(code: string) => void} navigate
 * @property {() => void} need tell the union that a station is needed here
 * @property {() => void} retry
 * @property {() => void} locate
 */

/**
 * @param {HTMLElement} box
 * @param {Store} store
 * @param {ListActions} act
 */
export function mountList(box, store, act) {
  const answerBox = h("section", { class: "answer-box", "aria-label": t("list.answer") });
  const countLine = h("h2", { class: "list-count", id: "list-count" });
  const list = h("ul", { class: "list", "aria-labelledby": "list-count" });
  const more = h("button", {
    class: "button wide",
    type: "button",
    onclick: () => store.set({ shown: store.get().shown + 30 }),
  });
  box.append(answerBox, countLine, list, more);

  list.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("[data-open]");
    if (button) act.open(/** @type {HTMLElement} */ (button).dataset.open ?? "");
  });
  list.addEventListener("pointerover", (event) => hover(event, true));
  list.addEventListener("pointerout", (event) => hover(event, false));
  list.addEventListener("focusin", (event) => hover(event, true));
  list.addEventListener("keydown", (event) => arrows(event, list));

  /** @param {Event} event @param {boolean} on */
  function hover(event, on) {
    const item = /** @type {HTMLElement} */ (event.target).closest(".row-item");
    store.set({ hovered: on && item ? (/** @type {HTMLElement} */ (item).dataset.code ?? null) : null });
  }

  let spoken = "";
  let filled = false;
  function draw() {
    const state = store.get();
    answerBox.setAttribute("aria-label", t("list.answer"));
    if (state.feed === "loading" && !state.stations.length) {
      fill(answerBox, skeleton());
      countLine.textContent = t("list.loading");
      fill(list);
      more.hidden = true;
      return;
    }
    if (state.feed === "failed" && !state.stations.length) {
      fill(answerBox, failed(state.failure, act.retry));
      countLine.textContent = "";
      fill(list);
      more.hidden = true;
      return;
    }
    const found = entries(state);
    fill(answerBox, drawAnswer(state, found, store, act));
    countLine.textContent = t(anyFilter(state.filters) ? "list.matching" : "list.all", { n: found.length });
    fill(
      list,
      found.slice(0, filled ? state.shown : FIRST_ROWS).map((entry) => listRow(entry, state.now, state.origin !== null)),
    );
    more.hidden = found.length <= state.shown;
    more.textContent = t("list.more", { n: Math.min(30, found.length - state.shown) });
    if (!filled) {
      filled = true;
      requestAnimationFrame(() => setTimeout(redraw)); // once these are painted
    }
    const sentence = spokenAnswer(state, found);
    if (sentence !== spoken) {
      spoken = sentence;
      announce(sentence);
    }
  }

  let asked = 0;
  function redraw() {
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      draw();
    });
  }
  store.listen((now, before) => {
    const kept = [
      "stations",
      "filters",
      "openThen",
      "origin",
      "walks",
      "walking",
      "shown",
      "feed",
      "now",
      "online",
      "meta",
    ];
    const same = kept.every((key) => /** @type {any} */ (now)[key] === /** @type {any} */ (before)[key]);
    if (!same) redraw();
    if (now.hovered !== before.hovered) {
      for (const item of list.querySelectorAll(".row-item")) {
        item.classList.toggle("hovered", /** @type {HTMLElement} */ (item).dataset.code === now.hovered);
      }
    }
  });
  return { draw };
}

/**
 * @param {import("./state.js").PublicState} state
 * @param {readonly Entry[]} found
 * @returns {string}
 */
function spokenAnswer(state, found) {
  const first = answer(found).open[0];
  const count = t(anyFilter(state.filters) ? "list.matching" : "list.all", { n: found.length });
  if (!first || !state.origin) return count;
  return `${t("list.nearest")} ${first.station.about.name}, ${sayMinutes(first.seconds)}. ${count}`;
}

/**
 * @param {import("./state.js").PublicState} state
 * @param {readonly Entry[]} found
 * @param {Store} store
 * @param {ListActions} act
 * @returns {Node[]}
 */
function drawAnswer(state, found, store, act) {
  if (!state.stations.length) return [noStation(state, act)];
  if (!found.length) return [noMatch(state, store)];
  const { open, soon, reached } = answer(found);
  const [first, ...others] = open;
  if (!first) return [nothingOpen(soon, state, act)];
  const parts = [];
  const where = state.origin?.kind === "centre" ? t("list.fromCentre") : state.origin?.label;
  parts.push(
    h(
      "div",
      { class: "answer-head" },
      h("h2", null, t(state.filters.at ? "list.nearestThen" : "list.nearest")),
      where ? h("span", { class: "muted small" }, t("list.from", { place: where })) : null,
    ),
  );
  if (!reached && state.walking !== "asking") parts.push(farNotice(soon, state, act));
  parts.push(answerCard(first, state.now, act));
  if (others.length) {
    parts.push(
      h(
        "div",
        { class: "answer-next" },
        h("span", null, t("list.next")),
        h(
          "ul",
          null,
          others.map((entry) =>
            h(
              "li",
              null,
              h(
                "button",
                { class: "next-button", type: "button", onclick: () => act.open(entry.station.code) },
                h("span", { class: "next-name" }, entry.station.about.name),
                h("span", { class: "next-time" }, sayMinutes(entry.seconds)),
              ),
            ),
          ),
        ),
      ),
    );
  }
  return parts;
}

/**
 * @param {Entry | null} soon
 * @param {import("./state.js").PublicState} state
 * @param {ListActions} act
 */
function farNotice(soon, state, act) {
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
 * @param {Entry | null} soon
 * @param {import("./state.js").PublicState} state
 * @param {ListActions} act
 */
function nothingOpen(soon, state, act) {
  return h(
    "div",
    { class: "notice warn" },
    icon("moon"),
    h(
      "div",
      null,
      h("p", null, t("list.noneOpen")),
      soonAndNeed(soon, state, act),
    ),
  );
}

/**
 * What opens next nearby, and the way to ask for a station here.
 *
 * @param {Entry | null} soon
 * @param {import("./state.js").PublicState} state
 * @param {ListActions} act
 * @returns {(Node | null)[]}
 */
function soonAndNeed(soon, state, act) {
  const next = soon?.state.changes
    ? h(
        "p",
        { class: "small" },
        t("list.soon", {
          name: soon.station.about.name,
          when: sayWhen(soon.state.changes, state.now),
          time: sayMinutes(soon.seconds),
        }),
      )
    : null;
  const need = h("button", { class: "button small", type: "button", onclick: act.need }, t("list.need"));
  return [next, h("div", { class: "actions" }, need)];
}

/**
 * @param {import("./state.js").PublicState} state
 * @param {ListActions} act
 */
function noStation(state, act) {
  return h(
    "div",
    { class: "notice" },
    icon("info"),
    h("div", null, h("p", null, t("list.noStation")), soonAndNeed(null, state, act)),
  );
}

/**
 * @param {import("./state.js").PublicState} state
 * @param {Store} store
 */
function noMatch(state, store) {
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
function failed(sentence, retry) {
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

function skeleton() {
  return h(
    "div",
    { class: "answer", "aria-hidden": "true" },
    h("p", { class: "skeleton", style: "width:60%" }, "·"),
    h("p", { class: "skeleton", style: "width:40%" }, "·"),
    h("p", { class: "skeleton", style: "width:80%" }, "·"),
  );
}

/**
 * Up and down walk through the list; Home and End go to its ends.
 *
 * @param {KeyboardEvent} event
 * @param {HTMLElement} list
 */
function arrows(event, list) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const buttons = /** @type {HTMLElement[]} */ ([...list.querySelectorAll(".row-button")]);
  const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  if (at < 0) return;
  const to = event.key === "Home" ? 0 : event.key === "End" ? buttons.length - 1 : step === undefined ? at : at + step;
  if (to === at) return;
  event.preventDefault();
  buttons[Math.max(0, Math.min(buttons.length - 1, to))].focus();
}
