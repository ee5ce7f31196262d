"""The application: ``create_app(settings)`` joins settings, middleware and routes; nothing happens on import."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio.to_thread
from fastapi import Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware

from geoplan.errors import GeoplanError
from geoplan.version import package_version
from geoplan_api.backups import backup_when_due
from geoplan_api.city.cache import ByteCache
from geoplan_api.http.delivery import Delivery
from geoplan_api.http.fast_path import Express
from geoplan_api.http.headers import security_headers
from geoplan_api.http.middleware import Gate, RequestContext
from geoplan_api.http.misses import MissCounter
from geoplan_api.http.ratelimit import RateLimiter
from geoplan_api.http.routes import (
    accounts,
    coverage,
    docs,
    documents,
    exports,
    feed,
    health,
    jobs,
    meta,
    nearest,
    ogc,
    pages,
    plan,
    questions,
    register,
    reports,
    rounds,
    scenarios,
    search,
    signon,
    stations,
    tiles,
)
from geoplan_api.http.security import KeyRing, check_api_key
from geoplan_api.http.state import Live, load_state
from geoplan_api.http.warmup import warm_up
from geoplan_api.jobs import Supervisor
from geoplan_api.metrics import Metrics
from geoplan_api.problems import add_problem_handlers
from geoplan_api.settings import Settings

__all__ = ["create_app"]

log = logging.getLogger("geoplan_api")
DESCRIPTION: Final = """Stations for outdoor workers: where they are, which is nearest on foot, whether the 15-minute
circle is met, and where the next ones should go. Positions are WGS-84 degrees unless `crs=gcj02` is asked for; times
are on the city's clock (UTC+8). Refusals are problem details (RFC 9457)."""
ROUTES: Final = (
    health,
    meta,
    stations,
    nearest,
    search,
    coverage,
    questions,
    plan,
    feed,
    jobs,
    scenarios,
    documents,
    accounts,
    signon,
    reports,
    register,
    rounds,
    exports,
    ogc,
    tiles,
    docs,
    pages,
)
# FastAPI's own spans hold the query, and with it positions, wherever a tracer happens to be configured.
_NO_TELEMETRY: Final[Any] = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
_BACKUP_LOOK_S: Final = 60.0
EXPRESS: Final = ("/v1/stations", "/v1/nearest")  # asked most; see geoplan_api.http.fast_path
UPLOAD_PATHS: Final = ("/v1/register/import", "/v1/reports")


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
        state = await anyio.to_thread.run_sync(load_state, settings, metrics)
        app.state.live = Live(state)
        app.state.keys = KeyRing(state.register)
        app.state.misses = misses = MissCounter()
        app.state.login_limit = RateLimiter(settings.limits.login_per_minute, 60.0)
        app.state.report_limit = RateLimiter(settings.limits.reports_per_hour, 3600.0)
        app.state.supervisor = supervisor = Supervisor(settings, state.pack.root, state.folder, state.jobs)
        supervisor.start()
        tasks = [asyncio.create_task(_follow(app.state.live, misses, settings.data.follow_s))]
        if settings.backup.every_h > 0:
            tasks.append(asyncio.create_task(_back_up(app.state.live, settings)))
        if settings.data.warm:
            tasks.append(asyncio.create_task(anyio.to_thread.run_sync(warm_up, app.state.live)))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            await anyio.to_thread.run_sync(supervisor.stop)
            await anyio.to_thread.run_sync(misses.write, state.register)
            state.register.close()

    app = FastAPI(
        title="geoplan",
        version=package_version(),
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # the stock pages load scripts from a CDN; routes/pages.py serves one that does not
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        telemetry=_NO_TELEMETRY,
        dependencies=[Depends(check_api_key)],
    )
    app.state.settings = settings
    app.state.metrics = metrics
    add_problem_handlers(app)
    for module in ROUTES:
        app.include_router(module.router)
    _finish_routes(app)
    _add_middleware(app, settings, metrics)
    return app


def _finish_routes(app: FastAPI) -> None:
    """Let FastAPI finish every route now, by a path that none has, instead of on the first request.

    It then silences a warning of pydantic by a filter that all threads share: another thread at the same moment undoes
    it, and where warnings are errors the request fails.
    """
    nowhere = {"type": "http", "method": "GET", "path": "/\0", "root_path": "", "headers": []}
    for route in app.router.routes:
        route.matches(nowhere)


async def _follow(live: Live, misses: MissCounter, every_s: float) -> None:
    """Follow changes that other processes make to the register; while it is away, the last state is served."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await anyio.to_thread.run_sync(live.refresh)
            await anyio.to_thread.run_sync(misses.write, live.state.register)
        except GeoplanError as error:
            log.warning("unavailable", extra={"reason": type(error).__name__, "step": "follow register"})


async def _back_up(live: Live, settings: Settings) -> None:
    """Make the backups that the settings ask for; one that fails is said in the log and tried again."""
    while True:
        state = live.state
        try:
            made = await anyio.to_thread.run_sync(backup_when_due, settings, state.folder, state.register)
            if made is not None:
                log.info("backup", extra={"bytes": made.size_bytes})
        except (GeoplanError, OSError, sqlite3.Error) as error:
            log.error("backup failed", extra={"reason": type(error).__name__})
        await asyncio.sleep(_BACKUP_LOOK_S)


def _add_middleware(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """Add the middleware, innermost first: the last one added sees a request first."""
    routes = (*stations.router.routes, *nearest.router.routes)
    app.add_middleware(Express, routes=[route for route in routes if getattr(route, "path", "") in EXPRESS])
    app.add_middleware(Delivery, cache=ByteCache(settings.limits.cache_bytes // 2))
    app.add_middleware(
        Gate,
        limits=settings.limits,
        upload_paths=UPLOAD_PATHS,
        trust_forwarded_for=settings.security.trust_forwarded_for,
        hosts=settings.security.trusted_hosts,
    )
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
