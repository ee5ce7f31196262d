"""A built network in one file that opens memory-mapped: nothing is read until it is used, and processes share it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geoplan.errors import Fault, InputError
from geoplan.network.graph import Arcs, Graph, Walls

__all__ = ["graph_arrays", "graph_of", "open_arrays", "save_arrays"]

_MAGIC: Final = b"geoplan-network\x01"  # the last byte is the version of the layout
_ALIGN: Final = 64


def save_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]], facts: Mapping[str, Any]) -> None:
    """Write arrays and plain facts to one file: magic, length of the header, JSON header, arrays aligned to 64 bytes.

    The file is written beside its place and moved there when whole, so that a reader never sees half of it.

    Parameters
    ----------
    path : Path
        Where to write.
    arrays : mapping of str to numpy.ndarray
        The arrays.
    facts : mapping
        Values that JSON can hold.
    """
    entries: dict[str, dict[str, Any]] = {}
    offset = 0
    for name, array in arrays.items():
        entries[name] = {"dtype": array.dtype.newbyteorder("<").str, "shape": array.shape, "offset": offset}
        offset += -(-array.nbytes // _ALIGN) * _ALIGN
    header = json.dumps({"arrays": entries, "facts": facts, "bytes": offset}, ensure_ascii=False).encode()
    start = -(-(len(_MAGIC) + 8 + len(header)) // _ALIGN) * _ALIGN
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as stream:
            stream.write(_MAGIC + len(header).to_bytes(8, "little") + header)
            for name, array in arrays.items():
                stream.seek(start + entries[name]["offset"])
                stream.write(np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"), copy=False)).data)
            stream.truncate(start + offset)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def open_arrays(path: Path) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """Open a file written by :func:`save_arrays`.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    arrays : dict of str to numpy.ndarray
        Read-only arrays over the mapped file.
    facts : dict
        The plain facts.

    Raises
    ------
    InputError
        If the file is absent, cut, or not of this kind.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            magic = stream.read(len(_MAGIC))
            length = int.from_bytes(stream.read(8), "little")
            if magic[:-1] != _MAGIC[:-1]:
                raise InputError(Fault("this is not a saved network", "save one with StreetNetwork.save", path.name))
            if magic != _MAGIC:
                raise InputError(
                    Fault("this network was saved by another version", "build it from its streets again", path.name)
                )
            header = json.loads(stream.read(min(length, size)).decode())
    except OSError as error:
        raise InputError(Fault(f"the file cannot be read ({error.strerror})", "check the name", path.name)) from error
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(Fault("the saved network is damaged", "build it again", path.name)) from error
    start = -(-(len(_MAGIC) + 8 + length) // _ALIGN) * _ALIGN
    if size < start + header["bytes"]:
        raise InputError(Fault("the saved network is cut short", "save it again", path.name))
    mapped = np.memmap(path, np.uint8, "r") if size else np.zeros(0, np.uint8)
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, entry in header["arrays"].items():
        dtype, shape = np.dtype(entry["dtype"]), tuple(entry["shape"])
        first = start + entry["offset"]
        count = int(np.prod(shape, dtype=np.int64))
        view = np.asarray(mapped[first : first + count * dtype.itemsize]).view(dtype).reshape(shape)
        if sys.byteorder == "big":
            view = view.astype(dtype.newbyteorder("="))
        arrays[name] = view
    return arrays, header["facts"]


def graph_arrays(graph: Graph) -> dict[str, npt.NDArray[Any]]:
    """Name the arrays of a graph; arcs against the direction of travel only where they differ."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name in Graph.__slots__:
        value = getattr(graph, name)
        if isinstance(value, np.ndarray):
            arrays[name] = value
        elif name != "backward" or not graph.symmetric:
            arrays |= {f"{name}.{part}": getattr(value, part) for part in type(value).__slots__}
    return arrays


def graph_of(arrays: Mapping[str, npt.NDArray[Any]], file: str) -> Graph:
    """Make a graph from arrays named by :func:`graph_arrays`; InputError where they are those of another version."""

    def part(name: str) -> dict[str, npt.NDArray[Any]]:
        return {key.split(".")[1]: array for key, array in arrays.items() if key.startswith(f"{name}.")}

    backward = part("backward")
    own = {key: array for key, array in arrays.items() if "." not in key}
    try:
        forward = Arcs(**part("forward"))
        back = Arcs(**backward) if backward else forward
        return Graph(**own, walls=Walls(**part("walls")), forward=forward, backward=back)
    except TypeError as error:  # an array too many or too few
        raise InputError(
            Fault("this network was saved by another version", "build it from its streets again", file)
        ) from error
