/** Every figure can be asked "of what?": what it is a share of, and a sentence that can be cited. */

import { announce, h } from "../lib/dom.js";
import { openDialog } from "../lib/dialog.js";
import { icon } from "../lib/icons.js";
import { language, number, percent, t, term } from "../lib/i18n.js";
import { cityTime } from "../lib/clock.js";
import { facilityWords, howWords, whenWords, whoWords } from "./yardstick.js";

/**
 * @typedef {object} Asked
 * @property {string} test network, circle or cross
 * @property {string} area name of the area
 * @property {{share: number | null, covered: number, demand: number, k: number, limit: number, unit: string}} figure
 * @property {any} subject what the service says the figure is about
 * @property {any} meta
 * @property {string[]} notes
 */

/** @param {Asked} asked */
export function openFigure(asked) {
  const { figure, subject, meta } = asked;
  const rows = [
    [t("figure.what"), t(`testLong.${asked.test}`, { limit: sayLimit(figure), k: figure.k })],
    [t("figure.area"), asked.area],
    [t("figure.covered"), t("figure.counted", { n: number(Math.round(figure.covered)) })],
    [t("figure.of"), t("figure.counted", { n: number(Math.round(figure.demand)) })],
    [t("term.trade"), whoWords(subject)],
    [t("term.bundle"), facilityWords(subject) || t("bundle.any")],
    [t("term.profile"), howWords(subject)],
    [t("figure.when"), whenWords(subject)],
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
export function citation({ test, area, figure, subject, meta }) {
  return t("figure.citation", {
    area,
    when: whenWords(subject),
    test: t(`testLong.${test}`, { limit: sayLimit(figure), k: figure.k }),
    share: percent(figure.share),
    covered: number(Math.round(figure.covered)),
    demand: number(Math.round(figure.demand)),
    who: [whoWords(subject), facilityWords(subject)].filter(Boolean).join(t("plan.comma")),
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
