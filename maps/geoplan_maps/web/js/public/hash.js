/** The address bar: what is looked at can be shared and found again. A phone's own position is never written there. */

import { NO_FILTERS } from "./state.js";

/** @typedef {import("./state.js").PublicState} PublicState */

/**
 * @typedef {object} Link
 * @property {string | null} station
 * @property {import("./state.js").Filters} filters
 * @property {import("./state.js").Origin | null} origin a place that was searched
 * @property {string | null} ticket number of a report to look up; empty asks for it
 */

/**
 * @param {string} hash
 * @returns {Link}
 */
export function readHash(hash) {
  const query = new URLSearchParams(hash.replace(/^#/, ""));
  const place = (query.get("o") ?? "").split(",");
  const position = /** @type {[number, number]} */ ([Number(place[0]), Number(place[1])]);
  const there = place.length >= 2 && place[0] !== "" && position.every(Number.isFinite);
  const at = query.get("at") ?? "";
  return {
    station: query.get("s"),
    ticket: query.get("r"),
    filters: {
      ...NO_FILTERS,
      open: query.get("open") === "1",
      h24: query.get("h24") === "1",
      facilities: (query.get("f") ?? "").split(",").filter((code) => /^[a-z_]+$/.test(code)),
      trade: query.get("trade") ?? "",
      kind: query.get("kind") ?? "",
      at: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(at) ? at : "",
    },
    origin: there ? { kind: "place", position, shown: position, label: place.slice(2).join(",") } : null,
  };
}

/**
 * @param {Pick<PublicState, "selected" | "filters" | "origin">} state
 * @returns {string}
 */
export function writeHash(state) {
  const { filters, origin } = state;
  const query = new URLSearchParams();
  if (state.selected) query.set("s", state.selected);
  if (filters.open) query.set("open", "1");
  if (filters.h24) query.set("h24", "1");
  if (filters.facilities.length) query.set("f", filters.facilities.join(","));
  if (filters.trade) query.set("trade", filters.trade);
  if (filters.kind) query.set("kind", filters.kind);
  if (filters.at) query.set("at", filters.at);
  if (origin?.kind === "place") {
    query.set("o", `${origin.position[0].toFixed(5)},${origin.position[1].toFixed(5)},${origin.label}`);
  }
  const text = query.toString();
  return text ? `#${text}` : "";
}
