/** The questions as the service declares them: which fields a model takes, what they are called, what was said. */

import { getJson } from "../lib/api.js";
import { language, listed, number, t, term } from "../lib/i18n.js";
import { nameOf } from "./areas.js";
import { costUnit } from "./money.js";

/**
 * @typedef {object} Field one declared field of a question
 * @property {string} name
 * @property {string} kind
 * @property {string} zh
 * @property {string} en
 * @property {string} help
 * @property {string} help_zh
 * @property {string} unit
 * @property {number} factor
 * @property {number | null} low
 * @property {number | null} high
 * @property {boolean} above
 * @property {number | null} most
 * @property {string[]} choices
 * @property {string[]} models
 * @property {any} default
 *
 * @typedef {{questions: Record<string, Field[]>, models: Record<string, {kind: "siting" | "hours", zh: string, en: string,
 *   defaults: Record<string, any>}>}} Questions
 *
 * @typedef {object} Draft a plan question as it is being written: what is not said is left to the service
 * @property {string} model
 * @property {Record<string, Record<string, any>>} said values by kind of job and name of field
 */

/** @type {Questions} */
let known = { questions: { siting: [], hours: [] }, models: {} };

/** Load the declarations; every label, range, unit and default of a form is theirs. */
export async function loadQuestions() {
  known = await getJson("/v1/questions");
}

export const models = () => Object.keys(known.models);
/** @param {string} model */
export const kindOfModel = (model) => known.models[model].kind;
/** @param {string} model */
export function modelName(model) {
  const name = known.models[model]?.[language()] ?? model;
  return name[0].toUpperCase() + name.slice(1);
}

/** @returns {string[]} what the desk's yardstick says for every question */
function measured() {
  const coverage = known.questions.coverage ?? [];
  return coverage.map((field) => field.name);
}

/**
 * The fields of a form: what the model takes beyond the yardstick.
 *
 * @param {string} model
 * @returns {Field[]}
 */
export function fieldsOf(model) {
  const { kind, defaults } = known.models[model];
  const yardstick = measured();
  return known.questions[kind]
    .filter(({ name, models: takers }) => name !== "model" && !yardstick.includes(name) && (!takers.length || takers.includes(model)))
    .map((field) => (field.name in defaults ? { ...field, default: defaults[field.name] } : field));
}

/** @param {Field} field */
export const labelOf = (field) => field[language()];
/** @param {Field} field */
export const helpOf = (field) => (language() === "zh" ? field.help_zh : field.help);

/** @param {Field} field of a number: whether it is a share, which people say in per cent */
const isShare = ({ kind, unit, high }) => (kind === "number" || kind === "shares") && !unit && high !== null && high <= 1;

/**
 * @param {Field} field
 * @param {any} meta
 * @returns {string} the unit that people write the number in
 */
export function unitOf(field, meta) {
  if (isShare(field)) return "%";
  if (field.factor !== 1) return t("unit.minutes");
  if (field.unit.startsWith("cost")) return costUnit(meta.cost_unit).replace(/^(?=\d)/, "× ") + (field.unit === "cost/min" ? t("unit.perMinute") : "");
  return field.unit === "workers" ? t("unit.counted") : term("unit", field.unit);
}

/** @param {number} value */
const tidy = (value) => Number(value.toPrecision(12));
/** @param {Field} field @param {number} value as the service has it @returns {number} as people write it */
export const shown = (field, value) => tidy(isShare(field) ? value * 100 : value / field.factor);
/** @param {Field} field @param {number} value as people write it @returns {number} as the service has it */
export const meant = (field, value) => tidy(isShare(field) ? value / 100 : value * field.factor);

/**
 * @param {Field} field
 * @param {string} code of a choice
 */
export const choiceName = (field, code) => (field.name === "model" ? modelName(code) : term("slice", code));

/**
 * The value of a field in words, as a list of plans says it.
 *
 * @param {Field} field
 * @param {any} value
 * @param {any} meta
 * @returns {string}
 */
function valueWords(field, value, meta) {
  const unit = unitOf(field, meta);
  const amount = (/** @type {number} */ one) => `${number(shown(field, one), 3).replace(/\.?0+$/, "")}${unit === "%" ? "%" : unit && ` ${unit}`}`;
  const list = Array.isArray(value) ? value : [value];
  if (field.kind === "flag") return value ? "" : t("plan.not");
  if (field.kind === "whole" || field.kind === "number") return amount(value);
  if (field.kind === "wholes" || field.kind === "numbers") return listed(list.map(amount));
  if (field.kind === "choices") return listed(list.map((code) => choiceName(field, code)));
  if (field.kind === "shares") return listed(Object.entries(value).map(([code, share]) => `${code === "*" ? "" : `${nameOf(code)} `}${amount(share)}`));
  if (field.kind === "bounds") return listed(Object.entries(value).map(([code, [low, high]]) => `${nameOf(code)} ${low}–${high ?? ""}`));
  return field.kind === "texts" && list.length < 3 ? listed(list) : String(list.length);
}

/**
 * What was asked, in a line: the model, and what was said beyond the defaults.
 *
 * @param {string} kind of the job
 * @param {Record<string, any>} params
 * @param {any} meta
 * @returns {string}
 */
export function questionLine(kind, params, meta) {
  const model = kind === "hours" ? "hours" : (params.model ?? known.questions.siting.find(({ name }) => name === "model")?.default);
  if (!known.models[model]) return model ?? "";
  const parts = fieldsOf(model)
    .filter(({ name }) => name in params)
    .map((field) => `${labelOf(field)} ${valueWords(field, params[field.name], meta)}`.trim());
  const yard = [
    params.slice && term("slice", params.slice),
    params.trade && term("trade", params.trade),
    ...(params.facilities ?? []).map((/** @type {string} */ code) => term("facility", code)),
    params.area && nameOf(params.area),
    params.limit_s && t("time.minutes", { n: params.limit_s / 60 }),
    params.profile && term("profile", params.profile),
    params.day,
  ].filter(Boolean);
  return [modelName(model), ...parts, ...yard].join(" · ");
}

/** @returns {Draft} */
export function firstDraft() {
  const model = known.questions.siting.find(({ name }) => name === "model")?.default;
  return { model, said: { siting: {}, hours: {} } };
}

/**
 * What the job takes: what was said on the form, measured by the yardstick. What the city is asked anyway is not said
 * again, nor what the model or another field settles itself.
 *
 * @param {Draft} draft
 * @param {import("./desk.js").Question} yardstick
 * @returns {{kind: "siting" | "hours", params: Record<string, any>}}
 */
export function jobOf(draft, yardstick) {
  const kind = kindOfModel(draft.model);
  const names = fieldsOf(draft.model).map(({ name }) => name);
  const said = Object.fromEntries(Object.entries(draft.said[kind]).filter(([name]) => names.includes(name)));
  /** @type {Record<string, any>} */
  const params = kind === "siting" ? { model: draft.model } : {};
  for (const { name, default: usual } of known.questions[kind]) {
    const value = /** @type {any} */ (yardstick)[name];
    if (value && String(value) !== String(usual ?? "")) params[name] = value;
  }
  if (said.robust) delete params.slice;
  else if (kind === "siting" && !params.slice) delete params.day;
  if (said.decay) delete params.limit_s;
  return { kind, params: { ...params, ...said } };
}

/**
 * A job's question, to be changed and asked again.
 *
 * @param {import("./jobs.js").Job} job
 * @returns {{draft: Draft, yardstick: Record<string, any>}}
 */
export function draftOf({ kind, params }) {
  const draft = firstDraft();
  if (kind === "hours") draft.model = kind;
  /** @type {Record<string, any>} */
  const yardstick = {};
  for (const { name, default: usual } of known.questions[kind]) {
    if (measured().includes(name)) yardstick[name] = params[name] ?? usual ?? "";
    else if (name === "model") draft.model = params.model ?? draft.model;
    else if (name in params) draft.said[kind][name] = params[name];
  }
  return { draft, yardstick };
}
