"""The demonstration city: seeded, scalable from a town to a province, every record marked as demonstration."""

from geoplan.demo.city import CITY_NODES, DemoCity, generate
from geoplan.demo.packfile import demo_pack_dir, write_pack

__all__ = ["CITY_NODES", "DemoCity", "demo_pack_dir", "generate", "write_pack"]
