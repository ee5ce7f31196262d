/** Handing the way over to the reader's own map, in the coordinate system that each map expects. */

import { h } from "../lib/dom.js";
import { openDialog } from "../lib/dialog.js";
import { icon } from "../lib/icons.js";
import { t } from "../lib/i18n.js";
import { wgs84ToBd09, wgs84ToGcj02 } from "../lib/crs.js";

/** @typedef {import("../lib/geo.js").LonLat} LonLat */

const APPLE = /iPhone|iPad|iPod|Macintosh/;
const SOURCE = "geoplan";

/**
 * Links that start walking navigation to a place.
 *
 * Amap and Tencent take GCJ-02, Baidu BD-09, and a `geo:` address is WGS-84 by its standard (RFC 5870). An iPhone knows
 * no `geo:`; its own map draws the mainland from Amap's data and takes GCJ-02 there.
 *
 * @param {LonLat} position WGS-84
 * @param {string} name
 * @param {{from?: LonLat | null, city?: string, agent?: string}} [about] a place that was searched, the city, the browser
 * @returns {{app: string, url: string}[]}
 */
export function navigationLinks(position, name, { from = null, city = "", agent = navigator.userAgent } = {}) {
  const six = (/** @type {number} */ value) => value.toFixed(6);
  const [gLon, gLat] = wgs84ToGcj02(position).map(six);
  const [bLon, bLat] = wgs84ToBd09(position).map(six);
  const [lon, lat] = position.map(six);
  const said = encodeURIComponent(name);
  const baidu = (/** @type {string[]} */ [x, y], /** @type {string} */ label) =>
    encodeURIComponent(`latlng:${y},${x}|name:${label}`);
  const start = from ? baidu(wgs84ToBd09(from).map(six), t("navigate.start")) : encodeURIComponent("我的位置");
  const own = APPLE.test(agent)
    ? { app: "apple", url: `maps://?daddr=${gLat},${gLon}&dirflg=w&q=${said}` }
    : { app: "system", url: `geo:${lat},${lon}?q=${lat},${lon}(${said})` };
  return [
    {
      app: "amap",
      url: `https://uri.amap.com/navigation?to=${gLon},${gLat},${said}&mode=walk&coordinate=gaode&callnative=1&src=${SOURCE}`,
    },
    {
      app: "baidu",
      url: `https://api.map.baidu.com/direction?origin=${start}&destination=${baidu([bLon, bLat], name)}&mode=walking&region=${encodeURIComponent(city)}&coord_type=bd09ll&output=html&src=${SOURCE}`,
    },
    {
      app: "tencent",
      url: `https://apis.map.qq.com/uri/v1/routeplan?type=walk&to=${said}&tocoord=${gLat},${gLon}&referer=${SOURCE}`,
    },
    own,
  ];
}

/**
 * @param {LonLat} position
 * @param {string} name
 * @param {{from?: LonLat | null, city?: string}} about
 */
export function openNavigation(position, name, about) {
  openDialog(t("navigate.title"), [
    h("p", { class: "muted" }, t("navigate.to", { name })),
    h(
      "ul",
      { class: "stack" },
      navigationLinks(position, name, about).map(({ app, url }) =>
        h(
          "li",
          null,
          h(
            "a",
            {
              class: "button wide",
              href: url,
              target: url.startsWith("https:") ? "_blank" : null,
              rel: "noopener noreferrer",
              "data-app": app,
            },
            icon(url.startsWith("https:") ? "navigate" : "phone"),
            t(`navigate.${app}`),
          ),
        ),
      ),
    ),
    h("p", { class: "small muted" }, t("navigate.note")),
  ]);
}
