/** The plan's question, made from the service's declarations: a sentence, further conditions, and a table of districts. */

import { cityTime } from "../lib/clock.js";
import { fill, h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { percent, t } from "../lib/i18n.js";
import { areaName } from "./areas.js";
import { choice, controlOf } from "./controls.js";
import { figureOf } from "./desk.js";
import { fieldsOf, helpOf, kindOfModel, labelOf, meant, modelName, models, shown, unitOf } from "./questions.js";
import { figureTable } from "./table.js";
import { dayWords, yardWords } from "./yardstick.js";

/** @typedef {import("./questions.js").Field} Field */
/** @typedef {import("./questions.js").Draft} Draft */

/** How much: these stand in the sentence, the other fields below it. */
const MAIN = ["new_sites", "budget", "share", "hour_cost", "all_day_cost", "minute_cost"];
const BY_DISTRICT = ["shares", "bounds"];
const EVERYWHERE = "*"; // of a floor: the whole demand

/**
 * @typedef {object} Around
 * @property {any} meta
 * @property {import("./desk.js").Question} question the yardstick
 * @property {any} coverage the answer under the present yardstick, or null
 * @property {Set<string>} open parts of the form that are unfolded
 * @property {() => void} run
 * @property {() => void} changed asks for the form to be drawn again
 */

/**
 * @param {Draft} draft changed in place
 * @param {Around} around
 * @returns {HTMLFormElement}
 */
export function planForm(draft, around) {
  const fields = fieldsOf(draft.model);
  const said = draft.said[kindOfModel(draft.model)];
  const control = (/** @type {Field} */ field) =>
    controlOf(field, said[field.name], (value) => {
      if (value === undefined) delete said[field.name];
      else said[field.name] = value;
    });
  const own = (/** @type {Field} */ { name, kind }) => MAIN.includes(name) && kind !== "flag";
  const main = fields.filter(own);
  const tabled = fields.filter(({ kind }) => BY_DISTRICT.includes(kind));
  const rest = fields.filter((field) => !main.includes(field) && !tabled.includes(field));
  const form = h(
    "form",
    { class: "plan-form", novalidate: true },
    h("p", { class: "yard-line" }, yardLine(draft, around.coverage, around.question)),
    h("p", { class: "sentence" }, modelChoice(draft, around.changed), main.map((field) => [t("plan.comma"), blank(field, control(field), around.meta)]).flat()),
    part("more", t("plan.more"), rest.filter(({ name }) => name in said).length, around.open, rest.map((field) => row(field, control(field), around.meta))),
    tabled.length
      ? part("districts", listOf(tabled), tabled.filter(({ name }) => name in said).length, around.open, [districtTable(tabled, said, around)])
      : null,
    h("div", { class: "form-trouble", role: "alert" }),
    h("button", { class: "button main wide", type: "submit" }, icon("play"), t("plan.run")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = /** @type {HTMLInputElement | null} */ (form.querySelector(":invalid:not(fieldset)"));
    if (!wrong) return around.run();
    reveal(wrong);
    wrong.reportValidity();
  });
  return form;
}

/**
 * What the question takes from the desk, in words.
 *
 * @param {Draft} draft
 * @param {any} coverage
 * @param {import("./desk.js").Question} question
 */
export function yardLine(draft, coverage, question) {
  if (!coverage) return t("state.loading");
  const ofDay = kindOfModel(draft.model) === "hours" || draft.said.siting.robust; // these say their slices themselves
  if (!ofDay) return t("plan.yard", yardWords(coverage.subject));
  return t("plan.yardDay", { ...yardWords({ ...coverage.subject, at: "any" }), day: dayWords(question.day || cityTime(new Date()).day) });
}

/** @param {Draft} draft @param {() => void} changed */
function modelChoice(draft, changed) {
  const about = /** @type {any} */ ({ name: "model", zh: t("plan.aim"), en: t("plan.aim"), choices: models(), default: null });
  const input = choice({ ...about, help: modelName(draft.model), help_zh: modelName(draft.model) }, draft.model, (value) => {
    draft.model = value;
    changed();
  });
  return [t("plan.aimIs"), input];
}

/** @param {Field[]} fields */
const listOf = (fields) => t("plan.byDistrict", { what: fields.map(labelOf).join(t("plan.and")) });

/**
 * @param {string} name
 * @param {string} title
 * @param {number} count of what is said in it
 * @param {Set<string>} open
 * @param {Node[]} inside
 */
function part(name, title, count, open, inside) {
  const details = h(
    "details",
    { class: "form-part", "data-part": name, open: open.has(name) },
    h("summary", null, title, count ? h("small", { class: "muted" }, t("plan.filled", { n: count })) : null),
    inside,
  );
  details.addEventListener("toggle", () => (details.open ? open.add(name) : open.delete(name)));
  return details;
}

/** @param {Field} field @param {HTMLElement} control @param {any} meta */
function blank(field, control, meta) {
  return h("span", { class: "blank-of" }, `${labelOf(field)} `, control, ` ${unitOf(field, meta)}`);
}

/** @param {Field} field @param {HTMLElement} control @param {any} meta */
function row(field, control, meta) {
  return h(
    "div",
    { class: "form-row", "data-field": field.name },
    field.kind === "flag" ? null : h("span", { class: "label" }, labelOf(field)),
    h("div", { class: "row" }, control, h("span", { class: "muted" }, field.unit || field.kind === "number" ? unitOf(field, meta) : "")),
    h("p", { class: "small muted" }, helpOf(field)),
  );
}

/* ---- the districts ---- */

/**
 * Floors and quotas, a row a district, with today's share beside.
 *
 * @param {Field[]} fields
 * @param {Record<string, any>} said
 * @param {Around} around
 */
function districtTable(fields, said, { meta, coverage }) {
  const areas = new Map((coverage?.areas ?? []).map((/** @type {any} */ area) => [area.level === "city" ? EVERYWHERE : area.area_code, area]));
  const asked = coverage && coverage.subject.at !== "any";
  const today = (/** @type {string} */ code) => (areas.has(code) ? figureOf(areas.get(code), "network", asked).share : null);
  const rows = [
    { code: EVERYWHERE, name: t("plan.wholeCity") },
    ...meta.districts.map((/** @type {any} */ one) => ({ code: one.code, name: areaName(one.code, one.name) })),
  ];
  /** @param {Field} field @param {string} code @param {any} value undefined to drop it */
  const say = (field, code, value) => {
    const all = { ...said[field.name], [code]: value };
    if (value === undefined) delete all[code];
    if (Object.keys(all).length) said[field.name] = all;
    else delete said[field.name];
  };
  const blankOf = (/** @type {Field} */ field, /** @type {string} */ name, /** @type {number | null | undefined} */ value) =>
    h("input", {
      name,
      type: "number",
      class: "cell",
      "aria-label": "",
      min: field.low,
      max: field.high === null ? null : shown(field, field.high),
      step: field.kind === "bounds" ? 1 : "any",
      value: value === undefined || value === null ? "" : shown(field, value),
    });
  const cells = (/** @type {Field} */ field, /** @type {{code: string, name: string}} */ { code, name }) => {
    if (field.kind === "bounds" && code === EVERYWHERE) return ["", ""];
    const now = said[field.name]?.[code];
    const inputs = field.kind === "shares" ? [blankOf(field, `${field.name}:${code}`, now)] : [0, 1].map((end) => blankOf(field, `${field.name}:${code}:${end}`, now?.[end]));
    inputs.forEach((input, end) => {
      input.setAttribute("aria-label", [name, labelOf(field), inputs.length > 1 ? t(end ? "plan.most" : "plan.least") : ""].filter(Boolean).join(" "));
      input.addEventListener("input", () => {
        const [low, high] = inputs.map((one) => (one.value === "" ? null : meant(field, Number(one.value))));
        if (field.kind === "shares") say(field, code, low ?? undefined);
        else say(field, code, low === null && high === null ? undefined : [low ?? 0, high]);
      });
    });
    return inputs;
  };
  return h(
    "div",
    { class: "by-district", "data-field": fields.map(({ name }) => name).join(" ") },
    fields.map((field) => h("p", { class: "small muted" }, `${labelOf(field)}${t("plan.colon")}${helpOf(field)}`)),
    figureTable(
      listOf(fields),
      [t("level.district"), t("plan.today"), ...fields.map((field) => (field.kind === "shares" ? [`${labelOf(field)} %`] : [t("plan.least"), t("plan.most")])).flat()],
      rows.map((one) => ({
        about: { "data-district": one.code },
        cells: [one.name, percent(today(one.code)), ...fields.map((field) => cells(field, one)).flat()],
      })),
    ),
  );
}

/* ---- what the service refuses ---- */

/** @param {HTMLElement} control unfolded and focused */
function reveal(control) {
  const folded = control.closest("details");
  if (folded) folded.open = true;
  control.focus();
  control.scrollIntoView({ block: "center" });
}

/**
 * Say what the service refused beside the button, mark the controls that it named, and go to the first of them.
 *
 * @param {HTMLElement} form
 * @param {{field: string, sentence: string}[]} faults
 * @param {string} model
 */
export function showFaults(form, faults, model) {
  const fields = fieldsOf(model);
  /** @type {HTMLElement[]} */
  const controls = [];
  const lines = faults.map(({ field: place, sentence }) => {
    const [name, key] = place.replace(/^params\./, "").split(".");
    const field = fields.find((one) => one.name === name);
    const control = /** @type {HTMLElement | null} */ (
      form.querySelector(`[name="${CSS.escape(key ? `${name}:${key}` : name)}"]`) ?? form.querySelector(`[name="${CSS.escape(name)}"], [name^="${CSS.escape(name)}:"]`)
    );
    if (control) controls.push(control);
    control?.setAttribute("aria-invalid", "true");
    return `${field ? `${labelOf(field)}${t("plan.colon")}` : ""}${sentence}`;
  });
  const box = form.querySelector(".form-trouble");
  if (box) fill(box, h("div", { class: "notice warn" }, icon("warning"), h("ul", { class: "bullets" }, lines.map((line) => h("li", null, line)))));
  if (controls[0]) reveal(controls[0]);
}
