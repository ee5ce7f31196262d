/** The first question of the desk: is the circle met? Three tests, by area, with what each is a share of. */

import { fill, h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { address } from "../lib/api.js";
import { language, number, percent, t } from "../lib/i18n.js";
import { heatmap, shade, sparkline } from "./charts.js";
import { SLICES } from "../words/vocabulary.js";
import { asQuery, figureOf, sliceShares, wholeOf } from "./desk.js";
import { openFigure } from "./figure.js";
import { saveFile } from "./planexport.js";
import { failed, skeletonTable } from "./states.js";
import { areaName } from "./areas.js";
import { whenWords, yardWords } from "./yardstick.js";

/** @typedef {import("../lib/store.js").Store<import("./desk.js").DeskState>} Store */

const TESTS = /** @type {("network" | "circle" | "cross")[]} */ (["network", "circle", "cross"]);

/**
 * @param {HTMLElement} box
 * @param {Store} store
 * @param {{retry: () => void, hours: () => void}} act
 */
export function mountCoverage(box, store, act) {
  /** @type {{by: string, down: boolean}} */
  let order = { by: "network", down: false };
  let heat = false;
  const turn = () => {
    heat = !heat;
    draw();
  };

  function draw() {
    const state = store.get();
    const { coverage, question } = state;
    if (coverage.state === "failed" && !coverage.value) return fill(box, failed(coverage.error, act.retry));
    const heading = t("coverage.ask", { limit: t("time.minutes", { n: question.limit_s / 60 }) });
    if (!coverage.value) return fill(box, h("h2", { class: "ask" }, heading), skeletonTable());
    const answer = coverage.value;
    const { subject } = answer; // what the figures are of, also while the next ones are on their way
    const atSlice = subject.at !== "any";
    const city = wholeOf(answer);
    const ask = (/** @type {any} */ area, /** @type {"network" | "circle" | "cross"} */ test) =>
      openFigure({
        test,
        area: areaName(area.area_code, area.area_name),
        figure: figureOf(area, test, atSlice),
        subject,
        meta: state.meta,
        notes: answer.notes ?? [],
      });
    fill(
      box,
      h(
        "section",
        {
          class: `tests${coverage.state === "loading" ? " stale" : ""}`,
          "aria-busy": String(coverage.state === "loading"),
        },
        h("h2", { class: "ask" }, heading),
        verdict(city, atSlice, subject),
        h(
          "div",
          { class: "big-figures" },
          TESTS.map((test) => {
            const figure = figureOf(city, test, atSlice);
            return h(
              "button",
              {
                class: "big",
                type: "button",
                "data-test": test,
                onclick: () => ask(city, test),
                "aria-label": `${t(`test.${test}`)} ${percent(figure.share)} ${t("figure.title")}`,
              },
              h("span", { class: "big-name" }, t(`test.${test}`)),
              h("span", { class: "big-value" }, percent(figure.share)),
              bar(figure.share),
            );
          }),
        ),
        h(
          "p",
          { class: "small muted" },
          t("coverage.of", {
            n: number(Math.round(figureOf(city, "network", atSlice).demand)),
            when: whenWords(subject),
          }),
        ),
        coverage.state === "failed" ? failed(coverage.error, act.retry) : null,
      ),
      h(
        "div",
        { class: "table-head" },
        h(
          "div",
          { class: "segments", role: "group", "aria-label": t("coverage.level") },
          /** @type {("district" | "town")[]} */ (["district", "town"]).map((level) =>
            h("button", { type: "button", "data-level": level, "aria-pressed": String(state.level === level), onclick: () => store.set({ level }) }, t(`level.${level}`)),
          ),
        ),
        h("button", { class: "button small", type: "button", "aria-pressed": String(heat), onclick: turn }, icon("table"), t(heat ? "coverage.asTable" : "coverage.asHeat")),
      ),
      heat ? heatView(state) : table(state, answer, atSlice, ask),
      report(state),
    );
  }

  /** @param {import("./desk.js").DeskState} state */
  function report({ question, me, coverage }) {
    if (!me) return null; // a reader of a shared plan
    const url = address("/v1/report.docx", { lang: language(), ...asQuery(question) });
    return h(
      "div",
      { class: "report-line" },
      h(
        "button",
        { class: "button small", type: "button", "data-report": url, onclick: () => void saveFile(url, "coverage.docx") },
        icon("download"),
        t("export.docx"),
      ),
      h("span", { class: "small muted" }, t("coverage.reportAbout", yardWords(coverage.value.subject))),
    );
  }

  /**
   * @param {import("./desk.js").DeskState} state
   * @param {any} answer
   * @param {boolean} atSlice
   * @param {(area: any, test: "network" | "circle" | "cross") => void} ask
   */
  function table(state, answer, atSlice, ask) {
    const shares = state.cube.value ? sliceShares(state.cube.value) : null;
    const chosen = SLICES.indexOf(state.question.slice);
    const rows = answer.areas.filter((/** @type {any} */ area) => area.level === state.level && area.demand > 0);
    const value = (/** @type {any} */ area) =>
      order.by === "name"
        ? areaName(area.area_code, area.area_name)
        : order.by === "demand"
          ? area.demand
          : (figureOf(area, /** @type {any} */ (order.by), atSlice).share ?? -1);
    rows.sort((/** @type {any} */ a, /** @type {any} */ b) => (value(a) > value(b) ? 1 : -1) * (order.down ? -1 : 1));
    const head = (/** @type {string} */ by, /** @type {string} */ words) =>
      h(
        "th",
        {
          scope: "col",
          "aria-sort": order.by === by ? (order.down ? "descending" : "ascending") : "none",
          class: by === "name" ? null : "number",
        },
        h(
          "button",
          {
            type: "button",
            class: "sort",
            onclick: () => {
              order = { by, down: order.by === by ? !order.down : by === "demand" };
              draw();
            },
          },
          words,
          order.by === by ? icon(order.down ? "down" : "up") : null,
        ),
      );
    const body = h(
      "tbody",
      null,
      rows.map((/** @type {any} */ area) =>
        h(
          "tr",
          { "data-area": area.area_code, class: state.area === area.area_code ? "pointed" : null },
          h(
            "th",
            { scope: "row" },
            areaName(area.area_code, area.area_name),
            h("small", null, t("figure.counted", { n: number(Math.round(area.demand)) })),
          ),
          TESTS.map((test) => {
            const { share } = figureOf(area, test, atSlice);
            return h(
              "td",
              { class: "number" },
              h(
                "button",
                { type: "button", class: "figure", onclick: () => ask(area, test) },
                test === "network" ? h("i", { class: "dot", style: `background:${shade(share)}` }) : null,
                percent(share, 0),
              ),
            );
          }),
          h(
            "td",
            null,
            shares?.get(area.area_code)
              ? sparkline(
                  /** @type {any} */ (shares.get(area.area_code)),
                  chosen,
                  sparkWords(/** @type {any} */ (shares.get(area.area_code))),
                )
              : null,
          ),
        ),
      ),
    );
    body.addEventListener("pointerover", (event) => point(event));
    body.addEventListener("focusin", (event) => point(event));
    body.addEventListener("pointerleave", () => store.set({ area: null }));
    return h(
      "table",
      { class: "areas" },
      h("caption", { class: "hidden-text" }, t("coverage.table")),
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          head("name", t(`level.${state.level}`)),
          TESTS.map((test) => head(test, t(`test.${test}`))),
          h("th", { scope: "col" }, t("coverage.day")),
        ),
      ),
      body,
    );
  }

  /** @param {Event} event */
  function point(event) {
    const row = /** @type {HTMLElement} */ (event.target).closest("tr[data-area]");
    store.set({ area: row ? (/** @type {HTMLElement} */ (row).dataset.area ?? null) : null });
  }

  /** @param {import("./desk.js").DeskState} state */
  function heatView(state) {
    if (!state.cube.value) return skeletonTable();
    const shares = sliceShares(state.cube.value);
    const rows = state.coverage.value.areas
      .filter((/** @type {any} */ area) => area.level === state.level && area.demand > 0)
      .map((/** @type {any} */ area) => ({ code: area.area_code, name: areaName(area.area_code, area.area_name) }));
    return h(
      "div",
      null,
      heatmap({
        rows,
        columns: SLICES.map((slice) => slice.replace("-", "–")),
        share: (r, c) => shares.get(rows[r].code)?.[c] ?? null,
        caption: t("coverage.heat"),
        pick: (_, c) => store.set({ question: { ...store.get().question, slice: SLICES[c] } }),
      }),
      h("p", { class: "small muted" }, t("coverage.heatAbout")),
      h("button", { class: "button small", type: "button", onclick: act.hours }, icon("clock"), t("coverage.byHour")),
    );
  }

  store.listen((now, before) => {
    const redraw = ["coverage", "cube", "level", "tab", "meta"].some(
      (key) => /** @type {any} */ (now)[key] !== /** @type {any} */ (before)[key],
    );
    if (redraw) draw();
    else if (now.area !== before.area) {
      for (const row of box.querySelectorAll("tr[data-area]")) {
        const pointed = /** @type {HTMLElement} */ (row).dataset.area === now.area;
        row.classList.toggle("pointed", pointed);
        // pointed at on the map: its row may be out of sight; pointed at in the table: nothing may move
        if (pointed && !box.matches(":hover")) row.scrollIntoView({ block: "nearest" });
      }
    }
  });
  draw();
  return { draw };
}

/**
 * The answer in one sentence, so that nobody has to compare numbers to know it.
 *
 * @param {any} city
 * @param {boolean} atSlice
 * @param {any} subject
 */
function verdict(city, atSlice, subject) {
  const figure = figureOf(city, "network", atSlice);
  const share = figure.share ?? 0;
  return h(
    "p",
    { class: "verdict" },
    t(share >= 0.995 ? "coverage.met" : "coverage.notMet", {
      ...yardWords(subject),
      share: percent(share, 0),
      missing: number(Math.round(figure.demand - figure.covered)),
    }),
  );
}

/** @param {number | null} share */
function bar(share) {
  return h(
    "span",
    { class: "bar", "aria-hidden": "true" },
    h("span", { style: `width:${((share ?? 0) * 100).toFixed(1)}%` }),
  );
}

/** @param {(number | null)[]} shares */
function sparkWords(shares) {
  return SLICES.map((slice, i) => `${slice} ${percent(shares[i], 0)}`).join(", ");
}
