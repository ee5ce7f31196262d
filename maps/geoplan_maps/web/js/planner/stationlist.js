/** Every station of the register: find one, and put it in its right place by dragging it on the map. */

import { getJson, postJson } from "../lib/api.js";
import { announce, debounce, fill, h } from "../lib/dom.js";
import { openDialog } from "../lib/dialog.js";
import { factsOf } from "../lib/fields.js";
import { icon } from "../lib/icons.js";
import { number, t, term } from "../lib/i18n.js";
import { failed, skeletonTable } from "./states.js";

/** @typedef {import("./register.js").RegisterActions} RegisterActions */

const MOST = 60;

/**
 * @param {HTMLElement} box
 * @param {import("../lib/store.js").Store<import("./desk.js").DeskState>} store
 * @param {RegisterActions} act
 */
export async function drawStations(box, store, act) {
  fill(box, skeletonTable());
  try {
    const { stations } = await getJson("/v1/register/stations");
    const field = h("input", { type: "search", "aria-label": t("stations.find"), placeholder: t("stations.find") });
    const list = h("div", { class: "cards" });
    const may = store.get().me?.role !== "viewer";
    // A card outlives the search: a search that ends while a station is being dragged must not drop its save button.
    /** @type {Map<string, HTMLElement>} */
    const cards = new Map();
    const cardOf = (/** @type {any} */ one) => {
      const made = cards.get(one.station_code) ?? card(one, may, act);
      cards.set(one.station_code, made);
      return made;
    };
    const draw = () => {
      const wanted = field.value.trim().toLowerCase();
      const found = stations.filter(
        (/** @type {any} */ one) =>
          !wanted || `${one.name} ${one.station_code} ${one.address ?? ""}`.toLowerCase().includes(wanted),
      );
      fill(
        list,
        h("p", { class: "small muted" }, t("stations.count", { n: number(found.length) })),
        found.slice(0, MOST).map(cardOf),
      );
    };
    field.addEventListener("input", debounce(draw, 150));
    fill(box, field, exports(), list);
    draw();
  } catch (error) {
    fill(
      box,
      failed(error instanceof Error ? error.message : String(error), () => void drawStations(box, store, act)),
    );
  }
}

function exports() {
  return h(
    "div",
    { class: "row" },
    h("a", { class: "button small", href: "/v1/stations.csv", download: "" }, icon("download"), t("stations.csv")),
    h(
      "a",
      { class: "button small", href: "/v1/stations?limit=2000", download: "stations.geojson" },
      icon("download"),
      "GeoJSON",
    ),
  );
}

/**
 * @param {any} station
 * @param {boolean} may
 * @param {RegisterActions} act
 */
function card(station, may, act) {
  const placed = station.lon !== null && station.lat !== null && station.lon !== undefined;
  const status = h("p", { class: "small", role: "status" });
  /** @type {(() => void) | undefined} */
  let stop;
  const move = h("button", { class: "button small", type: "button" }, icon("pin"), t("stations.move"));
  move.addEventListener("click", () => {
    stop?.();
    status.textContent = t("stations.drag");
    stop = act.move(station.station_code, [station.lon, station.lat], (to) => {
      const save = h(
        "button",
        { class: "button main small", type: "button" },
        t("stations.saveMove", { lon: to[0], lat: to[1] }),
      );
      save.addEventListener("click", async () => {
        save.disabled = true;
        try {
          const changed = await postJson(`/v1/register/stations/${station.id}`, {
            changes: { lon: to[0], lat: to[1], source_crs: "wgs84", located_by: "map" },
            reason: t("stations.moveReason"),
            expected_revision: station.revision,
          });
          Object.assign(station, changed);
          stop?.();
          act.changed();
          status.textContent = t("stations.moved");
          announce(t("stations.moved"));
        } catch (error) {
          fill(status, error instanceof Error ? error.message : String(error));
        }
      });
      fill(status, save);
    });
  });
  return h(
    "article",
    { class: "card", "data-station": station.station_code },
    h("h4", null, station.name),
    h(
      "p",
      { class: "small muted" },
      [station.station_code, term("station_class", station.station_class), station.address].filter(Boolean).join(" · "),
    ),
    h(
      "div",
      { class: "row" },
      placed
        ? h(
            "button",
            {
              class: "button small",
              type: "button",
              onclick: () => act.goTo([station.lon, station.lat], station.name),
            },
            icon("pin"),
            t("import.show"),
          )
        : h("span", { class: "tag needs_person" }, t("stations.unplaced")),
      placed && may ? move : null,
      h(
        "button",
        { class: "button small", type: "button", "data-record": station.station_code, onclick: () => openRecord(station) },
        icon("table"),
        t("stations.record"),
      ),
    ),
    status,
  );
}

/** @param {any} station the whole record, as far as this account may see it */
function openRecord(station) {
  const facts = factsOf(station).flatMap(([name, value]) => [h("dt", null, name), h("dd", null, value)]);
  openDialog(station.name, [h("dl", { class: "facts" }, facts)]);
}
