/** What a reader chose once and keeps: language, elder view, colours. */

/**
 * @typedef {object} Prefs
 * @property {"zh" | "en"} language
 * @property {boolean} elder
 * @property {"auto" | "light" | "dark"} theme
 */

const KEY = "geoplan.prefs";

/** @type {Prefs} */
const DEFAULTS = { language: "zh", elder: false, theme: "auto" };

/** @returns {Prefs} */
export function readPrefs() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return { ...DEFAULTS }; // storage is refused in some private windows
  }
}

/** @param {Partial<Prefs>} change */
export function writePrefs(change) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...readPrefs(), ...change }));
  } catch {
    // The choice then lasts for this visit only.
  }
}

/**
 * Put the choices on the page's root, where the style sheets read them.
 *
 * @param {Prefs} prefs
 */
export function applyPrefs(prefs) {
  const root = document.documentElement;
  root.lang = prefs.language === "zh" ? "zh-CN" : "en";
  root.toggleAttribute("data-elder", prefs.elder);
  root.dataset.theme = theme(prefs);
}

/**
 * @param {Prefs} prefs
 * @returns {"light" | "dark"}
 */
export function theme(prefs) {
  if (prefs.theme !== "auto") return prefs.theme;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
