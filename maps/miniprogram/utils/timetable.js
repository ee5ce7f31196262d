/**
 * Open or closed at an instant, from hours that the service worked out day by day: holidays, make-up workdays, seasons
 * and nights over midnight are in the data, so a phone needs its clock only. No imports: the mini-program has a copy.
 */

/**
 * @typedef {object} Timetable as the feed carries it
 * @property {string} zone
 * @property {string} from first day, ISO
 * @property {[number, number][]} offsets from an instant (seconds since 1970) on, minutes east of UTC
 * @property {[number, number, number][][]} programmes distinct days: [start, end, state], minutes after midnight
 * @property {number[][]} days for each wording, the number of the programme of each day
 */

const DAY = 1440;
const CLOSED = 0;
const OPEN = 1;
const UNKNOWN = 2;
/** How far ahead a change is told: a weekday's name says no more than a week. */
const DAYS_TOLD = 8;

/**
 * @param {Timetable} table
 * @param {number} ms since 1970
 * @returns {number} minutes since midnight of the first day, on the city's clock
 */
function localMinute(table, ms) {
  return Math.floor((ms - Date.parse(`${table.from}T00:00:00Z`)) / 60000 + eastAt(table, ms));
}

/**
 * @param {Timetable} table
 * @param {number} ms
 * @returns {number} minutes east of UTC
 */
function eastAt(table, ms) {
  let east = table.offsets[0][1];
  for (const [seconds, minutes] of table.offsets) if (ms >= seconds * 1000) east = minutes;
  return east;
}

/**
 * @param {Timetable} table
 * @param {number} minute as `localMinute` counts
 * @returns {Date}
 */
function instant(table, minute) {
  const flat = Date.parse(`${table.from}T00:00:00Z`) + minute * 60000;
  return new Date(flat - eastAt(table, flat - eastAt(table, flat) * 60000) * 60000);
}

/**
 * State at a minute and the minute from which another may hold.
 *
 * @param {Timetable} table
 * @param {number} row
 * @param {number} minute
 * @returns {[number, number]}
 */
function piece(table, row, minute) {
  const day = Math.floor(minute / DAY);
  const programme = table.programmes[(table.days[row] ?? [])[day]];
  const midnight = day * DAY;
  if (!programme) return [UNKNOWN, midnight + DAY];
  for (const [start, end, state] of programme) {
    if (minute < midnight + start) return [CLOSED, midnight + start];
    if (minute < midnight + end) return [state, midnight + end];
  }
  return [CLOSED, midnight + DAY];
}

/**
 * State of a wording at an instant, and when it closes or opens.
 *
 * @param {Timetable} table
 * @param {number} row of `table.days`
 * @param {Date} now
 * @returns {{kind: "open" | "closed" | "unknown", changes: Date | null}} unknown before the first and after the last day
 */
function stateIn(table, row, now) {
  const minute = localMinute(table, now.getTime());
  const [state] = piece(table, row, minute);
  if (state === UNKNOWN) return { kind: "unknown", changes: null };
  const horizon = (Math.floor(minute / DAY) + DAYS_TOLD) * DAY;
  let [here, at] = [state, minute];
  while (at < horizon) {
    const [next, end] = piece(table, row, at);
    here = next;
    if (state === OPEN ? here !== OPEN : here === OPEN) break;
    at = end;
  }
  const changes = at < horizon ? instant(table, at) : null;
  return { kind: state === OPEN ? "open" : "closed", changes };
}

/**
 * The week from a day on, as the service's own `week` of a station.
 *
 * @param {Timetable} table
 * @param {number} row
 * @param {Date} now
 * @returns {{date: string, weekday: number, spans: [string, string][], unknown: boolean}[]} days that are known, at most seven
 */
function weekIn(table, row, now) {
  const today = Math.floor(localMinute(table, now.getTime()) / DAY);
  const days = [];
  for (let day = today; day < today + 7; day++) {
    const programme = table.programmes[(table.days[row] ?? [])[day]];
    if (!programme) break;
    const date = new Date(Date.parse(`${table.from}T00:00:00Z`) + day * 864e5);
    const open = programme.filter(([, , state]) => state === OPEN);
    days.push({
      date: date.toISOString().slice(0, 10),
      weekday: date.getUTCDay() || 7,
      spans: open.map(([start, end]) => /** @type {[string, string]} */ ([clock(start), clock(end)])),
      unknown: programme.some(([, , state]) => state === UNKNOWN),
    });
  }
  return days;
}

/** @param {number} minute @returns {string} HH:MM; the end of a day is 24:00 */
function clock(minute) {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

module.exports = { localMinute, stateIn, weekIn };
