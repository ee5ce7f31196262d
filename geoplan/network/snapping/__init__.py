"""Where places meet the streets."""

from geoplan.network.snapping.places import Places, Snapped, arriving, leaving, read_places, snap_places

__all__ = ["Places", "Snapped", "arriving", "leaving", "read_places", "snap_places"]
