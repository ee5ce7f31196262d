/** Every figure can be asked "of what?": what it is a share of, and a sentence that can be cited. */

import { announce, h } from "../lib/dom.js";
import { openDialog } from "../lib/dialog.js";
import { icon } from "../lib/icons.js";
import { language, listed, number, percent, t, term } from "../lib/i18n.js";
import { cityTime } from "../lib/clock.js";

/**
 * @typedef {object} Asked
 * @property {string} test network, circle or cross
 * @property {string} area name of the area
 * @property {{share: number | null, covered: number, demand: number, k: number, limit: number, unit: string}} figure
 * @property {any} subject what the service says the figure is about
 * @property {any} meta
 * @property {import("./desk.js").Question} question
 * @property {string[]} notes
 */

/** @param {Asked} asked */
export function openFigure(asked) {
  const { figure, subject, meta, question } = asked;
  const rows = [
    [t("figure.what"), t(`testLong.${asked.test}`, { limit: sayLimit(figure), k: figure.k })],
    [t("figure.area"), asked.area],
    [t("figure.covered"), t("figure.counted", { n: number(Math.round(figure.covered)) })],
    [t("figure.of"), t("figure.counted", { n: number(Math.round(figure.demand)) })],
    ...(meta.trades.length
      ? [[t("term.trade"), question.trade ? term("trade", question.trade) : t("trade.everyone")]]
      : []),
    [
      t("term.bundle"),
      question.facilities.length
        ? listed(question.facilities.map((code) => term("facility", code)))
        : t("bundle.any"),
    ],
    [t("term.profile"), term("profile", subject.profile)],
    [t("figure.when"), question.slice ? term("slice", question.slice) : t("slice.regardless")],
    [t("figure.source"), subject.origin === "demonstration" ? t("banner.demonstration") : t("figure.own")],
    [t("figure.date"), meta.date ?? "—"],
  ];
  const cited = citation(asked);
  const copy = h("button", { class: "button", type: "button" }, icon("copy"), t("figure.copy"));
  copy.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(cited).catch(() => undefined);
    copy.replaceChildren(icon("check"), t("share.copied"));
    announce(t("share.copied"));
  });
  openDialog(
    `${t("figure.title")} ${percent(figure.share)}`,
    [
      h("dl", { class: "facts" }, rows.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]).flat()),
      h("blockquote", { class: "citation" }, cited),
      copy,
      asked.notes?.length
        ? h(
            "details",
            null,
            h("summary", null, t("figure.notes")),
            h(
              "ul",
              { class: "bullets small" },
              asked.notes.map((note) => h("li", null, note)),
            ),
          )
        : null,
    ].filter((part) => part !== null),
  );
}

/**
 * @param {Asked} asked
 * @returns {string}
 */
export function citation({ test, area, figure, subject, meta, question }) {
  return t("figure.citation", {
    area,
    when: question.slice ? term("slice", question.slice) : t("slice.regardless"),
    test: t(`testLong.${test}`, { limit: sayLimit(figure), k: figure.k }),
    share: percent(figure.share),
    covered: number(Math.round(figure.covered)),
    demand: number(Math.round(figure.demand)),
    who: question.trade ? term("trade", question.trade) : t("trade.everyone"),
    profile: term("profile", subject.profile),
    origin: subject.origin === "demonstration" ? t("banner.demonstration") : t("figure.own"),
    date: meta.date ?? "",
    city: language() === "zh" ? meta.name_zh : meta.name_en,
    today: cityTime(new Date()).day,
  });
}

/**
 * @param {{limit: number, unit: string}} figure
 * @returns {string}
 */
export function sayLimit(figure) {
  return figure.unit === "m"
    ? t("distance.m", { n: Math.round(figure.limit) })
    : t("time.minutes", { n: Math.round(figure.limit / 60) });
}
