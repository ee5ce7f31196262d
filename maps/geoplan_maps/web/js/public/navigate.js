/** Handing the way over to the reader's own map, in the coordinate system that each map expects. */

import { h } from "../lib/dom.js";
import { openDialog } from "../lib/dialog.js";
import { icon } from "../lib/icons.js";
import { t } from "../lib/i18n.js";
import { wgs84ToBd09, wgs84ToGcj02 } from "../lib/crs.js";

/** @typedef {import("../lib/geo.js").LonLat} LonLat */

const SOURCE = "geoplan";

/**
 * Links that start walking navigation to a place.
 *
 * Amap and Tencent take GCJ-02, Baidu BD-09, and a `geo:` address is WGS-84 by its standard (RFC 5870).
 *
 * @param {LonLat} position WGS-84
 * @param {string} name
 * @returns {{app: string, url: string}[]}
 */
export function navigationLinks(position, name) {
  const six = (/** @type {number} */ value) => value.toFixed(6);
  const [gLon, gLat] = wgs84ToGcj02(position).map(six);
  const [bLon, bLat] = wgs84ToBd09(position).map(six);
  const [lon, lat] = position.map(six);
  const said = encodeURIComponent(name);
  return [
    {
      app: "amap",
      url: `https://uri.amap.com/navigation?to=${gLon},${gLat},${said}&mode=walk&coordinate=gaode&callnative=1&src=${SOURCE}`,
    },
    {
      app: "baidu",
      url: `https://api.map.baidu.com/marker?location=${bLat},${bLon}&title=${said}&content=${said}&coord_type=bd09ll&output=html&src=${SOURCE}`,
    },
    {
      app: "tencent",
      url: `https://apis.map.qq.com/uri/v1/routeplan?type=walk&to=${said}&tocoord=${gLat},${gLon}&referer=${SOURCE}`,
    },
    { app: "system", url: `geo:${lat},${lon}?q=${lat},${lon}(${said})` },
  ];
}

/**
 * @param {LonLat} position
 * @param {string} name
 */
export function openNavigation(position, name) {
  openDialog(t("navigate.title"), [
    h("p", { class: "muted" }, t("navigate.to", { name })),
    h(
      "ul",
      { class: "stack" },
      navigationLinks(position, name).map(({ app, url }) =>
        h(
          "li",
          null,
          h(
            "a",
            {
              class: "button wide",
              href: url,
              target: app === "system" ? null : "_blank",
              rel: "noopener noreferrer",
              "data-app": app,
            },
            icon(app === "system" ? "phone" : "navigate"),
            t(`navigate.${app}`),
          ),
        ),
      ),
    ),
    h("p", { class: "small muted" }, t("navigate.note")),
  ]);
}
