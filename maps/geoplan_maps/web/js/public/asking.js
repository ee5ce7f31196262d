/** What the page asks the service for by itself: the city, the feed, the walking times. Answers go into the store. */

import { ApiError, getJson } from "../lib/api.js";
import { setCounted } from "../lib/i18n.js";
import { askWalks, loadFeed, storedFeed } from "./feed.js";

/** After this long without an answer, what is shown is said to be old. */
const PATIENCE_MS = 3000;

/** @param {import("../lib/store.js").Store<import("./state.js").PublicState>} store */
export function asking(store) {
  async function feed() {
    const fresh = loadFeed();
    fresh.catch(() => undefined); // is told below, once the phone's own store has answered
    const kept = await storedFeed().catch(() => null);
    if (kept && store.get().feed === "loading") store.set({ ...kept, stale: false, feed: "ready" });
    const slow = setTimeout(() => store.set({ stale: Boolean(kept) }), PATIENCE_MS);
    try {
      const came = await fresh;
      const online = came.stale ? store.get().online : true;
      store.set({ ...came, feed: "ready", failure: "", now: new Date(), online });
    } catch (error) {
      store.set({ feed: "failed", failure: error instanceof Error ? error.message : String(error), stale: true });
    } finally {
      clearTimeout(slow);
    }
  }

  async function meta() {
    try {
      const city = await getJson("/v1/meta");
      setCounted(city.demand_unit);
      store.set({ meta: city });
    } catch {
      setTimeout(meta, 15000); // the list works without it; the map waits for it
    }
  }

  /** @type {AbortController | null} */
  let walking = null;

  async function walks() {
    const { origin, filters, online, slow } = store.get();
    walking?.abort();
    if (!origin || !online) return store.set({ walks: new Map(), walking: "idle" });
    const mine = (walking = new AbortController());
    store.set({ walking: "asking", walks: new Map() });
    try {
      const known = await askWalks(origin.position, filters, slow, mine.signal);
      if (!mine.signal.aborted) store.set({ walks: known, walking: "known" });
    } catch (error) {
      if (!mine.signal.aborted) store.set({ walking: "failed" }); // the straight-line guess stays, marked as one
      if (error instanceof ApiError && error.kind === "refused") console.warn(error.message);
    }
  }

  return { feed, meta, walks };
}
