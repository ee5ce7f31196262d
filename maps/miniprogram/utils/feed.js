// Reading the service's mini-program feed. Pure functions, so that they can be run without WeChat.

const { stateIn } = require("./timetable.js");

const REACH_M = 1080; // fifteen minutes at 1.2 m/s
const SOON_MS = 30 * 60000; // the phone page's 快关门

/** Bits of facility codes, in the order that the feed names them. */
function bitsOf(facilities, codes) {
  return codes.reduce((bits, code) => {
    const at = facilities.indexOf(code);
    return at < 0 ? bits : bits | (1 << at);
  }, 0);
}

/** Stations that meet the filters. */
function choose(stations, facilities, filters) {
  const bits = bitsOf(facilities, filters.facilities);
  return stations.filter(
    (one) => (!filters.open || one.open === true) && (!filters.h24 || one.h24) && (one.facility_bits & bits) === bits,
  );
}

/** Metres as the crow flies between two GCJ-02 positions: both carry nearly the same shift. */
function metres(a, b) {
  const rad = Math.PI / 180;
  const x = (b.longitude - a.longitude) * rad * Math.cos(((a.latitude + b.latitude) / 2) * rad);
  const y = (b.latitude - a.latitude) * rad;
  return 6371008.8 * Math.hypot(x, y);
}

/** The stations by distance, each with its words. */
function near(stations, origin) {
  return stations
    .map((one) => ({ ...one, metres: origin ? Math.round(metres(origin, one)) : null, said: say(one) }))
    .sort((a, b) => (a.metres === null ? 0 : a.metres - b.metres));
}

/** The stations as they are at an instant, worked out from the feed's own days: right without a network too. */
function openAt(feed, now) {
  return feed.stations.map((one) => {
    if (!feed.hours || one.timetable === undefined || one.timetable === null) return one;
    const { kind, changes } = stateIn(feed.hours, one.timetable, now);
    const open = kind === "unknown" ? null : kind === "open";
    const soon = open && changes !== null && changes - now < SOON_MS;
    return { ...one, open, soon, changes: changes && cityTime(feed.hours, changes, now) };
  });
}

/** 「今天 08:00」, on the city's clock. */
function cityTime(hours, when, now) {
  const [[, east]] = hours.offsets.slice(-1);
  const local = (date) => new Date(date.getTime() + east * 60000).toISOString();
  const days = Math.round((Date.parse(local(when).slice(0, 10)) - Date.parse(local(now).slice(0, 10))) / 864e5);
  const day = days === 0 ? "今天" : days === 1 ? "明天" : local(when).slice(5, 10);
  return { day, time: local(when).slice(11, 16) };
}

/** The same words as on the phone page. */
function say(one) {
  if (one.open === null || one.open === undefined) return "开门时间待核实";
  if (one.open && one.h24) return "24 小时开门";
  if (one.open && one.soon) return `快关门：${one.changes.time} 关`;
  if (one.open) return one.changes ? `开到 ${one.changes.time}` : "现在开门";
  return one.changes ? `已关门，${one.changes.day} ${one.changes.time} 开` : "已关门";
}

/** What the page has, with a delta of the feed put over it. */
function merged(held, answer) {
  if (answer.full || !held) return answer;
  const gone = new Set([...answer.removed, ...answer.stations.map((one) => one.id)]);
  const keep = (list) => list.filter((one) => !gone.has(one.id));
  return {
    ...answer,
    stations: [...keep(held.stations), ...answer.stations],
    markers: [...keep(held.markers), ...answer.markers],
  };
}

/** Markers in parts: one setData carries at most a megabyte, and WeChat draws a few hundred at a time well. */
function parts(list, size) {
  const out = [];
  for (let i = 0; i < list.length; i += size) out.push(list.slice(i, i + size));
  return out;
}

module.exports = { REACH_M, bitsOf, choose, openAt, metres, near, say, merged, parts };
