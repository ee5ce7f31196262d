/** One station in full: whether it is open, how to get in, what is there, and what can be done. */

import { fill, h } from "../lib/dom.js";
import { factsOf } from "../lib/fields.js";
import { icon } from "../lib/icons.js";
import { listed, t, term } from "../lib/i18n.js";
import { facilityList, nameOf, sign, stateWords, walkWords } from "./entry.js";
import { weekIn } from "../lib/timetable.js";
import { weekTable } from "./hours.js";
import { asked, entryOf } from "./state.js";

/** @typedef {import("./state.js").Station} Station */
/** @typedef {import("./state.js").PublicState} PublicState */

/**
 * @typedef {object} DetailActions
 * @property {() => void} back
 * @property {(station: Station) => void} navigate
 * @property {(station: Station) => void} share
 * @property {(station: Station) => void} report
 * @property {(station: Station) => Promise<boolean>} area show or hide the service area; tells whether it is shown
 */

/**
 * @param {HTMLElement} box
 * @param {Station} station
 * @param {PublicState} state
 * @param {DetailActions} act
 */
export function drawDetail(box, station, state, act) {
  const { about } = station;
  const entry = entryOf(station, state);
  const open = entry.state;
  const name = nameOf(about);
  const heading = h("h2", { class: "detail-name", tabindex: "-1" }, name);
  const area = h(
    "button",
    { class: "button small", type: "button", "aria-pressed": "false" },
    icon("walk"),
    t("detail.area"),
  );
  area.addEventListener("click", async () => {
    area.disabled = true;
    try {
      area.setAttribute("aria-pressed", String(await act.area(station)));
    } finally {
      area.disabled = false;
    }
  });
  fill(
    box,
    h(
      "div",
      { class: "detail-top" },
      h(
        "button",
        { class: "button plain icon-only", type: "button", "aria-label": t("action.back"), onclick: act.back },
        icon("back"),
      ),
      heading,
    ),
    h(
      "div",
      { class: "detail-body" },
      name === about.name ? null : h("p", { class: "muted", lang: "zh-CN" }, about.name),
      h("p", { class: "detail-state" }, sign(open, about.h24), stateWords(entry, asked(state, state.filters))),
      walkLine(station, state),
      h(
        "div",
        { class: "detail-actions" },
        h(
          "button",
          { class: "button main", type: "button", onclick: () => act.navigate(station) },
          icon("navigate"),
          t("action.navigate"),
        ),
        h(
          "button",
          { class: "button", type: "button", onclick: () => act.share(station) },
          icon("share"),
          t("action.share"),
        ),
        h(
          "button",
          { class: "button", type: "button", onclick: () => act.report(station) },
          icon("flag"),
          t("action.report"),
        ),
      ),
      photo(about),
      section("access", t("detail.enter"), enter(about)),
      section("hours", t("detail.hours"), ...weekOf(station, state.now)),
      about.facilities?.length ? section("facilities", t("detail.facilities"), facilityList(about.facilities)) : null,
      about.services?.length
        ? section(
            "services",
            t("detail.services"),
            h("p", null, listed(about.services)),
          )
        : null,
      section("place", t("detail.place"), place(about), area),
      section("about", t("detail.about"), facts(about)),
    ),
  );
  return heading;
}

/**
 * @param {Station} station
 * @param {PublicState} state
 */
export function walkLine(station, state) {
  const line = h("p", { class: "detail-walk" });
  if (state.origin) line.append(icon("walk"), walkWords(entryOf(station, state), true));
  if (state.origin)
    line.append(
      h(
        "span",
        { class: "muted small" },
        t("list.from", { place: state.origin.kind === "centre" ? t("list.fromCentre") : state.origin.label }),
      ),
    );
  return line;
}

/**
 * @param {string} name
 * @param {string} title
 * @param {...(Node | null)} body
 */
function section(name, title, ...body) {
  return h("section", { class: "detail-section", "data-section": name }, h("h3", null, title), body);
}

/** @param {Record<string, any>} about */
function photo(about) {
  if (!about.photo) return null;
  return h(
    "figure",
    { class: "photo" },
    h("img", { src: about.photo, alt: t("detail.photo", { name: about.name }), loading: "lazy" }),
  );
}

/** @param {Record<string, any>} about */
function enter(about) {
  const signs = /** @type {Record<string, string>} */ ({ open: "door", scan: "scan", register: "register" });
  return h(
    "div",
    { class: "stack tight" },
    about.access
      ? h("p", { class: "with-icon" }, icon(signs[about.access] ?? "door"), term("access", about.access))
      : null,
    about.entrance_note ? h("p", { class: "with-icon" }, icon("pin"), about.entrance_note) : null,
    !about.access && !about.entrance_note ? h("p", { class: "muted" }, t("detail.enterUnknown")) : null,
  );
}

/** @param {Record<string, any>} about */
function place(about) {
  return h(
    "div",
    { class: "stack tight" },
    h("p", null, about.address || [about.district, about.town].filter(Boolean).join(" ") || t("detail.addressUnknown")),
    about.host_name ? h("p", { class: "muted small" }, t("detail.host", { name: about.host_name })) : null,
    about.public_phone ? h("p", null, h("a", { href: `tel:${about.public_phone}` }, about.public_phone)) : null,
  );
}

/** Fields that stand elsewhere on the sheet, or tell a passer-by nothing. */
const SAID = [
  ...["name", "brand", "address", "district", "district_code", "town", "town_code", "host_name", "public_phone"],
  ...["status", "opening_hours", "access", "entrance_note", "facilities", "services", "photo", "origin", "verified_on"],
  ...["lon", "lat", "source_crs", "position_state", "located_by"],
];

/** @param {Record<string, any>} about */
function facts(about) {
  const rows = [
    [
      t("field.verified_on"),
      about.verified_on
        ? t("detail.verifiedBy", { date: about.verified_on, by: about.union_unit ?? "" })
        : t("detail.notVerified"),
    ],
    ...factsOf(about, SAID),
    [t("field.origin"), about.origin === "demonstration" ? t("banner.demonstration") : ""],
  ];
  return h(
    "dl",
    { class: "facts" },
    rows
      .filter(([, value]) => value)
      .map(([name, value]) => [h("dt", null, name), h("dd", null, value)])
      .flat(),
  );
}

/**
 * The week worked out on the phone, or the hours as they were written where nobody understood them.
 *
 * @param {Station} station
 * @param {Date} now
 * @returns {Node[]}
 */
function weekOf({ about, hours }, now) {
  const week = hours && about.hours_understood ? weekIn(hours, about.timetable, now) : [];
  if (week.length) return [weekTable(week, now)];
  const written = about.opening_hours;
  return [
    h("p", null, written || t("detail.hoursUnknown")),
    h("p", { class: "small muted" }, written ? t("detail.hoursAsWritten") : ""),
  ];
}
