/** Asking the service, and turning every way that can fail into one kind of error with a sentence for the reader. */

import { language, t } from "./i18n.js";

/** An answer that did not come, with a sentence that says what happened and what to do. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {{kind: "offline" | "slow" | "refused" | "down", status?: number, detail?: any}} about
   */
  constructor(message, about) {
    super(message);
    this.kind = about.kind;
    this.status = about.status ?? 0;
    this.detail = about.detail;
  }
}

/** @type {string} */
let csrf = "";

/** @param {string} token what the service gave at sign-in, sent with every change */
export function setCsrf(token) {
  csrf = token;
}

/**
 * @param {string} path
 * @param {Record<string, string | number | boolean | null | undefined>} [query]
 * @returns {string}
 */
export function address(path, query = {}) {
  const parts = Object.entries(query)
    .filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false)
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`);
  return parts.length ? `${path}?${parts.join("&")}` : path;
}

/**
 * @typedef {object} Asked
 * @property {string} [method]
 * @property {any} [json] body, sent as JSON
 * @property {BodyInit} [body]
 * @property {number} [timeoutMs]
 * @property {AbortSignal} [signal]
 */

/**
 * @param {string} url
 * @param {Asked} [asked]
 * @returns {Promise<Response>}
 */
export async function ask(url, asked = {}) {
  const limit = AbortSignal.timeout(asked.timeoutMs ?? 20000);
  const signal = asked.signal ? AbortSignal.any([limit, asked.signal]) : limit;
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json, application/geo+json;q=0.9, */*;q=0.1" };
  if (asked.json !== undefined) headers["Content-Type"] = "application/json";
  if (asked.method && asked.method !== "GET" && csrf) headers["X-CSRF-Token"] = csrf;
  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, {
      method: asked.method ?? "GET",
      headers,
      body: asked.json !== undefined ? JSON.stringify(asked.json) : asked.body,
      signal,
      credentials: "same-origin",
    });
  } catch (error) {
    if (asked.signal?.aborted) throw error;
    if (limit.aborted) throw new ApiError(t("error.slow"), { kind: "slow" });
    throw new ApiError(t(navigator.onLine ? "error.down" : "error.offline"), {
      kind: navigator.onLine ? "down" : "offline",
    });
  }
  if (response.ok) return response;
  throw await refusal(response);
}

/**
 * @param {Response} response
 * @returns {Promise<ApiError>}
 */
async function refusal(response) {
  /** @type {any} */
  let problem = {};
  try {
    problem = await response.json();
  } catch {
    // A proxy in between answers HTML; the status says enough.
  }
  const status = response.status;
  if (status >= 500 && !problem.detail_zh && !problem.title_zh) {
    return new ApiError(t("error.down"), { kind: "down", status, detail: problem });
  }
  const own =
    language() === "zh"
      ? problem.detail_zh || problem.title_zh || problem.detail || problem.title
      : problem.detail || problem.title;
  if (status === 429) return new ApiError(own || t("error.busy"), { kind: "refused", status, detail: problem });
  return new ApiError(own || t("error.refused", { status }), { kind: "refused", status, detail: problem });
}

/**
 * @param {string} url
 * @param {Asked} [asked]
 * @returns {Promise<any>}
 */
export async function getJson(url, asked) {
  const response = await ask(url, asked);
  return response.status === 204 ? null : response.json();
}

/**
 * @param {string} url
 * @param {any} json
 * @param {Asked} [asked]
 * @returns {Promise<any>}
 */
export function postJson(url, json, asked = {}) {
  return getJson(url, { method: "POST", json, ...asked });
}
