"""``geoplan doctor``: looks at machine, installation, data, fonts, certificate and clock, and says what to do."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import ssl
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from geoplan import CityPack
from geoplan.errors import GeoplanError, InputError
from geoplan.registry import open_register, revisions
from geoplan.registry.accounts import accounts
from geoplan.registry.database import transaction
from geoplan_api.city.register_link import service_folder
from geoplan_api.cli.common import JsonFlag
from geoplan_api.cli.output import console, emit_json, table
from geoplan_api.cli.staff import served_by
from geoplan_api.settings import Settings

__all__ = ["Finding", "doctor", "look_at_certificate", "look_at_service"]

State = Literal["good", "look", "bad"]
_LEAST_DISK_BYTES: Final = 2 * 2**30
_LEAST_MEMORY_BYTES: Final = 3 * 2**30
_SOON: Final = timedelta(days=21)
_CJK: Final = ("noto sans cjk", "noto serif cjk", "source han", "wenquanyi", "simhei", "microsoft yahei", "pingfang")
_WORDS: Final = {"good": "[green]✓ 好[/]", "look": "[yellow]! 请看[/]", "bad": "[red]✗ 须处理[/]"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing, and what to do about it.

    Parameters
    ----------
    area : str
        ``machine``, ``installation``, ``folder`` …
    state : {"good", "look", "bad"}
        Whether something should or must be done.
    said, said_zh : str
        What was found.
    todo, todo_zh : str
        What to do; empty where nothing is.
    """

    area: str
    state: State
    said: str
    said_zh: str
    todo: str = ""
    todo_zh: str = ""


def doctor(
    pack: Annotated[
        Path | None, typer.Option(help="The pack that is served; the demonstration city without it.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Check this machine, the installation and the service's files; says what to do. Nothing is changed."""
    findings = [*_machine(), *_installation(), *_fonts(), *_clock(), *look_at_service(pack)]
    if json:
        emit_json([asdict(item) for item in findings])
    else:
        rows = [
            (_WORDS[f.state], f.area, f"{f.said_zh}\n{f.said}", "\n".join(filter(None, [f.todo_zh, f.todo])))
            for f in findings
        ]
        console().print(table("", ["", "", "看到 found", "怎么办 to do"], rows, left=4))
    if any(item.state == "bad" for item in findings):
        raise typer.Exit(1)


def _machine() -> Iterator[Finding]:
    cores = os.cpu_count() or 1
    state: State = "good" if cores > 1 else "look"
    yield Finding(
        "machine",
        state,
        f"{cores} cores",
        f"{cores} 个处理器核",
        *(() if cores > 1 else ("two cores keep jobs from slowing the map", "建议至少两个核，以免计算任务拖慢地图")),
    )
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        small = memory < _LEAST_MEMORY_BYTES
        yield Finding(
            "machine",
            "look" if small else "good",
            f"{memory / 2**30:.1f} GB of memory",
            f"内存 {memory / 2**30:.1f} GB",
            *(("see docs/deploy for the size of your city", "请按 docs/deploy 中的城市规模配置内存") if small else ()),
        )


def _installation() -> Iterator[Finding]:
    version = sys.version.split()[0]
    yield Finding(
        "installation",
        "good",
        f"geoplan {importlib.metadata.version('geoplan')}, Python {version}",
        f"geoplan {importlib.metadata.version('geoplan')}，Python {version}",
    )
    for name, what, what_zh in (
        ("pyogrio", "files", "文件读写"),
        ("highspy", "plans", "选址求解"),
        ("numba", "walks", "步行计算"),
    ):
        try:
            module = __import__(name)
        except Exception as error:  # a library may fail in any way when it is loaded
            yield Finding(
                "installation",
                "bad",
                f"{name} cannot be loaded ({type(error).__name__}): no {what}",
                f"无法载入 {name}（{type(error).__name__}），不能{what_zh}",
                "install geoplan anew",
                "请重新安装 geoplan",
            )
        else:
            found = getattr(module, "__version__", "")
            yield Finding("installation", "good", f"{name} {found} ({what})", f"{name} {found}（{what_zh}）")


def _fonts() -> Iterator[Finding]:
    from matplotlib import font_manager

    names = {font.name.lower() for font in font_manager.fontManager.ttflist}
    chinese = next((name for name in sorted(names) if name.startswith(_CJK)), None)
    if chinese:
        yield Finding("fonts", "good", f"Chinese in pictures by {chinese}", f"图片中的汉字使用 {chinese}")
    else:
        yield Finding(
            "fonts",
            "look",
            "no Chinese font: stills and charts show boxes for Chinese, map pages do not",
            "没有中文字体：静态图和图表中的汉字会显示为方框，网页地图不受影响",
            "install one (Debian, Ubuntu: apt install fonts-noto-cjk)",
            "请安装（Debian、Ubuntu：apt install fonts-noto-cjk）",
        )


def _clock() -> Iterator[Finding]:
    now = datetime.now(UTC)
    said = f"{now:%Y-%m-%d %H:%M} UTC"
    if now < datetime(2026, 1, 1, tzinfo=UTC):
        yield Finding(
            "clock",
            "bad",
            f"the clock says {said}",
            f"系统时间为 {said}",
            "set it, best by NTP: opening hours and certificates follow it",
            "请校准时间（建议启用 NTP）：开放时间与证书都依赖它",
        )
    else:
        yield Finding("clock", "good", said, said)


def look_at_service(pack: Path | None) -> Iterator[Finding]:
    """Look at settings, pack, folder, register, certificate and backups of a service; nothing is made or changed."""
    try:
        settings = Settings()
    except InputError as error:
        for fault in error.faults:
            yield Finding(
                "settings",
                "bad",
                f"{fault.field}: {fault.problem}" if fault.field else fault.problem,
                f"设置 {fault.field} 不正确" if fault.field else fault.problem_zh or fault.problem,
                "see docs/deploy/settings.md",
                "请对照 docs/deploy/settings.md",
            )
        return
    try:
        settings, opened = served_by(pack)
    except GeoplanError as error:
        yield Finding(
            "pack", "bad", str(error), _chinese(error), "run 'geoplan pack check' on it", "请运行 geoplan pack check"
        )
        return
    yield Finding(
        "pack",
        "good",
        f"{opened.manifest.name_en}: {len(opened.stations):,} stations, {opened.root}",
        f"{opened.manifest.name_zh}：{len(opened.stations):,} 个站点，{opened.root}",
    )
    folder = service_folder(settings, opened)
    yield from _folder(folder)
    yield from _register(settings, opened, folder)
    if settings.security.tls_certificate is not None and settings.security.tls_key is not None:
        yield look_at_certificate(settings.security.tls_certificate, settings.security.tls_key)
    yield _backups(settings, folder)


def _chinese(error: GeoplanError) -> str:
    return error.message("zh") if isinstance(error, InputError) else str(error)


def _folder(folder: Path) -> Iterator[Finding]:
    if not folder.exists():
        yield Finding(
            "folder",
            "look",
            f"{folder} is not there yet",
            f"{folder} 尚不存在",
            "it is made by 'geoplan serve'",
            "首次运行 geoplan serve 时会自动创建",
        )
        return
    if not os.access(folder, os.W_OK):
        yield Finding(
            "folder",
            "bad",
            f"{folder} cannot be written",
            f"{folder} 不可写",
            "give it to the account that runs the service",
            "请把目录交给运行服务的账户",
        )
    open_to_others = os.name == "posix" and bool(folder.stat().st_mode & 0o077)
    yield Finding(
        "folder",
        "look" if open_to_others else "good",
        f"{folder}{' may be read by others' if open_to_others else ''}",
        f"{folder}{'（其他用户可读）' if open_to_others else ''}",
        *((f"chmod 700 {folder}", f"请执行 chmod 700 {folder}") if open_to_others else ()),
    )
    free = shutil.disk_usage(folder).free
    little = free < _LEAST_DISK_BYTES
    yield Finding(
        "folder",
        "bad" if little else "good",
        f"{free / 2**30:.1f} GB free",
        f"剩余空间 {free / 2**30:.1f} GB",
        *(
            ("make room: the register refuses to write on a full disk", "请清理磁盘：磁盘写满后无法登记")
            if little
            else ()
        ),
    )


def _register(settings: Settings, opened: CityPack, folder: Path) -> Iterator[Finding]:
    target = settings.data.register_url or folder / "register.db"
    if isinstance(target, Path) and not target.exists():
        yield Finding(
            "register",
            "look",
            "there is none yet",
            "尚无登记库",
            "it is made by 'geoplan serve'",
            "首次运行 geoplan serve 时会自动创建",
        )
        return
    try:
        with open_register(target, create=False) as register:
            latest = revisions(register, limit=1)
            staff = [item for item in accounts(register) if item.active]
            sound = "ok"
            if not register.is_postgresql:
                with transaction(register) as connection:
                    sound = str(connection.exec_driver_sql("PRAGMA quick_check").scalar())
    except GeoplanError as error:
        yield Finding(
            "register",
            "bad",
            str(error),
            _chinese(error),
            "check that the database runs and may be reached",
            "请确认数据库正在运行且可以连接",
        )
        return
    if sound != "ok":
        yield Finding(
            "register",
            "bad",
            f"the file is damaged: {sound}",
            f"登记库文件已损坏：{sound}",
            "stop the service and 'geoplan restore' the latest backup",
            "请停止服务并用 geoplan restore 恢复最近的备份",
        )
    head = latest[0].id if latest else 0
    yield Finding("register", "good", f"reachable, revision {head:,}", f"可以使用，第 {head:,} 次修改")
    if latest and latest[0].at > datetime.now(UTC) + timedelta(minutes=5):
        yield Finding(
            "clock",
            "bad",
            "the register's last change lies in the future: the clock was or is wrong",
            "登记库最近一次修改在未来：时间曾经或现在不准",
            "set the clock, best by NTP",
            "请校准时间（建议启用 NTP）",
        )
    if not any(item.role == "admin" for item in staff):
        command = f"geoplan staff add NAME --role admin --pack {opened.root}"
        yield Finding(
            "accounts", "bad", "nobody can administer the desk", "尚无管理员账号", command, f"请执行 {command}"
        )
    else:
        without = sum(not item.second_factor for item in staff)
        yield Finding(
            "accounts",
            "look" if without else "good",
            f"{len(staff)} accounts, {without} without a second factor",
            f"{len(staff)} 个账号，其中 {without} 个未启用动态验证码",
            *(("each sets one up at the desk: POST /v1/me/second-factor", "请各账号启用动态验证码") if without else ()),
        )


def look_at_certificate(certificate: Path, key: Path) -> Finding:
    """Check that a certificate and its key belong together, and until when it is good."""
    todo = ("renew it, or check both files", "请更新证书或核对两个文件")
    try:
        until = _good_until(certificate, key)
    except (OSError, ssl.SSLError, ValueError) as error:
        reason = getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)
        return Finding("certificate", "bad", f"it cannot be used: {reason}", f"证书不可用：{reason}", *todo)
    soon = until < datetime.now(UTC) + _SOON
    said = f"good until {until:%Y-%m-%d}"
    return Finding(
        "certificate", "look" if soon else "good", said, f"有效期至 {until:%Y-%m-%d}", *(todo if soon else ())
    )


def _good_until(certificate: Path, key: Path) -> datetime:
    """Let a client in memory trust this very certificate and greet a server that has it: what it says is checked."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.load_cert_chain(certificate, key)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(certificate)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(to_client, to_server)
    there = server.wrap_bio(to_server, to_client, server_side=True)
    steps: list[Callable[[], None]] = [here.do_handshake, there.do_handshake]
    for turn in range(6):
        try:
            steps[turn % 2]()
        except ssl.SSLWantReadError:
            continue
    told = here.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(told["notAfter"])), UTC)


def _backups(settings: Settings, folder: Path) -> Finding:
    todo = (
        "set GEOPLAN_BACKUP__EVERY_H=24 and GEOPLAN_BACKUP__FOLDER to another disk",
        "请设置 GEOPLAN_BACKUP__EVERY_H=24，并用 GEOPLAN_BACKUP__FOLDER 指向另一块磁盘",
    )
    place = settings.backup.folder or folder / "backups"
    made = sorted(place.glob("geoplan-*.zip")) if place.is_dir() else []
    if not made:
        return Finding("backups", "look", f"none in {place}", f"{place} 中没有备份", *todo)
    age_h = (datetime.now(UTC).timestamp() - made[-1].stat().st_mtime) / 3600.0
    late = age_h > max(2.0 * settings.backup.every_h, 48.0)
    said, said_zh = (
        f"the latest is {age_h:.0f} h old: {made[-1].name}",
        f"最近一次在 {age_h:.0f} 小时前：{made[-1].name}",
    )
    return Finding("backups", "look" if late else "good", said, said_zh, *(todo if late else ()))
