/** Sharing a station: its link, copied, handed to the phone, or as a QR code for the phone across the table. */

import { announce, h } from "../lib/dom.js";
import { openDialog } from "../lib/dialog.js";
import { icon } from "../lib/icons.js";
import { t } from "../lib/i18n.js";

/**
 * @param {string} code
 * @returns {string}
 */
export function stationLink(code) {
  return `${location.origin}${location.pathname}#s=${encodeURIComponent(code)}`;
}

/**
 * @param {string} code
 * @param {string} name
 */
export function openShare(code, name) {
  const link = stationLink(code);
  const field = h("input", { type: "url", readonly: true, value: link, "aria-label": t("share.link") });
  const copy = h("button", { class: "button", type: "button" }, icon("copy"), t("share.copy"));
  copy.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(link);
    } catch {
      document.execCommand("copy"); // the clipboard needs HTTPS; an old command does not
    }
    copy.replaceChildren(icon("check"), t("share.copied"));
    announce(t("share.copied"));
  });
  const picture = h("img", {
    class: "qr",
    src: `/v1/stations/${encodeURIComponent(code)}/qr.svg`,
    alt: t("share.qr", { name }),
  });
  const figure = h("figure", null, picture, h("figcaption", { class: "small muted centred" }, t("share.scan")));
  picture.addEventListener("error", () => figure.remove()); // offline and never shown before: the link is still there
  /** @type {Node[]} */
  const body = [
    h("p", null, name),
    figure,
    h("div", { class: "row nowrap" }, field, copy),
  ];
  if (typeof navigator.share === "function") {
    const hand = h("button", { class: "button main wide", type: "button" }, icon("share"), t("share.send"));
    hand.addEventListener("click", () => {
      navigator.share({ title: name, url: link }).catch(() => undefined); // the reader may change their mind
    });
    body.push(hand);
  }
  openDialog(t("share.title"), body);
}
