"""``geoplan serve``: the service and the electronic map on this machine."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import uvicorn
from fastapi import FastAPI

from geoplan.errors import InputError
from geoplan_api.cli.output import error_console
from geoplan_api.cli.staff import service_register
from geoplan_api.http.app import create_app
from geoplan_api.settings import DataSettings, Settings

__all__ = ["application", "run_service", "serve"]

_COMPILING_S: Final = 120  # a process that compiles the search for the first time is not dead
_SERVER: Final[dict[str, Any]] = {
    "log_level": "warning",
    "access_log": False,
    "server_header": False,
    "http": "geoplan_api.http.protocol:BoundedHttp",
    "proxy_headers": False,  # uvicorn believes X-Forwarded-For of its own machine; here the settings say who does
}


def serve(
    pack: Annotated[Path | None, typer.Argument(help="A pack folder; the demonstration city without it.")] = None,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 opens it to the network.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(help="Processes that answer; 0 for one a core.", min=0, max=64)] = 1,
) -> None:
    """Serve the public map, the planner's desk and the API."""
    # a faulty pack or register is said here, in one sentence a fault, not in the server's log
    service_register(pack).close()
    run_service(pack, host, port, workers or os.cpu_count() or 1)


def run_service(pack: Path | None, host: str, port: int, workers: int = 1) -> None:
    """Start the service and stay until Ctrl-C.

    Parameters
    ----------
    pack : pathlib.Path, optional
        Folder of the pack; that of the settings, else the demonstration city, without it.
    host, port : str, int
        Where to listen.
    workers : int
        Processes that answer. Each holds the city; jobs are watched by one of them.

    Raises
    ------
    InputError
        The port is taken.
    """
    with socket.socket() as probe:
        # as the server itself binds: a port that lingers after a restart is free on POSIX systems
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise InputError(f"port {port} on {host} is taken or not allowed; choose another with --port") from None
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0"} else host  # noqa: S104 - only compared with
    error_console().print(f"map: [bold]http://{shown}:{port}/[/]   API: http://{shown}:{port}/docs   stop: Ctrl-C")
    if workers == 1:
        uvicorn.run(create_app(_settings(pack)), host=host, port=port, **_SERVER)
        return
    if pack is not None:
        os.environ["GEOPLAN_DATA__PACK"] = str(pack.resolve())  # the processes read their settings from here
    with tempfile.TemporaryDirectory(prefix="geoplan-metrics-") as counts:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = counts  # one count over all processes, whichever is asked
        uvicorn.run(
            "geoplan_api.cli.serve:application",
            factory=True,
            workers=workers,
            timeout_worker_healthcheck=_COMPILING_S,
            host=host,
            port=port,
            **_SERVER,
        )


def application() -> FastAPI:
    """Build the service from the environment, in each of several processes."""
    return create_app(Settings())


def _settings(pack: Path | None) -> Settings:
    settings = Settings()
    if pack is None:
        return settings
    return settings.model_copy(update={"data": DataSettings(**(settings.data.model_dump() | {"pack": pack}))})
