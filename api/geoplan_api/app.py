"""The application: ``create_app(settings)`` joins settings, middleware and routes; nothing happens on import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from geoplan.version import package_version
from geoplan_api.cache import ByteCache
from geoplan_api.delivery import Delivery
from geoplan_api.headers import security_headers
from geoplan_api.metrics import Metrics
from geoplan_api.middleware import Gate, RequestContext
from geoplan_api.problems import add_problem_handlers
from geoplan_api.routes import coverage, health, meta, pages, plan, stations, tiles
from geoplan_api.settings import Settings
from geoplan_api.state import load_state

__all__ = ["create_app"]

DESCRIPTION = """Stations for outdoor workers: where they are, which is nearest on foot, whether the 15-minute circle is
met, and where the next ones should go. Positions are WGS-84 degrees unless `crs=gcj02` is asked for; times are on the
city's clock (UTC+8). Refusals are problem details (RFC 9457)."""
ROUTES = (health, meta, stations, coverage, plan, tiles, pages)
UPLOAD_PATHS = ("/v1/register/import", "/v1/reports")


def create_app(settings: Settings) -> FastAPI:
    """Build the service.

    Parameters
    ----------
    settings : Settings
        Everything that may differ between two services.

    Returns
    -------
    FastAPI
        The application; its state is loaded when it starts (ASGI lifespan).
    """
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.service = await anyio.to_thread.run_sync(load_state, settings, metrics)
        yield

    app = FastAPI(
        title="geoplan",
        version=package_version(),
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # the stock pages load scripts from a CDN; routes/docs.py serves one that does not
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        strict_content_type=False,
    )
    app.state.settings = settings
    app.state.metrics = metrics
    add_problem_handlers(app)
    for module in ROUTES:
        app.include_router(module.router)
    # Added innermost first: the last one added sees a request first.
    app.add_middleware(Delivery, cache=ByteCache(settings.limits.cache_bytes // 2))
    app.add_middleware(Gate, limits=settings.limits, upload_paths=UPLOAD_PATHS)
    if settings.security.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.security.cors_origins),
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["Content-Type", "X-API-Key", "X-CSRF-Token", "If-None-Match"],
            expose_headers=["ETag", "Last-Modified", "X-Request-ID", "Retry-After"],
            max_age=600,
        )
    app.add_middleware(RequestContext, metrics=metrics, headers=security_headers(settings))
    return app
