"""One folder of inputs for a city, with a manifest that says where everything comes from."""

from geoplan.pack.manifest import Defaults, FileEntry, Manifest, read_manifest, write_manifest
from geoplan.pack.model import CityPack

__all__ = ["CityPack", "Defaults", "FileEntry", "Manifest", "read_manifest", "write_manifest"]
