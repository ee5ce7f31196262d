"""Changing the register: every change is a revision (who, when, what, why), and what was before stays readable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, Literal

import sqlalchemy as sa

from geoplan.errors import Fault, InputError
from geoplan.registry.database import Conflict, Register, transaction
from geoplan.registry.private import keep_mobiles_private
from geoplan.registry.record import BLANK, FIELDS, checked_values
from geoplan.registry.schema import revision, station, station_version

__all__ = ["Kind", "Writer", "undo", "writing"]

Kind = Literal["edit", "import", "undo", "review", "geocode"]
_COLUMNS: Final = (*(spec.name for spec in FIELDS), "extra", "withdrawn")


class Writer:
    """One revision in the making, inside one transaction; use :func:`writing` to get one.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A writing transaction.
    actor : str
        Who makes the change.
    reason : str
        Why, in the actor's words.
    kind : str
        What sort of change it is.
    undoes : int, optional
        Revision that this one takes back.
    """

    def __init__(
        self, connection: sa.Connection, actor: str, reason: str, kind: Kind, undoes: int | None = None
    ) -> None:
        self.connection = connection
        self.at = datetime.now(UTC)
        self._entry = {"at": self.at, "actor": actor, "kind": kind, "reason": reason, "undoes": undoes}
        self._revision: int | None = None
        self._next_id: int | None = None
        self._kept: set[int] = set()

    @property
    def revision(self) -> int:
        """Number of this revision; it is taken with the first use."""
        if self._revision is None:
            last = self.connection.scalar(sa.select(sa.func.max(revision.c.id))) or 0
            self._revision = int(last) + 1
            self.connection.execute(sa.insert(revision).values(id=self._revision, **self._entry))
        return self._revision

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return self._revision is not None

    def add(self, values: Mapping[str, Any]) -> int:
        """Add a station.

        Parameters
        ----------
        values : mapping of str to object
            Fields; a ``station_code`` is made from the id where none is given.

        Returns
        -------
        int
            Its id, which it keeps for good.

        Raises
        ------
        InputError
            A value is not usable, the name is missing, or the code is taken.
        """
        record = {**BLANK, **keep_mobiles_private(checked_values(values))}
        if not record["name"]:
            raise InputError(Fault("a station needs a name", "give one", field="name",
                                   problem_zh="站点没有名称", todo_zh="请填写名称"))  # fmt: skip
        if self._next_id is None:
            self._next_id = int(self.connection.scalar(sa.select(sa.func.max(station.c.id))) or 0) + 1
        number = self._next_id
        record["station_code"] = record["station_code"] or self._free_code(number)
        if self._taken(record["station_code"]):
            raise InputError(
                Fault(f"the code {record['station_code']!r} is taken", "give another or none", field="station_code",
                      problem_zh=f"站点编号“{record['station_code']}”已被使用", todo_zh="请更换或留空")
            )  # fmt: skip
        record["position_state"] = _position_state(record)
        row = {"id": number, "revision_id": self.revision, "changed_at": self.at, **record}
        self.connection.execute(sa.insert(station), row)
        self._keep(number, record, sorted(name for name in record if record[name] != BLANK.get(name)))
        self._next_id = number + 1
        return number

    def update(self, station_id: int, changes: Mapping[str, Any], *, expected_revision: int | None = None) -> bool:
        """Change fields of a station.

        Parameters
        ----------
        station_id : int
            Which.
        changes : mapping of str to object
            New values; None clears a field.
        expected_revision : int, optional
            Revision that the editor saw. The change is refused where the station has moved on.

        Returns
        -------
        bool
            Whether anything differed; if nothing did, no revision is made.

        Raises
        ------
        InputError
            There is no such station, a value is not usable, or the code would change: codes are stable.
        Conflict
            Somebody else changed the station since ``expected_revision``.
        """
        row = self.connection.execute(sa.select(station).where(station.c.id == station_id)).mappings().one_or_none()
        if row is None:
            raise InputError(Fault(f"there is no station {station_id}", "check the id", field="id",
                                   problem_zh=f"没有编号为 {station_id} 的站点", todo_zh="请核对"))  # fmt: skip
        if expected_revision is not None and row["revision_id"] != expected_revision:
            raise Conflict(f"station {station_id} was changed in revision {row['revision_id']} by somebody else")
        before = {name: _plain(row[name]) for name in _COLUMNS}
        asked = {name: value for name, value in changes.items() if name != "station_code" or value != before[name]}
        clean = keep_mobiles_private(checked_values(asked), before["contact_phone"])
        if clean.get("station_code", before["station_code"]) != before["station_code"]:
            raise InputError(Fault("a station keeps its code", "leave it as it is", field="station_code",
                                   problem_zh="站点编号不可更改", todo_zh="请保留原编号"))  # fmt: skip
        after = before | clean
        if not after["name"]:
            raise InputError(Fault("a station needs a name", "give one", field="name",
                                   problem_zh="站点没有名称", todo_zh="请填写名称"))  # fmt: skip
        moved = (after["lon"], after["lat"]) != (before["lon"], before["lat"])
        if moved and "position_state" not in clean:
            after["position_state"] = BLANK["position_state"]  # decided anew below
        after["position_state"] = _position_state(after)
        changed = sorted(name for name in after if after[name] != before[name])
        if not changed:
            return False
        self.connection.execute(
            sa.update(station)
            .where(station.c.id == station_id)
            .values({name: after[name] for name in changed} | {"revision_id": self.revision, "changed_at": self.at})
        )
        self._keep(station_id, after, changed)
        return True

    def withdraw(self, station_id: int, *, expected_revision: int | None = None) -> bool:
        """Take a station out of the register; it stays readable and can be brought back by ``withdrawn=False``."""
        return self.update(station_id, {"withdrawn": True}, expected_revision=expected_revision)

    def _keep(self, station_id: int, record: Mapping[str, Any], changed: list[str]) -> None:
        if station_id in self._kept:
            raise InputError(f"station {station_id} is changed twice in one revision; put the changes together")
        self._kept.add(station_id)
        # Values beside the statement, not in it: a statement of its own for each row takes ten times as long.
        version = {"station_id": station_id, "revision_id": self.revision, "record": dict(record), "changed": changed}
        self.connection.execute(sa.insert(station_version), version)

    def _taken(self, code: str) -> bool:
        return bool(self.connection.scalar(sa.select(sa.literal(1)).where(station.c.station_code == code)))

    def _free_code(self, number: int) -> str:
        code = f"S{number:06d}"
        while self._taken(code):
            code += "A"
        return code


def _plain(value: Any) -> Any:
    """Return what came from a JSON column in the form the record uses: lists are tuples."""
    return tuple(value) if isinstance(value, list) else value


def _position_state(record: Mapping[str, Any]) -> str:
    """Return ``unlocated`` without a position; with one ``doubtful`` where it was said, else ``located``."""
    if record["lon"] is None:
        return "unlocated"
    return "doubtful" if record["position_state"] == "doubtful" else "located"


@contextmanager
def writing(
    register: Register, *, actor: str, reason: str, kind: Kind = "edit", undoes: int | None = None
) -> Iterator[Writer]:
    """Make one revision: all of it is committed at the end of the block, or nothing.

    Parameters
    ----------
    register : Register
        The register.
    actor : str
        Who; required.
    reason : str
        Why; required.
    kind : str
        What sort of change.
    undoes : int, optional
        Revision that this one takes back.

    Yields
    ------
    Writer
        Collects the changes.

    Raises
    ------
    InputError
        ``actor`` or ``reason`` is empty, or a change is not usable.
    RegisterUnavailable
        The database cannot be written; nothing was changed.
    """
    if not actor.strip() or not reason.strip():
        raise InputError(Fault("a change needs an actor and a reason", "give both", field="actor/reason",
                               problem_zh="修改必须注明操作人和原因", todo_zh="请填写"))  # fmt: skip
    with transaction(register, write=True) as connection:
        yield Writer(connection, actor.strip(), reason.strip(), kind, undoes)


def undo(register: Register, revision_id: int, *, actor: str, reason: str) -> int:
    """Take back one revision by a new one; nothing is erased, and the undoing can be undone too.

    Only the fields that the revision changed go back. A station that the revision added is withdrawn.

    Parameters
    ----------
    register : Register
        The register.
    revision_id : int
        Revision to take back.
    actor, reason : str
        Who and why.

    Returns
    -------
    int
        Number of the new revision.

    Raises
    ------
    InputError
        There is no such revision, or taking it back changes nothing.
    Conflict
        A field that it changed was changed again since; the stations are named.
    """
    with writing(register, actor=actor, reason=reason, kind="undo", undoes=revision_id) as writer:
        connection = writer.connection
        rows = connection.execute(
            sa.select(station_version).where(station_version.c.revision_id == revision_id)
        ).mappings()
        versions = list(rows)
        if not versions:
            raise InputError(
                Fault(
                    f"there is no revision {revision_id} of stations",
                    "check the number",
                    field="revision",
                    problem_zh=f"没有第 {revision_id} 次修改",
                    todo_zh="请核对",
                )
            )
        plans = [(int(v["station_id"]), *_taking_back(connection, v)) for v in versions]
        blocked = [str(number) for number, _, later in plans if later]
        if blocked:
            raise Conflict(
                f"revision {revision_id} cannot be taken back: "
                f"the same fields of station {', '.join(blocked)} changed since"
            )
        for number, back, _ in plans:
            writer.update(number, back)
        if not writer.changed:
            raise InputError(f"undoing revision {revision_id} changes nothing")
        return writer.revision


def _taking_back(connection: sa.Connection, version: Mapping[Any, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return what puts a station back to before ``version``, and the fields that changed again since."""
    number, revision_id = version["station_id"], version["revision_id"]
    earlier = connection.execute(
        sa.select(station_version.c.record)
        .where(station_version.c.station_id == number, station_version.c.revision_id < revision_id)
        .order_by(station_version.c.revision_id.desc())
        .limit(1)
    ).scalar_one_or_none()
    now = connection.execute(sa.select(station).where(station.c.id == number)).mappings().one()
    if earlier is None:
        return {"withdrawn": True}, []
    then = version["record"]
    fields = [name for name in version["changed"] if name in _COLUMNS]
    later = [name for name in fields if _plain(now[name]) != _plain(then.get(name, BLANK.get(name)))]
    return {name: _plain(earlier.get(name, BLANK.get(name))) for name in fields}, later
