/** The door of the desk: signing in and out. */

import { ApiError, getJson, postJson, setCsrf } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { failed } from "./states.js";

/**
 * @typedef {object} Account
 * @property {string} name
 * @property {string} role viewer, editor, reviewer or admin
 */

let singleSignOn = false;

/**
 * @returns {Promise<Account | null>} null where nobody is signed in
 */
export async function whoAmI() {
  const answer = await getJson("/v1/me");
  singleSignOn = Boolean(answer.single_sign_on);
  return answer.signed_in ? account(answer) : null;
}

/**
 * @param {any} answer
 * @returns {Account}
 */
function account(answer) {
  setCsrf(answer.csrf);
  return { name: answer.name, role: answer.role };
}

/**
 * @param {HTMLElement} box
 * @param {(who: Account) => void} entered
 */
export function showDoor(box, entered) {
  const name = h("input", { type: "text", name: "name", autocomplete: "username", required: true, id: "login-name" });
  const password = h("input", {
    type: "password",
    name: "password",
    autocomplete: "current-password",
    required: true,
    id: "login-password",
  });
  const code = h("input", {
    type: "text",
    name: "code",
    autocomplete: "one-time-code",
    inputmode: "numeric",
    maxlength: "12",
    id: "login-code",
  });
  const second = h("label", { class: "field", for: "login-code" }, h("span", null, t("login.code")), code);
  second.hidden = true;
  const trouble = h("div");
  const enter = h("button", { class: "button main wide", type: "submit" }, t("login.enter"));
  const form = h(
    "form",
    null,
    h("h1", null, t("login.title")),
    h("p", { class: "muted" }, t("login.about")),
    h("label", { class: "field", for: "login-name" }, h("span", null, t("login.name")), name),
    h("label", { class: "field", for: "login-password" }, h("span", null, t("login.password")), password),
    second,
    trouble,
    enter,
    singleSignOn ? h("a", { class: "button wide", href: "/v1/sso/start" }, t("login.sso")) : null,
    h("p", { class: "small muted" }, t("login.none"), " ", h("a", { href: "/" }, t("login.public"))),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    enter.disabled = true;
    fill(trouble);
    try {
      const answer = await postJson("/v1/login", {
        name: name.value,
        password: password.value,
        code: code.value,
      });
      password.value = "";
      code.value = "";
      entered(account(answer));
    } catch (error) {
      fill(trouble, failed(error instanceof Error ? error.message : String(error)));
      if (error instanceof ApiError && error.detail?.type?.endsWith("#code")) {
        second.hidden = false;
        code.focus();
      } else {
        password.select();
      }
    } finally {
      enter.disabled = false;
    }
  });
  fill(box, form);
  name.focus();
}

export async function leave() {
  await postJson("/v1/logout", {});
  setCsrf("");
}
