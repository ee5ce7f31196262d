/*
 * The public map without a network: the app itself, the last feed, and the base tiles of the areas that were viewed.
 * Nothing that a signed-in reader sees is kept, and no request that carries a position.
 */
const VERSION = "{{version}}";
const SHELL = `shell-${VERSION}`;
const VENDOR = ["/vendor/maplibre-gl.js?v={{maplibre}}", "/vendor/maplibre-gl.css?v={{maplibre}}"];
const FEED = "feed-2"; // since the feed carries its hours worked out
const BASE = "base-1";
const MOST_TILES = 1500;
const FEED_PATHS = ["/v1/stations", "/v1/meta"];

self.addEventListener("install", (event) => {
  event.waitUntil(install());
});

async function install() {
  const names = await (await fetch(`/static/${VERSION}/offline.json`)).json();
  const cache = await caches.open(SHELL);
  const files = names.map((name) => `/static/${VERSION}/${name}`);
  await cache.addAll(["/", ...files, ...VENDOR]);
  // What the page asked for before there was a worker: the first visit must be enough.
  await Promise.all(["/v1/stations?limit=2000", "/v1/meta"].map((path) => keep(new Request(path))));
  await self.skipWaiting();
}

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const kept = [SHELL, FEED, BASE];
      const names = await caches.keys();
      await Promise.all(names.filter((name) => !kept.includes(name)).map((name) => caches.delete(name)));
      await self.clients.claim();
    })(),
  );
});

/** The page tells what its first view was drawn from; mostly it still lies in the browser's own store. */
self.addEventListener("message", (event) => {
  const urls = event.data?.keep ?? [];
  event.waitUntil(Promise.all(urls.map((url) => keep(new Request(url)).catch(() => undefined))));
});

/** Where a request is kept, if at all. */
function placeOf(url) {
  if (url.origin !== location.origin) return null;
  if (url.pathname.startsWith("/static/") || url.pathname.startsWith("/vendor/")) return SHELL;
  if (isFeed(url)) return FEED;
  return /^\/v1\/(tiles\/base|tiles\/base\.json|glyphs|still|style\.json)/.test(url.pathname) ? BASE : null;
}

async function keep(request) {
  const place = placeOf(new URL(request.url));
  if (!place) return;
  const cache = await caches.open(place);
  if (await cache.match(request, { ignoreVary: true })) return;
  const response = await fetch(request, { cache: "force-cache" });
  if (!response.ok) return;
  await cache.put(request, place === FEED ? dated(response) : storable(response));
}

/** A 204 cannot be rebuilt from the store with a body, an empty tile can. */
function storable(response) {
  return response.status === 204 ? new Response(new Uint8Array(), { status: 200 }) : response;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname === "/") event.respondWith(freshFirst(request, SHELL, "/", 4000));
    return;
  }
  const place = placeOf(url);
  if (place === SHELL) event.respondWith(storedFirst(request, SHELL));
  else if (place === FEED) event.respondWith(freshFirst(request, FEED, request.url, 6000));
  else if (place === BASE) event.respondWith(storedThenFresh(request, event));
});

/** The whole list, the city's description, one station and its QR code: never a search, a position or a filter. */
function isFeed(url) {
  if (FEED_PATHS.includes(url.pathname)) return url.search === "" || url.search === "?limit=2000";
  return /^\/v1\/stations\/[^/]+(\/qr\.svg)?$/.test(url.pathname) && url.search === "";
}

async function freshFirst(request, cacheName, key, patienceMs) {
  const cache = await caches.open(cacheName);
  try {
    // Past the browser's own store: an answer from there would look fresh on a phone without a network.
    const response = await fetch(request, { signal: AbortSignal.timeout(patienceMs), cache: "no-cache" });
    if (response.ok) await cache.put(key, dated(response.clone()));
    return response;
  } catch (error) {
    const stored = await cache.match(key, { ignoreVary: true });
    if (stored) return stored;
    throw error;
  }
}

/** A copy that says when it was stored, so that the page can tell the reader how old it is. */
function dated(response) {
  const headers = new Headers(response.headers);
  headers.set("X-Geoplan-Stored", new Date().toISOString());
  headers.delete("Content-Encoding"); // the stored body is already unpacked
  headers.delete("Content-Length");
  return new Response(response.body, { status: response.status, headers });
}

async function storedFirst(request, cacheName) {
  const stored = await caches.match(request, { ignoreVary: true });
  if (stored) return stored;
  const response = await fetch(request);
  if (response.ok && /\/static\/|\?v=/.test(request.url)) (await caches.open(cacheName)).put(request, response.clone());
  return response;
}

async function storedThenFresh(request, event) {
  const cache = await caches.open(BASE);
  const stored = await cache.match(request, { ignoreVary: true });
  const fresh = fetch(request).then(async (response) => {
    if (response.ok) {
      await cache.put(request, storable(response.clone()));
      await trim(cache);
    }
    return response;
  });
  if (!stored) return fresh;
  event.waitUntil(fresh.catch(() => undefined));
  return stored;
}

async function trim(cache) {
  const keys = await cache.keys();
  for (const key of keys.slice(0, Math.max(0, keys.length - MOST_TILES))) await cache.delete(key);
}
