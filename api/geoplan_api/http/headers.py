"""Security headers of every answer; one policy for all pages, with no foreign script."""

from __future__ import annotations

from geoplan_api.settings import Settings

__all__ = ["security_headers"]

_TIANDITU = " ".join(f"https://t{i}.tianditu.gov.cn" for i in range(8))


def security_headers(settings: Settings) -> dict[str, str]:
    """Return the headers that an answer carries unless its route sets its own."""
    images = f"'self' data: blob: {_TIANDITU}" if settings.map.basemap == "tianditu" else "'self' data: blob:"
    connect = f"'self' {_TIANDITU}" if settings.map.basemap == "tianditu" else "'self'"
    frames = " ".join(("'self'", *settings.security.embed_origins))
    headers = {
        "Content-Security-Policy": "; ".join(
            (
                "default-src 'self'",
                "script-src 'self'",
                "style-src 'self' 'unsafe-inline'",  # MapLibre and the pages place elements by style attributes
                f"img-src {images}",
                f"connect-src {connect}",
                "worker-src 'self' blob:",  # MapLibre starts its workers from a blob
                "object-src 'none'",
                "base-uri 'self'",
                "form-action 'self'",
                f"frame-ancestors {frames}",
            )
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if settings.security.secure_cookies is not False:  # over plain HTTP browsers pass it over
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if not settings.security.embed_origins:
        headers["X-Frame-Options"] = "SAMEORIGIN"
    return headers
