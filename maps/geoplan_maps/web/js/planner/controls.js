/** One control for each kind of declared field: it shows the default, and tells what was said beyond it. */

import { fill, h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { number, t } from "../lib/i18n.js";
import { choiceName, helpOf, labelOf, meant, shown } from "./questions.js";

/** @typedef {import("./questions.js").Field} Field */
/** @typedef {(value: any) => void} Say told the value, or undefined where nothing is said */

/**
 * @param {Field} field
 * @param {any} value what was said so far
 * @param {Say} say
 * @returns {HTMLElement}
 */
export function controlOf(field, value, say) {
  const make = { whole: amount, number: amount, flag, choice, choices, texts: chips }[field.kind] ?? written;
  return make(field, value, say);
}

/** @type {(field: Field, value: any, say: Say) => HTMLElement} */
function amount(field, value, say) {
  const bound = (/** @type {number | null} */ one) => (one === null ? null : shown(field, one));
  const input = h("input", {
    name: field.name,
    type: "number",
    class: "blank",
    "aria-label": labelOf(field),
    title: helpOf(field),
    value: value === undefined ? "" : shown(field, value),
    min: bound(field.low),
    max: bound(field.high),
    step: field.kind === "whole" ? 1 : "any",
    placeholder: field.default === null ? null : number(shown(field, field.default), 2).replace(/\.?0+$/, ""),
  });
  input.addEventListener("input", () => say(input.value === "" ? undefined : meant(field, Number(input.value))));
  return input;
}

/** @type {(field: Field, value: any, say: Say) => HTMLElement} */
function flag(field, value, say) {
  const usual = Boolean(field.default);
  const input = h("input", { name: field.name, type: "checkbox", checked: value ?? usual, title: helpOf(field) });
  input.addEventListener("change", () => say(input.checked === usual ? undefined : input.checked));
  return h("label", { class: "choice" }, input, labelOf(field));
}

/** @type {(field: Field, value: any, say: Say) => HTMLSelectElement} */
export function choice(field, value, say) {
  const input = h(
    "select",
    { name: field.name, class: "blank", "aria-label": labelOf(field), title: helpOf(field) },
    field.choices.map((code) => h("option", { value: code, selected: code === (value ?? field.default) }, choiceName(field, code))),
  );
  input.addEventListener("change", () => say(input.value === field.default ? undefined : input.value));
  return input;
}

/** @type {(field: Field, value: any, say: Say) => HTMLElement} */
function choices(field, value, say) {
  const chosen = value ?? field.default;
  const boxes = field.choices.map((code) =>
    h("input", { type: "checkbox", name: field.name, value: code, checked: chosen.includes(code) }),
  );
  const group = h(
    "div",
    { class: "slice-boxes", role: "group", "aria-label": labelOf(field) },
    boxes.map((box) => h("label", { class: "choice" }, box, choiceName(field, box.value))),
  );
  group.addEventListener("change", () => {
    const ticked = boxes.filter((box) => box.checked).map((box) => box.value);
    say(ticked.join() === field.default.join() ? undefined : ticked);
  });
  return group;
}

/** Codes, each with a cross; sites come in by typing, from the list and from the map. */
/** @type {(field: Field, value: any, say: Say) => HTMLElement} */
function chips(field, value, say) {
  let list = [...(value ?? field.default)];
  const box = h("div", { class: "chips", role: "group", "aria-label": labelOf(field) });
  const set = (/** @type {string[]} */ next) => {
    list = next;
    say(list.length ? list : undefined);
    draw();
  };
  function draw() {
    const input = h("input", { name: field.name, type: "text", "aria-label": labelOf(field), title: helpOf(field), size: 8 });
    input.addEventListener("change", () => input.value.trim() && set([...new Set([...list, ...input.value.split(/[\s,，、;；]+/).filter(Boolean)])]));
    fill(
      box,
      list.map((code) =>
        h(
          "button",
          { type: "button", class: "chip", "data-code": code, "aria-label": `${t("action.remove")} ${code}`, onclick: () => set(list.filter((one) => one !== code)) },
          code,
          icon("close"),
        ),
      ),
      input,
    );
  }
  draw();
  return box;
}

/* ---- what is written out ---- */

const SEPARATORS = /[\s,，、]+/;
/** @param {string} text @param {RegExp} [between] */
const parts = (text, between = SEPARATORS) => text.split(between).map((one) => one.trim()).filter(Boolean);

/** @type {Record<string, {long?: boolean, write: (value: any, field: Field) => string, read: (text: string, field: Field) => any}>} */
const WRITTEN = {
  text: { write: String, read: (text) => text.trim() },
  wholes: { write: (list, field) => list.map((/** @type {number} */ one) => shown(field, one)).join(", "), read: numbers },
  numbers: { write: (list, field) => list.map((/** @type {number} */ one) => shown(field, one)).join(", "), read: numbers },
  steps: {
    write: (list, field) => list.map((/** @type {number[]} */ [reach, share]) => `${shown(field, reach)}:${share}`).join(", "),
    read: (text, field) =>
      parts(text).map((step) => {
        const [reach, share] = step.split(/[:：]/).map(Number);
        return [meant(field, reach), share];
      }),
  },
  sets: {
    long: true,
    write: (list) => list.map((/** @type {string[]} */ one) => one.join(", ")).join("\n"),
    read: (text) => parts(text, /[\n;；]+/).map((line) => parts(line)),
  },
  changes: {
    long: true,
    write: (list) => list.map((/** @type {any} */ one) => [one.site, one.option, one.slices.join(";"), one.cost].join(", ")).join("\n"),
    read: (text) =>
      parts(text, /\n+/).map((line) => {
        const [site, option = "", slices = "", cost] = line.split(/[,，]/).map((one) => one.trim());
        return { site, option, slices: parts(slices, /[;；]/), cost: Number(cost) };
      }),
  },
};

/** @param {string} text @param {Field} field */
function numbers(text, field) {
  return parts(text).map((one) => meant(field, Number(one)));
}

/** @type {(field: Field, value: any, say: Say) => HTMLElement} */
function written(field, value, say) {
  const { long, write, read } = WRITTEN[field.kind];
  const about = { name: field.name, "aria-label": labelOf(field), title: helpOf(field), value: value === undefined ? "" : write(value, field) };
  const input = long ? h("textarea", { ...about, rows: 2 }) : h("input", { ...about, type: "text", class: "blank" });
  input.addEventListener("input", () => {
    const found = input.value.trim() ? read(input.value, field) : undefined;
    const wrong = JSON.stringify(found ?? "").includes("null"); // not a number
    input.setCustomValidity(wrong ? helpOf(field) : "");
    if (!wrong) say(found);
  });
  return input;
}
