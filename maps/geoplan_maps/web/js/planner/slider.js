/** The slices of the day under the map: choose one, or let the day pass. */

import { fill, h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { percent, t } from "../lib/i18n.js";
import { SLICES } from "../words/vocabulary.js";
import { sliceShares } from "./desk.js";
import { shade } from "./charts.js";

const PAUSE_MS = 1600;

/**
 * @param {HTMLElement} box
 * @param {import("../lib/store.js").Store<import("./desk.js").DeskState>} store
 */
export function mountSlider(box, store) {
  /** @type {ReturnType<typeof setInterval> | null} */
  let playing = null;

  /** @param {string} slice */
  const choose = (slice) => store.set({ question: { ...store.get().question, slice } });

  const stop = () => {
    if (playing) clearInterval(playing);
    playing = null;
    draw();
  };
  const play = () => {
    if (playing) return stop();
    playing = setInterval(() => {
      const { slice } = store.get().question;
      choose(SLICES[(SLICES.indexOf(slice) + 1) % SLICES.length]);
    }, PAUSE_MS);
    draw();
  };

  function draw() {
    const { question, cube } = store.get();
    const city = cube.value ? sliceShares(cube.value).get(question.area || "city") : null;
    const focused = /** @type {HTMLElement} */ (document.activeElement)?.dataset?.slice;
    fill(
      box,
      h(
        "button",
        {
          class: "button small icon-only plain",
          type: "button",
          "data-slice": "play",
          "aria-label": t(playing ? "slider.stop" : "slider.play"),
          onclick: play,
        },
        icon(playing ? "pause" : "play"),
      ),
      h(
        "div",
        { class: "slices", role: "radiogroup", "aria-label": t("term.slice") },
        ["", ...SLICES].map((slice, i) =>
          h(
            "button",
            {
              type: "button",
              role: "radio",
              class: "slice",
              "data-slice": slice || "any",
              "aria-checked": String(question.slice === slice),
              onclick: () => choose(slice),
            },
            h("span", null, slice ? slice.replace("-", "–") : t("slice.any")),
            slice && city
              ? h("span", {
                  class: "slice-bar",
                  style: `background:${shade(city[i - 1])}`,
                  title: percent(city[i - 1], 0),
                })
              : null,
          ),
        ),
      ),
    );
    if (focused) /** @type {HTMLElement | null} */ (box.querySelector(`[data-slice="${focused}"]`))?.focus();
  }

  box.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = ["", ...SLICES];
    const next = all[(all.indexOf(store.get().question.slice) + step + all.length) % all.length];
    choose(next);
    /** @type {HTMLElement | null} */ (box.querySelector(`[data-slice="${next || "any"}"]`))?.focus();
  });
  store.listen((now, before) => {
    if (now.question !== before.question || now.cube !== before.cube) draw();
  });
  draw();
  return { draw, stop };
}
