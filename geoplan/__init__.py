"""geoplan: is the 15-minute service circle met, where is it not, and where should the next stations go."""

from geoplan.pack import CityPack

__all__ = ["CityPack"]
