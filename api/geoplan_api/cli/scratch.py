"""Where a running service keeps what it needs for a moment: uploads, exports; nothing of it outlives the service."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geoplan_api.jobs.watch_lock import Turn

__all__ = ["scratch"]


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """Let all that is temporary in this process and its children lie in one folder, and take that away at the end.

    What services that were killed left behind is taken away at the start: the lock of their folder has fallen free.

    Parameters
    ----------
    folder : pathlib.Path
        The service's folder.

    Yields
    ------
    pathlib.Path
        The folder for temporary things.
    """
    # in the system's own place, since a socket's address there may have hundred characters, and no more
    mark = hashlib.blake2b(str(folder.resolve()).encode(), digest_size=5).hexdigest()
    root = Path(tempfile.gettempdir(), f"geoplan-{mark}")
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix" and (root.stat().st_uid != os.geteuid() or root.is_symlink()):
        root = Path(tempfile.mkdtemp(prefix="geoplan-"))  # somebody else has made it: theirs, not ours
    for left in root.iterdir():
        turn = Turn(left / "lock")
        if left.is_dir() and turn.take():
            turn.leave()
            shutil.rmtree(left, ignore_errors=True)
    place = Path(tempfile.mkdtemp(prefix="run-", dir=root))
    turn = Turn(place / "lock")
    turn.take()
    before = tempfile.tempdir, os.environ.get("TMPDIR")
    tempfile.tempdir, os.environ["TMPDIR"] = str(place), str(place)
    try:
        yield place
    finally:
        tempfile.tempdir = before[0]
        if before[1] is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before[1]
        turn.leave()
        shutil.rmtree(place, ignore_errors=True)
