"""One folder of inputs for a city, with a manifest that says where everything comes from."""

from geoplan.pack.create import Created, create_pack
from geoplan.pack.describe import describe
from geoplan.pack.manifest import Defaults, FileEntry, Manifest, read_manifest, write_manifest
from geoplan.pack.model import CityPack
from geoplan.pack.network import network_of, profile_of

__all__ = [
    "CityPack",
    "Created",
    "Defaults",
    "FileEntry",
    "Manifest",
    "create_pack",
    "describe",
    "network_of",
    "profile_of",
    "read_manifest",
    "write_manifest",
]
