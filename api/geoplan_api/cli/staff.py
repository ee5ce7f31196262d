"""``geoplan staff``: accounts of the service; the first administrator is made here, with no default password."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from geoplan import CityPack
from geoplan.demo import demo_pack_dir
from geoplan.errors import InputError
from geoplan.registry import Register
from geoplan.registry.accounts import ROLES, Role, accounts, add_account, change_account
from geoplan_api.city.register_link import open_pack_register, service_folder
from geoplan_api.cli.output import console, table
from geoplan_api.settings import PRIVATE_FILES, DataSettings, Settings

__all__ = ["app", "private_folder", "served_by", "service_place", "service_register", "service_store"]

app = typer.Typer(help="Accounts of the service: viewer, editor, reviewer, admin.", no_args_is_help=True)
PackOption = Annotated[Path | None, typer.Option(help="The pack that is served; the demonstration city without it.")]
RoleOption = Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")]


def served_by(pack: Path | None) -> tuple[Settings, CityPack]:
    """Return the settings and the pack that ``geoplan serve`` uses for the same argument."""
    settings = Settings()
    root = pack or settings.data.pack or _demonstration(settings)
    data = DataSettings(**(settings.data.model_dump() | {"pack": root}))
    return settings.model_copy(update={"data": data}), CityPack.open(root)


def _demonstration(settings: Settings) -> Path:
    nodes = settings.data.demo_nodes
    return demo_pack_dir() if nodes is None else demo_pack_dir(nodes=nodes)


def service_register(pack: Path | None) -> Register:
    """Open the register that ``geoplan serve`` uses for the same pack and settings."""
    os.umask(PRIVATE_FILES)
    settings, opened = served_by(pack)
    return open_pack_register(settings, opened, private_folder(service_folder(settings, opened)))


def service_place(settings: Settings) -> Path:
    """Return the service's folder for these settings, made where it is not there yet, for its owner alone."""
    if settings.data.folder is not None:
        return private_folder(settings.data.folder)
    return private_folder(service_folder(*served_by(settings.data.pack)))


def service_store(pack: Path | None) -> Path:
    """Return the folder in which ``geoplan serve`` keeps its files for the same pack and settings."""
    return private_folder(service_folder(*served_by(pack)))


def private_folder(folder: Path) -> Path:
    """Make a folder that its owner alone may look into; one of before is closed to others too."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(OSError):  # somebody else's: they have set what they want
        folder.chmod(0o700)
    return folder


def known_role(text: str) -> Role:
    """Return a role by name; an unknown one is refused by name."""
    if text not in ROLES:
        raise InputError(f"there is no role {text!r}; use one of {', '.join(ROLES)}")
    return text


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: RoleOption = "viewer",
    pack: PackOption = None,
    password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input.")] = False,
) -> None:
    """Make an account; the password is asked for, never given on the command line."""
    wanted = known_role(role)
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    with service_register(pack) as register:
        made = add_account(register, name, password, wanted)
    console().print(f"account {made.name} ({made.role}) is ready; sign in at /planner")


@app.command("list")
def list_(pack: PackOption = None) -> None:
    """List the accounts."""
    with service_register(pack) as register:
        rows = [(item.name, item.role, "open" if item.active else "closed") for item in accounts(register)]
    console().print(table("", ["name", "role", "state"], rows, left=3))


@app.command()
def change(
    name: Annotated[str, typer.Argument(help="Name of the account.")],
    role: Annotated[str | None, typer.Option(help=f"New role: {', '.join(ROLES)}.")] = None,
    active: Annotated[bool | None, typer.Option("--open/--close", help="Reopen or close the account.")] = None,
    pack: PackOption = None,
) -> None:
    """Change an account's role, close it or reopen it; its sessions end."""
    with service_register(pack) as register:
        changed = change_account(register, name, role=None if role is None else known_role(role), active=active)
    console().print(f"account {changed.name}: {changed.role}, {'open' if changed.active else 'closed'}")
