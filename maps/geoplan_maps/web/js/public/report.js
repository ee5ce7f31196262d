/** Telling staff that something is wrong, in one tap, and saying what happens next. */

import { ask, getJson } from "../lib/api.js";
import { announce, fill, h } from "../lib/dom.js";
import { openDialog } from "../lib/dialog.js";
import { icon } from "../lib/icons.js";
import { t } from "../lib/i18n.js";
import { rounded } from "../lib/geo.js";

const KINDS = ["closed", "wrong_place", "broken", "suggestion"];
const MOST_PHOTO_BYTES = 15_000_000;

/**
 * @param {{code?: string, name: string, position: [number, number], need?: boolean}} about
 */
export function openReport(about) {
  let kind = about.need ? "suggestion" : "";
  const words = h("textarea", { id: "report-words", maxlength: 500, placeholder: t("report.wordsHint") });
  const photo = h("input", { type: "file", accept: "image/*", id: "report-photo" });
  const send = h("button", { class: "button main wide", type: "button", disabled: !kind }, t("report.send"));
  const trouble = h("p", { class: "notice warn", role: "alert", hidden: true });
  const kinds = h(
    "div",
    { class: "report-kinds", role: "radiogroup", "aria-label": t("report.what") },
    KINDS.map((value) => {
      const input = h("input", { type: "radio", name: "report-kind", value });
      input.addEventListener("change", () => {
        kind = value;
        send.disabled = false;
      });
      return h("label", { class: "choice big" }, input, t(`report_kind.${value}`));
    }),
  );
  const body = h(
    "div",
    { class: "stack" },
    h("p", { class: "muted" }, about.need ? t("report.needAbout") : about.name),
    about.need ? null : kinds,
    h("label", { class: "field", for: "report-words" }, h("span", null, t("report.words")), words),
    about.need ? null : h("label", { class: "field", for: "report-photo" }, h("span", null, t("report.photo")), photo),
    trouble,
    send,
    h("p", { class: "small muted" }, t("report.privacy")),
  );
  const dialog = openDialog(t(about.need ? "report.needTitle" : "report.title"), [body]);
  send.addEventListener("click", async () => {
    const file = photo.files?.[0];
    if (file && file.size > MOST_PHOTO_BYTES) {
      trouble.textContent = t("report.photoBig");
      trouble.hidden = false;
      return;
    }
    send.disabled = true;
    send.textContent = t("report.sending");
    trouble.hidden = true;
    let number = "";
    try {
      ({ number } = await sendReport({ kind, words: words.value.trim(), file, about }));
    } catch (error) {
      trouble.textContent = error instanceof Error ? error.message : String(error);
      trouble.hidden = false;
      send.disabled = false;
      send.textContent = t("report.send");
      return;
    }
    const follow = () => {
      dialog.close();
      void openTicket(number);
    };
    fill(
      body,
      h(
        "div",
        { class: "notice good" },
        icon("check"),
        h("div", null, h("p", null, t("report.thanks")), h("p", { class: "small" }, t("report.next"))),
      ),
      h("p", null, t("report.number"), " ", h("b", { class: "ticket-number" }, number)),
      h("button", { class: "button wide", type: "button", onclick: follow }, t("report.follow")),
    );
    announce(t("report.thanks"));
  });
}

/**
 * @param {{kind: string, words: string, file?: File, about: {code?: string, position: [number, number]}}} report
 * @returns {Promise<{number: string}>}
 */
async function sendReport({ kind, words, file, about }) {
  const form = new FormData();
  form.set("kind", kind);
  if (about.code) form.set("station_code", about.code);
  // A wish for a station says roughly where, in words that staff read: the reader was told so and sends it on purpose.
  const where = about.code ? "" : t("report.needWhere", { place: rounded(about.position).join(", ") });
  form.set("text", [where, words].filter(Boolean).join("\n"));
  if (file) form.set("photo", file);
  return (await ask("/v1/reports", { method: "POST", body: form, timeoutMs: 60000 })).json();
}

/**
 * What became of a report: by its number, without any name.
 *
 * @param {string} number
 */
export async function openTicket(number) {
  const body = h("div", { class: "stack" }, h("p", { class: "skeleton" }, "·"));
  const field = h("input", { id: "ticket-number", value: number, inputmode: "numeric", autocomplete: "off" });
  const form = h(
    "form",
    { class: "stack" },
    h("label", { class: "field", for: "ticket-number" }, h("span", null, t("ticket.number")), field),
    h("button", { class: "button wide", type: "submit" }, t("ticket.look")),
  );
  const look = async () => {
    try {
      fill(body, ticket(await getJson(`/v1/reports/${encodeURIComponent(field.value.trim())}/status`)));
    } catch (error) {
      fill(body, h("p", { class: "notice warn", role: "alert" }, error instanceof Error ? error.message : String(error)));
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void look();
  });
  openDialog(t("ticket.title"), [body, form]);
  if (number) await look();
  else fill(body, h("p", { class: "muted" }, t("ticket.ask")));
}

/** @param {{number: string, kind: string, station: string | null, received_on: string, state: string}} found */
function ticket(found) {
  const done = found.state !== "open";
  const step = (/** @type {boolean} */ reached, /** @type {string} */ words) =>
    h("li", { class: reached ? "reached" : null }, icon(reached ? "check" : "clock"), words);
  return h(
    "section",
    { class: "stack tight ticket" },
    h("h3", null, found.number),
    h("p", null, [t(`report_kind.${found.kind}`), found.station].filter(Boolean).join(" · ")),
    h(
      "ol",
      { class: "stack tight" },
      step(true, t("ticket.received", { date: found.received_on })),
      step(done, t(done ? `ticket.${found.state}` : "ticket.open")),
    ),
  );
}
