/** Bringing the desk's map in, and keeping it in step with the store. */

import { address, getJson } from "../lib/api.js";
import { byId, fill, h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { language, number, percent, t } from "../lib/i18n.js";
import { EMPTY, knowsWebGL, loadMapLibre } from "../lib/mapbase.js";
import { readPrefs, theme } from "../lib/prefs.js";
import { deskMap } from "./deskmap.js";
import { SLICES } from "../words/vocabulary.js";
import { figureOf, sliceShares } from "./desk.js";
import { mountSwipe } from "./swipe.js";
import { datedProjects } from "./years.js";
import { areaName } from "./areas.js";

/** @typedef {import("./desk.js").DeskState} DeskState */
/** @typedef {import("../lib/geo.js").LonLat} LonLat */

/**
 * @param {import("../lib/store.js").Store<DeskState>} store
 */
export async function beginDeskMap(store) {
  if (!knowsWebGL()) throw new Error(t("desk.noMap"));
  const box = byId("map");
  const maplibregl = await loadMapLibre(box.dataset.script ?? "", box.dataset.sheet ?? "").catch(() => {
    throw new Error(t("desk.noMap"));
  });
  const { meta } = store.get();
  const asked = (/** @type {HTMLElement} */ container) => ({
    container,
    theme: theme(readPrefs()),
    language: language(),
    centre: meta.centre,
    zoom: 9.4,
    bounds: meta.bbox,
    words: { "AttributionControl.ToggleAttribution": t("map.attribution"), "Map.Title": t("map.title") },
  });
  const card = byId("map-card");
  const hideCard = () => (card.hidden = true);
  /** @type {any} */
  let stations = EMPTY;

  const main = deskMap(maplibregl, asked(box), {
    area: (code) => store.set({ area: code }),
    site: (id) => store.set({ site: id, tab: "plan" }),
    gap: (gap) => showGap(card, gap, hideCard),
    station: (code, position) => void showStation(code, position),
  });
  main.map.fitBounds(meta.bbox, { padding: 24, duration: 0 });
  const swipe = mountSwipe(
    {
      side: /** @type {HTMLElement} */ (box.parentElement),
      after: byId("map-after"),
      handle: /** @type {HTMLInputElement} */ (byId("swipe")),
    },
    main.map,
    (container) => {
      const above = deskMap(
        maplibregl,
        { ...asked(container), centre: main.map.getCenter().toArray(), zoom: main.map.getZoom() },
        null,
      );
      paint(above, store.get(), true);
      return above;
    },
  );

  /** Fields of the demand tiles: one a slice where the service gives them. */
  const fields = await getJson("/v1/tiles/demand.json").then(
    (json) => Object.keys(json.vector_layers?.[0]?.fields ?? {}),
    () => ["covered"],
  );
  async function loadStations() {
    const found = await getJson("/v1/stations?limit=2000");
    stations = {
      ...found,
      features: found.features.map((/** @type {any} */ feature) => ({
        ...feature,
        properties: {
          station_code: feature.properties.station_code,
          name: feature.properties.name,
          counts: feature.properties.status === "operating",
        },
      })),
    };
    paint(main, store.get(), false);
  }

  /**
   * @param {ReturnType<typeof deskMap>} on
   * @param {DeskState} state
   * @param {boolean} after
   */
  function paint(on, state, after) {
    // The points of the demand tiles know today's stations only: beside the plan both halves show the districts' shares.
    const demand = state.layers.demand && !swipe.above() && !after;
    on.show({ ...state.layers, demand, plan: state.layers.plan && Boolean(state.plan) && (after || !swipe.above()) });
    const slice = state.question.slice;
    const field = slice ? `covered_${slice.replace("-", "_")}` : "covered";
    on.setDemandField(fields.includes(field) ? field : "covered");
    // side by side both halves answer the plan's question; alone, the map answers the yardstick's
    const shares = state.plan?.areas && (after || swipe.above()) ? planShares(state.plan, after) : areaShares(state);
    on.setShares(shares);
    on.put("plan", state.plan ? datedProjects(state.plan) : EMPTY);
    on.put("towns", state.level === "town" && state.tab === "coverage" && !swipe.above() ? townPoints(state) : EMPTY);
    on.put("stations", stations);
    on.put("gaps", state.layers.gaps ? ranked(state.gaps.value) : EMPTY);
    on.put("critical", state.layers.critical ? joined(state.critical.value, stations) : EMPTY);
    on.pointSite(state.site);
  }

  /** @param {string} code @param {LonLat} position */
  async function showStation(code, position) {
    const known = stations.features.find((/** @type {any} */ one) => one.properties.station_code === code);
    const critical = store.get().critical.value?.stations?.find((/** @type {any} */ one) => one.station_code === code);
    fill(
      card,
      closeButton(hideCard),
      h("h3", null, known?.properties.name ?? code),
      critical ? h("p", null, t("card.critical", { n: number(Math.round(critical.lost)) })) : null,
      h("p", { class: "small muted" }, t("card.service")),
      h("a", { href: `/#s=${encodeURIComponent(code)}`, target: "_blank" }, t("card.open")),
    );
    card.hidden = false;
    main.goTo(position, 12.5);
    try {
      const { question } = store.get();
      const limits = [question.limit_s / 3, (question.limit_s * 2) / 3, question.limit_s].join(",");
      const area = await getJson(
        address(`/v1/stations/${encodeURIComponent(code)}/service-area`, {
          limit_s: limits,
          profile: question.profile,
        }),
      );
      main.put("service", area);
      store.set({ layers: { ...store.get().layers, service: true } });
    } catch (error) {
      card.append(h("p", { class: "small" }, error instanceof Error ? error.message : String(error)));
    }
  }

  store.listen((now, before) => {
    const keys = ["layers", "coverage", "cube", "question", "gaps", "critical", "plan", "site", "level", "tab"];
    if (keys.some((key) => /** @type {any} */ (now)[key] !== /** @type {any} */ (before)[key])) {
      paint(main, now, false);
      if (swipe.above()) paint(swipe.above(), now, true);
    }
    if (now.area !== before.area) main.pointArea(now.area);
    if (now.site && now.site !== before.site) {
      const found = now.plan?.projects.features.find((/** @type {any} */ one) => one.properties.site_id === now.site);
      if (found) main.goTo(found.geometry.coordinates, 13);
    }
  });
  paint(main, store.get(), false);
  loadStations().catch(() => undefined); // the layer stays empty; the other figures do not need it

  return {
    reloadStations: () => void loadStations().catch(() => undefined),
    /** @param {{name: string, points: LonLat[]}[]} list the same rows under several readings */
    readings(list) {
      const features = list.flatMap(({ points }, reading) =>
        points.map((coordinates) => ({
          type: "Feature",
          properties: { reading },
          geometry: { type: "Point", coordinates },
        })),
      );
      main.put("readings", { type: "FeatureCollection", features });
      fill(
        card,
        closeButton(() => {
          hideCard();
          main.put("readings", EMPTY);
        }),
        h("h3", null, t("import.picture")),
        h(
          "ul",
          { class: "legend" },
          list.map(({ name, points }, reading) =>
            h("li", null, h("span", { class: `reading r${reading}` }), `${name} (${points.length})`),
          ),
        ),
        h("p", { class: "small muted" }, t("import.pictureAbout")),
      );
      card.hidden = false;
      const first = list[0]?.points[0];
      if (first) main.goTo(first, 15);
    },
    /** @param {any} plan */
    showPlan(plan) {
      if (plan.projects.features.length) store.set({ layers: { ...store.get().layers, plan: true } });
    },
    /** @param {boolean} on */
    swipe(on) {
      swipe.show(on);
      paint(main, store.get(), false);
    },
    /** @param {LonLat} position @param {string} words */
    pointAt(position, words) {
      main.goTo(position, 15);
      new maplibregl.Popup({ closeButton: true, offset: 12 }).setLngLat(position).setText(words).addTo(main.map);
    },
    /**
     * Let the planner drag a station to its right place.
     *
     * @param {string} code
     * @param {LonLat} position
     * @param {(to: LonLat) => void} done
     */
    move(code, position, done) {
      main.goTo(position, 16);
      const marker = new maplibregl.Marker({ draggable: true, color: "#c8102e" }).setLngLat(position).addTo(main.map);
      marker.getElement().setAttribute("aria-label", code);
      marker.on("dragend", () => {
        const { lng, lat } = marker.getLngLat();
        done([Number(lng.toFixed(6)), Number(lat.toFixed(6))]);
      });
      return () => marker.remove();
    },
    /** @param {"light" | "dark"} next @param {"zh" | "en"} words */
    restyle(next, words) {
      main.restyle(next, words);
      swipe.above()?.restyle(next, words);
    },
  };
}

/**
 * @param {DeskState} state
 * @returns {[string, number | null][]}
 */
function areaShares(state) {
  const { cube, coverage, question } = state;
  const slice = SLICES.indexOf(question.slice);
  if (slice >= 0 && cube.value && coverage.state !== "ready") {
    const shares = sliceShares(cube.value); // at once, until the exact answer is there
    return cube.value.axes.area
      .filter((/** @type {any} */ area) => area.level === "district" && (!question.area || area.area_code === question.area))
      .map((/** @type {any} */ area) => [area.area_code, shares.get(area.area_code)?.[slice] ?? null]);
  }
  return (coverage.value?.areas ?? [])
    .filter((/** @type {any} */ area) => area.level === "district")
    .map((/** @type {any} */ area) => [area.area_code, figureOf(area, "network", Boolean(question.slice)).share]);
}

/**
 * The towns of the table at their places, with what is covered: towns have no outlines.
 *
 * @param {DeskState} state
 * @returns {any} GeoJSON
 */
function townPoints({ coverage, question, meta }) {
  const share = new Map(
    (coverage.value?.areas ?? [])
      .filter((/** @type {any} */ area) => area.level === "town" && area.demand > 0)
      .map((/** @type {any} */ area) => [area.area_code, figureOf(area, "network", Boolean(question.slice)).share]),
  );
  return {
    type: "FeatureCollection",
    features: meta.towns
      .filter((/** @type {any} */ town) => Number.isFinite(share.get(town.code)))
      .map((/** @type {any} */ town) => ({
        type: "Feature",
        geometry: { type: "Point", coordinates: [town.lon, town.lat] },
        properties: { code: town.code, share: share.get(town.code), label: `${areaName(town.code, town.name)} ${percent(share.get(town.code), 0)}` },
      })),
  };
}

/**
 * @param {any} plan
 * @param {boolean} after
 * @returns {[string, number | null][]}
 */
function planShares(plan, after) {
  return plan.areas
    .filter((/** @type {any} */ area) => area.level === "district")
    .map((/** @type {any} */ area) => [area.area_code, after ? area.after : area.before]);
}

/** @param {any} gaps */
function ranked(gaps) {
  if (!gaps) return EMPTY;
  return {
    ...gaps,
    features: gaps.features.map((/** @type {any} */ one, /** @type {number} */ i) => ({
      ...one,
      properties: { ...one.properties, rank: one.properties.rank ?? i + 1 },
    })),
  };
}

/**
 * @param {any} critical
 * @param {any} stations
 */
function joined(critical, stations) {
  if (!critical) return EMPTY;
  const places = new Map(
    stations.features.map((/** @type {any} */ one) => [one.properties.station_code, one.geometry]),
  );
  return {
    type: "FeatureCollection",
    features: critical.stations
      .filter((/** @type {any} */ one) => one.lost > 0 && places.has(one.station_code))
      .map((/** @type {any} */ one) => ({
        type: "Feature",
        geometry: places.get(one.station_code),
        properties: { station_code: one.station_code, name: one.name, lost: one.lost },
      })),
  };
}

/**
 * @param {HTMLElement} card
 * @param {any} gap
 * @param {() => void} hide
 */
function showGap(card, gap, hide) {
  fill(
    card,
    closeButton(hide),
    h("h3", null, t("card.gap", { rank: gap.rank })),
    h("p", null, gap.name ?? ""),
    h("p", null, t("card.gapCounted", { n: number(Math.round(gap.worker_hours)) })),
  );
  card.hidden = false;
}

/** @param {() => void} hide */
function closeButton(hide) {
  return h(
    "button",
    {
      class: "button plain small icon-only",
      style: "justify-self:end;margin:-4px -8px -36px 0",
      type: "button",
      "aria-label": t("action.close"),
      onclick: hide,
    },
    icon("close"),
  );
}
