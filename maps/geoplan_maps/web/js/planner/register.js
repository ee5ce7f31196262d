/** The register's tab: import, what waits for a person, stations, history, and which stations to visit first. */

import { fill, h } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { mountImport } from "./importwizard.js";
import { drawHistory } from "./historylist.js";
import { drawInspection } from "./inspection.js";
import { drawReview } from "./review.js";
import { drawStations } from "./stationlist.js";

/** @typedef {import("../lib/geo.js").LonLat} LonLat */

/**
 * @typedef {object} RegisterActions
 * @property {(position: LonLat, words: string) => void} goTo show a place on the map
 * @property {(code: string, position: LonLat, done: (to: LonLat) => void) => (() => void) | undefined} move let a station be dragged
 * @property {(readings: {name: string, points: LonLat[]}[]) => void} readings show the same rows under several readings
 * @property {() => void} changed the register has changed
 */

const VIEWS = ["import", "review", "stations", "history", "inspection"];

/**
 * @param {HTMLElement} box
 * @param {import("../lib/store.js").Store<import("./desk.js").DeskState>} store
 * @param {RegisterActions} act
 */
export function mountRegister(box, store, act) {
  let view = "import";
  const body = h("div", { class: "tab-section" });
  const tabs = h("div", { class: "segments scroll", role: "group" });
  box.append(h("h2", { class: "ask", id: "register-title" }), tabs, body);

  const show = () => {
    /** @type {HTMLElement} */ (box.querySelector("#register-title")).textContent = t("register.title");
    tabs.setAttribute("aria-label", t("register.title"));
    fill(
      tabs,
      VIEWS.map((name) =>
        h(
          "button",
          {
            type: "button",
            "data-view": name,
            "aria-pressed": String(name === view),
            onclick: () => {
              view = name;
              show();
            },
          },
          t(`register.${name}`),
        ),
      ),
    );
    const draw = {
      import: mountImport,
      review: drawReview,
      stations: drawStations,
      history: drawHistory,
      inspection: drawInspection,
    }[view];
    fill(body);
    draw?.(body, store, act);
  };
  store.listen((now, before) => {
    if (now.tab === "register" && before.tab !== "register") show();
  });
  return { draw: () => store.get().tab === "register" && show(), show };
}
