/** Saved plans: opened again, shared by a link, and up to four side by side. */

import { getJson, postJson } from "../lib/api.js";
import { announce, fill, h } from "../lib/dom.js";
import { openDialog } from "../lib/dialog.js";
import { icon } from "../lib/icons.js";
import { t } from "../lib/i18n.js";
import { cityTime } from "../lib/clock.js";
import { inOneLine, openCompare } from "./compare.js";
import { empty, failed, skeletonTable } from "./states.js";

const MOST = 4;

/**
 * @param {HTMLElement} box
 * @param {import("../lib/store.js").Store<import("./desk.js").DeskState>} store
 * @param {{open: (plan: any) => void}} act
 */
export function mountScenarios(box, store, act) {
  /** @type {string[]} */
  let chosen = [];

  async function refresh() {
    fill(box, skeletonTable());
    try {
      const { scenarios } = await getJson("/v1/scenarios");
      if (!scenarios.length) {
        return fill(
          box,
          h("h2", { class: "ask" }, t("scenario.title")),
          empty(
            t("scenario.none"),
            "compare",
            h(
              "button",
              { class: "button", type: "button", onclick: () => store.set({ tab: "plan" }) },
              t("scenario.toPlan"),
            ),
          ),
        );
      }
      chosen = chosen.filter((id) => scenarios.some((/** @type {any} */ one) => one.id === id));
      const compare = h(
        "button",
        {
          class: "button main",
          type: "button",
          disabled: chosen.length < 2,
          onclick: () => void openCompare(chosen, store.get().meta),
        },
        icon("compare"),
        t("scenario.compare", { n: chosen.length }),
      );
      fill(
        box,
        h("h2", { class: "ask" }, t("scenario.title")),
        h("p", { class: "small muted" }, t("scenario.about")),
        h(
          "div",
          { class: "cards" },
          scenarios.map((/** @type {any} */ one) =>
            card(
              one,
              chosen.includes(one.id),
              (on) => {
                chosen = on ? [...chosen, one.id].slice(-MOST) : chosen.filter((id) => id !== one.id);
                for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (
                  box.querySelectorAll("input[name=scenario]")
                ))
                  input.checked = chosen.includes(input.value);
                compare.disabled = chosen.length < 2;
                compare.replaceChildren(icon("compare"), t("scenario.compare", { n: chosen.length }));
              },
              act,
              refresh,
            ),
          ),
        ),
        h("div", { class: "dialog-foot" }, compare),
      );
    } catch (error) {
      fill(
        box,
        failed(error instanceof Error ? error.message : String(error), () => void refresh()),
      );
    }
  }
  store.listen((now, before) => {
    if (now.tab === "scenarios" && before.tab !== "scenarios") void refresh();
  });
  if (store.get().tab === "scenarios") void refresh();
  return { draw: () => store.get().tab === "scenarios" && void refresh(), refresh: () => void refresh() };
}

/**
 * @param {any} scenario
 * @param {boolean} on
 * @param {(on: boolean) => void} choose
 * @param {{open: (plan: any) => void}} act
 * @param {() => void} refresh
 */
function card(scenario, on, choose, act, refresh) {
  const { summary } = scenario;
  const input = h("input", { type: "checkbox", name: "scenario", value: scenario.id, checked: on });
  input.addEventListener("change", () => choose(input.checked));
  const trouble = h("div");
  const home = `/v1/scenarios/${encodeURIComponent(scenario.id)}`;
  /** @param {string} words @param {string | null} sign @param {() => Promise<void>} run */
  const action = (words, sign, run) => {
    const tried = () => run().catch((error) => fill(trouble, failed(error instanceof Error ? error.message : String(error))));
    return h("button", { class: "button small", type: "button", onclick: () => void tried() }, sign ? icon(sign) : null, words);
  };
  const made = cityTime(new Date(scenario.created));
  return h(
    "article",
    { class: "card", "data-scenario": scenario.id },
    h("label", { class: "choice" }, input, h("b", null, scenario.name)),
    h(
      "p",
      null,
      inOneLine(summary),
    ),
    scenario.note ? h("p", { class: "small" }, scenario.note) : null,
    h("p", { class: "small muted" }, `${scenario.owner} · ${made.day} ${made.hm}`),
    trouble,
    h(
      "div",
      { class: "row" },
      action(t("scenario.open"), null, async () => {
        const found = await getJson(home);
        act.open({ ...found.result, job_id: found.job_id, scenario: found.id });
      }),
      action(t("action.share"), "share", async () => openLink(await postJson(`${home}/share`, { on: true }))),
      action(t("scenario.delete"), "close", async () => {
        await postJson(`${home}/delete`, {});
        announce(t("scenario.deleted"));
        refresh();
      }),
    ),
  );
}

/** @param {{share: string}} answer */
function openLink({ share }) {
  const link = `${location.origin}/planner?plan=${encodeURIComponent(share)}`;
  const field = h("input", { type: "url", readonly: true, value: link, "aria-label": t("share.link") });
  openDialog(t("scenario.link"), [h("p", null, t("scenario.linkAbout")), field]);
  field.select();
}
