/** What the public map knows at a moment, and the pure functions that read it. */

import { distanceM, guessWalkS } from "../lib/geo.js";
import { cityInstant, stateAt } from "../lib/clock.js";

/** @typedef {import("../lib/geo.js").LonLat} LonLat */

/**
 * @typedef {object} Station one entry of the feed
 * @property {string} code
 * @property {LonLat} position
 * @property {Record<string, any>} about
 * @property {import("../lib/timetable.js").Timetable | null} hours of all stations; `about.timetable` is its row
 */

/**
 * @typedef {object} Filters
 * @property {boolean} open only stations open at the chosen time
 * @property {boolean} h24
 * @property {string[]} facilities codes that must all be there
 * @property {string} trade
 * @property {string} kind
 * @property {string} at ISO time on the city's clock; empty means now
 */

/**
 * @typedef {object} Origin where walking starts
 * @property {"gps" | "place" | "centre"} kind
 * @property {LonLat} position what is sent: rounded for a phone's own position
 * @property {LonLat} shown where the mark is drawn
 * @property {string} label
 * @property {number} [accuracyM] radius within which the phone thinks that it is
 */

/**
 * @typedef {object} Walk what the service said about the way to a station
 * @property {number} seconds
 * @property {number} metres
 * @property {LonLat[]} route
 */

/**
 * @typedef {object} PublicState
 * @property {any} meta
 * @property {Station[]} stations
 * @property {Date | null} fed when the feed was made
 * @property {boolean} stale whether the feed comes from the phone's own store
 * @property {"loading" | "ready" | "failed"} feed
 * @property {string} failure sentence for a feed that did not come
 * @property {Filters} filters
 * @property {Origin | null} origin
 * @property {Map<string, Walk>} walks by station code, for the present origin
 * @property {"idle" | "asking" | "known" | "failed"} walking
 * @property {string | null} selected
 * @property {string | null} hovered
 * @property {number} shown how many entries the list shows
 * @property {boolean} online
 * @property {boolean} moved whether the map was moved away from the origin by hand
 * @property {number | null} outsideM metres to the nearest station from a position outside the city
 * @property {boolean} slow whether the reader walks slowly (elder view)
 * @property {Date} now
 */

/** @type {Filters} */
export const NO_FILTERS = { open: false, h24: false, facilities: [], trade: "", kind: "", at: "" };

/** Whoever gets there wants to stay this long: a station that closes sooner is not an answer. */
export const STAY_MS = 10 * 60000;

/** A position known no better than this makes every time and distance a rough one. */
export const ROUGH_M = 150;

/**
 * @typedef {object} Entry a station as the list shows it
 * @property {Station} station
 * @property {import("../lib/clock.js").OpenState} state
 * @property {"open" | "short" | "shut" | "unknown"} there on arrival: open long enough, closing within minutes, shut
 * @property {number} metres
 * @property {number} seconds
 * @property {boolean} known whether the time comes from the street network and from a place known well enough
 */

/**
 * The instant that the reader asks about.
 *
 * @param {Pick<PublicState, "now">} state
 * @param {Filters} filters
 * @returns {Date}
 */
export function asked({ now }, filters) {
  return filters.at ? cityInstant(filters.at) : now;
}

/**
 * @param {Station} station
 * @param {PublicState} state
 * @param {Filters} [filters]
 * @returns {import("../lib/clock.js").OpenState}
 */
export function openState(station, state, filters = state.filters) {
  return stateAt(station.about, station.hours, asked(state, filters));
}

/**
 * How a reader who sets out at an instant finds a station.
 *
 * @param {Station} station
 * @param {Date} from
 * @param {number} seconds of walking
 * @returns {Entry["there"]}
 */
export function onArrival(station, from, seconds) {
  const arrival = new Date(from.getTime() + seconds * 1000);
  const { kind, changes } = stateAt(station.about, station.hours, arrival);
  if (kind === "open") return changes && Number(changes) - Number(arrival) < STAY_MS ? "short" : "open";
  return kind === "unknown" ? "unknown" : "shut";
}

/**
 * @param {Station} station
 * @param {Filters} filters
 * @param {PublicState} state
 * @returns {boolean}
 */
export function matches(station, filters, state) {
  const about = station.about;
  if (filters.h24 && !about.h24) return false;
  if (filters.kind && about.station_kind !== filters.kind) return false;
  if (filters.trade && about.worker_groups?.length && !about.worker_groups.includes(filters.trade)) return false;
  if (!filters.facilities.every((code) => about.facilities?.includes(code))) return false;
  return !filters.open || openState(station, state, filters).kind === "open";
}

/** What the entries follow from. @type {(keyof PublicState)[]} */
const READ = ["stations", "filters", "origin", "walks", "slow", "now"];

/** The latest entries: list, map and route ask for the same ones. @type {{of: PublicState, found: Entry[]} | null} */
let latest = null;

/**
 * Stations that meet the filters, nearest first where there is an origin.
 *
 * @param {PublicState} state
 * @returns {readonly Entry[]}
 */
export function entries(state) {
  const known = latest;
  if (!known || READ.some((key) => known.of[key] !== state[key])) latest = { of: state, found: sorted(state) };
  return /** @type {{found: Entry[]}} */ (latest).found;
}

/**
 * @param {PublicState} state
 * @returns {Entry[]}
 */
function sorted(state) {
  const found = state.stations
    .filter((station) => matches(station, state.filters, state))
    .map((station) => entryOf(station, state));
  return found.sort((a, b) => a.seconds - b.seconds);
}

/**
 * A station as seen from the origin.
 *
 * @param {Station} station
 * @param {PublicState} state
 * @returns {Entry}
 */
export function entryOf(station, state) {
  const { origin } = state;
  const walk = state.walks.get(station.code);
  const metres = walk?.metres ?? (origin ? distanceM(origin.position, station.position) : 0);
  const seconds = walk?.seconds ?? guessWalkS(metres, state.slow);
  const there = onArrival(station, asked(state, state.filters), seconds);
  const known = Boolean(walk) && (origin?.accuracyM ?? 0) <= ROUGH_M;
  return { station, state: openState(station, state), there, metres, seconds, known };
}

/**
 * @typedef {object} Answer
 * @property {Entry[]} open stations that are open when one gets there, nearest first; those about to close come last
 * @property {Entry | null} soon nearest within reach that opens next
 * @property {boolean} reached whether the first open one is within the standard's reach
 * @property {boolean} late whether some are open now, but none when one gets there
 */

/**
 * The answer that comes first: the nearest stations that are open on arrival and ten minutes after.
 *
 * @param {readonly Entry[]} list
 * @param {number} [reachS] how far the city's standard reaches, seconds; nothing is beyond it until that is known
 * @returns {Answer}
 */
export function answer(list, reachS = Infinity) {
  const usable = list.filter((entry) => entry.there === "open");
  const open = [...usable, ...list.filter((entry) => entry.there === "short")].slice(0, 3);
  const soon = list
    .filter((entry) => entry.there === "shut" && entry.state.kind === "closed" && entry.state.changes)
    .filter((entry) => entry.seconds <= reachS)
    .sort((a, b) => Number(a.state.changes) - Number(b.state.changes))[0];
  return {
    open,
    soon: soon ?? null,
    reached: open.length > 0 && open[0].seconds <= reachS,
    late: !open.length && list.some((entry) => entry.state.kind === "open"),
  };
}

/**
 * @typedef {object} Drop a filter that could be given up
 * @property {string} key
 * @property {Filters} filters
 * @property {number} count stations left without it
 */

/**
 * Which single filter to give up when nothing matches, the most helpful first.
 *
 * @param {PublicState} state
 * @returns {Drop[]}
 */
export function drops(state) {
  const f = state.filters;
  /** @type {{key: string, filters: Filters}[]} */
  const tries = [];
  if (f.open) tries.push({ key: "open", filters: { ...f, open: false } });
  if (f.h24) tries.push({ key: "h24", filters: { ...f, h24: false } });
  if (f.trade) tries.push({ key: `trade.${f.trade}`, filters: { ...f, trade: "" } });
  if (f.kind) tries.push({ key: `station_kind.${f.kind}`, filters: { ...f, kind: "" } });
  for (const code of f.facilities) {
    tries.push({
      key: `facility.${code}`,
      filters: { ...f, facilities: f.facilities.filter((other) => other !== code) },
    });
  }
  return tries
    .map((one) => ({ ...one, count: state.stations.filter((s) => matches(s, one.filters, state)).length }))
    .filter((one) => one.count > 0)
    .sort((a, b) => b.count - a.count);
}

/**
 * @param {Filters} filters
 * @returns {boolean}
 */
export function anyFilter(filters) {
  return filters.open || filters.h24 || Boolean(filters.trade || filters.kind || filters.facilities.length);
}
