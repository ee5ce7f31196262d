"""Files that appear together: written aside and moved into their folder when all of them are whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from geoplan.errors import Fault, InputError

__all__ = ["written_whole"]


@contextmanager
def written_whole(folder: Path) -> Iterator[Path]:
    """Give a temporary folder to write in; at the end its files replace those of the folder, or none where it fails.

    Parameters
    ----------
    folder : pathlib.Path
        Where the files belong; made where it is not there, other files in it are kept.

    Yields
    ------
    pathlib.Path
        The temporary folder, on the same disk.

    Raises
    ------
    InputError
        A file to be replaced is held open by another program.
    """
    near = next(parent for parent in (folder, *folder.absolute().parents) if parent.is_dir())
    with TemporaryDirectory(prefix=".geoplan-", dir=near) as temporary:
        staged = Path(temporary)
        yield staged
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(staged.iterdir()):
            try:
                path.replace(folder / path.name)
            except PermissionError as error:  # Windows: a workbook that is open
                raise InputError(
                    Fault(
                        "the file cannot be replaced", "close it where it is open and run the command again", path.name,
                        problem_zh="文件无法替换", todo_zh="请先关闭已打开的文件，再运行一次",
                    )
                ) from error  # fmt: skip
