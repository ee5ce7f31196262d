/** The phone's own position: asked for only when the reader taps, and rounded before it is sent anywhere. */

import { t } from "../lib/i18n.js";
import { rounded } from "../lib/geo.js";

/**
 * @returns {Promise<import("./state.js").Origin>}
 */
export function locate() {
  return new Promise((resolve, reject) => {
    if (!("geolocation" in navigator) || !window.isSecureContext) return reject(new Error(t("locate.unavailable")));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const shown = /** @type {[number, number]} */ ([coords.longitude, coords.latitude]);
        resolve({ kind: "gps", position: rounded(shown), shown, label: t("locate.here") });
      },
      (error) => reject(new Error(t(error.code === error.PERMISSION_DENIED ? "locate.refused" : "locate.failed"))),
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 30000 },
    );
  });
}
