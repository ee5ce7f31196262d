/** One way to ask something over the page: a native dialog with a heading, a body and a way out. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { layer } from "./layers.js";
import { t } from "./i18n.js";

/**
 * @param {string} title
 * @param {(Node | string)[]} body
 * @param {{className?: string, onClose?: () => void}} [more]
 * @returns {HTMLDialogElement} already open; it leaves the page when closed
 */
export function openDialog(title, body, more = {}) {
  const heading = h("h2", { id: `dialog-${Date.now()}` }, title);
  const close = h(
    "button",
    { class: "button plain icon-only", type: "button", "aria-label": t("action.close") },
    icon("close"),
  );
  const dialog = h(
    "dialog",
    { class: more.className, "aria-labelledby": heading.id },
    h("header", null, heading, close),
    h("div", { class: "body" }, body),
  );
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // the backdrop
  });
  document.body.append(dialog);
  dialog.showModal();
  const leave = layer(() => dialog.close());
  dialog.addEventListener("close", () => {
    leave();
    dialog.remove();
    more.onClose?.();
  });
  return dialog;
}
