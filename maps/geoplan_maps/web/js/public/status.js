/** The strips above the map: demonstration data, offline with the age of the data, and passing sentences. */

import { fill, h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { language, t } from "../lib/i18n.js";
import { sayAge } from "../lib/clock.js";

/** @typedef {import("../lib/store.js").Store<import("./state.js").PublicState>} Store */

/**
 * @param {HTMLElement} box
 * @param {Store} store
 */
export function mountStatus(box, store) {
  const draw = () => {
    const state = store.get();
    const banner = state.meta?.banner;
    const offline = !state.online || state.stale;
    fill(
      box,
      banner
        ? h(
            "p",
            { class: "strip demonstration" },
            language() === "zh" ? `${banner.zh} · Demonstration data` : banner.en,
          )
        : null,
      offline && state.fed
        ? h(
            "p",
            { class: "strip offline", role: "status" },
            icon("offline"),
            t("status.offline", { age: sayAge(state.fed, state.now) }),
          )
        : null,
    );
  };
  store.listen((now, before) => {
    if (
      now.meta !== before.meta ||
      now.online !== before.online ||
      now.feed !== before.feed ||
      now.stale !== before.stale ||
      now.now !== before.now
    )
      draw();
  });
  return { draw };
}

/**
 * Show a sentence for a few seconds at the foot of the page.
 *
 * @param {string} sentence
 */
export function toast(sentence) {
  const note = h("p", { class: "toast", role: "status" }, sentence);
  document.body.append(note);
  setTimeout(() => note.remove(), 5000);
}
