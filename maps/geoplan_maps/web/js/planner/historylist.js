/** Who changed the register, when and why; a reviewer can take a change back. */

import { getJson, postJson } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { number, t, term } from "../lib/i18n.js";
import { cityTime } from "../lib/clock.js";
import { empty, failed, skeletonTable } from "./states.js";

/**
 * @param {HTMLElement} box
 * @param {import("../lib/store.js").Store<import("./desk.js").DeskState>} store
 * @param {import("./register.js").RegisterActions} act
 */
export async function drawHistory(box, store, act) {
  fill(box, skeletonTable());
  const again = () => void drawHistory(box, store, act);
  const may = ["reviewer", "admin"].includes(store.get().me?.role ?? "");
  try {
    const { revisions } = await getJson("/v1/register/history");
    if (!revisions.length) return fill(box, empty(t("history.none"), "clock"));
    fill(
      box,
      h(
        "section",
        { class: "cards" },
        revisions.map((/** @type {any} */ one) =>
          card(one, may, () => {
            act.changed();
            again();
          }),
        ),
      ),
    );
  } catch (error) {
    fill(box, failed(error instanceof Error ? error.message : String(error), again));
  }
}

/**
 * @param {any} revision
 * @param {boolean} may
 * @param {() => void} done
 */
function card(revision, may, done) {
  const at = cityTime(new Date(revision.at));
  const trouble = h("div");
  const undo = h("button", { class: "button small", type: "button" }, icon("undo"), t("history.undo"));
  undo.addEventListener("click", async () => {
    undo.disabled = true;
    try {
      await postJson(`/v1/register/revisions/${revision.id}/undo`, {
        reason: t("history.undoReason", { n: revision.id }),
      });
      done();
    } catch (error) {
      fill(trouble, failed(error instanceof Error ? error.message : String(error)));
      undo.disabled = false;
    }
  });
  return h(
    "article",
    { class: "card" },
    h("h4", null, `#${revision.id} ${term("revision", revision.kind)}`),
    h("p", null, revision.reason),
    h(
      "p",
      { class: "small muted" },
      t("history.line", { at: `${at.day} ${at.hm}`, who: revision.actor, n: number(revision.stations) }),
    ),
    revision.undoes ? h("p", { class: "small" }, t("history.undoes", { n: revision.undoes })) : null,
    trouble,
    may && !revision.undoes && revision.id > 1 ? h("div", { class: "row" }, undo) : null,
  );
}
