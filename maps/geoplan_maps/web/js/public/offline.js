/** A visit without a network: after the first one everything that it needs is stored. */

/** @type {Set<string>} what the map asked for; its workers fetch behind the page's back */
const asked = new Set();
/** @type {ServiceWorker | null} */
let worker = null;

/** @param {string} url that the map asks for */
export function noteAsked(url) {
  asked.add(new URL(url, location.href).href);
  if (worker) tell();
}

/**
 * Store the page for a visit without a network; only once the list and the map are there, as it would compete with them
 * for a slow line.
 */
export async function keepOffline() {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("/sw.js");
  } catch {
    return; // plain HTTP refuses
  }
  worker = (await navigator.serviceWorker.ready).active;
  for (const { name } of performance.getEntriesByType("resource")) asked.add(name);
  tell();
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let due;

/** Hand over what was asked for; the worker keeps what it keeps of every visit, and drops the rest. */
function tell() {
  clearTimeout(due);
  due = setTimeout(() => {
    worker?.postMessage({ keep: [...asked] });
    asked.clear();
  }, 300);
}
