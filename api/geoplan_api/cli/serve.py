"""``geoplan serve``: the service and the electronic map on this machine."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shlex
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import uvicorn
from fastapi import FastAPI

from geoplan.errors import FaultLog, InputError
from geoplan.registry.accounts import accounts
from geoplan_api.cli.output import error_console
from geoplan_api.cli.scratch import scratch
from geoplan_api.cli.staff import service_place, service_register
from geoplan_api.http.app import create_app
from geoplan_api.http.security import LOOPBACK
from geoplan_api.logs import configure_logging
from geoplan_api.settings import PRIVATE_FILES, DataSettings, Settings

__all__ = ["application", "check_exposure", "run_service", "serve"]

LISTEN_HERE: Final = (*LOOPBACK, "0.0.0.0")  # noqa: S104 - only compared with
_CONNECTIONS: Final = 65_536
_LEAVING_S: Final = 10.0

_COMPILING_S: Final = 120  # a process that compiles the search for the first time is not dead
_SERVER: Final[dict[str, Any]] = {
    "log_config": None,  # ours: see geoplan_api.logs
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
        The port is taken, or others could reach a service that is not ready for them.
    """
    settings = _settings(pack)
    check_exposure(host, settings)
    _check_port(host, port)
    os.umask(PRIVATE_FILES)
    _many_connections()
    # a faulty pack or register is said here, in one sentence a fault, not in the server's log
    with service_register(pack) as register:
        nobody = not accounts(register)
    secure = settings.security.tls_certificate is not None
    shown = f"{'https' if secure else 'http'}://{'localhost' if host in LISTEN_HERE else host}:{port}"
    say = error_console()
    say.print(f"map: [bold]{shown}/[/]   API: {shown}/docs   stop: Ctrl-C")
    if nobody:
        chosen = "" if pack is None else f" --pack {shlex.quote(str(pack))}"
        say.print("the desk at /planner has no account yet; in another terminal run")
        say.print(f"    geoplan staff add NAME --role admin{chosen}", markup=False, soft_wrap=True)
    if secure:
        tls = {"ssl_certfile": settings.security.tls_certificate, "ssl_keyfile": settings.security.tls_key}
    else:
        tls = {}
    listen: dict[str, Any] = {"host": host, "port": port, **_SERVER, **tls}
    folder = service_place(settings)
    with scratch(folder) as place:
        if workers == 1:
            app = create_app(settings)
            configure_logging(settings.log, folder)
            uvicorn.run(app, **listen)
            return
        if pack is not None:
            os.environ["GEOPLAN_DATA__PACK"] = str(pack.resolve())  # the processes read their settings from here
        os.environ["GEOPLAN_DATA__FOLDER"] = str(folder)
        counts = place / "metrics"
        counts.mkdir()
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts)  # one count over all processes, whichever is asked
        uvicorn.run(
            "geoplan_api.cli.serve:application",
            factory=True,
            workers=workers,
            timeout_worker_healthcheck=_COMPILING_S,
            **listen,
        )


def application() -> FastAPI:
    """Build the service from the environment, in each of several processes."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.umask(PRIVATE_FILES)
    settings = Settings()
    configure_logging(settings.log, service_place(settings))
    return create_app(settings)


def check_exposure(host: str, settings: Settings) -> None:
    """Refuse to listen beyond this machine before it was said by which names and how it is protected.

    Raises
    ------
    InputError
        What is missing, and the settings that say it.
    """
    security = settings.security
    log = FaultLog("")
    if (security.tls_certificate is None) != (security.tls_key is None):
        log.add("a certificate needs its key", "set GEOPLAN_SECURITY__TLS_CERTIFICATE and GEOPLAN_SECURITY__TLS_KEY",
                zh=("证书与私钥须同时设置", "请设置 …TLS_CERTIFICATE 和 …TLS_KEY"))  # fmt: skip
    for path in filter(None, (security.tls_certificate, security.tls_key)):
        if not path.is_file():
            log.add(f"there is no file {path}", "check the path", zh=(f"没有文件 {path}", "请核对路径"))
    if host not in LOOPBACK:
        if not security.trusted_hosts:
            log.add(
                f"listening on {host} opens the service to others, and nobody has said by which names they may ask",
                "set GEOPLAN_SECURITY__TRUSTED_HOSTS, such as '[\"map.example.org\"]'",
                zh=(f"在 {host} 上监听会向外开放，但未设置可用的主机名", "请设置 GEOPLAN_SECURITY__TRUSTED_HOSTS"),
            )
        if security.tls_certificate is None and not security.plain_http:
            log.add(
                "passwords would cross the network without HTTPS",
                "set GEOPLAN_SECURITY__TLS_CERTIFICATE and GEOPLAN_SECURITY__TLS_KEY, or listen on 127.0.0.1 behind a "
                "proxy that adds HTTPS, or say GEOPLAN_SECURITY__PLAIN_HTTP=true where the network is closed",
                zh=("密码会以明文经过网络", "请设置证书，或仅监听 127.0.0.1 并在前面加 HTTPS 代理"),
            )
    log.raise_if_any()


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        # as the server itself binds: a port that lingers after a restart is free on POSIX systems
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise InputError(f"port {port} on {host} is taken or not allowed; choose another with --port") from None


def _many_connections() -> None:
    """Let the process have as many connections as the system allows it, not the thousand that it begins with."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, _CONNECTIONS), hard), hard))


def _end_with_parent() -> None:
    """Leave when the process that started this one is gone, however it went: nobody else would free the port."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_LEAVING_S)
    os._exit(1)


def _settings(pack: Path | None) -> Settings:
    settings = Settings()
    if pack is None:
        return settings
    return settings.model_copy(update={"data": DataSettings(**(settings.data.model_dump() | {"pack": pack}))})
