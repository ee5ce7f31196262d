"""``geoplan serve``: the service and the electronic map on this machine."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from geoplan.errors import InputError
from geoplan_api.app import create_app
from geoplan_api.cli.output import error_console
from geoplan_api.cli.staff import service_register
from geoplan_api.settings import DataSettings, Settings

__all__ = ["run_service", "serve"]


def serve(
    pack: Annotated[Path | None, typer.Argument(help="A pack folder; the demonstration city without it.")] = None,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 opens it to the network.")] = "127.0.0.1",
) -> None:
    """Serve the public map, the planner's desk and the API."""
    # a faulty pack or register is said here, in one sentence a fault, not in the server's log
    service_register(pack).close()
    run_service(pack, host, port)


def run_service(pack: Path | None, host: str, port: int) -> None:
    """Start the service and stay until Ctrl-C.

    Raises
    ------
    InputError
        The port is taken.
    """
    settings = Settings()
    if pack is not None:
        data = settings.data.model_dump() | {"pack": pack}
        settings = settings.model_copy(update={"data": DataSettings(**data)})
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
    uvicorn.run(create_app(settings), host=host, port=port, log_level="warning", access_log=False, server_header=False)
