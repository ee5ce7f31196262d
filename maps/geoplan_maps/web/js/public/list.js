/** The list beside (or under) the map: the answer first, then everything near, in step with the map. */

import { announce, fill, h, keepFocus } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { t } from "../lib/i18n.js";
import { sayMinutes } from "../lib/geo.js";
import { answer, anyFilter, asked, entries } from "./state.js";
import { answerCard, listRow, nameOf } from "./entry.js";
import { failed, farNotice, noMatch, noStation, nothingOpen, outside, skeleton } from "./notices.js";

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
 * @property {() => void} clearOrigin walk from the middle of the map again
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
  const draw = () => keepFocus(box, redrawn);
  function redrawn() {
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
      found.slice(0, filled ? state.shown : FIRST_ROWS).map((entry) => listRow(entry, asked(state, state.filters), state.origin !== null)),
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

  let due = 0;
  function redraw() {
    due ||= requestAnimationFrame(() => {
      due = 0;
      draw();
    });
  }
  store.listen((now, before) => {
    const kept = [
      "stations",
      "filters",
      "origin",
      "outsideM",
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
  return `${t("list.nearest")} ${nameOf(first.station.about)}, ${sayMinutes(first.seconds)}. ${count}`;
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
  const { open, soon, reached, late } = answer(found, state.meta?.defaults.limit_s);
  const [first, ...others] = open;
  const parts = [head(state, act)];
  if (state.outsideM !== null) parts.push(outside(state.outsideM, state));
  if (!first) return [...parts, nothingOpen(late ? "list.noneOnArrival" : "list.noneOpen", soon, state, act)];
  if (!reached && state.walking !== "asking") parts.push(farNotice(soon, state, act));
  parts.push(answerCard(first, asked(state, state.filters), act));
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
                {
                  class: "next-button",
                  type: "button",
                  "data-key": `next-${entry.station.code}`,
                  onclick: () => act.open(entry.station.code),
                },
                h("span", { class: "next-name" }, nameOf(entry.station.about)),
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
 * What follows is the answer to, and where it walks from, with a way to take that back.
 *
 * @param {import("./state.js").PublicState} state
 * @param {ListActions} act
 * @returns {HTMLElement}
 */
function head(state, act) {
  const { origin } = state;
  const place = origin && (origin.kind === "centre" ? t("list.fromCentre") : origin.label);
  return h(
    "div",
    { class: "answer-head" },
    h("h2", null, t(state.filters.at ? "list.nearestThen" : "list.nearest")),
    h(
      "span",
      { class: "origin" },
      place ? h("span", { class: "muted small" }, t("list.from", { place })) : null,
      origin && origin.kind !== "centre"
        ? h(
            "button",
            {
              class: "clear-origin",
              type: "button",
              "data-key": "clear-origin",
              "aria-label": t("list.clearOrigin"),
              onclick: act.clearOrigin,
            },
            icon("close"),
          )
        : null,
    ),
  );
}

/**
 * Give the focus back to the entry of a station that was looked at, or to the list where it has none any more.
 *
 * @param {HTMLElement} box
 * @param {HTMLElement} otherwise
 * @param {string[]} keys of what may have it, the first that is there
 */
export function focusRow(box, otherwise, keys) {
  const rows = keys.map((key) => box.querySelector(`[data-key="${CSS.escape(key)}"]`));
  const row = /** @type {HTMLElement | undefined} */ (rows.find(Boolean));
  setTimeout(() => (row ?? otherwise).focus({ preventScroll: !row }));
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
